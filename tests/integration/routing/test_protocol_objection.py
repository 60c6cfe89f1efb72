"""An objection in time is decided by the issuer, in one instance and across the link; the clock goes on meanwhile."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from shared.errors import Conflict, Forbidden, Refused
from tests.integration.routing.world import (
    AT,
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    beijing,
    conflict,
    event,
    instruct,
)  # fmt: skip


def received(county: Instance, case_id: UUID, official: str = EPB) -> UUID:
    """Instructed to and received by an official who works in the county's instance."""
    instruct(county, case_id, official)
    assignment = county.assignment(case_id, official)
    with county.work() as uow:
        handlers.receive(uow, assignment, official)
    return assignment


def limit(where: Instance, case_id: UUID, assignment: UUID, until: str) -> None:
    """Supervision sets how long the assignment may be objected to."""
    data = {
        "deadline_id": str(uuid4()), "obligation": "objection", "round": 1, "due_at": instant(beijing(until)),
        "responsible": None, "policy": "yongxing/2", "rule": "objection-5w", "assignment_id": str(assignment), "set_at": instant(AT),
    }  # fmt: skip
    where.hear(event("deadline.set", case_id, data, source=f"/{where.org}/supervision", at=AT))


def object_to(where: Instance, assignment: UUID, official: str = EPB, **more) -> None:
    with where.work() as uow:
        handlers.object_to(uow, assignment, official, "确非我局管辖", **more)


def decide(county: Instance, assignment: UUID, decision: str, by: str = OFFICE, **more) -> None:
    with county.work() as uow:
        handlers.decide_objection(uow, assignment, by, decision, "已核对职责", **more)


