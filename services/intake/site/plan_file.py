"""A reception calendar as a file, for setting an instance up.

rules:
  - {kind: fixed, officials: [o-431023-secretary], weekdays: [1], starts: 09:00, ends: 11:30, room: 一号接访室, from_on: 2016-08-01}
  - {kind: rota, officials: [o-a, o-b], weekdays: [2, 4], weeks: [1, -1], starts: 09:00, ends: 11:00, slot_minutes: 20,
     room: 二号接访室, from_on: 2016-08-01, until_on: 2016-12-31}
closed_days:
  - {day: 2016-10-03, name: 国庆节}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import yaml
from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.planning import Order, rule_order
from services.intake.domain.reception import Act, RuleKind
from services.intake.site.written import BadYaml, compose, plain

_NAMES = UUID(
    "8a4f6f0e-6f6c-5c57-9c2b-0d6a1f0b7d31"
)  # an entry's id is made of what it says: the same file again changes nothing


class BadPlan(ValueError):
    """Tell whoever wrote the file: the line, the field, and what is wrong with it."""


class FileRule(Schema):
    """A fixed day or a rota."""

    kind = fields.String(required=True, validate=validate.OneOf([str(kind) for kind in RuleKind]))
    officials = fields.List(fields.String(validate=validate.Length(1, 64)), required=True)
    weekdays = fields.List(fields.Integer(validate=validate.Range(1, 7)), required=True)
    weeks = fields.List(fields.Integer(), load_default=list)
    starts = fields.Time(required=True)
    ends = fields.Time(required=True)
    slot_minutes = fields.Integer(load_default=15)
    room = fields.String(required=True, validate=validate.Length(1, 40))
    from_on = fields.Date(required=True)
    until_on = fields.Date(load_default=None, allow_none=True)


class FileDay(Schema):
    """A day without receptions."""

    day = fields.Date(required=True)
    name = fields.String(required=True, validate=validate.Length(1, 40))


class PlanFile(Schema):
    """The whole file; a word that it does not know is a mistake, not a comment."""

    rules = fields.List(fields.Nested(FileRule), load_default=list)
    closed_days = fields.List(fields.Nested(FileDay), load_default=list)


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """An order, and the line on which the file gives it."""

    line: int
    order: Order


def read_plan(text: str) -> list[PlanLine]:
    """The orders of a file, in its order. Raises BadPlan."""
    try:
        root = compose(text)
    except BadYaml as fault:
        raise BadPlan(str(fault)) from fault
    if not isinstance(root, yaml.MappingNode):
        raise BadPlan("line 1: must hold `rules` and `closed_days`")
    given = plain(root)
    try:
        data = PlanFile().load(given)
    except ValidationError as fault:
        path, message = _first(fault.messages)
        raise BadPlan(f"line {_line(root, path)}: {'.'.join(map(str, path))}: {message}") from fault
    entries = [
        PlanLine(line=_line(root, ["rules", n]), order=_rule(rule, repr(given["rules"][n])))
        for n, rule in enumerate(data["rules"])
    ]
    return entries + [
        PlanLine(
            line=_line(root, ["closed_days", n]),
            order=Order(
                kind=Act.CLOSE_DAY, id=uuid5(_NAMES, f"closed {day['day']}"), values={"to_on": day["day"], "name": day["name"]}
            ),
        ) for n, day in enumerate(data["closed_days"])
    ]  # fmt: skip


def _rule(rule: dict[str, Any], said: str) -> Order:
    return rule_order(RuleKind(rule.pop("kind")), rule.pop("officials"), id=uuid5(_NAMES, said), **rule)


def _first(messages: Any) -> tuple[list[str | int], str]:
    """The first mistake: where it stands, and what it is."""
    path: list[str | int] = []
    while isinstance(messages, dict):
        name, messages = next(iter(messages.items()))
        path += [name] if name != "_schema" else []
    return path, str(messages[0])


def _line(node: yaml.Node, path: list[Any]) -> int:
    """The line, from 1, of what stands at a path; of what should hold it where it is missing."""
    for step in path:
        inner = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            inner = node.value[step]
        if inner is None:
            break
        node = inner
    line: int = node.start_mark.line + 1
    return line
