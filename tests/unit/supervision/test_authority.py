"""What moves a limit: an extension once, and a pause exactly as long as it lasts."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.supervision.domain import miss
from shared.errors import Refused
from tests.unit.supervision.supervision_builders import COUNTY, TOWNSHIP, Book, at

FIRST = "2016-11-07 09:30"
DUE = at("2016-11-18 00:00")
DAYS = timedelta(days=20)


@pytest.fixture
def book() -> Book:
    return Book()


def extend(book: Book, when: str, days: int = 20, extension=None, known: str | None = None) -> list[str]:
    return book.step(known or when, "extend", extension or uuid4(), days=days, at=at(when))


def due(book: Book) -> dict[str, datetime]:
    """The latest limit of each kind."""
    return {str(each.obligation): each.due_at for each in book.deadlines.values()}


# -- extension ----------------------------------------------------------------------------------------------------
def test_an_extension_moves_the_conclusion_and_the_reply_and_nothing_else(book):
    book.dispatch(FIRST, case_class="complex")
    before = due(book)
    assert extend(book, "2016-11-09 09:00") == ["missed receive", "moved conclude", "moved reply"]
    after = due(book)
    assert {name: after[name] - before[name] for name in after} == {
        "conclude": DAYS, "reply": DAYS, "progress": timedelta(0), "receive": timedelta(0),
    }  # fmt: skip
    assert book.case.conclude_by == book.one("conclude").due_at
    moved_at = at("2016-11-09 09:00")
    assert book.told[-1][2] == {"was_due_at": before["reply"], "cause": "extended", "moved_at": moved_at, "by": None}


def test_the_same_extension_again_moves_nothing_and_another_one_is_refused(book):
    book.dispatch(FIRST)
    one = uuid4()
    extend(book, "2016-11-08 09:00", extension=one)
    assert extend(book, "2016-11-08 10:00", extension=one) == []
    with pytest.raises(Refused):
        extend(book, "2016-11-08 10:00")
    assert book.case.conclude_by == DUE + DAYS


@pytest.mark.parametrize("days", [0, 31])
def test_an_extension_is_of_a_day_at_least_and_of_thirty_at_most(book, days):
    book.dispatch(FIRST)
    with pytest.raises(Refused):
        extend(book, "2016-11-08 09:00", days=days)


def test_an_extension_after_the_limit_moves_nothing_and_is_used_up(book):
    book.dispatch(FIRST)
    told = extend(book, "2016-11-18 00:00")
    assert sorted(told) == ["missed conclude", "missed receive", "missed reply"]
    assert book.case.conclude_by == DUE
    with pytest.raises(Refused):
        extend(book, "2016-11-18 01:00")


def test_an_extension_given_in_time_that_becomes_known_after_the_miss_owes_anew_and_keeps_the_miss_on_record(book):
    book.dispatch(FIRST)
    for each in (book.one("conclude"), book.one("reply")):
        book.put(miss(each, DUE)[0])
    told = extend(book, "2016-11-17 23:00", known="2016-11-18 08:00")
    assert told == ["missed receive", "withdrawn conclude", "set conclude", "withdrawn reply", "set reply"]
    old, new = book.all("conclude")
    assert (str(old.stage), old.reason, old.missed_at) == ("withdrawn", "moved", DUE)
    assert (str(new.stage), new.due_at, new.missed_at) == ("pending", DUE + DAYS, None)


def test_a_case_that_is_over_or_never_began_is_extended_without_effect(book):
    assert extend(book, FIRST) == []
    other = Book()
    other.dispatch(FIRST)
    other.step("2016-11-08 09:00", "conclude", round_number=1, at=at("2016-11-08 09:00"))
    assert extend(other, "2016-11-08 10:00") == []
    third = Book()
    third.dispatch(FIRST)
    third.step("2016-11-08 09:00", "close", reason="withdrawn", at=at("2016-11-08 09:00"))
    assert extend(third, "2016-11-08 10:00") == []


def test_a_subordinates_reply_moves_with_the_superiors_case():
    book = Book(org=TOWNSHIP)
    book.dispatch(FIRST, told_by=COUNTY)
    assert extend(book, "2016-11-07 10:00") == ["moved reply"]
    assert book.one("reply").due_at == DUE + DAYS


def test_a_later_round_and_another_class_keep_the_days_that_were_given(book):
    book.dispatch(FIRST)
    extend(book, "2016-11-08 09:00")
    book.dispatch("2016-11-20 10:00", round=2)
    assert book.all("reply")[-1].due_at == DUE + DAYS
    book.step("2016-11-21 09:00", "classify", "complex", at=at("2016-11-21 09:00"))
    assert book.all("conclude")[-1].due_at == at("2017-01-07 00:00") + DAYS
    assert book.all("progress")[-1].due_at == DUE


def test_a_reopened_case_has_its_own_clock_and_no_second_extension(book):
    book.dispatch(FIRST)
    extend(book, "2016-11-08 09:00")
    book.step("2016-11-10 10:00", "conclude", round_number=1, at=at("2016-11-10 10:00"))
    book.step("2016-12-05 09:00", "reopen", round_number=2, at=at("2016-12-05 09:00"))
    assert book.all("conclude")[-1].due_at == at("2016-12-16 00:00")
    with pytest.raises(Refused):
        extend(book, "2016-12-06 09:00")


def test_a_warning_that_was_told_stays_told_and_the_next_comes_by_the_other_limit(book):
    book.dispatch("2016-11-07 00:00")
    book.put(book.one("conclude"), warned=50)
    extend(book, "2016-11-13 00:00")
    assert book.one("conclude").warned == 50
    assert book.one("conclude").warn_at == at("2016-11-22 12:00")  # half of 31 days, told as nothing


# -- pause ----------------------------------------------------------------------------------------------------------
def pause(book: Book, when: str, pause_id=None, known: str | None = None):
    pause_id = pause_id or uuid4()
    book.step(known or when, "pause", pause_id, at=at(when))
    return pause_id


def test_a_pause_moves_the_work_by_exactly_its_length_and_receipt_by_nothing(book):
    book.dispatch(FIRST, case_class="complex")
    before = due(book)
    one = pause(book, "2016-11-07 12:00:00.001")
    assert {str(each.obligation): str(each.stage) for each in book.deadlines.values()} == {
        "conclude": "paused", "progress": "paused", "receive": "pending", "reply": "paused",
    }  # fmt: skip
    assert book.one("conclude").warn_at is None
    told = book.step("2016-11-08 09:00", "resume", one, at=at("2016-11-08 09:00"))
    assert told == ["moved conclude", "moved progress", "moved reply"]
    stood = at("2016-11-08 09:00") - at("2016-11-07 12:00:00.001")
    after = due(book)
    assert {name: after[name] - before[name] for name in after} == {
        "conclude": stood, "progress": stood, "reply": stood, "receive": timedelta(0),
    }  # fmt: skip
    assert book.stages("conclude") == ["pending"]
    assert book.one("conclude").warn_at is not None


def test_the_same_pause_and_its_end_take_effect_once(book):
    book.dispatch(FIRST)
    one = pause(book, "2016-11-07 12:00")
    assert book.step("2016-11-07 13:00", "pause", one, at=at("2016-11-07 13:00")) == []
    book.step("2016-11-08 12:00", "resume", one, at=at("2016-11-08 12:00"))
    assert book.step("2016-11-09 12:00", "resume", one, at=at("2016-11-09 12:00")) == []
    assert book.step("2016-11-09 12:00", "pause", one, at=at("2016-11-09 12:00")) == []
    assert book.one("conclude").due_at == DUE + timedelta(days=1)


def test_a_second_pause_at_once_and_the_end_of_another_one_are_refused(book):
    book.dispatch(FIRST)
    pause(book, "2016-11-07 12:00")
    with pytest.raises(Refused):
        pause(book, "2016-11-07 13:00")
    with pytest.raises(Refused):
        book.step("2016-11-07 13:00", "resume", uuid4(), at=at("2016-11-07 13:00"))


def test_two_pauses_add_up_and_a_warned_clock_goes_on_as_warned(book):
    book.dispatch(FIRST)
    book.put(book.one("conclude"), warned=50)
    for day in ("08", "10"):
        one = pause(book, f"2016-11-{day} 00:00")
        book.step(f"2016-11-{day} 18:00", "resume", one, at=at(f"2016-11-{day} 18:00"))
    assert book.one("conclude").due_at == DUE + timedelta(hours=36)
    assert book.stages("conclude") == ["approaching"]
    assert book.case.stood_still == timedelta(hours=36)


def test_what_was_missed_before_the_pause_stays_missed(book):
    book.dispatch(FIRST)
    told_before = len(book.told)
    one = pause(book, "2016-11-18 09:00")
    assert [name for name, *_ in book.told[told_before:]] == ["deadline.missed"] * 3
    book.step("2016-11-19 09:00", "resume", one, at=at("2016-11-19 09:00"))
    assert book.stages("conclude") == ["missed"]


def test_a_pause_that_began_in_time_and_becomes_known_after_the_miss_stands_still_all_the_same(book):
    book.dispatch(FIRST)
    book.put(miss(book.one("conclude"), DUE)[0])
    book.put(miss(book.one("reply"), DUE)[0])
    one = pause(book, "2016-11-17 12:00", known="2016-11-18 08:00")
    assert book.stages("conclude") == ["withdrawn", "paused"]
    book.step("2016-11-19 12:00", "resume", one, at=at("2016-11-19 12:00"))
    assert book.all("conclude")[-1].due_at == DUE + timedelta(days=2)


def test_what_is_done_while_the_clock_stands_still_is_in_time(book):
    assignment = book.dispatch(FIRST)
    book.step(FIRST, "receive", assignment, at=at(FIRST))
    pause(book, "2016-11-17 12:00")
    assert book.step("2016-12-30 12:00", "reply", assignment, at=at("2016-12-30 12:00")) == ["met reply"]
    assert book.told[-1][2]["in_time"] is True


def test_a_round_that_is_handed_out_meanwhile_stands_still_too(book):
    book.dispatch(FIRST)
    one = pause(book, "2016-11-17 12:00")
    book.dispatch("2016-12-01 12:00", round=2)
    assert [str(each.stage) for each in book.all("reply")] == ["paused", "paused"]
    book.step("2016-12-01 13:00", "classify", "complex", at=at("2016-12-01 13:00"))
    book.step("2016-12-17 12:00", "resume", one, at=at("2016-12-17 12:00"))
    stood = timedelta(days=30)
    assert book.all("conclude")[-1].due_at == at("2017-01-07 00:00") + stood
    assert {each.due_at for each in book.all("reply") if str(each.stage) == "pending"} == {at("2017-01-07 00:00") + stood}
    assert book.all("progress")[-1].due_at == DUE + stood


def test_an_extension_during_a_pause_gives_its_days_beside_it(book):
    book.dispatch(FIRST)
    one = pause(book, "2016-11-17 12:00")
    assert extend(book, "2016-11-25 12:00") == ["moved conclude", "moved reply"]
    book.step("2016-11-27 12:00", "resume", one, at=at("2016-11-27 12:00"))
    assert book.one("conclude").due_at == DUE + DAYS + timedelta(days=10)
    assert book.one("reply").due_at == book.one("conclude").due_at


@pytest.mark.parametrize(
    "end",
    [
        ("conclude", {"round_number": 1}), ("close", {"reason": "withdrawn"}), ("reopen", {"round_number": 2}),
    ],
    ids=lambda end: end[0],
)  # fmt: skip
def test_what_ends_the_case_ends_the_pause(book, end):
    book.dispatch(FIRST)
    one = pause(book, "2016-11-08 12:00")
    action, more = end
    book.step("2016-11-09 12:00", action, at=at("2016-11-09 12:00"), **more)
    assert (book.case.pause, book.case.paused_at) == (None, None)
    assert book.step("2016-11-10 12:00", "resume", one, at=at("2016-11-10 12:00")) == []


def test_a_case_that_is_over_does_not_stand_still(book):
    book.dispatch(FIRST)
    book.step("2016-11-09 12:00", "conclude", round_number=1, at=at("2016-11-09 12:00"))
    pause(book, "2016-11-10 12:00")
    assert book.case.pause is None


def own_days(book: Book) -> None:
    """A policy with seven days for each reply, whatever the case's limit."""
    rules = tuple(
        type(rule)(**{**vars(rule), "days": 7}) if rule.days is None else rule for rule in book.policy.rules
    )  # fmt: skip
    book.policy = type(book.policy)(**{**vars(book.policy), "rules": rules})


