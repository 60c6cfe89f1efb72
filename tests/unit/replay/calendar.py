"""The working days of 2016 and 2017 as these tests know them: weekdays, but for the autumn's and spring's long holidays."""

from __future__ import annotations

from datetime import date

from deploy.replay.window import Days

_OFF = [(date(2016, 9, 15), date(2016, 9, 16)), (date(2016, 10, 1), date(2016, 10, 7)), (date(2017, 1, 27), date(2017, 2, 2))]


def is_working(day: date) -> bool:
    return day.weekday() < 5 and not any(first <= day <= last for first, last in _OFF)


def days(first: date = date(2016, 8, 1), last: date = date(2017, 2, 28)) -> Days:
    return Days(first, last, is_working)
