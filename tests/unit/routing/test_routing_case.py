"""Rounds of instruction, addressees, conclusion and reopening."""

from typing import Any

import pytest

from services.routing import domain
from services.routing.domain import Address, Part
from services.routing.workflow import AssignmentStage, CaseStage
from shared.errors import Conflict, Refused
from tests.unit.routing.builders import (
    ASSIGNMENT_ID,
    EPB,
    INSTRUCTION_ID,
    NOW,
    REPLY_ID,
    SECRETARY,
    TOWN,
    VICE,
    assignment,
    case,
    directory,
    later,
)


def instruct(subject, addressees=((TOWN, Part.HANDLING),), **changes):
    said: dict[str, Any] = {"instruction_id": INSTRUCTION_ID, "author": SECRETARY, "text": " 请查清并回复 ",
                            "case_class": "ordinary", "answers": None, "now": later(minutes=5)}  # fmt: skip
    people = [Address(person, part) for person, part in addressees]
    return domain.instruct(subject, addressees=people, **(said | changes))


def test_the_first_reading_counts_and_reading_again_changes_nothing():
    read = domain.review(case(), now=later(minutes=1))
    again = domain.follow_review(read, now=later(minutes=2))
    assert read.stage is CaseStage.REVIEWED
    assert again == read
    assert again.reviewed_at == again.read_at == later(minutes=1)


def test_reading_a_case_in_hand_is_not_a_review():
    subject = case(CaseStage.IN_HAND)
    assert domain.follow_review(subject, now=NOW) == subject


def test_an_instruction_is_the_next_round_and_dispatches_at_once():
    subject, instruction = instruct(domain.review(case(), now=later(minutes=1)))
    assert subject.stage is CaseStage.INSTRUCTED
    assert (subject.round, subject.case_class, subject.read_at) == (1, "ordinary", None)
    assert (subject.reviewed_at, subject.dispatched_at) == (later(minutes=1), later(minutes=5))
    assert (instruction.round, instruction.text, instruction.read_at) == (1, "请查清并回复", later(minutes=1))
    assert instruction.addressees == (TOWN,)


def test_an_instruction_without_opening_the_case_first_was_read_the_same_moment():
    subject, instruction = instruct(case())
    assert subject.reviewed_at == instruction.read_at == later(minutes=5)


def test_a_second_round_keeps_the_first_measured_times():
    first, _ = instruct(case())
    second, instruction = instruct(
        first, ((VICE, Part.LEAD), (EPB, Part.JOINT)), now=later(days=15), answers=REPLY_ID, action="escalate"
    )
    assert (second.round, second.reviewed_at, second.dispatched_at) == (2, later(minutes=5), later(minutes=5))
    assert (instruction.lead, instruction.joint, instruction.answers) == (VICE, (EPB,), REPLY_ID)


def test_an_approving_instruction_may_go_to_nobody_and_dispatches_nothing():
    subject, instruction = instruct(case(), (), answers=REPLY_ID)
    assert instruction.addressees == ()
    assert subject.dispatched_at is None


@pytest.mark.parametrize(
    ("addressees", "field"),
    [
        ((), "addressees"),
        (((TOWN, Part.HANDLING), (TOWN, Part.HANDLING)), "addressees"),
        (((SECRETARY, Part.HANDLING),), "addressees"),
        (((VICE, Part.LEAD), (TOWN, Part.LEAD)), "addressees"),
        (((EPB, Part.JOINT),), "addressees"),
    ],
    ids=["nobody", "twice", "himself", "two leads", "joint without a lead"],
)
def test_addressees_that_cannot_be_dispatched_are_refused(addressees, field):
    with pytest.raises(Refused) as refusal:
        instruct(case(), addressees)
    assert refusal.value.field == field


