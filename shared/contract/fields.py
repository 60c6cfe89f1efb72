"""Fields that several events share, so that one word is spelled in one way.

Instants are RFC 3339 strings in UTC; organisations are their national codes; officials are the directory's ids.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate


class Instant(fields.String):
    """An RFC 3339 instant with its zone, kept as text so that a body passes through unchanged."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) < 20 or text[10] != "T" or not (text.endswith("Z") or text[-6] in "+-"):
            raise ValidationError("Not an RFC 3339 instant with a zone.")
        return text


class Day(fields.String):
    """A calendar day as `2016-11-30`, kept as text so that a body passes through unchanged."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_day(text):
            raise ValidationError("Not a calendar day as YYYY-MM-DD.")
        return text


def is_day(text: str) -> bool:
    """Whether it names a day that exists."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class PersonSchema(Schema):
    """An official in a post: who acted or who is addressed. Never a petitioner."""

    class Meta:
        """Unknown fields are ignored."""

        unknown = EXCLUDE

    official = fields.String(required=True, validate=validate.Length(1, 64))
    name = fields.String(required=True)
    post = fields.String(required=True)
    organisation = fields.String(required=True, validate=validate.Length(1, 32))


def person(*, required: bool = True) -> fields.Nested:
    """An official in a post."""
    return fields.Nested(PersonSchema, required=required, allow_none=not required)


def people() -> fields.List[Any]:
    """Officials in their posts, in order of rank; may be empty."""
    return fields.List(fields.Nested(PersonSchema), required=True)


def code(*known: str, required: bool = True) -> fields.String:
    """A code from one of the county's lists, or an organisation's national code.

    `known` are those that are told today and for which pages have words; a reader takes others too, so that one may come.
    """
    return fields.String(required=required, allow_none=not required, validate=validate.Length(0, 64), metadata={"known": known})


def text(*, required: bool = True) -> fields.String:
    """Text written by an official. Petitioners' own words never stand in an event (decision 4)."""
    return fields.String(required=required, allow_none=not required, validate=validate.Length(0, 100_000))


def identifier(*, required: bool = True) -> fields.String:
    """A UUID as text."""
    return fields.String(required=required, allow_none=not required, validate=validate.Length(36, 36))


def instant(*, required: bool = True) -> Instant:
    """An instant in UTC."""
    return Instant(required=required, allow_none=not required)


def day() -> Day:
    """A calendar day."""
    return Day(required=True)


def choice(*values: str) -> fields.String:
    """One of a fixed set of words."""
    return fields.String(required=True, validate=validate.OneOf(values))


def count(*, required: bool = True) -> fields.Integer:
    """A whole number from 0."""
    return fields.Integer(required=required, allow_none=not required, strict=True, validate=validate.Range(0))


def round_number() -> fields.Integer:
    """The round of instruction, from 1."""
    return fields.Integer(required=True, strict=True, validate=validate.Range(1))


def flag() -> fields.Boolean:
    """True or false."""
    return fields.Boolean(required=True, truthy={True}, falsy={False})


def codes() -> fields.List[Any]:
    """A list of codes; may be empty."""
    return fields.List(fields.String(validate=validate.Length(1, 64)), required=True)
