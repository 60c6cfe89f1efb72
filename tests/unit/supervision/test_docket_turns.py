"""What a case owes when its class changes, when it is reopened and closed, and when it is a superior's."""

import pytest

from services.supervision.domain import is_late, miss
from services.supervision.workflow import Stage
from shared.errors import NotYet
from tests.unit.supervision.supervision_builders import COUNTY, COUNTY_LEADER, TOWNSHIP, TOWNSHIP_SECRETARY, Book, at

FIRST = "2016-11-07 09:30"


@pytest.fixture
def book() -> Book:
    return Book()


def test_a_case_found_complex_owes_progress_and_has_its_own_limit_from_the_same_start(book):
    book.dispatch(FIRST)
    told = book.step("2016-11-08 09:00", "classify", "complex", at=at("2016-11-08 09:00"))
    assert told == [
        "withdrawn conclude", "set conclude", "set progress", "withdrawn reply", "set reply",
    ]  # fmt: skip
    withdrawn, conclude = book.all("conclude")
    assert withdrawn.reason == "class_changed"
    assert conclude.started_at == at(FIRST)
    assert conclude.due_at == at("2017-01-07 00:00")
    assert book.one("progress").started_at == at(FIRST)
    assert book.one("progress").due_at == at("2016-11-18 00:00")
    assert book.all("reply")[1].due_at == at("2017-01-07 00:00")
    assert book.case.conclude_by == at("2017-01-07 00:00")


def test_a_case_found_ordinary_after_ten_days_is_late_at_once_and_not_by_an_outage(book):
    book.dispatch(FIRST, case_class="complex")
    book.put(miss(book.one("progress"), at("2016-11-18 00:00"))[0])
    told = book.step("2016-11-27 09:00", "classify", "ordinary", at=at("2016-11-27 09:00"))
    assert "withdrawn progress" in told
    conclude = book.all("conclude")[1]
    assert conclude.due_at == at("2016-11-18 00:00")
    assert conclude.warn_at is None
    assert is_late(conclude, at("2016-11-27 09:00")) is False


def test_a_missed_limit_is_not_escaped_by_calling_the_case_complex(book):
    book.dispatch(FIRST)
    told = book.step("2016-11-19 09:00", "classify", "complex", at=at("2016-11-19 09:00"))
    assert told == ["missed conclude", "missed receive", "missed reply"]
    assert book.stages("conclude") == ["missed"]
    assert book.case.case_class == "complex"


def test_the_same_class_again_changes_nothing(book):
    book.dispatch(FIRST)
    assert book.step("2016-11-10 09:00", "classify", "ordinary", at=at("2016-11-10 09:00")) == []


def test_progress_that_was_reported_is_not_owed_again_when_the_case_is_found_complex(book):
    assignment = book.dispatch(FIRST)
    book.step("2016-11-08 09:00", "progress", assignment, part="handling", at=at("2016-11-08 09:00"))
    book.step("2016-11-10 09:00", "classify", "complex", at=at("2016-11-10 09:00"))
    assert book.all("progress") == []


def test_a_class_found_after_the_conclusion_or_the_closing_moves_no_clock(book):
    book.dispatch(FIRST)
    book.step("2016-11-10 09:00", "conclude", round_number=1, at=at("2016-11-10 09:00"))
    assert book.step("2016-11-11 09:00", "classify", "complex", at=at("2016-11-11 09:00")) == []
    book.step("2016-11-12 09:00", "close", reason="satisfied", at=at("2016-11-12 09:00"))
    assert book.step("2016-11-13 09:00", "classify", "ordinary", at=at("2016-11-13 09:00")) == []
    assert book.case.case_class == "complex"


def test_a_class_told_before_the_first_dispatch_is_the_one_it_begins_with(book):
    book.step("2016-11-07 09:00", "classify", "complex", at=at("2016-11-07 09:00"))
    assert book.deadlines == {}
    book.dispatch(FIRST, case_class="complex")
    assert book.one("progress").stage is Stage.PENDING


