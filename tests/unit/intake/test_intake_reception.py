"""The reception calendar: what rules, rota, exceptions and swaps make of it, as tables and as properties."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.planning import add_change
from services.intake.domain.reception import Act, Key, Plan, Reason, RuleKind, sessions
from services.intake.domain.submission import CHINA
from shared.errors import Refused
from tests.unit.intake.reception_builders import FIXED, NOW, TODAY, a_change, a_plan, a_rota, a_rule, find, monday, tuesday

LAST = TODAY + timedelta(days=27)


def days(plan: Plan, first: date = TODAY, last: date = LAST) -> list[tuple[str, str]]:
    return [(f"{one.held_on:%m-%d %a}", one.official) for one in sessions(plan, first, last) if one.cancelled is None]


def test_the_secretary_receives_each_monday_and_the_others_take_turns() -> None:
    assert days(a_plan(), TODAY, TODAY + timedelta(days=13)) == [
        ("11-07 Mon", "o-secretary"), ("11-08 Tue", "o-a"), ("11-10 Thu", "o-b"),
        ("11-14 Mon", "o-secretary"), ("11-15 Tue", "o-c"), ("11-17 Thu", "o-a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [((), ["2016-11-07", "2016-11-14", "2016-11-21", "2016-11-28"]), ((1, 3), ["2016-11-07", "2016-11-21"]), ((-1,), ["2016-11-28"]),
     ((4, -1), ["2016-11-28"]), ((2,), ["2016-11-14"])],
)  # fmt: skip
def test_a_rule_may_hold_for_some_weeks_of_the_month_only(weeks: tuple[int, ...], expected: list[str]) -> None:
    plan = a_plan(rules=(a_rule(weeks=weeks),))
    assert [session.held_on.isoformat() for session in sessions(plan, TODAY, date(2016, 11, 30))] == expected


def test_a_rule_begins_and_ends_on_its_days() -> None:
    plan = a_plan(rules=(a_rule(from_on=date(2016, 11, 14), until_on=date(2016, 11, 21)),))
    assert [session.held_on.isoformat() for session in sessions(plan, date(2016, 1, 1), date(2017, 1, 1))] == [
        "2016-11-14",
        "2016-11-21",
    ]


def test_a_session_has_a_place_for_each_whole_slot() -> None:
    session = find(a_plan(), monday())
    assert (session.capacity, session.slot_at(9).isoformat()) == (10, "2016-11-14T11:15:00+08:00")
    assert find(a_plan(rules=(a_rule(slot_minutes=20),)), monday()).capacity == 7
    assert session.ends_at == datetime(2016, 11, 14, 11, 30, tzinfo=CHINA)


def test_a_cancelled_session_stays_seen_costs_the_turn_and_moves_nobody_else() -> None:
    plan = a_plan(a_change(Act.CANCEL, tuesday()))
    session = find(plan, tuesday())
    assert (session.cancelled, session.sequence) == (Reason.DUTY, 1)
    before, after = dict(days(a_plan())), dict(days(plan))
    assert before.items() - after.items() == {("11-15 Tue", "o-c")}


def test_a_moved_session_keeps_its_name_its_length_and_its_official() -> None:
    move = a_change(Act.MOVE, monday(), to_on=date(2016, 11, 16), starts=time(14), room="大会议室")
    session = find(a_plan(move), monday())
    assert (session.held_on, session.starts, session.ends, session.room) == (
        date(2016, 11, 16),
        time(14),
        time(16, 30),
        "大会议室",
    )
    assert (session.id, session.official, session.sequence) == (monday().id, "o-secretary", 1)


def test_the_latest_word_on_a_session_stands() -> None:
    cancel, restore = a_change(Act.CANCEL, monday()), a_change(Act.RESTORE, monday())
    move = a_change(Act.MOVE, monday(), to_on=date(2016, 11, 18), starts=time(10), room="一号接访室")
    assert find(a_plan(cancel, move), monday()).cancelled is None
    back = find(a_plan(move, cancel, restore), monday())
    assert (back.held_on, back.starts, back.ends, back.cancelled, back.sequence) == (
        date(2016, 11, 14),
        time(9),
        time(11, 30),
        None,
        3,
    )


def test_a_closed_day_cancels_what_is_held_on_it_and_opening_it_brings_that_back() -> None:
    close, opened = (a_change(act, to_on=date(2016, 11, 14), name="清洁日") for act in (Act.CLOSE_DAY, Act.OPEN_DAY))
    assert a_plan(close).closed(date(2016, 11, 14)) == "清洁日"
    session = find(a_plan(close), monday())
    assert (session.cancelled, session.off_day, session.sequence) == (Reason.CLOSED, True, 1)
    again = find(a_plan(close, opened), monday())
    assert (again.cancelled, again.off_day, again.sequence) == (None, False, 2)
    assert a_plan(close, opened).closed(date(2016, 11, 14)) is None


def test_a_day_opened_again_does_not_bring_back_what_was_cancelled_for_another_reason() -> None:
    close, opened = (a_change(act, to_on=date(2016, 11, 14), name="清洁日") for act in (Act.CLOSE_DAY, Act.OPEN_DAY))
    session = find(a_plan(a_change(Act.CANCEL, monday()), close, opened), monday())
    assert (session.cancelled, session.sequence) == (Reason.DUTY, 1)


def test_a_session_restored_after_its_day_was_closed_is_held_and_flagged() -> None:
    close = a_change(Act.CLOSE_DAY, to_on=date(2016, 11, 14), name="调休")
    session = find(a_plan(close, a_change(Act.RESTORE, monday())), monday())
    assert (session.cancelled, session.off_day) == (None, True)


def test_a_session_moved_to_a_weekend_is_flagged_and_one_moved_off_a_day_is_left_alone_by_its_closing() -> None:
    move = a_change(Act.MOVE, monday(), to_on=date(2016, 11, 19), starts=time(9), room="一号接访室")
    close = a_change(Act.CLOSE_DAY, to_on=date(2016, 11, 14), name="清洁日")
    session = find(a_plan(move, close), monday())
    assert (session.off_day, session.cancelled, session.sequence) == (True, None, 1)
    close_new_day = a_change(Act.CLOSE_DAY, to_on=date(2016, 11, 19), name="清洁日")
    assert find(a_plan(move, close_new_day), monday()).cancelled is Reason.CLOSED


def test_a_session_moved_out_of_the_days_asked_for_is_in_those_it_was_moved_to() -> None:
    plan = a_plan(a_change(Act.MOVE, monday(), to_on=date(2017, 1, 3), starts=time(9), room="一号接访室"))
    in_november = [session.key for session in sessions(plan, TODAY, LAST)]
    in_january = [session.key for session in sessions(plan, date(2017, 1, 3), date(2017, 1, 3))]
    assert monday() not in in_november
    assert in_january.count(monday()) == 1


def test_two_leaders_change_days_and_whose_turn_it_was_is_still_known() -> None:
    plan = a_plan(a_change(Act.SWAP, monday(), tuesday()))
    one, other = find(plan, monday()), find(plan, tuesday())
    assert (one.official, one.regular, one.sequence) == ("o-c", "o-secretary", 1)
    assert (other.official, other.regular, other.sequence) == ("o-secretary", "o-c", 1)


def test_a_swap_with_a_session_outside_the_days_asked_for_holds() -> None:
    far = monday(7)
    plan = a_plan(a_change(Act.SWAP, tuesday(), far))
    [found] = [session for session in sessions(plan, TODAY, LAST) if session.key == tuesday()]
    assert found.official == "o-secretary"
    assert find(plan, far).official == "o-c"


def test_three_leaders_change_in_a_ring_by_two_swaps() -> None:
    third = tuesday(2)
    plan = a_plan(a_change(Act.SWAP, monday(), tuesday()), a_change(Act.SWAP, tuesday(), third))
    regular = [find(a_plan(), key).official for key in (monday(), tuesday(), third)]
    assert regular == ["o-secretary", "o-c", "o-b"]
    assert [find(plan, key).official for key in (monday(), tuesday(), third)] == ["o-c", "o-b", "o-secretary"]


# -- properties ------------------------------------------------------------------------------------------------------------

WEEKDAYS = st.sets(st.integers(1, 7), min_size=1).map(lambda found: tuple(sorted(found)))
WEEKS = st.sets(st.sampled_from([1, 2, 3, 4, -1]), max_size=3).map(lambda found: tuple(sorted(found)))
START = st.integers(0, 40).map(lambda n: TODAY + timedelta(days=n))


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to three rules and a dozen changes of all kinds; what the planning refuses is left out."""
    rules = []
    for number in range(draw(st.integers(1, 3))):
        from_on = draw(START)
        until_on = draw(st.none() | st.integers(0, 60).map(partial(_later, from_on)))
        people = draw(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=5, unique=True))
        rules.append(
            a_rule(
                id=UUID(int=number + 1), kind=RuleKind.ROTA, officials=tuple(people), weekdays=draw(WEEKDAYS), weeks=draw(WEEKS),
                from_on=from_on, until_on=until_on, room=f"{number}号",
            )
        )  # fmt: skip
    plan = Plan(rules=tuple(rules))
    for _ in range(draw(st.integers(0, 12))):
        plan = draw(change_of(plan))
    return plan


