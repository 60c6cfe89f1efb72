"""What may be planned, what is refused with which field, and what whoever plans is told before saving."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.planning import (
    END,
    Doubt,
    Order,
    add_change,
    add_rule,
    apply,
    differences,
    doubts,
    end_rule,
    rule_order,
    session_of,
)
from services.intake.domain.reception import HORIZON, Act, Key, Plan, Reason, RuleKind, sessions
from services.intake.domain.submission import CHINA
from shared.errors import Conflict, NotFound, Refused
from tests.unit.intake.intake_builders import CLERK
from tests.unit.intake.reception_builders import (
    FIXED,
    NOW,
    ROTA,
    TODAY,
    a_change,
    a_plan,
    a_rota,
    a_rule,
    find,
    monday,
    tuesday,
)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"officials": ("o-a", "o-b")}, "officials_in_turn"), ({"officials": ()}, "officials_in_turn"),
        ({"kind": RuleKind.ROTA, "officials": ("o-a",)}, "officials_in_turn"),
        ({"kind": RuleKind.ROTA, "officials": ("o-a", "o-b", "o-a")}, "officials_in_turn"),
        ({"weekdays": ()}, "weekdays"), ({"weekdays": (8,)}, "weekdays"), ({"weeks": (5,)}, "weeks"),
        ({"slot_minutes": 4}, "slot_minutes"), ({"slot_minutes": 121}, "slot_minutes"), ({"ends": time(9)}, "ends"),
        ({"ends": time(9, 10)}, "ends"), ({"from_on": TODAY - timedelta(days=1)}, "from_on"),
        ({"from_on": TODAY + timedelta(days=731)}, "from_on"), ({"until_on": TODAY - timedelta(days=1)}, "until_on"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_with_the_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        add_rule(Plan(), a_rule(**wrong), NOW)
    assert refusal.value.field == field


def test_the_same_rule_and_the_same_change_again_change_nothing() -> None:
    plan = add_rule(Plan(), a_rule(until_on=TODAY), NOW)
    assert add_rule(plan, a_rule(room="别处"), NOW) is plan
    plan, cancel = a_plan(), a_change(Act.CANCEL, monday())
    once = add_change(plan, cancel, NOW)
    assert add_change(once, cancel, NOW) is once
    assert [change.number for change in add_change(once, a_change(Act.RESTORE, monday()), NOW).changes] == [1, 2]


def test_a_rule_that_is_ended_leaves_its_public_sessions_seen_as_cancelled() -> None:
    plan = end_rule(a_plan(a_change(Act.CANCEL, monday(3))), FIXED, date(2016, 11, 14), by=CLERK, now=NOW)
    standing = [one.held_on for one in sessions(plan, TODAY, date(2018, 1, 1)) if one.key.rule == FIXED and not one.cancelled]
    gone = {one.held_on: one.cancelled for one in sessions(plan, TODAY, date(2018, 1, 1)) if one.cancelled}
    assert standing == [date(2016, 11, 7), date(2016, 11, 14)]
    assert set(gone) == {day for week in range(2, 9) if (day := TODAY + timedelta(days=7 * week)) <= TODAY + HORIZON}
    assert gone[date(2016, 11, 28)] is Reason.DUTY
    assert set(gone.values()) == {Reason.DUTY, Reason.ENDED}
    assert end_rule(plan, FIXED, date(2016, 11, 14), by=CLERK, now=NOW) is plan
    assert end_rule(plan, FIXED, date(2016, 11, 8), by=CLERK, now=NOW).changes[-1].planned_on == date(2016, 11, 14)


@pytest.mark.parametrize(
    ("rule", "last_on", "error"),
    [(UUID(int=77), TODAY, NotFound), (FIXED, TODAY - timedelta(days=1), Refused), (ROTA, date(2016, 12, 2), Refused)],
)
def test_a_rule_ends_neither_in_the_past_nor_later_than_it_would(rule: UUID, last_on: date, error: type[Refused]) -> None:
    plan = a_plan(rules=(a_rule(), a_rota(until_on=date(2016, 12, 1))))
    with pytest.raises(error):
        end_rule(plan, rule, last_on, by=CLERK, now=NOW)


MOVE: dict[str, Any] = {"to_on": date(2016, 11, 16), "starts": time(14), "room": "一号接访室"}
UNKNOWN = Key(UUID(int=77), TODAY)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (a_change(Act.CANCEL, UNKNOWN), "session"), (a_change(Act.CANCEL, Key(FIXED, date(2016, 11, 15))), "session"),
        (a_change(Act.CANCEL, tuesday(-1)), "session"),
        (a_change(Act.RESTORE, monday()), "session"),
        (a_change(Act.MOVE, monday()), "to_on"), (a_change(Act.MOVE, monday(), to_on=TODAY), "to_on"),
        (a_change(Act.MOVE, monday(), **MOVE | {"room": ""}), "to_on"),
        (a_change(Act.MOVE, monday(), **MOVE | {"to_on": TODAY, "starts": time(8)}), "to_on"),
        (a_change(Act.MOVE, monday(), **MOVE | {"to_on": date(2019, 1, 1)}), "to_on"),
        (a_change(Act.MOVE, monday(), **MOVE | {"starts": time(22)}), "starts"),
        (a_change(Act.MOVE, monday(), to_on=date(2016, 11, 14), starts=time(9), room="一号接访室"), "to_on"),
        (a_change(Act.SWAP, monday()), "other_session"), (a_change(Act.SWAP, monday(), monday()), "other_session"),
        (a_change(Act.SWAP, monday(), monday(2)), "other_session"), (a_change(Act.SWAP, monday(), UNKNOWN), "session"),
        (a_change(Act.CLOSE_DAY), "to_on"), (a_change(Act.CLOSE_DAY, to_on=TODAY - timedelta(days=1)), "to_on"),
        (a_change(Act.CLOSE_DAY, to_on=date(2019, 1, 1)), "to_on"), (a_change(Act.OPEN_DAY, to_on=TODAY), "to_on"),
    ],
)  # fmt: skip
def test_a_change_that_makes_no_sense_is_refused_with_the_field(change: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        a_plan(change)
    assert refusal.value.field == field


def test_a_session_that_has_begun_is_not_changed_any_more() -> None:
    begun = datetime(2016, 11, 14, 9, tzinfo=CHINA)
    with pytest.raises(Conflict):
        add_change(a_plan(), a_change(Act.CANCEL, monday()), begun)
    assert add_change(a_plan(), a_change(Act.CANCEL, monday()), begun - timedelta(seconds=1)).changes


def test_what_is_cancelled_or_closed_is_not_cancelled_closed_or_swapped_again() -> None:
    cancelled = a_plan(a_change(Act.CANCEL, monday()))
    closed = a_plan(a_change(Act.CLOSE_DAY, to_on=TODAY, name="停"))
    for plan, change in (
        (cancelled, a_change(Act.CANCEL, monday())), (cancelled, a_change(Act.SWAP, tuesday(), monday())),
        (closed, a_change(Act.CLOSE_DAY, to_on=TODAY, name="停")),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            add_change(plan, change, NOW)
    assert find(add_change(cancelled, a_change(Act.RESTORE, monday()), NOW), monday()).cancelled is None
    same = a_change(Act.MOVE, monday(), to_on=date(2016, 11, 14), starts=time(9), room="一号接访室")
    assert find(add_change(cancelled, same, NOW), monday()).cancelled is None
    moved = a_plan(a_change(Act.MOVE, monday(), **MOVE))
    assert find(add_change(moved, a_change(Act.RESTORE, monday()), NOW), monday()).held_on == monday().planned_on


def test_a_session_is_found_by_its_name_wherever_it_was_moved() -> None:
    plan = a_plan(a_change(Act.MOVE, monday(), **MOVE))
    found = session_of(plan, monday())
    assert found
    assert found.held_on == date(2016, 11, 16)
    assert session_of(plan, UNKNOWN) is None
    ended = end_rule(plan, FIXED, date(2016, 11, 14), by=CLERK, now=NOW)
    late = session_of(ended, monday(2))
    assert late
    assert late.cancelled is Reason.ENDED
    assert session_of(ended, monday(60)) is None


def test_the_difference_of_two_plans_is_what_would_change() -> None:
    plan = a_plan()
    cancelled = add_change(plan, a_change(Act.CANCEL, monday()), NOW)
    [one] = differences(plan, cancelled, TODAY, TODAY + HORIZON)
    assert one.before
    assert one.after
    assert (one.before.cancelled, one.after.cancelled) == (None, Reason.DUTY)
    more = add_rule(plan, a_rule(id=UUID(int=5), weekdays=(3,), until_on=date(2016, 11, 16)), NOW)
    added = differences(plan, more, TODAY, TODAY + HORIZON)
    assert [(one.before, one.after and one.after.held_on) for one in added] == [
        (None, date(2016, 11, 9)),
        (None, date(2016, 11, 16)),
    ]
    assert differences(plan, plan, TODAY, TODAY + HORIZON) == []


def test_whoever_plans_is_told_what_is_odd() -> None:
    everybody = {"o-secretary", "o-a", "o-b"}
    rules = (
        a_rule(until_on=TODAY), a_rule(id=UUID(int=5), weekdays=(6,), until_on=date(2016, 11, 12)),
        a_rule(id=UUID(int=6), officials=("o-a",), starts=time(11), until_on=TODAY),
        a_rule(id=UUID(int=7), room="三号", starts=time(10), until_on=TODAY),
        a_rule(id=UUID(int=8), officials=("o-gone",), weekdays=(2,), until_on=date(2016, 11, 8)),
        a_rule(id=UUID(int=9), weekdays=(4,), until_on=date(2016, 11, 10)),
    )  # fmt: skip
    plan = a_plan(rules=rules)
    found = doubts(sessions(plan, TODAY, TODAY + HORIZON), everybody)
    assert {key.rule.int: said for key, said in found.items()} == {
        FIXED.int: [Doubt.ROOM_TAKEN, Doubt.OFFICIAL_TWICE], 5: [Doubt.OFF_DAY], 6: [Doubt.ROOM_TAKEN],
        7: [Doubt.OFFICIAL_TWICE], 8: [Doubt.NOT_IN_POST],
    }  # fmt: skip
    quiet = a_plan(a_change(Act.CANCEL, Key(UUID(int=5), date(2016, 11, 12))), rules=(rules[1],))
    assert doubts(sessions(quiet, TODAY, TODAY + HORIZON), everybody) == {}


def test_an_order_is_a_rule_an_end_or_a_change() -> None:
    new, cancel = uuid4(), uuid4()
    order = rule_order(RuleKind.FIXED, ["o-a"], [5, 5], time(9), time(10), id=new, room="一号", from_on=TODAY)
    plan = apply(a_plan(), order, by=CLERK, now=NOW)
    assert plan.by_id[new].weekdays == (5,)
    plan = apply(plan, Order(kind=END, id=uuid4(), values={"rule": new, "last_on": date(2016, 11, 18)}), by=CLERK, now=NOW)
    assert plan.by_id[new].until_on == date(2016, 11, 18)
    values = {"rule": FIXED, "planned_on": monday().planned_on, "reason": Reason.LEAVE}
    plan = apply(plan, Order(kind=Act.CANCEL, id=cancel, values=values), by=CLERK, now=NOW)
    assert (plan.changes[-1].id, plan.changes[-1].made_by, find(plan, monday()).cancelled) == (cancel, CLERK, Reason.LEAVE)