def test_a_class_with_the_same_limits_changes_no_deadline():
    book = Book("regulation-2022")
    book.dispatch(FIRST)
    book.step("2016-11-10 09:00", "classify", "complex", at=at("2016-11-10 09:00"))
    assert [str(each.stage) for each in book.all("conclude")] == ["pending"]


def test_a_reopened_case_has_a_clock_of_its_own(book):
    assignment = book.dispatch(FIRST)
    book.step("2016-11-10 09:00", "reply", assignment, at=at("2016-11-10 09:00"))
    book.step("2016-11-10 10:00", "conclude", round_number=1, at=at("2016-11-10 10:00"))
    told = book.step("2016-12-05 09:00", "reopen", round_number=2, at=at("2016-12-05 09:00"))
    assert told == ["set conclude"]
    met, running = book.all("conclude")
    assert (met.stage, running.stage) == (Stage.MET, Stage.PENDING)
    assert running.due_at == at("2016-12-16 00:00")
    assert running.round == 2
    book.dispatch("2016-12-06 09:00", round=2)
    assert book.all("reply")[1].due_at == at("2016-12-16 00:00")


def test_a_reopened_complex_case_found_ordinary_keeps_the_clock_of_its_reopening(book):
    book.dispatch(FIRST, case_class="complex")
    book.step("2016-11-10 10:00", "conclude", round_number=1, at=at("2016-11-10 10:00"))
    book.step("2016-12-05 09:00", "reopen", round_number=2, at=at("2016-12-05 09:00"))
    assert book.step("2016-12-06 09:00", "classify", "ordinary", at=at("2016-12-06 09:00")) == []


def test_reopening_twice_leaves_one_running_clock(book):
    book.dispatch(FIRST)
    book.step("2016-11-10 10:00", "conclude", round_number=1, at=at("2016-11-10 10:00"))
    book.step("2016-12-05 09:00", "reopen", round_number=2, at=at("2016-12-05 09:00"))
    told = book.step("2016-12-06 09:00", "reopen", round_number=3, at=at("2016-12-06 09:00"))
    assert told == ["withdrawn conclude", "set conclude"]


def test_a_case_reopened_that_was_never_handed_out_is_owed_to_the_instance_itself(book):
    book.step("2016-11-07 09:00", "classify", "ordinary", at=at("2016-11-07 09:00"))
    book.step("2016-12-05 09:00", "reopen", round_number=1, at=at("2016-12-05 09:00"))
    assert book.one("conclude").organisation == COUNTY
    assert book.one("conclude").responsible is None


def test_closing_withdraws_what_is_open_and_later_dispatches_owe_nothing(book):
    book.dispatch(FIRST)
    told = book.step("2016-11-08 09:00", "close", reason="withdrawn", at=at("2016-11-08 09:00"))
    assert told == ["withdrawn conclude", "withdrawn receive", "withdrawn reply"]
    book.dispatch("2016-11-08 10:00", round=2)
    assert book.case.owed == ()
    assert len(book.deadlines) == 3


def test_a_closing_as_settled_waits_for_the_conclusion_that_it_rests_on(book):
    book.dispatch(FIRST)
    with pytest.raises(NotYet):
        book.step("2016-11-08 09:00", "close", reason="satisfied", at=at("2016-11-08 09:00"))
    book.step("2016-11-08 09:00", "conclude", round_number=1, at=at("2016-11-08 09:00"))
    assert book.step("2016-11-09 09:00", "close", reason="satisfied", at=at("2016-11-09 09:00")) == []
    assert book.stages("conclude") == ["met"]


def test_a_closing_and_a_reopening_that_come_in_the_wrong_order_leave_the_later_one(book):
    book.dispatch(FIRST)
    book.step("2016-11-10 10:00", "conclude", round_number=1, at=at("2016-11-10 10:00"))
    book.step("2016-12-05 09:00", "reopen", round_number=2, at=at("2016-12-05 09:00"))
    assert book.step("2016-12-05 09:00", "close", reason="satisfied", at=at("2016-11-11 09:00")) == []
    assert book.case.closed_at is None
    book.step("2016-12-06 09:00", "close", reason="decision", at=at("2016-12-06 09:00"))
    assert book.step("2016-12-06 09:01", "reopen", round_number=2, at=at("2016-12-05 10:00")) == []
    assert book.case.closed_at == at("2016-12-06 09:00")


