"""What a case owes after each thing that can happen to it."""

from uuid import uuid4

import pytest
from supervision_builders import COUNTY, COUNTY_LEADER, JOINT_HEAD, TOWNSHIP, TOWNSHIP_SECRETARY, Book, at

from services.supervision.domain import SupervisedCase, is_late, miss, next_warning, warn
from services.supervision.policy import Obligation
from services.supervision.workflow import Stage
from shared.errors import NotYet

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
    assert book.one("conclude").policy == "yongxing/1"
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
    book.step(FIRST, "escalate", COUNTY_LEADER, round_number=1)
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
    assert book.step("2016-11-15 10:00", "progress", assignment, at=at("2016-11-15 10:00")) == [
        "missed receive", "met receive", "met progress",
    ]  # fmt: skip
    assert book.step("2016-11-16 10:00", "progress", assignment, at=at("2016-11-16 10:00")) == []
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


# -- class -----------------------------------------------------------------------------------------
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
    book.step("2016-11-08 09:00", "progress", assignment, at=at("2016-11-08 09:00"))
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


def test_a_missed_progress_report_stays_missed_when_only_the_limit_of_conclusion_differs():
    book = Book("regulation-2022")
    book.dispatch(FIRST)
    book.step("2016-11-10 09:00", "classify", "complex", at=at("2016-11-10 09:00"))
    assert [str(each.stage) for each in book.all("conclude")] == ["pending"]


# -- the end ---------------------------------------------------------------------------------------
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


def test_what_is_withdrawn_by_a_closing_after_its_time_was_missed_first(book):
    book.dispatch(FIRST)
    told = book.step("2016-11-19 09:00", "close", reason="withdrawn", at=at("2016-11-19 09:00"))
    assert told[:2] == ["missed conclude", "withdrawn conclude"]


def test_of_a_superiors_case_only_receipt_and_reply_are_owed_here():
    book = Book(org=TOWNSHIP)
    book.dispatch(FIRST, told_by=COUNTY)
    assert {str(each.obligation) for each in book.deadlines.values()} == {"receive", "reply"}
    assert book.one("reply").due_at == at("2016-11-18 00:00")


def test_a_superiors_case_found_complex_gives_the_reply_more_time():
    book = Book(org=TOWNSHIP)
    book.dispatch(FIRST, told_by=COUNTY)
    told = book.step("2016-11-08 09:00", "classify", "complex", at=at("2016-11-08 09:00"))
    assert told == ["withdrawn reply", "set reply"]
    assert book.all("reply")[1].due_at == at("2017-01-07 00:00")


def test_a_case_is_named_by_its_assignments(book):
    book.step(FIRST, "name", number="永信〔2016〕1 号", title="反映水污染")
    assert (book.case.number, book.case.title) == ("永信〔2016〕1 号", "反映水污染")


def test_an_unknown_class_owes_what_no_rule_names(book):
    assert SupervisedCase(id=uuid4()).case_class is None
    assert list(Obligation) == ["receive", "progress", "reply", "conclude"]


# -- one deadline ----------------------------------------------------------------------------------
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
