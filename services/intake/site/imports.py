"""How large a list of old cases may be, and how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, post_load, validate


@dataclass(frozen=True, kw_only=True)
class Imports:
    """`largest`: bytes of a file; `keep`: how long a file and its faulty rows stay after its import was touched last."""

    largest: int
    keep: timedelta


class ImportsSection(Schema):
    """The section `imports`."""

    largest_mb = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    keep_days = fields.Integer(load_default=30, validate=validate.Range(1, 365))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Imports:
        return Imports(largest=data["largest_mb"] * 2**20, keep=timedelta(days=data["keep_days"]))
