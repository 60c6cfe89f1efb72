"""Which periods stand beside each other, and what is told of their difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.reporting.domain.comparing import before, percent, points, year_before
from services.reporting.domain.statistics import Rate


def days(text: str) -> tuple[date, date]:
    first, last = text.split(" ")
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("period", "the_one_before", "a_year_before"),
    [
        ("2016-12-01 2016-12-20", "2016-11-01 2016-11-20", "2015-12-01 2015-12-20"),
        ("2016-12-01 2016-12-31", "2016-11-01 2016-11-30", "2015-12-01 2015-12-31"),
        ("2016-03-01 2016-03-30", "2016-02-01 2016-02-29", "2015-03-01 2015-03-30"),
        ("2017-02-01 2017-02-28", "2017-01-01 2017-01-31", "2016-02-01 2016-02-29"),
        ("2016-02-01 2016-02-29", "2016-01-01 2016-01-31", "2015-02-01 2015-02-28"),
        ("2016-07-01 2016-12-31", "2016-01-01 2016-06-30", "2015-07-01 2015-12-31"),
        ("2016-01-01 2016-12-31", "2015-01-01 2015-12-31", "2015-01-01 2015-12-31"),
        ("2016-01-01 2016-09-15", "2015-04-01 2015-12-15", "2015-01-01 2015-09-15"),
        ("2016-12-12 2016-12-18", "2016-12-05 2016-12-11", "2015-12-12 2015-12-18"),
        ("2016-12-20 2016-12-20", "2016-12-19 2016-12-19", "2015-12-20 2015-12-20"),
        ("2016-02-29 2016-03-02", "2016-02-26 2016-02-28", "2015-02-28 2015-03-02"),
        ("2016-02-16 2016-02-29", "2016-02-02 2016-02-15", "2015-02-16 2015-02-28"),
    ],
)
def test_a_period_stands_beside_as_much_before_it_and_the_same_of_the_year_before(
    period: str, the_one_before: str, a_year_before: str
) -> None:
    assert before(*days(period)) == days(the_one_before)
    assert year_before(*days(period)) == days(a_year_before)


@pytest.mark.parametrize("period", ["0001-01-01 2016-12-31", "0001-01-02 2016-12-31"])
def test_where_the_calendar_begins_nothing_stands_beside_it(period: str) -> None:
    assert before(*days(period)) is year_before(*days(period)) is None


def test_of_fewer_than_five_no_percentage_is_told_and_none_compared() -> None:
    four, five, ten = Rate(3, 4), Rate(4, 5), Rate(6, 10)
    assert (percent(four), percent(five)) == (None, Decimal("80.0"))
    assert points(four, ten) is points(ten, four) is points(Rate(0, 0), ten) is None
    assert (points(five, ten), points(ten, five)) == (Decimal("20.0"), Decimal("-20.0"))


def test_the_difference_is_that_of_the_rates_as_they_are_printed() -> None:
    assert points(Rate(217, 239), Rate(208, 239)) == Decimal("90.8") - Decimal("87.0")
