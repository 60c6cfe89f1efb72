"""One deadline as time passes: its warnings, and its miss."""

from uuid import uuid4

import pytest

from services.supervision.domain import KnownAssignment, miss, next_warning, warn
from services.supervision.workflow import Stage
from tests.unit.supervision.supervision_builders import COUNTY, TOWNSHIP, TOWNSHIP_SECRETARY, Book, at

FIRST = "2016-11-07 09:30"


@pytest.fixture
def book() -> Book:
    return Book()


def test_warnings_come_at_half_three_quarters_and_nine_tenths_of_the_time(book):
    book.dispatch("2016-11-07 00:00")
    deadline = book.one("conclude")  # eleven days long
    half, late = at("2016-11-12 12:00"), at("2016-11-15 06:00")
    assert deadline.warn_at == half
    assert next_warning(deadline, at("2016-11-12 11:59")) == (0, half)
    assert next_warning(deadline, half) == (50, late)
    assert next_warning(deadline, at("2016-11-17 23:00")) == (90, None)


def test_a_warning_is_told_once(book):
    book.dispatch("2016-11-07 00:00")
    first, fact = warn(book.one("conclude"), at("2016-11-12 12:00"))
    assert fact is not None
    assert fact.name == "deadline.approaching"
    assert fact.data == {"percent": 50, "fired_at": at("2016-11-12 12:00")}
    assert (first.stage, first.warned, first.warn_at) == (Stage.APPROACHING, 50, at("2016-11-15 06:00"))
    again, nothing = warn(first, at("2016-11-12 12:01"))
    assert nothing is None
    assert again == first


def test_after_an_outage_only_the_highest_warning_is_told(book):
    book.dispatch("2016-11-07 00:00")
    after, fact = warn(book.one("conclude"), at("2016-11-17 23:00"))
    assert fact is not None
    assert fact.data["percent"] == 90
    assert after.warn_at is None


def test_a_miss_within_the_grace_is_not_late_and_one_after_it_is(book):
    book.dispatch(FIRST)
    deadline = book.one("conclude")
    assert miss(deadline, at("2016-11-18 00:10"))[1].data["late"] is False
    after, fact = miss(deadline, at("2016-11-18 00:10:01"))
    assert fact.data == {"fired_at": at("2016-11-18 00:10:01"), "late": True}
    assert (after.stage, after.warn_at) == (Stage.MISSED, None)


def test_what_a_clock_that_is_off_tells_counts_from_the_issue_and_not_past_now():
    known = KnownAssignment(
        id=uuid4(), case_id=uuid4(), issuer=COUNTY, tellers=(TOWNSHIP,), responsible=TOWNSHIP_SECRETARY, round=1,
        part="handling", issued_at=at(FIRST),
    )  # fmt: skip
    now = at("2016-11-08 09:30")
    assert known.done_at(at("2016-11-07 09:29"), now) == at(FIRST)
    assert known.done_at(at("2016-11-07 15:00"), now) == at("2016-11-07 15:00")
    assert known.done_at(at("2016-11-08 09:31"), now) == now
