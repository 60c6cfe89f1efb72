"""The clocks of review and final review: from the request to the decision, whatever becomes of the case."""

import pytest

from tests.unit.supervision.supervision_builders import COUNTY_LEADER, TOWNSHIP_SECRETARY, Book, at

ASKED, DUE = "2016-12-05 10:00", "2017-01-05 00:00"


@pytest.fixture
def book() -> Book:
    made = Book()
    made.dispatch("2016-11-07 09:30")
    made.step("2016-11-15 10:00", "conclude", round_number=1, at=at("2016-11-15 10:00"))
    assert made.step(ASKED, "owe_review", "review", at=at(ASKED)) == ["set review"]
    return made


def assigned(book: Book, when: str, *, level: str = "review", reviewer=COUNTY_LEADER, days: int = 0) -> list[str]:
    return book.step(when, "assign_review", level, reviewer, hearing_days=days, by=TOWNSHIP_SECRETARY, at=at(when))


def test_it_is_owed_by_the_reviewer_within_thirty_days_of_the_request(book):
    assert (book.one("review").due_at, book.one("review").responsible) == (at(DUE), None)
    assert assigned(book, "2016-12-06 09:00") == []
    assert book.one("review").responsible == COUNTY_LEADER
    assert book.step("2017-01-04 23:00", "review_decided", "review", at=at("2017-01-04 23:00")) == ["met review"]


def test_one_that_is_decided_late_is_missed_first(book):
    assert book.step(DUE, "review_decided", "review", at=at(DUE)) == ["missed review", "met review"]
    assert book.stages("review") == ["met_late"]


def test_an_organ_without_an_instance_is_nobody_here(book):
    assigned(book, "2016-12-06 09:00", reviewer=None)
    assert book.one("review").responsible is None


def test_the_days_of_a_hearing_do_not_count_each_once(book):
    assert assigned(book, "2016-12-08 09:00", days=2) == ["moved review"]
    assert (book.told[-1][2]["cause"], book.told[-1][2]["by"]) == ("hearing", TOWNSHIP_SECRETARY)
    assert assigned(book, "2016-12-08 09:01", days=2) == []
    assert assigned(book, "2016-12-10 09:00", days=3) == ["moved review"]
    assert book.one("review").due_at == at("2017-01-08 00:00")


def test_a_hearing_that_is_written_down_when_the_limit_has_passed_gives_no_time(book):
    assert assigned(book, "2017-01-05 09:00", days=2) == ["missed review"]
    assert (book.stages("review"), book.one("review").due_at) == (["missed"], at(DUE))


def test_whoever_is_asked_when_it_is_late_already_did_not_miss_it(book):
    assigned(book, "2017-01-05 09:00")
    assert book.facts[-1].deadline.responsible is None
    assert book.one("review").responsible == COUNTY_LEADER


@pytest.mark.parametrize("reason", ["satisfied", "decision", "withdrawn"])
def test_neither_closing_nor_reopening_ends_it(book, reason):
    assert book.step("2016-12-20 09:00", "close", reason=reason, at=at("2016-12-20 09:00")) == []
    book.step("2016-12-21 09:00", "reopen", round_number=2, at=at("2016-12-21 09:00"))
    assert book.stages("review") == ["pending"]


def test_the_final_review_has_a_clock_of_its_own(book):
    book.step("2016-12-10 09:00", "owe_review", "final", at=at("2016-12-10 09:00"))
    assert book.step("2016-12-20 09:00", "review_decided", "final", at=at("2016-12-20 09:00")) == ["met review"]
    assert book.stages("review") == ["pending", "met"]
