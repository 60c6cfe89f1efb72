"""What a clerk sends who has read the mails of a case."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

LABELS: dict[str, Any] = {"mails": _("邮件")}


class SeenForm(Schema):
    """The mails that stood on the page: what arrived meanwhile was not read."""

    mails = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 500), metadata={"label": LABELS["mails"]})
