"""One named person is responsible: he receives, objects, reports, signs; the issuer returns, approves, withdraws."""

import hashlib
from dataclasses import replace

import pytest

from services.routing import domain
from services.routing.workflow import AssignmentStage as A
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.routing.builders import (
    ASSIGNMENT_ID,
    CASE_ID,
    EPB,
    NOW,
    OTHER_ID,
    REPLY_ID,
    SECRETARY,
    TOWN,
    VICE,
    assignment,
    later,
    reply,
)

ACTS = {
    "receive": lambda subject, by: domain.receive(subject, by, now=NOW),
    "object_to": lambda subject, by: domain.object_to(subject, by, "不属本镇", note_id=OTHER_ID, now=NOW),
    "progress": lambda subject, by: domain.progress(subject, by, "已到现场", note_id=OTHER_ID, now=NOW),
    "reply": lambda subject, by: domain.replied(subject, by, reply(by)),
}
START = {"receive": A.ISSUED, "object_to": A.RECEIVED, "progress": A.RECEIVED, "reply": A.RECEIVED}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("by", [SECRETARY, VICE, EPB], ids=["issuer", "leader", "another unit"])
def test_nobody_but_the_person_responsible_may_act(act, by):
    with pytest.raises(Forbidden):
        ACTS[act](assignment(START[act]), by)


def test_the_same_official_in_another_post_is_still_the_person_responsible():
    promoted = replace(TOWN, post="镇党委书记、人大主席")
    assert domain.receive(assignment(), promoted, now=NOW).stage is A.RECEIVED


def test_receipt_objection_and_progress_move_the_assignment_and_leave_a_note():
    received = domain.receive(assignment(), TOWN, now=later(hours=1))
    assert (received.stage, received.received_at) == (A.RECEIVED, later(hours=1))
    objected, objection = domain.object_to(received, TOWN, " 不属本镇 ", note_id=OTHER_ID, now=later(hours=2))
    assert (objected.stage, objected.objected_at) == (A.OBJECTED, later(hours=2))
    assert (objection.kind, objection.text, objection.by) == ("objection", "不属本镇", TOWN)
    moved, report = domain.progress(objected, TOWN, "已到现场", note_id=OTHER_ID, now=later(hours=3))
    assert (moved.stage, moved.progressed_at, report.kind) == (A.PROGRESSED, later(hours=3), "progress")


def test_an_objection_or_a_report_without_words_is_refused():
    with pytest.raises(Refused) as refusal:
        domain.object_to(assignment(A.RECEIVED), TOWN, "  ", note_id=OTHER_ID, now=NOW)
    assert refusal.value.field == "reasons"
    with pytest.raises(Refused) as refusal:
        domain.progress(assignment(A.RECEIVED), TOWN, "", note_id=OTHER_ID, now=NOW)
    assert refusal.value.field == "text"


def test_a_reply_stands_for_a_decision():
    after = domain.replied(assignment(A.RECEIVED), TOWN, reply())
    assert (after.stage, after.reply_id, after.replied_at) == (A.REPLIED, REPLY_ID, NOW)


def test_a_reply_signed_by_another_is_refused_even_when_the_person_responsible_hands_it_in():
    with pytest.raises(Forbidden) as refusal:
        domain.replied(assignment(A.RECEIVED), TOWN, reply(EPB))
    assert refusal.value.field == "signature"


@pytest.mark.parametrize("wrong", [{"assignment_id": OTHER_ID}, {"case_id": OTHER_ID}, {"round_number": 2}])
def test_a_reply_to_something_else_is_refused(wrong):
    with pytest.raises(Refused):
        domain.replied(assignment(A.RECEIVED), TOWN, reply(**wrong))


def replied():
    return assignment(A.REPLIED, reply_id=REPLY_ID, replied_at=NOW)


