"""The office's periods: civil dates, without gap and without overlap."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.supervision.domain.periods import Period, before, following, period_of
from services.supervision.policy import PeriodKind
from tests.unit.supervision.supervision_builders import at

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
ROWS = [
    ("week", "2016-11-06", "2016-10-31", "2016-11-06", 44),
    ("week", "2016-11-07", "2016-11-07", "2016-11-13", 45),
    ("week", "2017-01-01", "2016-12-26", "2017-01-01", 52),
    ("half_month", "2016-11-15", "2016-11-01", "2016-11-15", 21),
    ("half_month", "2016-11-16", "2016-11-16", "2016-11-30", 22),
    ("half_month", "2016-02-29", "2016-02-16", "2016-02-29", 4),
    ("half_month", "2017-02-16", "2017-02-16", "2017-02-28", 4),
    ("half_month", "2016-12-31", "2016-12-16", "2016-12-31", 24),
    ("two_months", "2016-11-30", "2016-11-01", "2016-12-31", 6),
    ("two_months", "2016-12-31", "2016-11-01", "2016-12-31", 6),
    ("two_months", "2016-02-29", "2016-01-01", "2016-02-29", 1),
    ("two_months", "2017-01-01", "2017-01-01", "2017-02-28", 1),
]


@pytest.mark.parametrize(("kind", "day", "first", "last", "number"), ROWS)
def test_a_day_lies_in_the_period_that_the_office_counts(kind, day, first, last, number):
    found = period_of(PeriodKind(kind), date.fromisoformat(day))
    assert found == Period(kind=PeriodKind(kind), first=date.fromisoformat(first), last=date.fromisoformat(last), number=number)


def test_a_period_is_over_at_midnight_of_shanghai_after_its_last_day():
    assert period_of(PeriodKind.HALF_MONTH, date(2016, 11, 15)).until == at("2016-11-16 00:00")
    assert period_of(PeriodKind.TWO_MONTHS, date(2016, 11, 15)).until == datetime(2016, 12, 31, 16, tzinfo=UTC)


@given(kind=st.sampled_from(PeriodKind), day=DAYS)
def test_each_day_lies_in_exactly_one_period_and_the_next_begins_on_the_day_after_the_last(kind, day):
    found = period_of(kind, day)
    assert found.first <= day <= found.last
    assert all(period_of(kind, each) == found for each in (found.first, found.last))
    after = following(found)
    assert before(after) == found
    assert after.first == found.last + timedelta(days=1)
    assert after.number == found.number + 1 or after.number == 1