@st.composite
def change_of(draw: st.DrawFn, plan: Plan) -> Plan:
    act, day = draw(st.sampled_from(Act)), draw(START)
    keys = [session.key for session in sessions(plan, TODAY + timedelta(days=1), TODAY + timedelta(days=60))]
    if act in (Act.CLOSE_DAY, Act.OPEN_DAY):
        change = a_change(act, to_on=day, name="停")
    elif not keys:
        return plan
    elif act is Act.SWAP:
        change = a_change(act, draw(st.sampled_from(keys)), draw(st.sampled_from(keys)))
    else:
        change = a_change(act, draw(st.sampled_from(keys)), to_on=day if act is Act.MOVE else None, starts=time(13), room="他处")
    try:
        return add_change(plan, change, NOW)
    except Refused:
        return plan


TRIED = settings(max_examples=50, deadline=None, derandomize=True)
FIRST, END = TODAY, TODAY + timedelta(days=400)


@TRIED
@given(plans())
def test_no_session_is_lost_and_none_is_doubled(plan: Plan) -> None:
    """Whatever was changed, there is one session for each day that a rule planned, and it is held on one day."""
    planned = [key for rule in plan.rules for key, _ in rule.keys(FIRST, END)]
    assert Counter(session.key for session in sessions(plan, FIRST, END)) == Counter(planned)