def test_a_returned_reply_is_answered_by_another_and_then_approved():
    returned = domain.return_reply(replied(), REPLY_ID, by=SECRETARY, reasons="大事化小", now=later(days=1))
    assert (returned.stage, returned.returned_at) == (A.RETURNED, later(days=1))
    again = domain.replied(returned, TOWN, reply(reply_id=OTHER_ID))
    approved = domain.approve(again, OTHER_ID, by=SECRETARY, now=later(days=2))
    assert (approved.stage, approved.approved_at) == (A.APPROVED, later(days=2))


def test_a_return_needs_reasons():
    with pytest.raises(Refused) as refusal:
        domain.return_reply(replied(), REPLY_ID, by=SECRETARY, reasons=" ", now=NOW)
    assert refusal.value.field == "reasons"


@pytest.mark.parametrize(
    "decide",
    [
        lambda subject, reply_id, by: domain.approve(subject, reply_id, by=by, now=NOW),
        lambda subject, reply_id, by: domain.return_reply(subject, reply_id, by=by, reasons="重办", now=NOW),
    ],
    ids=["approve", "return"],
)
def test_nobody_decides_on_his_own_reply_nor_on_one_that_was_replaced(decide):
    with pytest.raises(Forbidden):
        decide(replied(), REPLY_ID, TOWN)
    with pytest.raises(Conflict):
        decide(replied(), OTHER_ID, SECRETARY)


def test_a_withdrawn_assignment_says_why():
    after = domain.withdraw(assignment(), "conflict", now=later(hours=1))
    assert (after.stage, after.withdrawn_reason, after.withdrawn_at) == (
        A.WITHDRAWN,
        "conflict",
        later(hours=1),
    )


# -- the signature --------------------------------------------------------------------------------------------------
def test_the_signature_names_identity_time_and_the_hash_of_the_canonical_form():
    signed = reply(now=later(microseconds=1999))
    assert signed.signature["official"] == TOWN.official
    assert signed.signature["at"] == "2016-11-07T01:30:00.001Z"
    assert signed.signature["alg"] == "sha256"
    assert signed.signature["hash"] == hashlib.sha256(domain.canonical(signed)).hexdigest()
    assert signed.replied_at == later(microseconds=1000)
    assert signed.measures == ("疏通水沟",)
    assert domain.verify(signed)


def test_the_canonical_form_is_written_out_here_so_that_another_system_can_check_a_hash():
    expected = (
        f'{{"answer":"已处理","assignment_id":"{ASSIGNMENT_ID}","case_id":"{CASE_ID}","findings":"已查看",'
        f'"measures":["疏通水沟"],"outcome":"explained","reply_id":"{REPLY_ID}","round":1,"signature":{{"alg":"sha256",'
        '"at":"2016-11-07T01:30:00.000Z","name":"雷卫华","official":"o-431023104-secretary",'
        '"organisation":"431023104","post":"镇党委书记"}}'
    )
    assert domain.canonical(reply()).decode() == expected


@pytest.mark.parametrize(
    "change",
    [
        {"findings": "另说"}, {"answer": "另说"}, {"outcome": "supported"}, {"measures": ()}, {"round": 2},
        {"id": OTHER_ID}, {"case_id": OTHER_ID}, {"assignment_id": OTHER_ID},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_changed_word_no_longer_fits_the_hash(change):
    assert not domain.verify(replace(reply(), **change))


@pytest.mark.parametrize("change", [{"name": "别人"}, {"at": "2016-11-08T01:30:00.000Z"}, {"hash": "0" * 64}])
def test_a_changed_signature_no_longer_fits_the_hash(change):
    signed = reply()
    assert not domain.verify(replace(signed, signature=signed.signature | change))


def test_an_algorithm_that_we_do_not_know_does_not_fit():
    signed = reply()
    other = replace(signed, signature=signed.signature | {"alg": "md5"})
    other.signature["hash"] = hashlib.sha256(domain.canonical(other)).hexdigest()
    assert not domain.verify(other)


@pytest.mark.parametrize(("field", "value"), [("outcome", "perhaps"), ("findings", " "), ("answer", "")])
def test_a_reply_without_outcome_findings_or_answer_is_not_signed(field, value):
    with pytest.raises(Refused) as refusal:
        reply(**{field: value})
    assert refusal.value.field == field
