"""Received -> due, row by row, with the weekday: what the clocks of both policies say."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import services.supervision
from services.supervision.policy import Obligation, Policy, Start
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

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
MIGRATION = Path(services.supervision.__path__[0]) / "migrations" / "0102_calendar.sql"


def shipped_calendar() -> WorkingCalendar:
    """The calendar as the migration writes it into the table."""
    text = MIGRATION.read_text(encoding="utf-8")
    rows = re.findall(r"\('(\d{4}-\d\d-\d\d)', '(working|day_off)', '[^']+'\)", text)
    coverage = re.search(r"VALUES \('(\S+)', '(\S+)'\);", text)
    assert coverage is not None
    first, last = map(date.fromisoformat, coverage.groups())
    return WorkingCalendar(first=first, last=last, days={date.fromisoformat(day): kind == "working" for day, kind in rows})


CALENDAR = shipped_calendar()
YONGXING, REGULATION = read_policy("yongxing"), read_policy("regulation-2022")


def due(policy: Policy, obligation: Obligation, case_class: str, start: Start, received: datetime) -> datetime:
    rule = policy.rule(obligation, case_class, start)
    assert rule is not None
    assert rule.days is not None
    return due_at(received, rule.days, rule.kind, CALENDAR)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


CONCLUDE, PROGRESS, RECEIVE = Obligation.CONCLUDE, Obligation.PROGRESS, Obligation.RECEIVE
FIRST, ASSIGNED, REOPENED = Start.FIRST_DISPATCH, Start.ASSIGNMENT, Start.REOPENING

# policy, obligation, class, from, received (Asia/Shanghai), last day, its weekday
ROWS = [
    # An ordinary case: 10 calendar days from the first dispatch.
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-11-07 09:30", "2016-11-17", "四"),  # the article's case
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-11-07 00:00", "2016-11-17", "四"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-11-07 23:59:59.999999", "2016-11-17", "四"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-11-08 00:00", "2016-11-18", "五"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-11-09 08:00", "2016-11-19", "六"),  # ends on a Saturday
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-11-10 08:00", "2016-11-20", "日"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-08-22 12:00", "2016-09-01", "四"),  # month's end
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-09-28 12:00", "2016-10-08", "六"),  # through National Day
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-12-25 12:00", "2017-01-04", "三"),  # year's end
    (
        YONGXING,
        CONCLUDE,
        "ordinary",
        FIRST,
        "2017-01-20 17:30",
        "2017-01-30",
        "一",
    ),  # ends in Spring Festival
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-02-19 10:00", "2016-02-29", "一"),  # leap day
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-02-20 10:00", "2016-03-01", "二"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2016-02-29 10:00", "2016-03-10", "四"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2017-02-18 10:00", "2017-02-28", "二"),  # no leap day
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2017-02-19 10:00", "2017-03-01", "三"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2024-02-20 10:00", "2024-03-01", "五"),
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2026-12-28 10:00", "2027-01-07", "四"),  # needs no calendar
    (YONGXING, CONCLUDE, "ordinary", FIRST, "2031-05-01 10:00", "2031-05-11", "日"),
    # A complex case: progress by the same limit, the result by its own.
    (YONGXING, PROGRESS, "complex", FIRST, "2016-11-07 09:30", "2016-11-17", "四"),
    (YONGXING, PROGRESS, "complex", FIRST, "2016-12-31 23:59", "2017-01-10", "二"),
    (YONGXING, CONCLUDE, "complex", FIRST, "2016-11-07 09:30", "2017-01-06", "五"),
    (YONGXING, CONCLUDE, "complex", FIRST, "2016-12-31 09:30", "2017-03-01", "三"),
    (YONGXING, CONCLUDE, "complex", FIRST, "2015-12-31 09:30", "2016-02-29", "一"),
    (YONGXING, CONCLUDE, "complex", FIRST, "2017-07-01 09:30", "2017-08-30", "三"),
    # Receipt: one day.
    (YONGXING, RECEIVE, "ordinary", ASSIGNED, "2016-11-07 09:30", "2016-11-08", "二"),
    (YONGXING, RECEIVE, "complex", ASSIGNED, "2016-11-07 23:59:59", "2016-11-08", "二"),
    (YONGXING, RECEIVE, "ordinary", ASSIGNED, "2016-11-11 18:00", "2016-11-12", "六"),
    (YONGXING, RECEIVE, "ordinary", ASSIGNED, "2016-02-28 18:00", "2016-02-29", "一"),
    (YONGXING, RECEIVE, "ordinary", ASSIGNED, "2016-12-31 18:00", "2017-01-01", "日"),
    # A reopened case: ten days from its reopening, whichever its class.
    (YONGXING, CONCLUDE, "ordinary", REOPENED, "2016-12-05 10:00", "2016-12-15", "四"),
    (YONGXING, CONCLUDE, "complex", REOPENED, "2016-12-05 10:00", "2016-12-15", "四"),
    (YONGXING, CONCLUDE, "ordinary", REOPENED, "2016-12-25 00:00", "2017-01-04", "三"),
    # The regulation: 60 calendar days, receipt or objection within 5 working days.
    (REGULATION, CONCLUDE, "ordinary", FIRST, "2026-05-06 09:00", "2026-07-05", "日"),
    (REGULATION, CONCLUDE, "complex", FIRST, "2026-05-06 09:00", "2026-07-05", "日"),
    (REGULATION, CONCLUDE, "ordinary", FIRST, "2026-01-01 09:00", "2026-03-02", "一"),
    (REGULATION, CONCLUDE, "ordinary", FIRST, "2024-01-01 09:00", "2024-03-01", "五"),
    (REGULATION, CONCLUDE, "complex", REOPENED, "2026-08-03 09:00", "2026-10-02", "五"),
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2026-05-18 09:00", "2026-05-25", "一"),  # a plain week
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2026-05-22 17:00", "2026-05-29", "五"),  # Friday evening
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2026-05-23 10:00", "2026-05-29", "五"),  # Saturday
    (
        REGULATION,
        RECEIVE,
        "ordinary",
        ASSIGNED,
        "2026-04-30 10:00",
        "2026-05-11",
        "一",
    ),  # Labour Day, 9 May worked
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2026-02-13 10:00", "2026-02-27", "五"),  # Spring Festival
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2026-09-30 10:00", "2026-10-13", "二"),  # National Day
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2026-06-17 10:00", "2026-06-25", "四"),  # Dragon Boat
    (
        REGULATION,
        RECEIVE,
        "ordinary",
        ASSIGNED,
        "2016-09-30 10:00",
        "2016-10-12",
        "三",
    ),  # 8 and 9 October worked
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2017-01-26 23:59", "2017-02-08", "三"),  # 4 February worked
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2017-03-31 10:00", "2017-04-10", "一"),  # 1 April worked
    (REGULATION, RECEIVE, "ordinary", ASSIGNED, "2018-12-28 10:00", "2019-01-07", "一"),  # 29 December worked
    (
        REGULATION,
        RECEIVE,
        "ordinary",
        ASSIGNED,
        "2016-02-05 10:00",
        "2016-02-17",
        "三",
    ),  # 6 and 14 February worked
]


@pytest.mark.parametrize(("policy", "obligation", "case_class", "start", "received", "day", "weekday"), ROWS)
def test_a_limit_ends_at_the_end_of_its_last_day(policy, obligation, case_class, start, received, day, weekday):
    last = date.fromisoformat(day)
    assert WEEKDAYS[last.weekday()] == weekday
    assert due(policy, obligation, case_class, start, at(received)) == at(f"{day} 00:00") + timedelta(days=1)


def test_the_articles_case_is_late_from_the_first_instant_of_2016_11_18_in_shanghai():
    assert due(YONGXING, CONCLUDE, "ordinary", FIRST, at("2016-11-07 09:30")) == datetime(2016, 11, 17, 16, tzinfo=UTC)


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
        due(REGULATION, RECEIVE, "ordinary", ASSIGNED, at("2026-12-28 10:00"))


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
