"""Follow-up's clock: begins with the task, ends with a result, and nothing of the case's work moves it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.unit.supervision.supervision_builders import Book, at

FIRST, CONCLUDED = "2016-11-07 09:30", "2016-11-15 10:00"


@pytest.fixture
def book() -> Book:
    """Concluded, and its petitioner is to be asked."""
    made = Book()
    made.dispatch(FIRST)
    made.step(CONCLUDED, "conclude", round_number=1, at=at(CONCLUDED))
    made.step(CONCLUDED, "owe_follow_up", round_number=1, at=at(CONCLUDED))
    return made


def followed(book: Book, when: str, round_number: int = 1) -> list[str]:
    return book.step(when, "followed_up", round_number=round_number, at=at(when))


def test_whoever_is_concluded_is_asked_within_seven_days(book):
    assert book.one("follow_up").due_at == at("2016-11-23 00:00")
    assert followed(book, "2016-11-22 23:59") == ["met follow_up"]
    assert book.stages("follow_up") == ["met"]


def test_a_result_after_the_limit_is_late_and_a_second_one_changes_nothing(book):
    assert followed(book, "2016-11-23 00:00") == ["missed follow_up", "met follow_up"]
    assert book.stages("follow_up") == ["met_late"]
    assert followed(book, "2016-11-24 00:00") == []


def test_the_next_conclusion_leaves_no_question_about_the_earlier_one(book):
    told = book.step("2016-11-20 09:00", "owe_follow_up", round_number=2, at=at("2016-11-20 09:00"))
    assert told == ["withdrawn follow_up", "set follow_up"]
    assert followed(book, "2016-11-21 09:00", round_number=1) == []
    assert followed(book, "2016-11-21 09:00", round_number=2) == ["met follow_up"]


def test_a_reopening_that_is_known_before_the_result_leaves_the_clock_to_the_result(book):
    book.step("2016-11-16 09:00", "reopen", round_number=2, at=at("2016-11-16 09:00"))
    assert book.stages("follow_up") == ["pending"]
    assert followed(book, "2016-11-16 09:00") == ["met follow_up"]


def test_no_pause_stops_it_and_no_extension_moves_it(book):
    due = book.one("follow_up").due_at
    book.step("2016-11-16 09:00", "reopen", round_number=2, at=at("2016-11-16 09:00"))
    book.step("2016-11-16 10:00", "extend", uuid4(), days=20, at=at("2016-11-16 10:00"))
    book.step("2016-11-16 11:00", "pause", uuid4(), at=at("2016-11-16 11:00"))
    assert (book.one("follow_up").due_at, book.stages("follow_up")) == (due, ["pending"])
    assert book.one("follow_up").moved_by == timedelta(0)


def test_a_closed_case_asks_nobody_and_closing_ends_the_question(book):
    told = book.step("2016-11-16 09:00", "close", reason="withdrawn", at=at("2016-11-16 09:00"))
    assert told == ["withdrawn follow_up"]
    assert book.step("2016-11-16 10:00", "owe_follow_up", round_number=2, at=at("2016-11-16 10:00")) == []


def test_what_was_given_once_is_kept_through_every_further_change_of_class():
    book = Book()
    book.dispatch(FIRST)
    book.step("2016-11-08 09:00", "extend", uuid4(), days=20, at=at("2016-11-08 09:00"))
    for number, case_class in enumerate(("complex", "ordinary", "complex")):
        when = f"2016-11-08 1{number}:00"
        book.step(when, "classify", case_class, at=at(when))
    conclude = book.all("conclude")[-1]
    assert (conclude.due_at, conclude.moved_by) == (at("2017-01-07 00:00") + timedelta(days=20), timedelta(days=20))