def test_a_reply_with_days_of_its_own_waits_from_its_beginning_on_only():
    book = Book()
    own_days(book)
    book.dispatch(FIRST)
    one = pause(book, "2016-11-08 12:00")
    book.dispatch("2016-11-10 12:00", round=2)
    book.step("2016-11-11 12:00", "resume", one, at=at("2016-11-11 12:00"))
    first, second = book.all("reply")
    assert first.due_at == at("2016-11-15 00:00") + timedelta(days=3)
    assert second.due_at == at("2016-11-18 00:00") + timedelta(days=1)
    book.step("2016-11-11 13:00", "classify", "complex", at=at("2016-11-11 13:00"))
    assert [each.due_at for each in book.all("reply")[2:]] == [first.due_at, second.due_at]


def test_a_clock_of_which_only_the_limit_is_known_stands_still_too():
    book = Book()
    book.step(FIRST, "pause", uuid4(), at=at(FIRST))
    assert book.case.conclude_by is None
    book.step("2016-11-08 09:30", "resume", book.case.pause, at=at("2016-11-08 09:30"))
    assert book.case.stood_still == timedelta(days=1)


def test_an_extension_of_the_case_gives_nothing_to_a_reply_that_was_missed_before():
    book = Book()
    own_days(book)
    book.dispatch(FIRST)
    told = extend(book, "2016-11-16 09:00")
    assert told == ["missed receive", "missed reply", "moved conclude"]
    assert book.one("reply").due_at == at("2016-11-15 00:00")