def test_an_objection_is_taken_before_its_limit_and_refused_after_it_with_the_article(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    for official in (EPB, MATIAN):
        with county.work() as uow:
            handlers.receive(uow, county.assignment(case_id, official), official)
        limit(county, case_id, county.assignment(case_id, official), "2016-11-15 00:00")
    county.at("2016-11-14 23:59")
    object_to(county, county.assignment(case_id, EPB))
    county.at("2016-11-15 00:00")
    with pytest.raises(Refused) as refusal:
        object_to(county, county.assignment(case_id, MATIAN), MATIAN)
    assert "第二十三条" in refusal.value.rule
    assert refusal.value.values["day"] == "2016-11-14"
    assert {row["official"]: row["stage"] for row in county.assignments(case_id)} == {EPB: "objected", MATIAN: "received"}
    assert len(county.told("assignment.objected")) == 1


def test_the_limit_of_another_assignment_bars_nobody(county, case_id):
    assignment = received(county, case_id)
    limit(county, case_id, uuid4(), "2016-11-07 09:00")
    object_to(county, assignment)


@pytest.mark.parametrize("by", [OFFICE, SECRETARY])
def test_dismissed_the_work_goes_on_and_no_second_objection_is_heard(county, case_id, by):
    assignment = received(county, case_id)
    object_to(county, assignment)
    decide(county, assignment, "dismissed", by)
    row = county.assignments(case_id)[0]
    assert (row["stage"], row["objection_decision"]) == ("received", "dismissed")
    with pytest.raises(Conflict):
        object_to(county, assignment)
    with pytest.raises(Conflict):
        decide(county, assignment, "upheld")
    with county.work() as uow:
        handlers.reply(uow, assignment, EPB, **REPLY)


def test_upheld_the_assignment_is_withdrawn_at_once_and_another_round_is_open(county, case_id):
    assignment = received(county, case_id)
    object_to(county, assignment)
    decide(county, assignment, "upheld")
    row = county.assignments(case_id)[0]
    assert (row["stage"], row["withdrawn_reason"]) == ("withdrawn", "objection_upheld")
    assert [told.contract.name for told in county.told()][-2:] == ["assignment.objection_decided", "assignment.withdrawn"]
    instruct(county, case_id, MATIAN)
    assert county.assignments(case_id)[-1]["official"] == MATIAN


def test_the_same_form_twice_decides_once(county, case_id):
    assignment, once = received(county, case_id), uuid4()
    object_to(county, assignment)
    for _ in range(2):
        decide(county, assignment, "dismissed", note_id=once)
    assert len(county.told("assignment.objection_decided")) == 1


@pytest.mark.parametrize("by", [EPB, VICE, MATIAN])
def test_nobody_but_the_issuer_decides(county, case_id, by, caplog):
    assignment = received(county, case_id)
    object_to(county, assignment)
    with pytest.raises(Forbidden):
        decide(county, assignment, "upheld", by)
    assert by in caplog.text
    assert county.told("assignment.objection_decided") == []


def test_what_was_answered_is_no_longer_objected_to(county, case_id):
    assignment = received(county, case_id)
    object_to(county, assignment)
    with county.work() as uow:
        handlers.reply(uow, assignment, EPB, **REPLY)
    with pytest.raises(Conflict):
        decide(county, assignment, "upheld")


def handed_down(county: Instance, township: Instance, case_id: UUID) -> UUID:
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    return assignment


def test_across_the_link_the_county_decides_and_both_sides_hold_the_same(county, township, case_id):
    assignment = handed_down(county, township, case_id)
    limit(township, case_id, assignment, "2016-11-15 00:00")
    township.at("2016-11-08 09:00")
    object_to(township, assignment, TOWN)
    with pytest.raises(Forbidden):
        decide(township, assignment, "upheld", "o-431023104-clerk")
    township.carry_to(county)
    decide(county, assignment, "dismissed")
    assert county.carry_to(township) == ["assignment.objection_decided"]
    rows = [where.assignments(case_id)[0] for where in (county, township)]
    assert {(row["stage"], row["objection_decision"]) for row in rows} == {("received", "dismissed")}
    said = [where.query("SELECT kind, text FROM note ORDER BY kind DESC") for where in (county, township)]
    assert said[0] == said[1] == [{"kind": "objection", "text": "确非我局管辖"}, {"kind": "dismissed", "text": "已核对职责"}]


def test_a_township_that_objects_too_late_is_refused_in_its_own_instance(county, township, case_id):
    assignment = handed_down(county, township, case_id)
    limit(township, case_id, assignment, "2016-11-15 00:00")
    township.at("2016-11-16 09:00")
    with pytest.raises(Refused):
        object_to(township, assignment, TOWN)
    assert township.carry_to(county) == ["assignment.received"]


def test_across_the_link_an_upheld_objection_ends_the_townships_part(county, township, case_id):
    assignment = handed_down(county, township, case_id)
    object_to(township, assignment, TOWN)
    township.carry_to(county)
    decide(county, assignment, "upheld")
    assert county.carry_to(township) == ["assignment.objection_decided", "assignment.withdrawn"]
    assert township.assignments(case_id)[0]["withdrawn_reason"] == "objection_upheld"
    assert township.stage(case_id) == "concluded"


def test_a_decision_that_crosses_a_report_or_a_reply_leaves_the_work_where_it_is(county, township, case_id):
    assignment = handed_down(county, township, case_id)
    object_to(township, assignment, TOWN)
    township.carry_to(county)
    decide(county, assignment, "dismissed")
    with township.work() as uow:
        handlers.progress(uow, assignment, TOWN, "边议边办")
    county.carry_to(township)
    assert township.assignments(case_id)[0]["stage"] == "progressed"
    township.carry_to(county)
    assert county.assignments(case_id)[0]["stage"] == "progressed"


def test_whoever_is_barred_neither_objects_nor_decides(county, case_id):
    assignment = received(county, case_id, CDI)
    object_to(county, assignment, CDI)
    county.hear(conflict(case_id, AT, officials=[OFFICE]))
    with pytest.raises(Refused):
        decide(county, assignment, "upheld", OFFICE)
    decide(county, assignment, "upheld", SECRETARY)
