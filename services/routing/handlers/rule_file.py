"""Rules from a YAML file and back: checked as a whole, every fault told with its place, imported in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from marshmallow import ValidationError

from services.routing import store
from services.routing.domain import rules as policy
from services.routing.domain.rules import Rule
from services.routing.handlers.files import BadFile, lines_of, unreadable
from services.routing.handlers.rules import replace_all
from services.routing.schemas import RuleFile
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused

LONGEST = 500_000  # characters of a file


def checked(uow: UnitOfWork, text: str) -> list[Rule]:
    """The rules of a file, all of which would do. Raises BadFile with every fault."""
    rules = read(text)
    if faults := list(_faults(uow, rules)):
        raise BadFile(faults)
    return rules


def load(uow: UnitOfWork, text: str, by: Person | None = None) -> tuple[int, int]:
    """Put a file's rules in place of the list: (how many changed, how many there are). Raises BadFile; then nothing is changed."""
    rules = checked(uow, text)
    return replace_all(uow, by, rules), len(rules)


def read(text: str) -> list[Rule]:
    """What a file says, as far as its shape goes. Raises BadFile."""
    if len(text) > LONGEST:
        raise BadFile([f"文件超过 {LONGEST} 个字符"])
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise BadFile(["文件不得使用 YAML 引用（*）"])
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:  # ValueError: a date that does not exist
        raise BadFile([unreadable(fault)]) from fault
    try:
        entries = RuleFile().load(raw)["rules"]
    except ValidationError as fault:
        raise BadFile(list(lines_of(fault.messages, raw))) from fault
    return [_rule(number, entry) for number, entry in enumerate(entries, 1)]


def _rule(number: int, entry: dict[str, Any]) -> Rule:
    every = entry.pop("all")
    one = entry.pop("any")
    return Rule(id=uuid7(), position=number, keywords=tuple(every or one), every_keyword=bool(every), **entry)


def _faults(uow: UnitOfWork, rules: Sequence[Rule]) -> Iterator[str]:
    for at, rule in enumerate(rules):
        try:
            policy.check(rule, store.directory(uow))
        except Refused as fault:
            yield f"rules[{at}] {fault}"
    yield from (f"rules[{fault.number - 1}] {policy.refusal(fault)}" for fault in policy.unreached(rules))


def dump(rules: Sequence[Rule]) -> str:
    """The list as a file that `load` takes."""
    entries = []
    for rule in rules:
        words = {"all" if rule.every_keyword else "any": list(rule.keywords)} if rule.keywords else {}
        said = {
            "organisation": rule.organisation, "category": rule.category, "place": rule.place, "channel": rule.channel, **words,
            "active": None if rule.active else False, "note": rule.note or None,
        }  # fmt: skip
        entries.append({name: value for name, value in said.items() if value is not None})
    return yaml.safe_dump({"rules": entries}, allow_unicode=True, sort_keys=False, width=120)
