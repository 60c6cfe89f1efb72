"""An instruction's own limit: the earlier of it and the policy's counts, for the reply and for nothing else."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.supervision.domain import KnownAssignment, SupervisedCase, confide, miss
from tests.unit.supervision.supervision_builders import COUNTY, TOWNSHIP, TOWNSHIP_SECRETARY, Book, at

FIRST = "2016-11-07 09:30"
POLICY = at("2016-11-18 00:00")  # ten days


def issued(book: Book, when: str = FIRST, days: int | None = 3, **more) -> datetime | None:
    """Issue an assignment with a limit of its own; by when the instruction wants the reply."""
    known = KnownAssignment(
        id=uuid4(), case_id=book.case.id, round=1, part="handling", responsible=TOWNSHIP_SECRETARY, issuer=COUNTY, tellers=(TOWNSHIP,),
        issued_at=at(when), limit_days=days,
    )  # fmt: skip
    book.dispatch(when, wanted_by=known.wanted_by, **more)
    return known.wanted_by


def reply(book: Book):
    return book.all("reply")[-1]


@pytest.mark.parametrize(
    ("days", "due", "by"),
    [
        (3, at("2016-11-11 00:00"), "instruction"),
        (10, POLICY, "instruction"),
        (11, POLICY, None),
        (60, POLICY, None),
        (None, POLICY, None),
    ],
)
def test_the_earlier_of_policy_and_instruction_is_the_limit_of_the_reply_and_it_says_which(days, due, by):
    book = Book()
    issued(book, days=days)
    assert (reply(book).due_at, reply(book).limited_by) == (due, by)
    assert book.one("conclude").due_at == book.case.conclude_by == POLICY
    assert book.one("conclude").limited_by is None


def test_where_the_policy_gives_the_reply_days_of_its_own_the_earlier_one_counts_too():
    book = Book("regulation-2022")
    issued(book, days=1)
    assert all(each.due_at <= at("2016-11-09 00:00") for each in book.all("reply"))


def test_a_later_round_is_limited_anew_while_the_cases_clock_goes_on():
    book = Book()
    issued(book)
    issued(book, "2016-11-12 09:00", days=2, round=2)
    assert reply(book).due_at == at("2016-11-15 00:00")
    issued(book, "2016-11-16 09:00", days=5, round=3)
    assert (reply(book).due_at, reply(book).limited_by) == (POLICY, None)


def test_after_the_cases_limit_an_instruction_may_set_one_and_the_miss_stays_on_record():
    book = Book()
    issued(book, days=None)
    book.put(miss(book.one("conclude"), POLICY)[0])
    issued(book, "2016-11-22 09:00", days=2, round=2)
    assert reply(book).due_at == at("2016-11-25 00:00")
    assert book.stages("conclude") == ["missed"]
    before = len(book.all("reply"))
    issued(book, "2016-11-23 09:00", days=None, round=3)
    assert len(book.all("reply")) == before  # then the missed conclusion speaks for itself


def test_a_limit_that_has_passed_when_it_is_told_of_sets_none():
    book = Book()
    book.dispatch("2016-11-12 09:00", wanted_by=at("2016-11-11 00:00"))
    assert (reply(book).due_at, reply(book).limited_by) == (at("2016-11-23 00:00"), None)


def test_an_extension_and_a_pause_move_it_like_any_other():
    book = Book()
    issued(book)
    book.step("2016-11-08 09:00", "extend", uuid4(), days=5, at=at("2016-11-08 09:00"))
    assert (reply(book).due_at, reply(book).limited_by) == (at("2016-11-16 00:00"), "instruction")
    pause = uuid4()
    book.step("2016-11-09 09:00", "pause", pause, at=at("2016-11-09 09:00"))
    book.step("2016-11-12 09:00", "resume", pause, at=at("2016-11-12 09:00"))
    assert (reply(book).due_at, reply(book).limited_by) == (at("2016-11-19 00:00"), "instruction")


def test_one_that_begins_while_the_clock_stands_still_waits_from_its_own_beginning_and_is_held_against_the_moving_limit():
    book, pause = Book(), uuid4()
    issued(book, days=None)
    book.step("2016-11-08 09:00", "pause", pause, at=at("2016-11-08 09:00"))
    wanted = issued(book, "2016-11-28 09:00", days=7, round=2)  # the case has still nine days and more left
    assert reply(book).limited_by == "instruction"
    book.step("2016-11-30 09:00", "resume", pause, at=at("2016-11-30 09:00"))
    assert wanted is not None
    assert book.case.conclude_by is not None
    assert reply(book).due_at == wanted + timedelta(days=2) < book.case.conclude_by


def test_another_class_leaves_the_instructions_limit_alone_and_a_shorter_class_outweighs_it():
    book = Book()
    issued(book, days=3)
    told = book.step("2016-11-08 09:00", "classify", "complex", at=at("2016-11-08 09:00"))
    assert "set reply" not in told
    assert reply(book).due_at == at("2016-11-11 00:00")
    longer = Book()
    issued(longer, days=20, case_class="complex")
    assert reply(longer).limited_by == "instruction"
    longer.step("2016-11-08 09:00", "classify", "ordinary", at=at("2016-11-08 09:00"))
    assert (reply(longer).due_at, reply(longer).limited_by) == (POLICY, None)
    longer.step("2016-11-09 09:00", "classify", "complex", at=at("2016-11-09 09:00"))
    assert (reply(longer).due_at, reply(longer).limited_by) == (at("2016-11-28 00:00"), "instruction")


def test_a_returned_reply_is_owed_by_the_same_limit_as_before():
    book = Book()
    wanted = issued(book)
    assignment = reply(book).assignment_id
    book.step("2016-11-08 09:00", "reply", assignment, at=at("2016-11-08 09:00"))
    again = {"round_number": 1, "part": "handling", "to": TOWNSHIP_SECRETARY, "wanted_by": wanted}
    book.step("2016-11-09 09:00", "send_back", assignment, at=at("2016-11-09 09:00"), **again)
    assert (reply(book).due_at, reply(book).limited_by) == (wanted, "instruction")
    book.step("2016-11-10 09:00", "reply", assignment, at=at("2016-11-10 09:00"))
    book.step("2016-11-12 09:00", "send_back", assignment, at=at("2016-11-12 09:00"), **again)
    assert (reply(book).due_at, reply(book).limited_by) == (POLICY, None)


def test_supervision_keeps_nothing_of_what_a_confidential_case_is_about():
    case = SupervisedCase(id=uuid4(), number="XF1", title="饮水")
    shut = confide(case, confidential=True)
    assert (shut.number, shut.title, shut.confidential) == ("XF1", "", True)
    assert confide(case, confidential=False) == case
