"""What is refused: to the barred, to whoever may not do it, twice; and that records stay as they were written."""

from __future__ import annotations

import logging
from uuid import uuid4

import psycopg2
import pytest

from services.routing import handlers
from services.routing.domain import Barred
from services.routing.handlers import HEARS
from shared.contract import heard_by
from shared.errors import Conflict, Forbidden, NotFound, Refused
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
    conflict,
    instruct,
    registered,
)


def test_routing_hears_what_the_contract_says_and_nothing_else():
    assert set(HEARS) == {contract.name for contract in heard_by("routing")}


# -- the guard ------------------------------------------------------------------------------------------------------
def test_a_bar_that_comes_before_the_case_holds_when_the_case_comes(county):
    made = uuid4()
    county.hear(conflict(made, AT, officials=[EPB]))
    county.hear(registered(made, AT))
    with pytest.raises(Refused) as refusal:
        instruct(county, made, EPB)
    assert refusal.value.field == "addressees"


@pytest.mark.parametrize("part", ["handling", "lead", "joint"])
def test_a_barred_official_takes_no_part_whatever_it_is_called(county, case_id, part):
    county.hear(conflict(case_id, AT, organisations=["431023-gov"]))
    addressees = [(VICE, part)] if part != "joint" else [(CDI, "lead"), (EPB, "joint")]
    with pytest.raises(Refused), county.work() as uow:
        handlers.instruct(uow, case_id, SECRETARY, "请办理。", addressees, "ordinary")
    assert county.assignments(case_id) == []


def test_a_conflict_found_out_after_the_assignment_takes_it_back_and_shuts_the_township(county, township, case_id):
    instruct(county, case_id, TOWN, EPB)
    county.carry_to(township)
    township.at("2016-11-08 09:00")
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    county.hear(conflict(case_id, AT, organisations=["431023104"]))
    withdrawn = county.told("assignment.withdrawn")
    assert [(told.data["reason"], told.data["responsible"]["official"]) for told in withdrawn] == [("conflict", TOWN)]
    assert county.told("case.barred")[0].data["organisations"] == ["431023104"]
    assert {row["official"]: row["stage"] for row in county.assignments(case_id)} == {TOWN: "withdrawn", EPB: "issued"}
    township.carry_to(county)  # the receipt crossed the withdrawal
    county.carry_to(township)
    for official in (TOWN, "o-431023104-clerk", "o-431023104-officer-env"):
        with pytest.raises(NotFound), township.work() as uow:
            handlers.reply(uow, assignment, official, **REPLY)
    assert township.query("SELECT official FROM reading") == [{"official": TOWN}]  # what was read stays known


def test_a_barred_official_is_told_that_there_is_no_such_case_and_the_try_is_logged(county, case_id, caplog):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    county.hear(conflict(case_id, AT, officials=[EPB]))
    with caplog.at_level(logging.WARNING), pytest.raises(Barred), county.work() as uow:
        handlers.receive(uow, assignment, EPB)
    assert EPB in caplog.text
    assert "谭建国" not in caplog.text


@pytest.mark.parametrize("named", [{"officials": [SECRETARY]}, {"organisations": ["431023"]}])
def test_a_case_against_the_own_head_or_organisation_is_instructed_by_nobody_here(county, case_id, named):
    county.hear(conflict(case_id, AT, **named))
    with pytest.raises((Forbidden, NotFound)):
        instruct(county, case_id, EPB)
    with pytest.raises((Forbidden, NotFound)), county.work() as uow:
        handlers.review(uow, case_id, SECRETARY)


