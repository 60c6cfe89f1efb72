"""The 24-hour telephone: its lines, the secrets of the telephone system that reports calls, and the limits of ringing back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.domain.calls import Limits
from services.intake.site.secrets import Secrets


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line that is answered day and night. `secrets`: of the telephone system that reports its calls, if one does."""

    name: str
    name_en: str
    secrets: Secrets


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """The lines by code, the limits of ringing back, and how many messages of a telephone system one address may send a minute."""

    lines: Mapping[str, Line] = field(default_factory=dict)
    limits: Limits
    rate: str

    def at(self, folder: Path) -> Telephone:
        """The same, with the secrets' paths taken from `folder`. Raises OSError, naming the file."""
        lines = {code: replace(line, secrets=line.secrets.at(folder, f"telephone: {code}")) for code, line in self.lines.items()}
        return replace(self, lines=lines)


class LineSection(Schema):
    """One line."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    name_en = fields.String(load_default="", validate=validate.Length(0, 60))
    secrets = fields.List(fields.String(validate=validate.Length(1)), load_default=list, validate=validate.Length(0, 2))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Line:
        return Line(
            name=data["name"], name_en=data["name_en"] or data["name"], secrets=Secrets(tuple(map(Path, data["secrets"])))
        )


class TelephoneSection(Schema):
    """The section `telephone`."""

    lines = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[a-z0-9-]{1,32}\Z")), values=fields.Nested(LineSection),
        load_default=dict,
    )  # fmt: skip
    call_back_minutes = fields.Integer(load_default=60, validate=validate.Range(1, 7 * 24 * 60))
    again_minutes = fields.Integer(load_default=240, validate=validate.Range(1, 7 * 24 * 60))
    attempts = fields.Integer(load_default=3, validate=validate.Range(1, 50))
    days = fields.Integer(load_default=2, validate=validate.Range(1, 30))
    messages_per_minute = fields.Integer(load_default=600, validate=validate.Range(1, 100_000))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Telephone:
        limits = Limits(
            first=timedelta(minutes=data["call_back_minutes"]), again=timedelta(minutes=data["again_minutes"]),
            attempts=data["attempts"], days=data["days"],
        )  # fmt: skip
        return Telephone(lines=data["lines"], limits=limits, rate=f"{data['messages_per_minute']} per minute")
