"""A form that was refused is drawn once more, with what was sent and what was wrong."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext

from shared.errors import Refused
from shared.web.forms import BadInput


def problem(fault: BadInput | Refused, labels: dict[str, Any] | None = None) -> dict[str, Any]:
    """`errors` and `values` for the page. What is not for this reader, or not there, is no page of ours: it is raised on."""
    if isinstance(fault, BadInput):
        return {"errors": fault.errors, "values": request.form.to_dict()}
    if fault.status in (403, 404):
        raise fault
    rule, remedy = (gettext(text, **fault.values) for text in (fault.rule, fault.remedy))
    error = {"field": fault.field, "label": str((labels or {}).get(fault.field, "")), "rule": rule, "remedy": remedy}
    return {"errors": [error], "values": request.form.to_dict()}


def status_of(fault: BadInput | Refused) -> int:
    """The HTTP status of a form drawn once more."""
    return (fault.code or 422) if isinstance(fault, BadInput) else fault.status
