"""How long petitioners' words and identities are kept."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.domain.retention import Retention


class RetentionSection(Schema):
    """The section `retention`, in whole years."""

    petitions = fields.Integer(load_default=10, validate=validate.Range(1, 100))
    dismissed = fields.Integer(load_default=1, validate=validate.Range(1, 100))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Retention:
        return Retention(**data)
