"""What a case owes after each thing that can happen to it."""

from uuid import uuid4

import pytest

from services.supervision.domain import miss
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, JOINT_HEAD, TOWNSHIP, TOWNSHIP_SECRETARY, Book, at

FIRST = "2016-11-07 09:30"


@pytest.fixture
def book() -> Book:
    return Book()


def test_the_first_dispatch_of_an_ordinary_case_sets_receipt_reply_and_conclusion(book):
    book.dispatch(FIRST)
    due = {str(each.obligation): each.due_at for each in book.deadlines.values()}
    assert due == {
        "conclude": at("2016-11-18 00:00"), "reply": at("2016-11-18 00:00"),
        "receive": at("2016-11-09 00:00"),
    }  # fmt: skip
    assert [name for name, _, _ in book.told] == ["deadline.set"] * 3
    assert book.one("conclude").policy == "yongxing/3"
    assert book.one("conclude").organisation == TOWNSHIP


def test_a_complex_case_owes_progress_by_the_same_limit_and_the_result_by_its_own(book):
    book.dispatch(FIRST, case_class="complex")
    assert book.one("progress").due_at == at("2016-11-18 00:00")
    assert book.one("conclude").due_at == book.one("reply").due_at == at("2017-01-07 00:00")


def test_rounds_never_restart_the_clock(book):
    book.dispatch(FIRST)
    book.dispatch("2016-11-12 10:00", round=2, part="lead", to=COUNTY_LEADER)
    assert book.one("conclude").due_at == at("2016-11-18 00:00")
    assert [each.due_at for each in book.all("reply")] == [at("2016-11-18 00:00")] * 2
    assert len(book.all("receive")) == 2


def test_a_round_after_the_limit_owes_receipt_but_no_second_limit_for_the_reply(book):
    first = book.dispatch(FIRST)
    book.step("2016-11-22 10:00", "reply", first, at=at("2016-11-22 10:00"))
    book.dispatch("2016-11-22 15:00", round=2, part="lead", to=COUNTY_LEADER)
    assert book.stages("reply") == ["met_late"]
    assert len(book.all("receive")) == 2


def test_joint_units_owe_receipt_and_no_reply_of_their_own(book):
    book.dispatch(FIRST, part="joint", to=JOINT_HEAD)
    assert book.all("reply") == []
    assert book.one("receive").responsible == JOINT_HEAD


def test_the_lead_answers_for_the_conclusion_whoever_was_first(book):
    book.dispatch(FIRST, part="joint", to=JOINT_HEAD)
    assert book.one("conclude").responsible == JOINT_HEAD
    book.dispatch(FIRST, part="handling", to=TOWNSHIP_SECRETARY)
    assert book.one("conclude").responsible == TOWNSHIP_SECRETARY
    book.dispatch(FIRST, part="lead", to=COUNTY_LEADER)
    book.dispatch(FIRST, part="handling", to=JOINT_HEAD)
    assert book.one("conclude").responsible == COUNTY_LEADER
    assert book.one("conclude").organisation == "431023-gov"


def test_the_handling_official_of_a_later_round_answers_for_the_conclusion(book):
    book.dispatch(FIRST, part="lead", to=COUNTY_LEADER)
    book.dispatch("2016-11-09 10:00", round=2, to=TOWNSHIP_SECRETARY)
    assert book.one("conclude").responsible == TOWNSHIP_SECRETARY


def test_an_escalation_before_the_first_dispatch_names_who_answers_for_the_case(book):
    book.step(FIRST, "escalate", COUNTY_LEADER, round_number=1, at=at(FIRST))
    book.dispatch(FIRST, part="joint", to=JOINT_HEAD)
    assert book.one("conclude").responsible == COUNTY_LEADER


def test_receipt_is_met_by_the_receipt(book):
    assignment = book.dispatch(FIRST)
    told = book.step("2016-11-07 10:00", "receive", assignment, at=at("2016-11-07 10:00"))
    assert told == ["met receive"]
    assert book.told[-1][2] == {"met_at": at("2016-11-07 10:00"), "in_time": True}
    assert book.step("2016-11-07 11:00", "receive", assignment, at=at("2016-11-07 11:00")) == []


def test_another_assignments_receipt_meets_nothing(book):
    book.dispatch(FIRST)
    assert book.step("2016-11-07 10:00", "receive", uuid4(), at=at("2016-11-07 10:00")) == []


def test_a_reply_acknowledges_receipt_too(book):
    assignment = book.dispatch(FIRST)
    assert book.step("2016-11-08 10:00", "reply", assignment, at=at("2016-11-08 10:00")) == [
        "met receive", "met reply",
    ]  # fmt: skip


def test_progress_meets_the_progress_obligation_once(book):
    assignment = book.dispatch(FIRST, case_class="complex")
    assert book.step("2016-11-15 10:00", "progress", assignment, part="handling", at=at("2016-11-15 10:00")) == [
        "missed receive", "met receive", "met progress",
    ]  # fmt: skip
    assert book.step("2016-11-16 10:00", "progress", assignment, part="handling", at=at("2016-11-16 10:00")) == []
    assert book.case.progressed_at == at("2016-11-15 10:00")