@pytest.mark.parametrize(("field", "value"), [("text", " \n"), ("case_class", "urgent")])
def test_an_instruction_without_text_or_class_is_refused(field, value):
    with pytest.raises(Refused) as refusal:
        instruct(case(), **{field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize("stage", [CaseStage.CONCLUDED, CaseStage.CLOSED, CaseStage.ARCHIVED, CaseStage.WITHDRAWN])
def test_a_case_that_is_over_is_not_instructed(stage):
    with pytest.raises(Conflict):
        instruct(case(stage))


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("brief", ["", " \n"])
def test_a_case_without_a_brief_is_not_handed_to_somebody_who_works_in_another_instance(brief, part):
    people = [Address(VICE, Part.HANDLING), Address(TOWN, part)]
    with pytest.raises(Refused) as refusal:
        domain.check_brief(case(brief=brief), people, directory())
    assert refusal.value.field == "addressees"
    assert refusal.value.values["names"] == TOWN.name
    assert refusal.value.remedy
    domain.check_brief(case(), people, directory())


def test_a_case_without_a_brief_may_be_handed_to_whoever_works_in_this_instance():
    domain.check_brief(case(brief=""), [Address(VICE, Part.LEAD), Address(EPB, Part.JOINT)], directory())
    domain.check_brief(case(brief=""), [], directory())


def test_a_lead_makes_it_an_escalation():
    assert domain.escalation([Address(VICE, Part.LEAD), Address(EPB, Part.JOINT)])
    assert not domain.escalation([Address(TOWN, Part.HANDLING)])


def test_the_case_follows_a_receipt_only_where_the_table_lets_it():
    assert domain.follow(case(CaseStage.INSTRUCTED), "receive", round=3).round == 3
    assert domain.follow(case(CaseStage.INSTRUCTED), "receive").stage is CaseStage.IN_HAND
    assert domain.follow(case(CaseStage.CLOSED), "receive", round=3) == case(CaseStage.CLOSED)


def conclude(subject, assignments, answer="已处理"):
    said = {"outcome": "supported", "summary": " 取缔 ", "answer": answer, "now": NOW, "by": SECRETARY}
    return domain.conclude(subject, assignments, **said)


def test_a_case_is_concluded_when_each_handling_and_lead_reply_is_approved():
    done = [
        assignment(AssignmentStage.WITHDRAWN),
        assignment(AssignmentStage.APPROVED, VICE, part="lead"),
        assignment(AssignmentStage.REPLIED, EPB, part="joint"),
        assignment(AssignmentStage.RECEIVED, EPB, parent=ASSIGNMENT_ID),
    ]
    after = conclude(case(CaseStage.IN_HAND), done)
    assert after.stage is CaseStage.CONCLUDED
    assert (after.outcome, after.summary, after.concluded_at, after.concluded_by) == (
        "supported",
        "取缔",
        NOW,
        SECRETARY,
    )


@pytest.mark.parametrize("stage", sorted(set(AssignmentStage) - {AssignmentStage.APPROVED, AssignmentStage.WITHDRAWN}))
@pytest.mark.parametrize("part", ["handling", "lead"])
def test_an_assignment_without_an_approved_reply_keeps_the_case_open(stage, part):
    with pytest.raises(Conflict):
        conclude(case(CaseStage.IN_HAND), [assignment(AssignmentStage.APPROVED), assignment(stage, part=part)])


@pytest.mark.parametrize("stage", sorted(set(AssignmentStage)))
def test_a_joint_unit_that_owes_a_reply_keeps_the_case_open(stage):
    every = [assignment(AssignmentStage.APPROVED, VICE, part="lead"), assignment(stage, EPB, part="joint")]
    if stage in (AssignmentStage.APPROVED, AssignmentStage.REPLIED, AssignmentStage.WITHDRAWN):
        assert conclude(case(CaseStage.IN_HAND), every).stage is CaseStage.CONCLUDED
    else:
        with pytest.raises(Conflict) as refusal:
            conclude(case(CaseStage.IN_HAND), every)
        assert refusal.value.values["name"] == EPB.name


def test_an_approved_part_is_no_answer_to_the_case():
    with pytest.raises(Conflict):
        conclude(case(CaseStage.IN_HAND), [assignment(AssignmentStage.APPROVED, parent=ASSIGNMENT_ID)])


def test_a_case_nobody_ever_answered_is_not_concluded():
    with pytest.raises(Conflict):
        conclude(case(CaseStage.IN_HAND), [assignment(AssignmentStage.WITHDRAWN)])


def test_a_conclusion_owes_the_petitioner_an_answer():
    with pytest.raises(Refused) as refusal:
        conclude(case(CaseStage.IN_HAND), [assignment(AssignmentStage.APPROVED)], answer=" ")
    assert refusal.value.field == "answer"


def test_a_concluded_case_is_not_concluded_again():
    with pytest.raises(Conflict):
        conclude(case(CaseStage.CONCLUDED), [assignment(AssignmentStage.APPROVED)])


def test_a_reopened_case_stands_in_the_queue_again_and_keeps_its_round():
    concluded = conclude(case(CaseStage.IN_HAND, round=3, read_at=NOW), [assignment(AssignmentStage.APPROVED)])
    again = domain.reopen(concluded, now=later(days=9))
    assert again.stage is CaseStage.REOPENED
    assert (again.queued_at, again.round, again.read_at, again.concluded_at) == (later(days=9), 3, None, None)
    assert instruct(again)[1].round == 4
