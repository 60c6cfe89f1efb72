"""The boards that the county names, and what may be done there. Naming one is a decision of the county's; nobody is searched for."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.intake.site.secrets import Secrets
from shared.errors import Unavailable
from shared.web_addresses import target

log = logging.getLogger(__name__)
FEED, HOOK = "feed", "hook"
QUEUE, AT_ONCE = "queue", "at_once"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Where a board takes answers; `secrets` holds the one that signs them."""

    url: str
    secrets: Secrets


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board. `at_once`: it is for petitions alone, and nobody has to say so of each post. `secrets`: the hook's, one or two."""

    name: str
    title: str
    kind: str
    url: str
    every_minutes: int
    language: str
    at_once: bool
    allow_private: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    forget_days: int
    reply: Reply | None
    secrets: Secrets

    def at(self, folder: Path) -> Board:
        """The same with its secrets' paths taken from `folder`. Raises OSError, naming the file."""
        whose = f"boards: {self.name}"
        reply = self.reply and replace(self.reply, secrets=self.reply.secrets.at(folder, whose))
        return replace(self, reply=reply, secrets=self.secrets.at(folder, whose))


def _check_url(value: str) -> None:
    try:
        target(value)
    except Unavailable:
        raise ValidationError("An http or https address without user and password is wanted.") from None


class ReplySection(Schema):
    """`reply` of a board."""

    url = fields.String(required=True, validate=_check_url)
    secret_file = fields.String(required=True, validate=validate.Length(1))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Reply:
        return Reply(url=data["url"], secrets=Secrets((Path(data["secret_file"]),)))


def _words(name: str) -> fields.List[Any]:
    word = fields.String(validate=validate.Length(1, 50))
    return fields.List(word, data_key=name, load_default=list, validate=validate.Length(0, 100))


class BoardSection(Schema):
    """One of `boards`."""

    name = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9-]{0,39}\Z"))
    title = fields.String(load_default="", validate=validate.Length(0, 60))
    kind = fields.String(required=True, validate=validate.OneOf([FEED, HOOK]))
    url = fields.String(load_default="", validate=validate.Length(0, 2000))
    every_minutes = fields.Integer(load_default=15, validate=validate.Range(1, 1440))
    language = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))
    register = fields.String(load_default=QUEUE, validate=validate.OneOf([QUEUE, AT_ONCE]))
    allow_private = fields.Boolean(load_default=False)
    include_words = _words("include")
    exclude_words = _words("exclude")
    forget_days = fields.Integer(load_default=30, validate=validate.Range(1, 3650))
    reply = fields.Nested(ReplySection, load_default=None, allow_none=True)
    secret_files = fields.List(fields.String(validate=validate.Length(1)), load_default=list, validate=validate.Length(0, 2))

    @validates_schema
    def _fits_its_kind(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == FEED:
            if data["secret_files"]:
                raise ValidationError("Only a hook has secrets.", "secret_files")
            _field_of(_check_url, data["url"], "url")
        elif not data["secret_files"]:
            raise ValidationError("A hook needs one secret, or two while they change.", "secret_files")
        elif data["url"]:
            raise ValidationError("A hook is called; it has no address to fetch.", "url")

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Board:
        at_once = data.pop("register") == AT_ONCE
        lists = {name: tuple(data.pop(f"{name}_words")) for name in ("include", "exclude")}
        secrets = Secrets(tuple(map(Path, data.pop("secret_files"))))
        return Board(**data | lists | {"title": data["title"] or data["name"], "at_once": at_once, "secrets": secrets})


def _field_of(check: Any, value: str, name: str) -> None:
    try:
        check(value)
    except ValidationError as fault:
        raise ValidationError(fault.messages, name) from None


def check_names(boards: list[Board]) -> None:
    """Raises ValidationError when two boards have one name: a name is the key of what was taken from a board."""
    names = [board.name for board in boards]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValidationError(f"The name {twice} is given twice.")


def warn_of_private(boards: tuple[Board, ...]) -> None:
    """Say at the start which boards may lead into the county's own network: whoever reads the log shall have wanted that."""
    for board in boards:
        if board.allow_private:
            log.warning("board %s: addresses of private networks are allowed", board.name)
