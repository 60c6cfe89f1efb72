"""The duty roster: coverage and gaps are all of the time, turns come round, and what is over is not rewritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.duty import DAY, Entry, Pattern, Roster, Shift, Turn, occurrences, slot_of
from services.intake.domain.rostering import (
    check_entry,
    check_pattern,
    check_swap,
    end_pattern,
    official_named,
    swapped,
    withdraw_entry,
)
from services.intake.domain.submission import CHINA
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CLERK

MONDAY = datetime(2016, 11, 7, tzinfo=CHINA)
HOUR = timedelta(hours=1)
P1, E1, E2 = (UUID(int=n) for n in (1, 2, 3))
PEOPLE = frozenset("ABCD")


def a_pattern(**changes: Any) -> Pattern:
    given: dict[str, Any] = {
        "id": P1, "line": "hot", "weekdays": (1, 2, 3, 4, 5, 6, 7), "slots": ("00:00-08:00", "08:00-16:00", "16:00-24:00"),
        "officials": ("A", "B", "C"), "turn": Turn.SHIFT, "begins_on": date(2016, 11, 7), "recorded_by": CLERK,
        "recorded_at": MONDAY,
    }  # fmt: skip
    return Pattern(**given | changes)


def an_entry(start: float = 24, hours: float = 8, official: str = "D", **changes: Any) -> Entry:
    given: dict[str, Any] = {
        "id": E1, "line": "hot", "starts_at": MONDAY + start * HOUR, "ends_at": MONDAY + (start + hours) * HOUR,
        "official": official, "recorded_by": CLERK, "recorded_at": MONDAY,
    }  # fmt: skip
    return Entry(**given | changes)


def a_roster(*parts: Pattern | Entry, in_office: frozenset[str] = PEOPLE, lines: tuple[str, ...] = ("hot",)) -> Roster:
    return Roster(
        lines=lines, in_office=in_office, patterns=tuple(part for part in parts if isinstance(part, Pattern)),
        entries=tuple(part for part in parts if isinstance(part, Entry)),
    )  # fmt: skip


def who(shifts: list[Shift]) -> str:
    return "".join(shift.official for shift in shifts)


# -- coverage and gaps ------------------------------------------------------------------------------------------------

hours = st.integers(-30, 80)
entries = st.builds(
    lambda start, long, official, line, gone, n: an_entry(
        start, long, official, line=line, id=UUID(int=100 + n), withdrawn_at=MONDAY if gone else None
    ),
    hours, st.floats(0.25, 30), st.sampled_from("ABX"), st.sampled_from(["hot", "cold"]), st.booleans(), st.integers(0, 10**6),
)  # fmt: skip
patterns = st.builds(
    lambda days, slots, officials, turn, begins, long, line: a_pattern(
        weekdays=tuple(sorted(days)), slots=tuple(slots), officials=tuple(officials), turn=turn, line=line,
        begins_on=date(2016, 11, 5) + begins * DAY, ends_on=None if long is None else date(2016, 11, 5) + (begins + long) * DAY,
    ),
    st.sets(st.integers(1, 7), min_size=1), st.lists(st.sampled_from(["00:00-08:00", "22:00-06:00", "00:00-24:00"]), min_size=1, max_size=3),
    st.lists(st.sampled_from("ABX"), min_size=1, max_size=4), st.sampled_from(Turn), st.integers(0, 4),
    st.none() | st.integers(0, 3), st.sampled_from(["hot", "cold"]),
)  # fmt: skip


@given(st.lists(entries, max_size=6), st.lists(patterns, max_size=3), hours, st.integers(0, 60))
def test_what_is_covered_and_the_gaps_are_together_all_of_the_time(singles, weekly, begin, long):
    roster = a_roster(*singles, *weekly, lines=("hot", "cold"), in_office=frozenset("AB"))
    start, end = MONDAY + begin * HOUR, MONDAY + (begin + long) * HOUR
    pieces = roster.coverage(start, end)
    for line in roster.lines:
        own = [piece for piece in pieces if piece.line == line]
        cuts = [start, *(piece.ends_at for piece in own)] if long else []
        assert [(piece.starts_at, piece.ends_at) for piece in own] == list(pairwise(cuts))
        assert not own or own[-1].ends_at == end
        assert all(piece.starts_at < piece.ends_at for piece in own)
        assert all(one.officials != other.officials for one, other in pairwise(own))
    covered = sum(piece.hours for piece in pieces if piece.officials)
    gaps = sum(piece.hours for piece in roster.gaps(start, end))
    assert covered + gaps == pytest.approx(long * 2)


@given(st.lists(entries, max_size=6), st.lists(patterns, max_size=3), st.integers(-30 * 60, 80 * 60))
def test_a_piece_names_those_who_are_on_duty_at_each_of_its_instants(singles, weekly, minute):
    """Against the plain reading of the rule: a single entry stands in place of the patterns, and counts while it is not withdrawn."""
    roster, at = a_roster(*singles, *weekly, in_office=frozenset("AB")), MONDAY + timedelta(minutes=minute)
    now = [entry for entry in singles if not entry.withdrawn_at and entry.line == "hot" and entry.starts_at <= at < entry.ends_at]
    expected = {entry.official for entry in now}
    if not now:
        expected = {
            shift.official for pattern in weekly if pattern.line == "hot"
            for shift in occurrences(pattern, MONDAY - 9 * DAY, MONDAY + 9 * DAY) if shift.starts_at <= at < shift.ends_at
        }  # fmt: skip
    assert set(roster.on_duty("hot", at)) == expected & {"A", "B"}


def test_an_official_who_has_left_office_leaves_a_gap():
    roster = a_roster(a_pattern(slots=("00:00-24:00",), officials=("A",)), in_office=frozenset("B"))
    assert [gap.hours for gap in roster.gaps(MONDAY, MONDAY + DAY)] == [24]
    assert who(roster.shifts(MONDAY, MONDAY + DAY)) == "A"
    assert roster.on_duty("hot", MONDAY) == ()
    assert roster.on_duty("unknown", MONDAY) == ()


def test_an_overlap_is_told_and_ones_own_next_shift_is_no_change():
    both = a_roster(an_entry(0, 8, "A"), an_entry(6, 8, "B", id=E2))
    [lap] = both.overlaps(MONDAY, MONDAY + DAY)
    assert (lap.officials, lap.hours) == (("A", "B"), 2)
    alone = a_roster(an_entry(0, 8, "A"), an_entry(8, 8, "A", id=E2))
    assert [piece.hours for piece in alone.coverage(MONDAY, MONDAY + DAY)] == [16, 8]


def test_a_single_entry_takes_the_place_of_the_middle_of_a_shift():
    roster = a_roster(a_pattern(slots=("00:00-24:00",), officials=("A",)), an_entry(8, 4))
    assert [(piece.officials, piece.hours) for piece in roster.coverage(MONDAY, MONDAY + DAY)] == [
        (("A",), 8), (("D",), 4), (("A",), 12),
    ]  # fmt: skip
    other_line = a_roster(a_pattern(slots=("00:00-24:00",), officials=("A",)), an_entry(8, 4, line="cold"))
    assert other_line.overlaps(MONDAY, MONDAY + DAY) == []


# -- turns ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "officials", "expected"),
    [
        (Turn.SHIFT, "ABCD", "ABC DAB CDA"), (Turn.DAY, "ABCD", "ABC BCD CDA"), (Turn.WEEK, "ABCD", "ABC ABC ABC"),
        (Turn.SHIFT, "A", "AAA AAA AAA"),
    ],
)  # fmt: skip
def test_officials_come_in_turn(turn, officials, expected):
    roster = a_roster(a_pattern(turn=turn, officials=tuple(officials)))
    assert who(roster.shifts(MONDAY, MONDAY + 3 * DAY)) == expected.replace(" ", "")


def test_the_next_week_begins_with_the_next_official_and_other_weekdays_count_for_nothing():
    weekly = a_pattern(turn=Turn.WEEK, slots=("00:00-24:00",), weekdays=(1,))
    assert who(list(occurrences(weekly, MONDAY, MONDAY + 22 * DAY))) == "ABCA"
    workdays = a_pattern(turn=Turn.DAY, slots=("09:00-17:00",), weekdays=(1, 2, 3, 4, 5), begins_on=date(2016, 11, 10))
    assert who(list(occurrences(workdays, MONDAY, MONDAY + 10 * DAY))) == "ABCAB"  # Thursday, Friday, then Monday to Wednesday


def test_a_look_at_any_week_finds_the_turn_that_counting_from_the_start_gives():
    pattern = a_pattern(turn=Turn.SHIFT, weekdays=(1, 3, 6), officials=("A", "B"))
    counted = [shift for shift in occurrences(pattern, MONDAY, MONDAY + 60 * DAY) if shift.starts_at >= MONDAY + 40 * DAY]
    assert counted == list(occurrences(pattern, MONDAY + 40 * DAY, MONDAY + 60 * DAY))


def test_a_night_shift_reaches_into_the_next_day_and_a_pattern_ends_on_its_last_day():
    night = a_pattern(slots=("22:00-06:00",), officials=("A",), ends_on=date(2016, 11, 7))
    assert [(shift.starts_at, shift.ends_at) for shift in occurrences(night, MONDAY + 26 * HOUR, MONDAY + 9 * DAY)] == [
        (MONDAY + 22 * HOUR, MONDAY + 30 * HOUR)
    ]


@pytest.mark.parametrize(
    ("text", "begin", "long"),
    [("08:00-16:00", 8, 8), ("22:00-06:00", 22, 8), ("00:00-24:00", 0, 24), ("00:00-00:00", 0, 24), ("8:30 - 9:00", 8.5, 0.5)],
)
def test_a_slot_is_read(text, begin, long):
    assert slot_of(text) == (begin * HOUR, long * HOUR)


@pytest.mark.parametrize(
    "text", ["", "8-16", "08:00", "08:00-16:0", "08:00-25:00", "08:60-09:00", "a:00-b:00", "1:00-2:00-3:00", "-1:00-2:00"]
)
def test_what_is_no_slot_is_refused_in_its_words(text):
    with pytest.raises(Refused) as refused:
        slot_of(text)
    assert refused.value.field == "slots"
    assert refused.value.values["slot"] == text


# -- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"line": "cold"}, "line"), ({"officials": ()}, "on_duty"), ({"officials": ("A", "X")}, "on_duty"),
        ({"weekdays": ()}, "weekdays"), ({"weekdays": (8,)}, "weekdays"), ({"slots": ()}, "slots"), ({"slots": ("8",)}, "slots"),
        ({"begins_on": date(2016, 11, 6)}, "begins_on"), ({"ends_on": date(2016, 11, 6)}, "ends_on"),
        ({"begins_on": date(9999, 1, 1)}, "ends_on"),
    ],
)  # fmt: skip
def test_a_pattern_that_makes_no_sense_is_refused(changes, field):
    check_pattern(a_pattern(ends_on=date(2016, 11, 7)), lines=["hot"], in_office=PEOPLE, now=MONDAY)
    with pytest.raises(Refused) as refused:
        check_pattern(a_pattern(**changes), lines=["hot"], in_office=PEOPLE, now=MONDAY)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (an_entry(line="cold"), "line"), (an_entry(official="X"), "on_duty"), (an_entry(24, 0), "ends_at"),
        (an_entry(24, 73), "ends_at"), (an_entry(-10, 8), "ends_at"), (an_entry(24 * 4000), "starts_at"),
    ],
)  # fmt: skip
def test_an_entry_that_makes_no_sense_is_refused(entry, field):
    check_entry(an_entry(-1, 8), lines=["hot"], in_office=PEOPLE, now=MONDAY)
    with pytest.raises(Refused) as refused:
        check_entry(entry, lines=["hot"], in_office=PEOPLE, now=MONDAY)
    assert refused.value.field == field


def test_a_pattern_is_given_its_last_day_and_no_day_that_is_over():
    ended = end_pattern(a_pattern(), date(2016, 11, 9), by=CLERK, now=MONDAY)
    assert (ended.ends_on, ended.ended_by) == (date(2016, 11, 9), CLERK)
    assert end_pattern(ended, date(2016, 11, 9), by=CLERK, now=MONDAY) is ended
    with pytest.raises(Refused):
        end_pattern(a_pattern(), date(2016, 11, 6), by=CLERK, now=MONDAY)
    with pytest.raises(Conflict):
        end_pattern(ended, date(2016, 11, 30), by=CLERK, now=MONDAY + 9 * DAY)


def test_an_entry_is_taken_back_before_it_is_over_and_a_swap_not_by_half():
    gone = withdraw_entry(an_entry(), by=CLERK, now=MONDAY)
    assert (gone.withdrawn_by, withdraw_entry(gone, by=CLERK, now=MONDAY)) == (CLERK, gone)
    assert a_roster(gone).shifts(MONDAY, MONDAY + 9 * DAY) == []
    for entry in (an_entry(-10, 8), an_entry(swap_id=E2)):
        with pytest.raises(Refused):
            withdraw_entry(entry, by=CLERK, now=MONDAY)


def test_two_officials_take_each_others_shift_and_may_take_them_back():
    roster = a_roster(a_pattern(), an_entry(48, 8, "D"))
    first, second = (
        roster.shifts(MONDAY + 33 * HOUR, MONDAY + 56 * HOUR)[0],
        roster.shifts(MONDAY + 48 * HOUR, MONDAY + 49 * HOUR)[0],
    )
    assert roster.find(first.reference) == first
    check_swap(first, second, in_office=PEOPLE, now=MONDAY)
    given: dict[str, Any] = {"roster": roster, "swap_id": P1, "by": CLERK, "now": MONDAY}
    one = swapped(first, second.official, entry_id=E2, **given)
    other = swapped(second, first.official, entry_id=P1, **given)
    assert (other.id, one.id) == (E1, E2)
    after = a_roster(a_pattern(), one, other)
    assert after.on_duty("hot", first.starts_at) == ("D",)
    assert after.on_duty("hot", second.starts_at) == (first.official,)
    assert after.find(first.reference) is None
    assert after.gaps(MONDAY, MONDAY + 5 * DAY) == after.overlaps(MONDAY, MONDAY + 5 * DAY) == []


def test_a_swap_with_oneself_of_what_has_begun_or_with_somebody_out_of_office_is_refused():
    first, second, third = a_roster(a_pattern()).shifts(MONDAY + 8 * HOUR, MONDAY + 32 * HOUR)
    for pair, in_office, now, field in (
        ((first, replace(second, official=first.official)), PEOPLE, MONDAY, "second"),
        ((first, second), PEOPLE, MONDAY + 8 * HOUR, "first"), ((first, third), frozenset("B"), MONDAY, "second"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            check_swap(*pair, in_office=in_office, now=now)
        assert refused.value.field == field


@pytest.mark.parametrize(
    "reference",
    ["", "x", "hot 1 2", "hot 2016-11-07 2016-11-08", "hot 0001-01-01T00:00:00+08:00 9999-12-31T00:00:00+08:00 A 1",
     "hot 0001-01-01T00:00:00+08:00 0001-01-01T01:00:00+08:00 A 1", "hot 2016-11-07T00:00:00+08:00 2016-11-07T01:00:00 A 1"],
)  # fmt: skip
def test_a_reference_that_somebody_made_up_finds_nothing(reference):
    assert a_roster(a_pattern()).find(reference) is None


def test_an_official_is_named_by_id_or_by_a_name_that_is_nobody_elses():
    names = {"o-1": "何文", "o-2": "周立", "o-3": "周立"}
    assert official_named(" o-2 ", names) == "o-2"
    assert official_named("何文", names) == "o-1"
    for text in ("张三", "周立"):
        with pytest.raises(Refused):
            official_named(text, names)
