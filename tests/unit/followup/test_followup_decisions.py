"""Closing by a decision, and reviews: who may, when, and what is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.followup.domain.deciding import check_decision, ends_round, may_decide
from services.followup.domain.review import ask, assign, decide, hear
from services.followup.workflow import CaseStage, ReviewStage, TaskStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.followup.followup_builders import CASE, NOW, OFFICE, OTHER, POLICY, SECRETARY, STAFF, a_task, by_staff

LOST = a_task(stage=TaskStage.UNREACHABLE, settled_at=NOW)
UNHAPPY = by_staff(satisfied=False)
WORDS = {"authority": "领导小组第5次会议", "reasons": "诉求没有法律依据，已当面解释。"}


@pytest.mark.parametrize("task", [LOST, UNHAPPY])
def test_a_decision_may_close_what_could_not_be_asked_or_did_not_satisfy(task):
    assert may_decide(replace(CASE, instructed_round=3), task)
    check_decision(CASE, task, by=OFFICE, handlers=(), **WORDS)


def test_once_a_new_round_has_begun_its_conclusion_is_awaited():
    assert not may_decide(replace(CASE, instructed_round=4), UNHAPPY)
    assert may_decide(replace(CASE, instructed_round=4), LOST)


@pytest.mark.parametrize("task", [a_task(), by_staff(satisfied=True), a_task(stage=TaskStage.WITHDRAWN)])
def test_no_decision_closes_what_is_being_asked_or_is_over(task):
    assert not may_decide(CASE, task)
    with pytest.raises(Conflict):
        check_decision(CASE, task, by=OFFICE, handlers=(), **WORDS)


def test_a_closed_case_is_not_decided_and_what_the_superior_concluded_he_decides():
    assert not may_decide(replace(CASE, stage=CaseStage.ARCHIVED), LOST)
    above = Person(official="o-4310-head", name="某", post="市委书记", organisation="4310")
    assert not may_decide(CASE, replace(LOST, concluded_by=above))


def test_neither_who_concluded_nor_who_handled_decides():
    with pytest.raises(Forbidden):
        check_decision(CASE, LOST, by=SECRETARY, handlers=(), **WORDS)
    with pytest.raises(Forbidden):
        check_decision(CASE, LOST, by=OFFICE, handlers={OFFICE.official}, **WORDS)


@pytest.mark.parametrize(
    ("field", "text"),
    [("authority", " "), ("authority", "字" * 201), ("reasons", "太短"), ("reasons", "字" * 2001), ("reasons", " " * 50)],
)
def test_authority_and_reasons_are_written_out(field, text):
    with pytest.raises(Refused) as refused:
        check_decision(CASE, LOST, by=OFFICE, handlers=(), **WORDS | {field: text})
    assert refused.value.field == field


def test_a_decision_ends_the_round_that_was_owed():
    assert ends_round(LOST) == 3
    assert ends_round(UNHAPPY) == 4


def a_review(level="review"):
    return ask(POLICY, id=uuid4(), case_id=CASE.id, level=level, at=NOW)


def given(review, reviewer=OTHER, organ="", *, involved=(), earlier=()):
    return assign(review, reviewer=reviewer, organ=organ, by=STAFF, involved=involved, earlier=earlier, now=NOW)


def decided(review, *, by=OTHER, of_office=False, decision="upheld", answer="维持原处理意见。"):
    return decide(
        review, POLICY, decision=decision, answer=answer, document="永复〔2016〕1 号", by=by, of_office=of_office, now=NOW
    )


def test_a_review_is_decided_by_the_end_of_the_thirtieth_day():
    assert a_review().due_at == datetime(2016, 12, 30, 16, tzinfo=UTC)


def test_the_reviewer_decides_and_the_petitioner_may_go_on_to_the_final_review():
    review = decided(given(a_review()))
    assert (review.stage, review.decision, review.decided_by) == (ReviewStage.DECIDED, "upheld", OTHER)
    assert review.final_until == datetime(2016, 12, 30, 16, tzinfo=UTC)
    assert decided(given(a_review("final"))).final_until is None
    with pytest.raises(Conflict):
        decided(review)
    with pytest.raises(Conflict):
        given(review)


def test_the_reviewer_had_no_part_in_the_case_nor_in_the_review_before():
    with pytest.raises(Forbidden):
        given(a_review(), involved={OTHER.official})
    with pytest.raises(Forbidden):
        given(a_review("final"), earlier={OTHER.official})


@pytest.mark.parametrize(("reviewer", "organ"), [(None, ""), (None, "  "), (OTHER, "市政府")])
def test_either_a_person_or_an_organ_reviews(reviewer, organ):
    with pytest.raises(Refused):
        given(a_review(), reviewer, organ)


def test_what_an_organ_decided_the_office_writes_down():
    review = given(a_review(), None, "郴州市人民政府")
    assert decided(review, by=STAFF, of_office=True).decision == "upheld"
    with pytest.raises(Forbidden):
        decided(review, by=STAFF)
    with pytest.raises(Forbidden):
        decided(given(a_review()), by=STAFF, of_office=True)


def test_a_reviewer_may_be_changed_until_he_has_decided():
    assert given(given(a_review()), OFFICE).reviewer == OFFICE


def test_a_decision_is_one_of_the_list_with_an_answer_and_not_before_somebody_was_asked():
    with pytest.raises(Refused):
        decided(given(a_review()), decision="maybe")
    with pytest.raises(Refused):
        decided(given(a_review()), answer="  ")
    with pytest.raises(Conflict):
        decided(replace(a_review(), reviewer=OTHER))


HEARD = NOW + timedelta(days=70)


def test_the_days_of_a_hearing_do_not_count():
    review = hear(given(a_review()), begun=date(2016, 12, 5), ended=date(2016, 12, 7), now=HEARD)
    assert review.due_at == a_review().due_at + timedelta(days=3)
    again = hear(review, begun=date(2016, 12, 10), ended=date(2016, 12, 10), now=HEARD)
    assert (again.hearing_days, again.due_at) == (4, a_review().due_at + timedelta(days=4))


@pytest.mark.parametrize(
    ("begun", "ended"),
    [
        (date(2016, 12, 7), date(2016, 12, 6)), (date(2016, 12, 1), date(2017, 1, 30)), (date(2016, 11, 29), date(2016, 12, 1)),
        (date(2017, 2, 8), date(2017, 2, 9)),
    ],
)  # fmt: skip
def test_a_hearing_that_cannot_have_been_or_was_too_long_is_refused(begun, ended):
    with pytest.raises(Refused):
        hear(given(a_review()), begun=begun, ended=ended, now=HEARD)


def test_hearings_put_a_decision_off_by_sixty_days_in_all():
    """Otherwise a limit could be moved for ever, by writing down one hearing after another."""
    review = hear(given(a_review()), begun=date(2016, 12, 1), ended=date(2017, 1, 29), now=HEARD)
    assert review.hearing_days == 60
    with pytest.raises(Refused):
        hear(review, begun=date(2017, 2, 1), ended=date(2017, 2, 1), now=HEARD)


def test_that_a_hearing_follows_the_asking_goes_by_the_countys_days():
    asked = replace(given(a_review()), asked_at=datetime(2016, 11, 30, 17, tzinfo=UTC))  # 1:00 of 1 December in Shanghai
    with pytest.raises(Refused):
        hear(asked, begun=date(2016, 11, 30), ended=date(2016, 12, 1), now=HEARD)


def test_nothing_is_heard_before_somebody_was_asked_to_review_it():
    with pytest.raises(Conflict):
        hear(a_review(), begun=date(2016, 12, 5), ended=date(2016, 12, 5), now=HEARD)


def test_after_the_decision_nothing_is_heard():
    with pytest.raises(Conflict):
        hear(decided(given(a_review())), begun=date(2016, 12, 5), ended=date(2016, 12, 5), now=HEARD)
