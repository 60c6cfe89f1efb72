"""The working calendar as somebody changes it: what is refused, what it was before, and the alarm long before its end."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.supervision.domain.calendar import (
    Alarm,
    CalendarChange,
    DayMark,
    Entry,
    alarm,
    as_of,
    check_last,
    days_left,
    entries,
)
from services.supervision.working_calendar import WorkingCalendar
from shared.errors import Refused
from tests.unit.supervision.supervision_builders import COUNTY_LEADER

SPRING, LAST = date(2027, 2, 8), date(2026, 12, 31)
OFF = {date(2026, 1, 1): False, date(2026, 1, 4): True, **{date(2026, 10, 1) + timedelta(days=n): False for n in (0, 1, 4, 5, 6)}}
CALENDAR = WorkingCalendar(first=date(2026, 1, 1), last=LAST, days=OFF, names=dict.fromkeys(OFF, "节"))


def entered(first: str, last: str, mark: DayMark, name: str = "春节") -> list[tuple[str, str]]:
    found = entries(CALENDAR, date.fromisoformat(first), date.fromisoformat(last), mark, name)
    return [(each.day.isoformat(), f"{each.was}>{each.mark}") for each in found]


def test_of_a_holiday_the_weekdays_are_entered_and_of_make_up_days_the_weekends():
    assert entered("2026-06-19", "2026-06-22", DayMark.DAY_OFF) == [
        ("2026-06-19", "ordinary>day_off"), ("2026-06-22", "ordinary>day_off"),
    ]  # fmt: skip
    assert entered("2026-06-19", "2026-06-21", DayMark.WORKING) == [
        ("2026-06-20", "ordinary>working"), ("2026-06-21", "ordinary>working"),
    ]  # fmt: skip


def test_an_entry_is_taken_back_by_another_and_keeps_what_it_was():
    (back,) = entries(CALENDAR, date(2026, 1, 1), date(2026, 1, 1), DayMark.ORDINARY, "不用")
    assert back == Entry(date(2026, 1, 1), DayMark.ORDINARY, "", DayMark.DAY_OFF, "节")
    assert Entry.of(back.as_data()) == back


def test_another_name_alone_is_a_change():
    assert entered("2026-01-01", "2026-01-01", DayMark.DAY_OFF, "元旦") == [("2026-01-01", "day_off>day_off")]


@pytest.mark.parametrize(
    ("first", "last", "mark", "name", "field"),
    [
        ("2026-02-02", "2026-02-01", DayMark.DAY_OFF, "春节", "last"),
        ("2026-02-02", "2026-03-05", DayMark.DAY_OFF, "春节", "last"),
        ("2025-12-31", "2025-12-31", DayMark.DAY_OFF, "春节", "first"),
        ("2029-06-01", "2029-06-01", DayMark.DAY_OFF, "春节", "first"),
        ("2026-02-02", "2026-02-02", DayMark.DAY_OFF, "", "name"),
        ("2026-02-07", "2026-02-08", DayMark.DAY_OFF, "春节", "mark"),  # a weekend is off anyhow
        ("2026-02-02", "2026-02-03", DayMark.WORKING, "春节", "mark"),
        ("2026-02-02", "2026-02-03", DayMark.ORDINARY, "", "mark"),
        ("2026-01-01", "2026-01-01", DayMark.DAY_OFF, "节", "mark"),  # the same again
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(first, last, mark, name, field):
    with pytest.raises(Refused) as refused:
        entered(first, last, mark, name)
    assert refused.value.field == field


def change(at: datetime, found: list[Entry], was_last: date = LAST, last: date = LAST) -> CalendarChange:
    return CalendarChange(
        id=uuid4(), changed_at=at, changed_by=COUNTY_LEADER, reason="通知", entries=tuple(e.as_data() for e in found),
        was_last=was_last, last=last,
    )  # fmt: skip


def test_the_calendar_of_an_earlier_day_is_known():
    first, second, third = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3))
    off = Entry(SPRING, DayMark.DAY_OFF, "春节", DayMark.ORDINARY, "")
    back = Entry(date(2026, 1, 4), DayMark.ORDINARY, "", DayMark.WORKING, "元旦")
    days = {day: worked for day, worked in OFF.items() if day != date(2026, 1, 4)} | {SPRING: False}
    today = WorkingCalendar(first=CALENDAR.first, last=date(2027, 12, 31), days=days, names={SPRING: "春节"})
    changes = [change(first, [off]), change(second, [back]), change(third, [], LAST, date(2027, 12, 31))]
    assert as_of(today, changes, third + timedelta(seconds=1)) == [today]
    (before,) = as_of(today, changes, first - timedelta(seconds=1))
    assert (before.last, SPRING in before.days, before.days[date(2026, 1, 4)]) == (LAST, False, True)
    assert before.names[date(2026, 1, 4)] == "元旦"
    (between,) = as_of(today, changes, first + timedelta(seconds=1))
    assert (between.last, between.days[SPRING], between.days[date(2026, 1, 4)]) == (LAST, False, True)


# -- how far it reaches -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("left", "said"), [(91, None), (90, "soon"), (31, "soon"), (30, "urgent"), (0, "urgent"), (-1, "over")])
def test_the_end_is_told_three_months_before_it_comes(left: int, said: str | None):
    today = LAST - timedelta(days=left)
    assert days_left(CALENDAR, today) == left
    assert alarm(left) == (Alarm(said) if said else None)


@pytest.mark.parametrize(
    ("until", "today"),
    [(date(2026, 12, 31), date(2026, 11, 1)), (date(2026, 6, 1), date(2026, 11, 1)), (date(2029, 12, 31), date(2026, 11, 1)),
     (date(2027, 12, 31), date(2026, 11, 1))],
)  # fmt: skip
def test_the_calendar_reaches_neither_back_nor_far_ahead_nor_over_a_year_that_nobody_entered(until, today):
    with pytest.raises(Refused) as refused:
        check_last(CALENDAR, until, today)
    assert refused.value.field == "until"


def test_the_calendar_reaches_over_a_year_whose_holidays_are_entered():
    days = OFF | {date(2027, 10, 1) + timedelta(days=n): False for n in (0, 3, 4, 5, 6)}
    known = WorkingCalendar(first=CALENDAR.first, last=LAST, days=days)
    check_last(known, date(2027, 12, 31), date(2026, 11, 1))


def test_of_a_change_at_that_very_instant_both_ways_are_possible():
    at = datetime(2026, 11, 1, tzinfo=UTC)
    today = WorkingCalendar(first=CALENDAR.first, last=LAST, days=OFF | {SPRING: False}, names={SPRING: "春节"})
    after, before = as_of(today, [change(at, [Entry(SPRING, DayMark.DAY_OFF, "春节", DayMark.ORDINARY, "")])], at)
    assert (SPRING in after.days, SPRING in before.days) == (True, False)
