"""A limit of working days after the calendar has changed: it stays where it was until somebody decides."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.supervision.domain.recount import by_calendar, difference, may_move
from services.supervision.policy import Policy
from services.supervision.policy_file import policy_from, read_policy
from services.supervision.workflow import Stage
from services.supervision.working_calendar import WorkingCalendar
from tests.unit.supervision.supervision_builders import CALENDAR, COUNTY_LEADER, TOWNSHIP_SECRETARY, Book, at

FIRST = "2016-11-07 09:30"  # a Monday
OFF = WorkingCalendar(first=CALENDAR.first, last=CALENDAR.last, days={date(2016, 11, 9): False, date(2016, 11, 10): False})
MAKE_UP = WorkingCalendar(first=CALENDAR.first, last=CALENDAR.last, days={date(2016, 11, 12): True})


def working(policy: Policy) -> Policy:
    """A county that gives 20 working days for the conclusion."""
    document = {**policy.document, "rules": [dict(rule) for rule in policy.document["rules"]]}
    for rule in document["rules"]:
        if rule["obligation"] == "conclude":
            rule["working_days"] = 20
            del rule["calendar_days"]
    return policy_from(document, "mine")


@pytest.fixture
def book() -> Book:
    made = Book("regulation-2022")
    made.dispatch(FIRST)
    return made


def decide(book: Book, when: str, *obligations: str) -> list[str]:
    chosen = {each.id for each in book.deadlines.values() if each.obligation in obligations}
    return book.step(when, "recount", chosen, by=COUNTY_LEADER, reason="放假通知有变")


def test_a_change_of_the_calendar_moves_nothing_by_itself(book):
    due = book.one("receive").due_at
    book.calendar = OFF
    book.step("2016-11-08 09:00", "classify", "complex", at=at("2016-11-08 09:00"))
    assert book.one("receive").due_at == due == at("2016-11-15 00:00")
    assert difference(book.one("receive"), book.policy, OFF) == at("2016-11-17 00:00")
    assert difference(book.one("receive"), book.policy, CALENDAR) is None


def test_a_decision_moves_what_was_chosen_and_says_whose_it_was(book):
    book.calendar = OFF
    assert decide(book, "2016-11-08 09:00", "receive") == ["moved receive"]
    receive = book.one("receive")
    assert (receive.due_at, receive.recounted, receive.moved_by) == (at("2016-11-17 00:00"), timedelta(days=2), timedelta(0))
    assert book.told[-1][2] == {
        "was_due_at": at("2016-11-15 00:00"), "cause": "recounted", "moved_at": at("2016-11-08 09:00"), "by": COUNTY_LEADER,
        "reason": "放假通知有变",
    }  # fmt: skip
    assert decide(book, "2016-11-08 10:00", "receive") == []
    book.calendar = CALENDAR
    assert decide(book, "2016-11-08 11:00", "receive") == ["moved receive"]  # and back again
    assert (book.one("receive").due_at, book.one("receive").recounted) == (at("2016-11-15 00:00"), timedelta(0))


def test_what_was_not_chosen_or_counts_calendar_days_stays(book):
    book.calendar = OFF
    assert decide(book, "2016-11-08 09:00", "conclude", "reply") == []


def test_a_warning_comes_by_the_other_limit(book):
    book.calendar = OFF
    decide(book, "2016-11-07 09:30", "receive")
    assert book.one("receive").warn_at == at("2016-11-07 09:30") + (at("2016-11-17 00:00") - at("2016-11-07 09:30")) / 2


def test_what_was_missed_stays_missed_and_nobody_is_made_late_by_a_decision(book):
    book.calendar = MAKE_UP  # the limit would have been the day before
    assert decide(book, "2016-11-14 09:00", "receive") == []
    book.calendar = OFF
    assert decide(book, "2016-11-15 00:00", "receive") == ["missed receive"]
    assert not may_move(book.one("receive"), at("2016-11-14 00:00"), at("2016-11-14 09:00"))


def test_an_earlier_day_that_has_not_passed_is_moved_to(book):
    book.calendar = MAKE_UP
    assert decide(book, "2016-11-08 09:00", "receive") == ["moved receive"]
    assert book.one("receive").due_at == at("2016-11-13 00:00")


def test_where_the_calendar_does_not_reach_nothing_differs(book):
    rule = book.policy.named("receive-5w")
    assert rule is not None
    assert by_calendar(book.one("receive"), rule, WorkingCalendar.none()) is None
    assert difference(book.one("receive"), book.policy, WorkingCalendar.none()) is None
    assert book.policy.named("none") is None


def test_a_conclusion_takes_the_replies_that_end_with_it_along():
    book = Book("regulation-2022")
    book.policy = working(read_policy("regulation-2022"))
    book.dispatch(FIRST)
    limit = at("2016-12-06 00:00")
    assert book.case.conclude_by == book.one("reply").due_at == limit
    book.calendar = OFF
    assert decide(book, "2016-11-08 09:00", "conclude") == ["moved conclude", "moved reply"]
    assert book.case.conclude_by == book.one("conclude").due_at == book.one("reply").due_at == limit + timedelta(days=2)
    # Time that was given before is counted on top.
    book.step("2016-11-08 10:00", "extend", uuid4(), days=10, at=at("2016-11-08 10:00"))
    book.calendar = CALENDAR
    decide(book, "2016-11-08 11:00", "conclude")
    assert book.one("conclude").due_at == limit + timedelta(days=10)


def test_a_limit_that_the_instruction_set_is_moved_by_no_calendar():
    book = Book("regulation-2022")
    book.policy = working(read_policy("regulation-2022"))
    wanted = at("2016-11-21 00:00")
    book.dispatch(FIRST, wanted_by=wanted)
    book.calendar = OFF
    assert decide(book, "2016-11-08 09:00", "conclude", "reply") == ["moved conclude"]
    assert book.one("reply").due_at == wanted


def test_a_clock_that_stands_still_is_counted_too_and_goes_on_from_there():
    book = Book("regulation-2022")
    book.policy = working(read_policy("regulation-2022"))
    book.dispatch(FIRST, to=TOWNSHIP_SECRETARY)
    pause = uuid4()
    book.step("2016-11-08 09:00", "pause", pause, at=at("2016-11-08 09:00"))
    book.calendar = OFF
    assert decide(book, "2016-11-08 10:00", "conclude") == ["moved conclude", "moved reply"]
    assert book.one("conclude").warn_at is None
    book.step("2016-11-10 09:00", "resume", pause, at=at("2016-11-10 09:00"))
    assert book.one("conclude").due_at == at("2016-12-06 00:00") + timedelta(days=4)
    assert may_move(replace(book.one("conclude"), stage=Stage.PAUSED), at("2016-01-01 00:00"), at("2016-11-10 09:00"))


def test_a_subordinate_moves_the_limit_that_it_knows_without_a_conclusion_of_its_own():
    book = Book("regulation-2022", org="431023104")
    book.policy = working(read_policy("regulation-2022"))
    book.dispatch(FIRST, told_by="431023")
    book.calendar = OFF
    assert decide(book, "2016-11-08 09:00", "receive", "reply") == ["moved receive"]
