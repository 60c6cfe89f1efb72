"""What a clerk notes of a letter that was posted."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields

LABELS: dict[str, Any] = {"posted_on": _("寄出日期")}


class PostedForm(Schema):
    """The day on which the letter was put into the post; the key makes a double submit harmless."""

    key = fields.UUID(required=True)
    posted_on = fields.Date(required=True, metadata={"label": LABELS["posted_on"]})
