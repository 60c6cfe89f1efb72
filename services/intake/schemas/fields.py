"""Kinds of fields that the forms share: each names itself in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate


def text_field(label: Any, longest: int, *, required: bool = False, pattern: str = "") -> fields.String:
    """A text of at most `longest` characters; empty when it is left out, unless it is `required`."""
    rules: list[Any] = [validate.Length(1 if required else 0, longest)]
    if pattern:
        rules.append(validate.Regexp(pattern))
    more: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    return fields.String(validate=rules, metadata={"label": label}, **more)


def choice_field(label: Any, kind: Iterable[Any], **more: Any) -> fields.String:
    """One of some codes."""
    return fields.String(validate=validate.OneOf([str(value) for value in kind]), metadata={"label": label}, **more)


class Lines(fields.List):
    """A box of lines: one item for each line that is not empty."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        text = value[0] if isinstance(value, list) and value else value
        if not isinstance(text, str):
            raise ValidationError("Not a valid string.")
        lines = [line.strip() for line in text.splitlines()]
        return super()._deserialize([line for line in lines if line], attr, data, **kwargs)
