"""Changing the rules: add, change, move, switch, remove. Each change is checked against the whole list and recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.routing import store
from services.routing.domain import rules as policy
from services.routing.domain.rules import Rule
from services.routing.handlers.common import logged
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, Refused

KEEPERS = ("office", "administrator")


@logged
def save(uow: UnitOfWork, official: str, given: Rule, number: int | None) -> Rule:
    """Add a rule, or change the one with this id, and put it at this number (None: last, or where it is).

    The same a second time changes nothing. Raises Forbidden; Conflict when it was changed since `given.revision`; Refused.
    """
    by, before = _begin(uow, official)
    at, known = _find(before, given.id)
    place = min((number or (at + 1 if known else len(before) + 1)), len(before) + (known is None)) - 1
    if known is not None and known.says == given.says and at == place:
        return known
    if known is not None and known.revision != given.revision:
        raise Conflict("rule", "这条规则刚被他人修改过。", "请刷新页面，看过现在的内容后再改。")
    policy.check(given, store.directory(uow))
    saved = replace(given, revision=known.revision + 1 if known else 1)
    after = [rule for rule in before if rule.id != given.id]
    after.insert(place, saved)
    _write(uow, before, after)
    _record(uow, saved, "changed" if known else "added", place + 1, by)
    return saved


@logged
def move(uow: UnitOfWork, official: str, rule_id: UUID, number: int) -> None:
    """Put a rule at this number. Raises Forbidden, NotFound; Refused when a rule would never be reached then."""
    by, before = _begin(uow, official)
    at, rule = _known(before, rule_id)
    place = max(1, min(number, len(before))) - 1
    if at == place:
        return
    after = [*before[:at], *before[at + 1 :]]
    after.insert(place, rule)
    _write(uow, before, after)
    _record(uow, rule, "moved", place + 1, by)


@logged
def switch(uow: UnitOfWork, official: str, rule_id: UUID, active: bool) -> None:
    """Switch a rule on or off. Raises Forbidden, NotFound; Refused when on it would lead to nobody or shut another one out."""
    by, before = _begin(uow, official)
    at, rule = _known(before, rule_id)
    if rule.active == active:
        return
    changed = replace(rule, active=active, revision=rule.revision + 1)
    if active:
        policy.check(changed, store.directory(uow))
    _write(uow, before, [*before[:at], changed, *before[at + 1 :]])
    _record(uow, changed, "switched_on" if active else "switched_off", at + 1, by)


@logged
def remove(uow: UnitOfWork, official: str, rule_id: UUID) -> None:
    """Remove a rule that is switched off; what it said stays recorded. Harmless when repeated. Raises Forbidden, Refused."""
    by, before = _begin(uow, official)
    at, rule = _find(before, rule_id)
    if rule is None:
        return
    if rule.active:
        raise Refused("rule", "启用中的规则不能删除。", "请先停用。")
    uow.all(store.SQL["remove_rule"], id=rule_id)
    _write(uow, before, [*before[:at], *before[at + 1 :]])
    _record(uow, rule, "removed", at + 1, by)


def replace_all(uow: UnitOfWork, by: Person | None, after: Sequence[Rule]) -> int:
    """Put these rules, checked already, in place of the list; gives how many are new, other, moved or gone. What stays keeps its id."""
    uow.all(store.SQL["lock_rules"])
    before = store.rules(uow)
    left = list(before)
    kept: list[Rule] = []
    for rule in after:
        same = next((known for known in left if known.says == rule.says), None)
        if same is not None:
            left.remove(same)
        kept.append(same or rule)
    for rule in left:
        uow.all(store.SQL["remove_rule"], id=rule.id)
        _record(uow, rule, "removed", before.index(rule) + 1, by)
    new = [(number, rule) for number, rule in enumerate(kept, 1) if rule not in before]
    for number, rule in new:
        _record(uow, rule, "added", number, by)
    moved = _put(uow, kept)
    return len(left) + len(new) + len([rule for rule in moved if rule.id not in {one.id for _, one in new}])


def _begin(uow: UnitOfWork, official: str) -> tuple[Person, list[Rule]]:
    by = store.directory(uow).acting(official, *KEEPERS)
    uow.all(store.SQL["lock_rules"])
    return by, store.rules(uow)


def _find(rules: Sequence[Rule], rule_id: UUID) -> tuple[int, Rule | None]:
    return next(((at, rule) for at, rule in enumerate(rules) if rule.id == rule_id), (len(rules), None))


def _known(rules: Sequence[Rule], rule_id: UUID) -> tuple[int, Rule]:
    at, rule = _find(rules, rule_id)
    if rule is None:
        raise NotFound("rule", "没有这条规则，或者它已被删除。", "请刷新页面。")
    return at, rule


def _write(uow: UnitOfWork, before: Sequence[Rule], after: Sequence[Rule]) -> None:
    policy.check_order(before, after)
    _put(uow, after)


def _put(uow: UnitOfWork, rules: Sequence[Rule]) -> list[Rule]:
    """Write the rules that stand elsewhere or say something else than the database holds; gives them."""
    stored = {rule.id: rule for rule in store.rules(uow)}
    placed = [replace(rule, position=number) for number, rule in enumerate(rules, 1)]
    changed = [rule for rule in placed if stored.get(rule.id) != rule]
    for rule in changed:
        uow.rows(store.RULES).put(rule)
    return changed


def _record(uow: UnitOfWork, rule: Rule, action: str, number: int, by: Person | None) -> None:
    says = {
        "organisation": rule.organisation, "category": rule.category, "place": rule.place, "channel": rule.channel,
        "keywords": list(rule.keywords), "every_keyword": rule.every_keyword, "active": rule.active, "note": rule.note,
    }  # fmt: skip
    change = store.RuleChange(id=uuid7(), rule_id=rule.id, action=action, number=number, says=says, by=by, at=uow.now)
    uow.rows(store.RULE_CHANGES).put(change)