def test_what_is_withdrawn_by_a_closing_after_its_time_was_missed_first(book):
    book.dispatch(FIRST)
    told = book.step("2016-11-19 09:00", "close", reason="withdrawn", at=at("2016-11-19 09:00"))
    assert told[:2] == ["missed conclude", "withdrawn conclude"]


@pytest.mark.parametrize("by", ["escalated", "issued", "handed over"])
def test_what_fell_due_while_the_clocks_stood_still_was_missed_by_whoever_owed_it_then(book, by):
    assignment, when = book.dispatch(FIRST), "2016-11-18 09:00"
    if by == "escalated":
        book.step(when, "escalate", COUNTY_LEADER, round_number=2, at=at(when))
    elif by == "issued":
        book.dispatch(when, round=2, part="lead", to=COUNTY_LEADER)
    else:
        book.step(when, "hand_over", assignment, TOWNSHIP_SECRETARY, COUNTY_LEADER, at=at(when))
    (missed,) = [fact for fact in book.facts if (fact.name, fact.deadline.obligation) == ("deadline.missed", "conclude")]
    assert missed.deadline.responsible == TOWNSHIP_SECRETARY
    assert book.one("conclude").responsible == COUNTY_LEADER


def test_a_right_that_had_lapsed_before_the_post_changed_hands_was_its_former_holders(book):
    assignment = book.dispatch(FIRST, case_class="complex")
    told = {"round_number": 1, "part": "handling", "to": TOWNSHIP_SECRETARY, "at": at(FIRST)}
    book.step(FIRST, "may_object", assignment, **told)
    book.step("2016-11-20 09:00", "hand_over", assignment, TOWNSHIP_SECRETARY, COUNTY_LEADER, at=at("2016-11-20 09:00"))
    assert (book.one("objection").responsible, book.stages("objection")) == (TOWNSHIP_SECRETARY, ["withdrawn"])


def test_of_a_superiors_case_only_receipt_and_reply_are_owed_here():
    book = Book(org=TOWNSHIP)
    book.dispatch(FIRST, told_by=COUNTY)
    assert {str(each.obligation) for each in book.deadlines.values()} == {"receive", "reply"}
    assert book.one("reply").due_at == at("2016-11-18 00:00")


def test_a_case_that_went_up_owes_no_conclusion_here_whatever_comes_after(book):
    assignment = book.dispatch(FIRST, case_class="complex")
    when = {"at": at("2016-11-08 09:00")}
    book.step("2016-11-08 09:00", "withdraw", assignment, reason="referred_up", **when)
    assert book.step("2016-11-08 09:00", "went_up", **when) == ["withdrawn conclude", "withdrawn progress"]
    book.dispatch("2016-11-09 09:00", round=2)
    assert book.stages("conclude") == ["withdrawn"]
    superiors = Book(org=TOWNSHIP)
    superiors.dispatch(FIRST, told_by=COUNTY)
    assert superiors.step(FIRST, "went_up", at=at(FIRST)) == []


def test_a_superiors_case_found_complex_gives_the_reply_more_time():
    book = Book(org=TOWNSHIP)
    book.dispatch(FIRST, told_by=COUNTY)
    told = book.step("2016-11-08 09:00", "classify", "complex", at=at("2016-11-08 09:00"))
    assert told == ["withdrawn reply", "set reply"]
    assert book.all("reply")[1].due_at == at("2017-01-07 00:00")


def test_a_case_is_named_by_its_assignments(book):
    book.step(FIRST, "name", number="永信〔2016〕1 号", title="反映水污染")
    assert (book.case.number, book.case.title) == ("永信〔2016〕1 号", "反映水污染")