@TRIED
@given(plans(), st.integers(1, 100))
def test_the_calendar_of_a_span_is_the_calendars_of_its_parts(plan: Plan, cut: int) -> None:
    middle = FIRST + timedelta(days=cut)
    assert sessions(plan, FIRST, middle) + sessions(plan, middle + timedelta(days=1), END) == sessions(plan, FIRST, END)


@TRIED
@given(plans())
def test_the_same_log_makes_the_same_calendar(plan: Plan) -> None:
    again = Plan(rules=tuple(reversed(plan.rules)), changes=plan.changes)
    assert sessions(plan, FIRST, END) == sessions(again, FIRST, END)


@TRIED
@given(plans(), st.data())
def test_a_swap_and_the_same_swap_again_change_nothing_but_the_sequence(plan: Plan, data: st.DataObject) -> None:
    keys = [one.key for one in sessions(plan, TODAY + timedelta(days=1), END) if one.cancelled is None]
    if len(keys) < 2:
        return
    one, other = data.draw(st.lists(st.sampled_from(keys), min_size=2, max_size=2, unique=True))
    try:
        twice = add_change(add_change(plan, a_change(Act.SWAP, one, other), NOW), a_change(Act.SWAP, one, other), NOW)
    except Refused:  # the same official receives in both
        return
    before, after = ({session.key: session for session in sessions(found, FIRST, END)} for found in (plan, twice))
    assert {key: session.official for key, session in after.items()} == {key: session.official for key, session in before.items()}
    grown = {key for key in before if after[key].sequence != before[key].sequence}
    assert grown == {one, other}


@TRIED
@given(plans())
def test_swaps_lose_no_leader_and_double_none(plan: Plan) -> None:
    """Who receives how often is the same as by the rules alone: swaps only exchange."""
    held = sessions(plan, FIRST, END)
    assert Counter(session.official for session in held) == Counter(session.regular for session in held)


@TRIED
@given(plans(), st.data())
def test_each_further_change_raises_the_sequence_of_what_it_alters_and_of_nothing_else(plan: Plan, data: st.DataObject) -> None:
    after = data.draw(change_of(plan))
    old, new = ({session.key: session for session in sessions(found, FIRST, END)} for found in (plan, after))
    for key, session in new.items():
        seen = (session.held_on, session.starts, session.room, session.official, session.cancelled)
        was = (old[key].held_on, old[key].starts, old[key].room, old[key].official, old[key].cancelled)
        assert session.sequence >= old[key].sequence
        assert seen == was or session.sequence > old[key].sequence


def test_the_property_notices_a_calendar_that_loses_what_was_moved() -> None:
    """The twin: sessions looked for only on the days that planned them."""
    plan = a_plan(a_change(Act.MOVE, monday(), to_on=date(2017, 1, 3), starts=time(9), room="一号接访室"), rules=(a_rule(),))
    broken = [one for one in sessions(plan, TODAY, LAST) if one.held_on == one.key.planned_on]
    assert Counter(one.key for one in broken) != Counter(key for key, _ in plan.rules[0].keys(TODAY, LAST))


def test_a_session_is_named_by_its_rule_and_day() -> None:
    assert Key(FIXED, TODAY).id == Key(FIXED, TODAY).id
    assert len({Key(FIXED, TODAY).id, Key(FIXED, LAST).id, Key(a_rota().id, TODAY).id}) == 3