def test_done_at_the_instant_at_which_it_is_due_is_late(book):
    assignment = book.dispatch(FIRST)
    book.step("2016-11-18 00:00", "reply", assignment, at=at("2016-11-18 00:00"))
    assert book.stages("reply") == ["met_late"]


def test_done_in_the_last_instant_is_in_time(book):
    assignment = book.dispatch(FIRST)
    book.step("2016-11-17 23:59", "reply", assignment, at=at("2016-11-17 23:59:59.999"))
    assert book.stages("reply") == ["met"]


def test_what_was_done_late_before_anything_fired_is_missed_first_and_then_met(book):
    assignment = book.dispatch(FIRST)
    told = book.step("2016-11-22 10:00", "reply", assignment, at=at("2016-11-22 09:00"))
    assert told == ["missed receive", "met receive", "missed reply", "met reply"]
    assert book.told[-1][2]["in_time"] is False
    assert book.one("reply").missed_at == at("2016-11-22 10:00")


def test_what_was_done_in_time_and_became_known_late_is_met_and_not_missed(book):
    assignment = book.dispatch(FIRST)
    told = book.step("2016-11-25 10:00", "receive", assignment, at=at("2016-11-07 10:00"))
    assert told == ["met receive"]


def test_what_fired_and_turns_out_to_have_been_in_time_is_met_although_missed(book):
    assignment = book.dispatch(FIRST)
    fired, _ = miss(book.one("reply"), at("2016-11-18 00:00"))
    book.put(fired)
    book.step("2016-11-20 10:00", "reply", assignment, at=at("2016-11-17 10:00"))
    assert book.stages("reply") == ["met"]
    assert book.one("reply").missed_at == at("2016-11-18 00:00")


def test_a_returned_reply_is_owed_again_by_the_same_limit(book):
    assignment = book.dispatch(FIRST)
    book.step("2016-11-08 09:00", "reply", assignment, at=at("2016-11-08 09:00"))
    told = book.step(
        "2016-11-09 09:00", "send_back", assignment, round_number=1, part="handling", to=TOWNSHIP_SECRETARY,
        at=at("2016-11-09 09:00"),
    )  # fmt: skip
    assert told == ["set reply"]
    assert [each.due_at for each in book.all("reply")] == [at("2016-11-18 00:00")] * 2


def test_a_reply_returned_while_another_is_owed_owes_no_third(book):
    assignment = book.dispatch(FIRST)
    again = {"round_number": 1, "part": "handling", "to": TOWNSHIP_SECRETARY, "at": at("2016-11-09 09:00")}
    assert book.step("2016-11-09 09:00", "send_back", assignment, **again) == []


def test_an_approval_with_a_reply_meets_it_and_one_without_withdraws_it(book):
    one, other = book.dispatch(FIRST), book.dispatch(FIRST)
    when = {"at": at("2016-11-07 12:00")}
    assert book.step("2016-11-07 12:00", "approve", one, replied=True, **when) == ["met receive", "met reply"]
    assert book.step("2016-11-07 12:00", "approve", other, replied=False, **when) == [
        "met receive", "withdrawn reply",
    ]  # fmt: skip


def test_a_withdrawn_assignment_owes_nothing_and_the_case_still_does(book):
    assignment = book.dispatch(FIRST)
    told = book.step("2016-11-08 09:00", "withdraw", assignment, at=at("2016-11-08 09:00"), reason="conflict")
    assert told == ["withdrawn receive", "withdrawn reply"]
    assert book.stages("conclude") == ["pending"]
    assert book.one("reply").reason == "conflict"


def test_what_was_missed_before_the_assignment_was_withdrawn_stays_on_record(book):
    assignment = book.dispatch(FIRST)
    told = book.step("2016-11-22 09:00", "withdraw", assignment, at=at("2016-11-22 09:00"), reason="replaced")
    assert told == ["missed receive", "withdrawn receive", "missed reply", "withdrawn reply"]
    assert book.one("reply").missed_at is not None


def test_the_conclusion_meets_what_the_case_owes_and_withdraws_what_nobody_needs_any_more(book):
    book.dispatch(FIRST, case_class="complex")
    told = book.step("2016-11-08 09:00", "conclude", round_number=1, at=at("2016-11-08 09:00"))
    assert told == ["met conclude", "met progress", "withdrawn receive", "withdrawn reply"]
    assert book.case.owed == ()


def test_the_articles_case_misses_its_limit_and_is_met_late(book):
    first = book.dispatch(FIRST)
    book.step("2016-11-07 11:00", "receive", first, at=at("2016-11-07 11:00"))
    for each in (book.one("conclude"), book.one("reply")):
        book.put(miss(each, at("2016-11-18 00:00"))[0])
    book.step("2016-11-22 10:00", "reply", first, at=at("2016-11-22 10:00"))
    book.dispatch("2016-11-22 15:00", round=2, part="lead", to=COUNTY_LEADER)
    told = book.step("2016-11-30 18:00", "conclude", round_number=3, at=at("2016-11-30 18:00"))
    assert "met conclude" in told
    assert "missed conclude" not in told
    assert book.stages("conclude") == book.stages("reply") == ["met_late"]
