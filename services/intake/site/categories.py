"""The tree of categories: the one that comes with the system, or a county's own file."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.intake.domain.categories import PATTERN, Entry, Tree, Unfit, grown
from services.intake.site.mistakes import first

STANDARD = Path(__file__).parents[1] / "data" / "categories.yaml"


class Day(fields.Field[date]):
    """A day as YAML reads one by itself: 2026-01-31."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if type(value) is not date:  # a datetime is a date, too
            raise ValidationError("Not a valid date.")
        return value


class CategoryEntry(Schema):
    """One line of the file."""

    code = fields.String(required=True, validate=[validate.Length(1, 64), validate.Regexp(rf"^{PATTERN}\Z")])
    zh = fields.String(required=True, validate=validate.Length(1, 30))
    en = fields.String(required=True, validate=validate.Length(1, 60))
    since = Day(data_key="from", load_default=date.min)
    until = Day(load_default=date.max)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Entry:
        return Entry(**data)


def read_tree(path: Path | None) -> Tree:
    """The tree in a county's file, or the standard one. Raises OSError, naming file, line and rule."""
    return standard() if path is None else grown_from(path, standard())


@cache
def standard() -> Tree:
    """The tree that comes with the system."""
    return grown_from(STANDARD, Tree(()))


def grown_from(path: Path, known: Tree) -> Tree:
    """The tree in a file; what only `known` has stays readable. Raises OSError."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        return grown(CategoryEntry(many=True).load(given), known.entries)
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise OSError(f"{path}: not YAML: {fault}") from fault
    except ValidationError as fault:
        raise OSError(f"{path}: {first(fault.messages)}; see docs/operations.md") from fault
    except Unfit as fault:
        raise OSError(f"{path}: {fault.place}.{fault.field}: {fault.rule}; see docs/operations.md") from fault
