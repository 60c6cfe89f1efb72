"""What a county decides about telling its officials: the section `telling` of the file that ZHIDA_FILE_ROUTING names.

telling:
  address: https://zhida.example.org
  together_minutes: 3
  unread_hours: 24
  daily_at: "08:00"
  may_switch_off: [mail, webhook, digest]
  webhook: {url: "https://gateway.example.org/zhida", secret_file: gateway.secret, private: true}
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.routing.domain.alerts import MEDIA
from services.routing.handlers.gathering import Habits
from shared.web_addresses import Unfetched, target

LEAST_SECRET = 32  # bytes


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """The county's gateway to 政务微信 or SMS. `private`: it may lie in the county's own network, and be asked without TLS there."""

    url: str
    secret_file: Path
    private: bool
    ca_file: Path | None

    @property
    def secret(self) -> bytes:
        """Read anew each time, so that it can be changed. Raises OSError, also for one that is short enough to be guessed."""
        found = self.secret_file.read_bytes().strip()
        if len(found) < LEAST_SECRET:
            raise OSError(f"{self.secret_file}: at least {LEAST_SECRET} characters are wanted")
        return found


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How officials are told, and by which gateway."""

    habits: Habits = field(default_factory=Habits)
    address: str = ""
    webhook: Webhook | None = None

    def at(self, folder: Path) -> Telling:
        """The same, with paths taken from `folder`. Raises OSError when a file that is named is not there."""
        if self.webhook is None:
            return self
        secret, authority = folder / self.webhook.secret_file, self.webhook.ca_file and folder / self.webhook.ca_file
        for path in (secret, authority):
            if path is not None and not path.is_file():
                raise OSError(f"{path} is not there; see docs/operations.md")
        found = replace(self.webhook, secret_file=secret, ca_file=authority)
        found.secret  # noqa: B018 - one that is too short is told when the process starts
        return replace(self, webhook=found)


class WebhookSection(Schema):
    """The gateway."""

    url = fields.String(required=True, validate=validate.Length(1, 500))
    secret_file = fields.String(required=True)
    private = fields.Boolean(load_default=False)
    ca_file = fields.String(load_default=None)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Webhook:
        """The section as it is used. Raises ValidationError."""
        try:
            asked = target(data["url"])
        except Unfetched as fault:
            raise ValidationError("is no address on the web", "url") from fault
        if asked.scheme != "https" and not data["private"]:
            raise ValidationError("must be https, but in the county's own network (private: true)", "url")
        ca_file = data["ca_file"] and Path(data["ca_file"])
        return Webhook(url=data["url"], secret_file=Path(data["secret_file"]), private=data["private"], ca_file=ca_file)


class TellingSection(Schema):
    """The section."""

    address = fields.Url(load_default="", schemes={"http", "https"}, require_tld=False)
    together_minutes = fields.Integer(load_default=3, strict=True, validate=validate.Range(0, 60))
    unread_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(1, 24 * 14))
    daily_at = fields.Time(load_default=Habits.daily_at, format="%H:%M")
    may_switch_off = fields.List(
        fields.String(validate=validate.OneOf((*MEDIA, "digest"))), load_default=lambda: [*MEDIA, "digest"]
    )
    webhook = fields.Nested(WebhookSection, load_default=None)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Telling:
        """The section as it is used."""
        habits = Habits(
            together=timedelta(minutes=data["together_minutes"]), unread=timedelta(hours=data["unread_hours"]),
            daily_at=data["daily_at"], may_switch_off=frozenset(data["may_switch_off"]),
        )  # fmt: skip
        return Telling(habits=habits, address=data["address"].rstrip("/"), webhook=data["webhook"])
