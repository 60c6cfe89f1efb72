"""Rules, changes, plans and visits for tests; each builder takes what the test is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from services.intake.domain.planning import add_change
from services.intake.domain.reception import Act, Change, Key, Plan, Reason, Rule, RuleKind, Session, sessions
from services.intake.domain.visits import Visit, VisitKind
from services.intake.workflow import VisitStage
from tests.unit.intake.intake_builders import CLERK

NOW = datetime(2016, 11, 7, 0, 30, tzinfo=UTC)  # a Monday, 8:30 in China
TODAY = date(2016, 11, 7)
FIXED, ROTA = (UUID(int=number, version=4) for number in (1, 2))


def a_rule(**changes: Any) -> Rule:
    """Every Monday 9:00-11:30 by the secretary."""
    given: dict[str, Any] = {
        "id": FIXED, "kind": RuleKind.FIXED, "officials": ("o-secretary",), "weekdays": (1,), "weeks": (), "starts": time(9),
        "ends": time(11, 30), "slot_minutes": 15, "room": "一号接访室", "from_on": TODAY, "until_on": None, "made_by": CLERK,
        "made_at": NOW,
    }  # fmt: skip
    return Rule(**given | changes)


def a_rota(**changes: Any) -> Rule:
    """Tuesdays and Thursdays by three leaders in turn."""
    given: dict[str, Any] = {
        "id": ROTA, "kind": RuleKind.ROTA, "officials": ("o-a", "o-b", "o-c"), "weekdays": (2, 4), "room": "二号接访室",
    }  # fmt: skip
    return a_rule(**given | changes)


def a_plan(*changes: Change, rules: tuple[Rule, ...] | None = None, now: datetime = NOW) -> Plan:
    """Both rules, and changes on top."""
    plan = Plan(rules=(a_rule(), a_rota()) if rules is None else rules)
    for change in changes:
        plan = add_change(plan, change, now)
    return plan


_ids = iter(range(100, 10**9))


def a_change(act: Act, key: Key | None = None, other: Key | None = None, **changes: Any) -> Change:
    given: dict[str, Any] = {"id": UUID(int=next(_ids)), "number": 0, "act": act, "made_by": CLERK, "made_at": NOW}
    if key:
        given |= {"rule": key.rule, "planned_on": key.planned_on}
    if other:
        given |= {"other_rule": other.rule, "other_planned_on": other.planned_on}
    if act is Act.CANCEL:
        given["reason"] = Reason.DUTY
    return Change(**given | changes)


def monday(weeks: int = 1) -> Key:
    """The secretary's session in so many weeks."""
    return Key(FIXED, date.fromordinal(TODAY.toordinal() + 7 * weeks))


def tuesday(weeks: int = 1) -> Key:
    """The rota's session in so many weeks."""
    return Key(ROTA, date.fromordinal(TODAY.toordinal() + 7 * weeks + 1))


def find(plan: Plan, key: Key, first: date = TODAY, last: date = date(2017, 3, 1)) -> Session:
    """The one session of this name."""
    [found] = [session for session in sessions(plan, first, last) if session.key == key]
    return found


def a_visit(**changes: Any) -> Visit:
    """Booked for the first place of the secretary's next session."""
    session = find(a_plan(), monday())
    given: dict[str, Any] = {
        "id": UUID(int=9), "number": "431023-V2016-000001", "idempotency_key": UUID(int=8), "stage": VisitStage.BOOKED,
        "kind": VisitKind.BOOKED, "session": session.id, "slot": 0, "held_on": session.held_on, "slot_at": session.begins_at,
        "group_size": 1, "made_at": NOW, "made_by": None, "named_case": None, "planned_official": "o-secretary",
    }  # fmt: skip
    return Visit(**given | changes)
