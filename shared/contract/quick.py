"""A quick yes for data that plainly fits its schema; marshmallow itself judges everything else and words the faults.

Two validations an event were a fifth of a hop's time. The check is made from the schema's own fields, says yes only where
`schema.load` would return the data unchanged, and is held to that by a test over valid and broken data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, validate

from shared.contract.fields import Day, Instant, is_day

Check = Callable[[Any], bool]


def compiled(schema: Schema) -> Check:
    """Whether data surely fits the schema as it is. No means: ask the schema."""
    checks = [(name, _of(field), field.required, field.allow_none) for name, field in schema.fields.items()]

    def fits(data: Any) -> bool:
        if type(data) is not dict:
            return False
        for name, check, required, nullable in checks:
            if name not in data:
                if required:
                    return False
                continue
            value = data[name]
            if value is None:
                if not nullable:
                    return False
            elif not check(value):
                return False
        return True

    return fits


def _of(field: fields.Field[Any]) -> Check:
    rules = [_rule(validator) for validator in field.validators]
    kind = _kind(field)
    if kind is None or None in rules:
        return lambda value: False
    if not rules:
        return kind
    return lambda value: kind(value) and all(rule(value) for rule in rules if rule)


def _kind(field: fields.Field[Any]) -> Check | None:
    if isinstance(field, fields.Nested):
        return compiled(field.schema)
    if isinstance(field, fields.List):
        item = _of(field.inner)
        return lambda value: type(value) is list and all(item(one) for one in value)
    if isinstance(field, Instant):
        return lambda value: type(value) is str and len(value) == 24 and value[10] == "T" and value[-1] == "Z"
    if isinstance(field, Day):
        return lambda value: type(value) is str and is_day(value)
    exact: dict[type, type] = {fields.String: str, fields.Integer: int, fields.Boolean: bool, fields.Dict: dict}
    python = exact.get(type(field))
    return None if python is None else lambda value: type(value) is python


def _rule(validator: Any) -> Check | None:
    if isinstance(validator, validate.OneOf):
        return frozenset(validator.choices).__contains__
    low, high = getattr(validator, "min", None), getattr(validator, "max", None)
    if isinstance(validator, validate.Length) and validator.equal is None:
        return lambda value: (low is None or len(value) >= low) and (high is None or len(value) <= high)
    if isinstance(validator, validate.Range) and validator.min_inclusive and validator.max_inclusive:
        return lambda value: (low is None or value >= low) and (high is None or value <= high)
    if isinstance(validator, validate.Regexp):
        return lambda value: validator.regex.match(value) is not None
    return None
