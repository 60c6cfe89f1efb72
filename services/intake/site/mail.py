"""The county's mail: boxes that are read, receivers that listen, and the addresses under which it writes and is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from shared.mailing import is_loopback

ADDRESS = r"^[A-Za-z0-9._%-]{1,37}@[A-Za-z0-9.-]{1,190}$"  # a tag of 27 characters fits before the @
PORTS = {"implicit": 993, "starttls": 143, "none": 143}


@dataclass(frozen=True, kw_only=True)
class Account:
    """A mail box that is read by IMAP. `since`: what came before that day is left alone; `poll`: seconds, where it cannot IDLE."""

    name: str
    host: str
    port: int
    tls: str
    user: str
    password_file: Path
    ca_file: Path | None
    folder: str
    since: date | None
    poll: int

    @property
    def password(self) -> str:
        """Read anew each time, so that it can be changed. Raises OSError."""
        return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A receiver: `smtp` on a port, `lmtp` on a port or a socket of this machine."""

    protocol: str
    host: str
    port: int
    socket: Path | None

    @property
    def name(self) -> str:
        """As logs name it."""
        return f"{self.protocol} {self.socket or f'{self.host}:{self.port}'}"


@dataclass(frozen=True, kw_only=True)
class MailSite:
    """`addresses`: the county's own. `domain`: of our Message-IDs. `reply_to`, `bounces`: addresses that are given a tag."""

    accounts: tuple[Account, ...] = ()
    listeners: tuple[Listener, ...] = ()
    addresses: frozenset[str] = frozenset()
    domain: str = "zhida.invalid"
    reply_to: str = ""
    bounces: str = ""
    delimiter: str = "+"
    receipts_per_hour: int = 10

    @property
    def own(self) -> frozenset[str]:
        """Every address that is the county's, in small letters and without tags."""
        return frozenset(found for found in (*self.addresses, self.reply_to.lower(), self.bounces.lower()) if found)

    def at(self, folder: Path) -> MailSite:
        """The same, with its paths taken from `folder`."""
        accounts = tuple(
            replace(one, password_file=folder / one.password_file, ca_file=one.ca_file and folder / one.ca_file)
            for one in self.accounts
        )
        listeners = tuple(replace(one, socket=one.socket and folder / one.socket) for one in self.listeners)
        return replace(self, accounts=accounts, listeners=listeners)


class AccountSection(Schema):
    """One mail box."""

    name = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9-]{1,40}$"))
    host = fields.String(required=True, validate=validate.Length(1, 253))
    port = fields.Integer(load_default=None, validate=validate.Range(1, 65535))
    tls = fields.String(load_default="implicit", validate=validate.OneOf(list(PORTS)))
    user = fields.String(required=True, validate=validate.Length(1, 200))
    password_file = fields.String(required=True, validate=validate.Length(1))
    ca_file = fields.String(load_default=None, validate=validate.Length(1))
    folder = fields.String(load_default="INBOX", validate=validate.Regexp(r"^[ -~]{1,200}$"))
    since = fields.Date(load_default=None)
    poll = fields.Integer(load_default=60, validate=validate.Range(5, 3600))

    @validates_schema
    def _safe(self, data: dict[str, Any], **_: Any) -> None:
        if data["tls"] == "none" and not is_loopback(data["host"]):
            raise ValidationError("none is for this machine alone; use implicit or starttls.", "tls")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Account:
        ca_file = data.pop("ca_file")
        return Account(
            **data
            | {
                "port": data["port"] or PORTS[data["tls"]],
                "password_file": Path(data["password_file"]),
                "ca_file": Path(ca_file) if ca_file else None,
            }
        )


class ListenerSection(Schema):
    """One receiver."""

    protocol = fields.String(required=True, validate=validate.OneOf(["smtp", "lmtp"]))
    host = fields.String(load_default="127.0.0.1", validate=validate.Length(1, 253))
    port = fields.Integer(load_default=0, validate=validate.Range(1, 65535))
    socket = fields.String(load_default=None, validate=validate.Length(1, 100))
    private_network = fields.Boolean(load_default=False)

    @validates_schema
    def _one_place(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data["port"]) == bool(data["socket"]):
            raise ValidationError("Either a port or a socket.", "port")
        if data["socket"] and data["protocol"] == "smtp":
            raise ValidationError("A socket is for lmtp.", "socket")
        if not data["private_network"] and not is_loopback(data["host"]):
            raise ValidationError("A receiver has no TLS: this machine alone, or say private_network: true.", "host")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Listener:
        data.pop("private_network")
        return Listener(**data | {"socket": Path(data["socket"]) if data["socket"] else None})


class MailSection(Schema):
    """The section `mail`."""

    accounts = fields.List(fields.Nested(AccountSection), load_default=list)
    listeners = fields.List(fields.Nested(ListenerSection), load_default=list)
    addresses = fields.List(fields.String(validate=validate.Regexp(ADDRESS)), load_default=list)
    domain = fields.String(load_default="zhida.invalid", validate=validate.Regexp(r"^[A-Za-z0-9.-]{1,190}$"))
    reply_to = fields.String(load_default="", validate=validate.Regexp(ADDRESS))
    bounces = fields.String(load_default=None, validate=validate.Regexp(ADDRESS))
    delimiter = fields.String(load_default="+", validate=validate.OneOf(["+", "-", "="]))
    receipts_per_hour = fields.Integer(load_default=10, validate=validate.Range(1, 100))

    @validates_schema
    def _apart(self, data: dict[str, Any], **_: Any) -> None:
        names = [one.name for one in data["accounts"]]
        if len(set(names)) < len(names):
            raise ValidationError("Two accounts have one name.", "accounts")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> MailSite:
        return MailSite(
            **data
            | {
                "accounts": tuple(data["accounts"]),
                "listeners": tuple(data["listeners"]),
                "addresses": frozenset(address.lower() for address in data["addresses"]),
                "bounces": data["bounces"] or data["reply_to"],
            }
        )