def test_everybody_may_recuse_himself_and_only_the_office_recuses_others(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.recuse(uow, case_id, EPB, official=MATIAN, ground="kin")
    with county.work() as uow:
        handlers.recuse(uow, case_id, EPB, official=EPB, ground="kin")
    with county.work() as uow:
        handlers.recuse(uow, case_id, OFFICE, official=MATIAN, ground="interest")
    assert {row["stage"] for row in county.assignments(case_id)} == {"withdrawn"}
    with pytest.raises(Refused), county.work() as uow:
        handlers.recuse(uow, case_id, OFFICE, official="o-nobody", ground="kin")


# -- who may do what ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("official", [OFFICE, EPB, TOWN, "o-nobody"])
def test_only_the_first_in_command_instructs(county, case_id, official):
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.instruct(uow, case_id, official, "请办理。", [(EPB, "handling")], "ordinary")


def test_only_the_office_and_the_first_in_command_decide_conclude_and_record(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    for act in (
        lambda uow: handlers.approve(uow, said.id, MATIAN),
        lambda uow: handlers.return_reply(uow, said.id, EPB, "重办"),
        lambda uow: handlers.withdraw(uow, assignment, VICE),
        lambda uow: handlers.conclude(uow, case_id, EPB, outcome="supported", summary="", answer="已办"),
        lambda uow: handlers.record_accountability(
            uow, case_id, CDI, kind="decision", person="甲", organisation="431023-epb", measure="警告",
            decided_by="常委会", decided_on=AT.date(),
        ),
    ):  # fmt: skip
        with pytest.raises(Forbidden), county.work() as uow:
            act(uow)


def test_a_case_is_not_concluded_while_a_reply_is_owed(county, case_id):
    instruct(county, case_id, EPB)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.conclude(uow, case_id, OFFICE, outcome="supported", summary="", answer="已办")
    assert county.told("case.concluded") == []


def test_a_township_cannot_instruct_conclude_or_decide_on_what_came_from_above(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
        said = handlers.reply(uow, assignment, TOWN, **REPLY)
    for act in (
        lambda uow: handlers.instruct(uow, case_id, TOWN, "转办", [("o-431023104-clerk", "handling")], "ordinary"),
        lambda uow: handlers.conclude(uow, case_id, TOWN, outcome="supported", summary="", answer="已办"),
        lambda uow: handlers.approve(uow, said.id, "o-431023104-clerk"),
        lambda uow: handlers.withdraw(uow, assignment, "o-431023104-clerk"),
    ):
        with pytest.raises(Refused), township.work() as uow:
            act(uow)


def test_the_work_of_a_township_is_not_done_in_the_countys_system(county, case_id):
    instruct(county, case_id, TOWN)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.receive(uow, county.assignment(case_id, TOWN), TOWN)


# -- the same twice -------------------------------------------------------------------------------------------------
def test_the_same_form_twice_takes_effect_once(county, case_id):
    once, note, answer = uuid4(), uuid4(), uuid4()
    for _ in range(2):
        instruct(county, case_id, EPB, instruction_id=once)
    assignment = county.assignment(case_id, EPB)
    for _ in range(2):
        with county.work() as uow:
            handlers.receive(uow, assignment, EPB)
        with county.work() as uow:
            handlers.progress(uow, assignment, EPB, "已到现场", note_id=note)
    for _ in range(2):
        with county.work() as uow:
            handlers.reply(uow, assignment, EPB, **REPLY, reply_id=answer)
    counts = {name: len(county.told(name)) for name in ("case.instructed", "assignment.received",
              "assignment.progressed", "assignment.replied")}  # fmt: skip
    assert set(counts.values()) == {1}, counts


def test_an_addressee_of_the_next_round_owes_one_reply_not_two(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    instruct(county, case_id, EPB)
    stages = [(row["official"], row["round"], row["stage"]) for row in county.assignments(case_id)]
    assert sorted(stages) == [(EPB, 1, "withdrawn"), (EPB, 2, "issued"), (MATIAN, 1, "issued")]
    assert county.told("assignment.withdrawn")[0].data["reason"] == "replaced"


# -- records --------------------------------------------------------------------------------------------------------
def test_records_are_neither_edited_nor_deleted(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        handlers.progress(uow, assignment, EPB, "已到现场")
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
        handlers.record_accountability(
            uow, case_id, OFFICE, kind="proposal", person="甲", organisation="431023-epb", measure="警告",
            decided_by="县纪委", decided_on=AT.date(),
        )  # fmt: skip
    for table in ("instruction", "reply", "verdict", "note", "accountability"):
        for statement in ("UPDATE {} SET case_id = gen_random_uuid()", "DELETE FROM {}"):
            with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
                uow.all(statement.format(table))


@pytest.mark.parametrize(("table", "stage"), [("case_record", "archived"), ("assignment", "approved")])
def test_the_database_refuses_a_move_that_the_table_does_not_have(county, case_id, table, stage):
    instruct(county, case_id, EPB)
    with pytest.raises(psycopg2.errors.RaiseException, match="does not go from"), county.work() as uow:
        uow.all(f"UPDATE {table} SET stage = '{stage}'")
