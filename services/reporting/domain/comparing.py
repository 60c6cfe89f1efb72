"""A period beside the one before it and the same of the year before, and what the difference is. Pure.

A difference of two rates is told in percentage points. Of fewer than LEAST that had fallen due no percentage is told, so none is compared:
two of three is not 66.7 % of anything.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal

from services.reporting.domain.ranking import LEAST
from services.reporting.domain.statistics import Rate

Days = tuple[date, date]


def before(first: date, last: date) -> Days | None:
    """As much just before it: as many months, if it begins with one, up to the same day of its last; else as many days.

    None where the calendar has no such days.
    """
    try:
        if first.day > 1:
            length = last - first + timedelta(days=1)
            return first - length, last - length
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return _shifted(first, -months), _end(last, -months)
    except (ValueError, OverflowError):
        return None


def year_before(first: date, last: date) -> Days | None:
    """The same days of the year before; None where the calendar has none."""
    try:
        return _shifted(first, -12), _end(last, -12) if first.day == 1 else _shifted(last, -12)
    except ValueError:
        return None


def percent(rate: Rate) -> Decimal | None:
    """To one decimal; None of fewer than LEAST."""
    return rate.percent if rate.of >= LEAST else None


def points(now: Rate, then: Rate) -> Decimal | None:
    """By how many percentage points a rate is above what it was, as the printed rates differ; None where one of them is none."""
    left, right = percent(now), percent(then)
    return None if left is None or right is None else left - right


def _shifted(day: date, months: int) -> date:
    """The same day of another month, its last where that is shorter. Raises ValueError before the calendar begins."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _end(day: date, months: int) -> date:
    """The same, but from a month's last day to a month's last day."""
    whole = day.day == calendar.monthrange(day.year, day.month)[1]
    moved = _shifted(day, months)
    return moved.replace(day=calendar.monthrange(moved.year, moved.month)[1]) if whole else moved
