"""The checklist of replies, read from its file once, and what the regulation does not let out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from services.routing.domain import checklist
from services.routing.domain.checklist import Lack, Rule, Said
from services.routing.schemas import ChecklistEntry
from shared.errors import Refused

FILE = Path(__file__).parents[1] / "data/checklist.yaml"


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a checklist's text. Raises ValueError that names each place and what is wrong with it."""
    try:
        entries = ChecklistEntry(many=True).load(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as fault:
        raise ValueError(f"checklist.yaml: {fault}") from fault
    return tuple(_rule(entry) for entry in entries)


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(**entry | {key: tuple(entry[key]) for key in ("looks_in", "outcomes", "patterns")})


RULES = read_rules(FILE.read_text(encoding="utf-8"))


def lacking(said: Said, brief: str) -> list[Lack]:
    """What a reply lacks, as far as it is written."""
    return checklist.lacking(said, brief, RULES)


def check_blocks(said: Said, brief: str, rules: Sequence[Rule] = RULES) -> None:
    """Refuse a reply that lacks what the regulation demands of it. Raises Refused with the rule's own words."""
    for lack in checklist.lacking(said, brief, rules):
        if lack.rule.blocks:
            rule, remedy = lack.say("zh")
            raise Refused(lack.rule.field, rule, remedy)
