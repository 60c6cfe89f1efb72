"""Received -> due, row by row, with the weekday: what the clocks of both policies say."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import services.supervision
from services.supervision.policy import Obligation, Policy, Rule, Start
from services.supervision.policy_file import read_policy
from services.supervision.working_calendar import (
    CalendarEnds,
    DayKind,
    WorkingCalendar,
    due_at,
    end_of,
    last_day,
    local_day,
)
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, ZONE, Book, at

WEEKDAYS = "一二三四五六日"
MIGRATION = Path(services.supervision.__path__[0]) / "migrations" / "0102_calendar.sql"


def shipped_calendar() -> WorkingCalendar:
    """The calendar as the migration writes it into the table."""
    text = MIGRATION.read_text(encoding="utf-8")
    rows = re.findall(r"\('(\d{4}-\d\d-\d\d)', '(working|day_off)', '([^']+)'\)", text)
    coverage = re.search(r"VALUES \('(\S+)', '(\S+)'\);", text)
    assert coverage is not None
    first, last = map(date.fromisoformat, coverage.groups())
    days = {date.fromisoformat(day): kind == "working" for day, kind, _ in rows}
    return WorkingCalendar(first=first, last=last, days=days, names={date.fromisoformat(day): name for day, _, name in rows})


CALENDAR = shipped_calendar()
YONGXING, REGULATION = read_policy("yongxing"), read_policy("regulation-2022")


TABLE = Path(__file__).with_name("due_dates.txt")
POLICIES = {policy.name: policy for policy in (YONGXING, REGULATION)}
ROWS = [
    tuple(cell.strip() for cell in line.split("|"))[:5]
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
LEAST = 120


def reckoned(policy: Policy, rule: Rule, case_class: str, received: datetime) -> datetime:
    """By when a case owes what the rule says, reckoned by a docket to which the thing happens that the limit runs from."""
    book, when = Book(policy.name), received.astimezone(ZONE).replace(tzinfo=None).isoformat()
    at_once = rule.start in (Start.FIRST_DISPATCH, Start.ASSIGNMENT)
    # What is not asked for (the receipt beside a conclusion, what came before) is not to fail.
    book.calendar = CALENDAR if at_once and rule.kind is DayKind.WORKING else replace(CALENDAR, last=date(2200, 1, 1))
    begun = received if at_once else received - timedelta(days=3)
    assignment = book.dispatch(begun.astimezone(ZONE).replace(tzinfo=None).isoformat(), case_class=case_class)
    book.calendar = CALENDAR
    if rule.start is Start.RECEIPT:
        book.step(when, "may_object", assignment, round_number=1, part="lead", to=COUNTY_LEADER, at=received)
    elif not at_once:
        book.step(when, "conclude", round_number=1, at=received)
        if rule.obligation is Obligation.REVIEW:
            level = "review" if rule.start is Start.REVIEW else "final"
            book.step(when, "owe_review", level, at=received)
        else:
            action = "reopen" if rule.start is Start.REOPENING else "owe_follow_up"
            book.step(when, action, round_number=2, at=received)
    found = [each for each in book.all(rule.obligation) if each.rule == rule.id]
    if not found:
        raise CalendarEnds("calendar", "no limit was set", "")
    return found[-1].due_at


@pytest.mark.parametrize(("name", "rule_id", "case_class", "received", "expected"), ROWS)
def test_a_limit_ends_at_the_end_of_its_last_day(name, rule_id, case_class, received, expected):
    policy, (begun, weekday) = POLICIES[name], received.rsplit(maxsplit=1)
    rule = policy.named(rule_id)
    assert rule is not None
    assert WEEKDAYS[date.fromisoformat(begun[:10]).weekday()] == weekday
    if expected == "-":
        with pytest.raises(CalendarEnds):
            reckoned(policy, rule, case_class, at(begun))
        return
    day, weekday = expected.split()
    assert WEEKDAYS[date.fromisoformat(day).weekday()] == weekday
    assert reckoned(policy, rule, case_class, at(begun)) == at(f"{day} 00:00") + timedelta(days=1)


def test_every_rule_of_both_policies_has_its_rows_for_each_class_and_there_are_enough_of_them():
    assert len(ROWS) == len(set(ROWS)) >= LEAST
    told = {(name, rule, case_class) for name, rule, case_class, *_ in ROWS}
    assert told == {(p.name, rule.id, case_class) for p in POLICIES.values() for rule in p.rules for case_class in rule.classes}


@pytest.mark.parametrize(
    ("what", "least"),
    [("Spring Festival", 8), ("National Day", 12), ("worked", 18), ("leap day", 16), ("instant", 9), ("calendar", 12)],
)
def test_the_rows_stand_where_clocks_go_wrong(what: str, least: int):
    assert sum(what in line for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]) >= least


def test_the_articles_case_is_late_from_the_first_instant_of_2016_11_18_in_shanghai():
    assert due_at(at("2016-11-07 09:30"), 10, DayKind.CALENDAR, CALENDAR) == datetime(2016, 11, 17, 16, tzinfo=UTC)


def test_the_day_is_that_of_shanghai_whatever_zone_the_instant_comes_in():
    assert local_day(datetime(2016, 11, 7, 15, 59, 59, tzinfo=UTC)) == date(2016, 11, 7)
    assert local_day(datetime(2016, 11, 7, 16, 0, tzinfo=UTC)) == date(2016, 11, 8)
    assert local_day(datetime(2016, 11, 7, 23, 30, tzinfo=ZoneInfo("America/New_York"))) == date(2016, 11, 8)


@pytest.mark.parametrize("month", range(1, 13))
def test_shanghai_has_no_summer_time_so_every_day_is_as_long(month):
    day = date(2016, month, 15)
    assert end_of(day) - end_of(day - timedelta(days=1)) == timedelta(days=1)
    assert end_of(day).hour == 16


def test_working_days_are_not_counted_past_the_end_of_the_calendar():
    with pytest.raises(CalendarEnds, match="2026-12-31"):
        due_at(at("2026-12-28 10:00"), 5, DayKind.WORKING, CALENDAR)


def test_working_days_are_counted_up_to_the_last_day_of_the_calendar():
    assert last_day(date(2026, 12, 24), 5, DayKind.WORKING, CALENDAR) == date(2026, 12, 31)


def test_working_days_are_not_counted_before_the_calendar_begins():
    with pytest.raises(CalendarEnds):
        last_day(date(2015, 12, 25), 1, DayKind.WORKING, CALENDAR)


def test_an_empty_calendar_covers_no_day():
    with pytest.raises(CalendarEnds):
        WorkingCalendar.none().is_working(date(2026, 5, 18))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2016-10-08", True), ("2016-10-09", True), ("2016-10-07", False), ("2016-11-05", False),
        ("2017-01-22", True), ("2017-01-27", False), ("2017-09-30", True), ("2018-12-29", True),
        ("2018-12-31", False), ("2026-01-04", True), ("2026-02-14", True), ("2026-02-28", True),
        ("2026-05-09", True), ("2026-09-20", True), ("2026-10-10", True), ("2026-10-11", False),
        ("2026-11-24", True),
    ],
)  # fmt: skip
def test_make_up_days_are_worked_and_holidays_are_not(day, worked):
    assert CALENDAR.is_working(date.fromisoformat(day)) is worked


def test_every_exception_in_the_table_is_one_and_lies_in_the_coverage():
    assert len(CALENDAR.days) > 250
    assert all(working != (day.weekday() < 5) for day, working in CALENDAR.days.items())
    assert all(CALENDAR.first <= day <= CALENDAR.last for day in CALENDAR.days)


@pytest.mark.parametrize("year", range(2016, 2027))
def test_a_year_has_as_many_working_days_as_the_notices_leave_it(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    assert 246 <= sum(map(CALENDAR.is_working, days)) <= 252
