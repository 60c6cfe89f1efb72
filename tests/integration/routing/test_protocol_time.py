"""More time, once for each case: asked for across the link, given by authority, told to each instance that works on the case."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from services.routing.domain import Extension
from shared.contract.envelope import instant
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.routing.test_protocol_objection import handed_down, received
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
    event,
    instruct,
)  # fmt: skip


def ask(where: Instance, assignment: UUID, official: str = EPB, days: int = 20, **more) -> Extension:
    with where.work() as uow:
        return handlers.ask_extension(uow, assignment, official, days, "检测尚未出结果", **more)


def decide(county: Instance, extension: UUID, *, grant: bool = True, days: int = 15, by: str = SECRETARY) -> None:
    with county.work() as uow:
        handlers.decide_extension(uow, extension, by, grant=grant, days=days, said="案情复杂，需要检测。")


def missed(where: Instance, case_id: UUID) -> None:
    due = {
        "deadline_id": str(uuid4()), "obligation": "conclude", "round": 1, "due_at": instant(beijing("2016-11-18 00:00")),
        "responsible": None, "policy": "yongxing/2", "rule": "conclude-ordinary-10", "fired_at": instant(AT), "late": False,
    }  # fmt: skip
    where.hear(event("deadline.missed", case_id, due, source=f"/{where.org}/supervision", at=AT))


# -- extension ------------------------------------------------------------------------------------------------------
def test_more_time_is_given_by_the_first_in_command_alone_and_told_to_everybody_who_works_on_the_case(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
    asked = ask(county, assignment)
    for by in (OFFICE, VICE, EPB, MATIAN):
        with pytest.raises(Forbidden):
            decide(county, asked.id, by=by)
    decide(county, asked.id)
    told = county.told("assignment.extended")
    assert {(one.stream.split(" ")[1], one.data["days"], one.data["authority"]["official"]) for one in told} == {
        ("431023-epb", 15, SECRETARY), ("431023101", 15, SECRETARY),
    }  # fmt: skip
    assert {one.data["extension_id"] for one in told} == {str(asked.id)}
    assert {one.data["reasons"] for one in told} == {"案情复杂，需要检测。"}


def test_a_case_is_extended_once(county, case_id):
    first, second = received(county, case_id), None
    asked = ask(county, first)
    instruct(county, case_id, MATIAN)
    second = county.assignment(case_id, MATIAN)
    with county.work() as uow:
        handlers.receive(uow, second, MATIAN)
    other = ask(county, second, MATIAN)
    decide(county, asked.id)
    with pytest.raises(Conflict):
        decide(county, other.id)
    with pytest.raises(Conflict):
        ask(county, first)
    with pytest.raises(psycopg2.errors.UniqueViolation), county.work() as uow:
        uow.all("UPDATE extension SET stage = 'granted', decided_at = now() WHERE stage = 'asked'")
    assert len({told.data["extension_id"] for told in county.told("assignment.extended")}) == 1


def test_a_refusal_says_why_and_leaves_the_way_open(county, case_id):
    assignment = received(county, case_id)
    asked = ask(county, assignment)
    decide(county, asked.id, grant=False)
    with pytest.raises(Conflict):
        decide(county, asked.id)
    assert county.told("assignment.extended") == []
    assert county.told("assignment.extension_refused")[0].data["reasons"] == "案情复杂，需要检测。"
    ask(county, assignment)


def test_after_the_limit_nothing_is_extended(county, case_id):
    assignment = received(county, case_id)
    asked = ask(county, assignment)
    missed(county, case_id)
    with pytest.raises(Conflict):
        decide(county, asked.id)
    decide(county, asked.id, grant=False)
    with pytest.raises(Conflict):
        ask(county, assignment)


def test_nobody_asks_for_another_and_the_same_form_asks_once(county, case_id):
    assignment, once = received(county, case_id), uuid4()
    with pytest.raises(Forbidden):
        ask(county, assignment, OFFICE)
    for _ in range(2):
        ask(county, assignment, extension_id=once)
    assert len(county.told("assignment.extension_requested")) == 1
    with pytest.raises(NotFound):
        decide(county, uuid4())


def test_a_case_that_is_over_is_not_extended(county, case_id):
    assignment = received(county, case_id)
    asked = ask(county, assignment)
    with county.work() as uow:
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")
    with pytest.raises(Conflict):
        decide(county, asked.id)


def test_where_nothing_is_at_work_any_more_no_time_is_given_that_nobody_would_be_told_of(county, case_id):
    assignment = received(county, case_id)
    asked = ask(county, assignment)
    with county.work() as uow:
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, OFFICE)
    with pytest.raises(Conflict):
        decide(county, asked.id)
    assert [row["stage"] for row in county.query("SELECT stage FROM extension")] == ["asked"]
    decide(county, asked.id, grant=False)


@pytest.mark.parametrize("grant", [True, False])
def test_across_the_link_both_sides_hold_the_same_request_and_decision(county, township, case_id, grant):
    assignment = handed_down(county, township, case_id)
    asked = ask(township, assignment, TOWN)
    assert township.carry_to(county) == ["assignment.received", "assignment.extension_requested"]
    with pytest.raises(Forbidden):
        decide(township, asked.id, by="o-431023104-secretary")
    decide(county, asked.id, grant=grant)
    county.carry_to(township)
    same = (
        "SELECT id, case_id, assignment_id, stage, days, reasons, said, asked_by, asked_at, decided_by, decided_at FROM extension"
    )
    assert county.query(same) == township.query(same)
    assert county.query(same)[0]["stage"] == ("granted" if grant else "refused")


def test_an_instance_that_did_not_ask_is_told_of_the_cases_extension_too(county, township, case_id):
    handed_down(county, township, case_id)
    assignment = received(county, case_id)
    decide(county, ask(county, assignment).id)
    assert "assignment.extended" in county.carry_to(township)
    row = township.query("SELECT stage, days, asked_by FROM extension")[0]
    assert row == {"stage": "granted", "days": 15, "asked_by": None}
    with pytest.raises(Conflict):
        ask(township, township.assignment(case_id, TOWN), TOWN)


@pytest.mark.parametrize("days", [0, 31, 400])
def test_what_a_township_asks_beyond_the_regulation_is_refused(county, township, case_id, days):
    assignment = handed_down(county, township, case_id)
    township.carry_to(county)
    by = county.assignments(case_id)[0]["responsible"]
    data = {
        "assignment_id": str(assignment), "extension_id": str(uuid4()), "days": days, "reasons": "x", "by": by, "at": instant(AT),
    }  # fmt: skip
    with pytest.raises(Refused):
        county.hear(event("assignment.extension_requested", case_id, data, source="/431023104/routing", at=AT, key="431023"))


@pytest.mark.parametrize("verb", ["extended", "paused", "resumed", "objection_decided", "extension_refused"])
def test_a_neighbour_gives_no_time(county, township, case_id, verb):
    assignment = handed_down(county, township, case_id)
    who = township.assignments(case_id)[0]["issued_by"]
    data = {
        "assignment_id": str(assignment), "extension_id": str(uuid4()), "pause_id": str(uuid4()), "days": 10, "reasons": "x",
        "category": "hearing", "decision": "upheld", "authority": who, "by": who, "at": instant(AT),
    }  # fmt: skip
    with pytest.raises(Refused):
        township.hear(event(f"assignment.{verb}", case_id, data, source="/431023101/routing", at=AT, key="431023104"))
    assert township.query("SELECT id FROM extension") == township.query("SELECT id FROM pause") == []


def test_the_lead_of_joint_units_asks_for_them_all(county, case_id):
    with county.work() as uow:
        handlers.escalate(uow, case_id, SECRETARY, "牵头办理。", VICE, [CDI, EPB])
    lead = county.assignment(case_id, VICE)
    with county.work() as uow:
        handlers.receive(uow, lead, VICE)
    decide(county, ask(county, lead, VICE).id)
    assert len(county.told("assignment.extended")) == 3
