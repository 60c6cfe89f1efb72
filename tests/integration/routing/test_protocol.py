"""The protocol between instances: strangers on the bus, what comes out of order, what intake and followup tell."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from services.routing.domain import sign
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.errors import Forbidden, NotYet, Refused
from tests.integration.routing.world import (
    AT,
    EPB,
    REPLY,
    SECRETARY,
    TOWN,
    Instance,
    beijing,
    event,
    instruct,
)


# -- strangers on the bus -------------------------------------------------------------------------------------------
def from_township(county: Instance, name: str, assignment: UUID, case_id: UUID, source="/431023104/routing", **data):
    by = {"official": TOWN, "name": "雷卫华", "post": "柏林镇党委书记", "organisation": "431023104"}
    told = {"assignment_id": str(assignment), "by": by, "received_at": instant(AT)} | data
    return event(name, case_id, told, source=source, at=AT, key="431023")


@pytest.mark.parametrize("source", ["/431023101/routing", "/431024/routing", "/431023104-office/routing"])
def test_a_neighbour_cannot_speak_for_a_township(county, case_id, source):
    instruct(county, case_id, TOWN)
    assignment = county.assignment(case_id, TOWN)
    with pytest.raises(Refused):
        county.hear(from_township(county, "assignment.received", assignment, case_id, source=source))
    county.hear(from_township(county, "assignment.received", assignment, case_id))
    assert county.assignments(case_id)[0]["stage"] == "received"


def test_a_township_cannot_speak_of_work_that_is_done_in_the_county_or_for_another_person(county, case_id):
    instruct(county, case_id, EPB, TOWN)
    with pytest.raises(Refused):
        county.hear(from_township(county, "assignment.received", county.assignment(case_id, EPB), case_id))
    other = {"official": "o-431023104-clerk", "name": "吴梅", "post": "主任", "organisation": "431023104-office"}
    with pytest.raises(Forbidden):
        county.hear(from_township(county, "assignment.received", county.assignment(case_id, TOWN), case_id, by=other))


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: data | {"findings": "改动过"},
        lambda data: data | {"signature": data["signature"] | {"name": "别人"}},
        lambda data: data | {"signature": data["signature"] | {"hash": "0" * 64}},
        lambda data: data | {"signature": data["signature"] | {"alg": "md5"}},
        lambda data: data | {"round": 2},
        lambda data: data | {"replied_at": instant(AT + timedelta(seconds=1))},
    ],
    ids=["words", "name", "hash", "algorithm", "round", "time"],
)
def test_a_reply_whose_signature_does_not_fit_is_refused(county, township, case_id, forge):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    township.carry_to(county)
    with township.work() as uow:
        handlers.reply(uow, assignment, TOWN, **REPLY)
    genuine = township.told("assignment.replied")[0]
    forged = event("assignment.replied", case_id, forge(dict(genuine.data)), source=genuine.source, at=AT, key="431023")
    with pytest.raises(Refused):
        county.hear(forged)
    assert county.query("SELECT id FROM reply") == []
    county.hear(genuine)
    assert county.assignments(case_id)[0]["stage"] == "replied"


def test_a_reply_that_was_returned_does_not_stand_again_when_it_is_sent_again(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
        handlers.reply(uow, assignment, TOWN, **REPLY)
    township.carry_to(county)
    genuine = township.told("assignment.replied")[0]
    with county.work() as uow:
        handlers.return_reply(uow, UUID(genuine.data["reply_id"]), SECRETARY, "敷衍")
    again = event("assignment.replied", case_id, dict(genuine.data), source=genuine.source, at=AT, key="431023")
    with pytest.raises(Refused):
        county.hear(again)
    assert county.assignments(case_id)[0]["stage"] == "returned"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_a_township_tells_lies_between_the_issue_and_now_as_far_as_clocks_agree(county, case_id, minutes):
    instruct(county, case_id, TOWN)
    assignment = county.assignment(case_id, TOWN)
    wrong = instant(AT + timedelta(minutes=minutes))

    def told(name: str, when: str, **data):
        return from_township(county, f"assignment.{name}", assignment, case_id, **data, **{f"{name}_at": when})

    for name, data in (("received", {}), ("objected", {"reasons": "不属本镇"}), ("progressed", {"text": "已入户"})):
        county.hear(told(name, wrong, **data))  # taken all the same, at an instant that can be
    kept = county.assignments(case_id)[0]
    assert {kept[name] for name in ("received_at", "objected_at", "progressed_at")} == {AT}
    signer = Person.of(county.told("assignment.issued")[0].data["responsible"])
    for off in (minutes, minutes * 2 / 3):
        signed = sign(
            signer, reply_id=uuid4(), assignment_id=assignment, case_id=case_id, round_number=1,
            now=AT + timedelta(minutes=off), **REPLY,
        )  # fmt: skip
        data = REPLY | {
            "reply_id": str(signed.id),
            "round": 1,
            "signature": signed.signature,
            "replied_at": signed.signature["at"],
        }
        if off == minutes:
            with pytest.raises(Refused):
                county.hear(from_township(county, "assignment.replied", assignment, case_id, **data))
        else:
            county.hear(from_township(county, "assignment.replied", assignment, case_id, **data))
    assert county.assignments(case_id)[0]["stage"] == "replied"


def test_a_township_takes_cases_from_its_superiors_only_and_for_its_own_people_only(county, township, case_id):
    instruct(county, case_id, TOWN)
    issued = county.told("assignment.issued")[0]
    for source, data in (
        ("/431023101/routing", issued.data),
        ("/431023/routing", issued.data | {"responsible": issued.data["responsible"] | {"organisation": "431023101"}}),
    ):
        with pytest.raises(Refused):
            township.hear(event("assignment.issued", case_id, dict(data), source=source, at=AT, key="431023104"))
    assert township.query("SELECT id FROM case_record") == []


def test_an_event_before_its_cause_waits(county, township, case_id):
    instruct(county, case_id, TOWN)
    for name, data in (
        ("assignment.received", {}),
        ("assignment.progressed", {"text": "x", "progressed_at": instant(AT)}),
    ):
        with pytest.raises(NotYet):
            county.hear(from_township(county, name, uuid4(), case_id, **data))
    withdrawn = {"assignment_id": str(uuid4()), "reason": "replaced", "by": None, "withdrawn_at": instant(AT),
                 "responsible": county.told("assignment.issued")[0].data["responsible"]}  # fmt: skip
    with pytest.raises(NotYet):
        township.hear(event("assignment.withdrawn", case_id, withdrawn, source="/431023/routing", at=AT))
    closed = {"reason": "withdrawn", "by": None, "closed_at": instant(AT)}
    with pytest.raises(NotYet):
        county.hear(event("case.closed", case_id, closed, source="/431023/followup", at=AT))
    with pytest.raises(NotYet):
        county.hear(event("case.closed", uuid4(), closed, source="/431023/followup", at=AT))


def test_a_petition_that_is_withdrawn_takes_every_assignment_back_and_can_then_be_closed(county, township, case_id):
    instruct(county, case_id, TOWN, EPB)
    county.carry_to(township)
    by_petitioner = event("case.withdrawn", case_id, {"withdrawn_at": instant(AT), "by": None}, source="/431023/intake", at=AT)
    county.hear(by_petitioner)
    county.hear(by_petitioner)
    assert {row["stage"] for row in county.assignments(case_id)} == {"withdrawn"}
    county.carry_to(township)
    assert township.assignments(case_id)[0]["withdrawn_reason"] == "petition_withdrawn"
    closed = {"reason": "withdrawn", "by": None, "closed_at": instant(AT)}
    county.hear(event("case.closed", case_id, closed, source="/431023/followup", at=AT))
    assert county.stage(case_id) == "closed"


def test_what_intake_and_supervision_tell_shows_in_the_queue(county, case_id):
    by = {"official": "o-1", "name": "李", "post": "登记员", "organisation": "431023-xf"}
    words = {"title": "新题目", "brief": "新摘要", "category": "water", "place": "431023104", "by": by, "at": instant(AT)}
    county.hear(
        event("case.supplemented", case_id, words, source="/431023/intake", at=AT),
        event("case.accepted", case_id, {"accepted_at": instant(AT), "by": by}, source="/431023/intake", at=AT),
    )
    due = {"deadline_id": str(uuid4()), "obligation": "conclude", "round": 1, "due_at": instant(beijing("2016-11-17 00:00")),
           "responsible": None, "policy": "yongxing", "rule": "ordinary", "set_at": instant(AT)}  # fmt: skip
    county.hear(event("deadline.set", case_id, due, source="/431023/supervision", at=AT))
    missed = due | {"fired_at": instant(AT), "late": False}
    county.hear(event("deadline.missed", case_id, missed, source="/431023/supervision", at=AT))
    assert county.query("SELECT title, accepted_at FROM case_record")[0] == {"title": "新题目", "accepted_at": AT}
    assert [row["standing"] for row in county.query("SELECT standing FROM deadline")] == ["missed"]


def test_dissatisfaction_that_is_told_twice_reopens_once(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")
    told = {"round": 1, "at": instant(AT), "source": "petitioner"}
    for _ in range(2):
        county.hear(event("case.dissatisfied", case_id, told, source="/431023/followup", at=AT))
    assert len(county.told("case.reopened")) == 1
    assert county.stage(case_id) == "reopened"
