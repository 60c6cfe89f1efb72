"""Parts handed on within an organisation, and joint units with one lead, in a township's instance and in a unit of the county's."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from services.routing.domain import Assignment
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
    conflict,
    instruct,
)

EPB_OFFICER, STATION, TOWN_OFFICE = "o-431023-epb-officer", "o-431023104-officer-env", "o-431023104-clerk"


def hand_on(where: Instance, assignment: UUID, by: str, to: str, **more) -> Assignment:
    with where.work() as uow:
        return handlers.hand_on(uow, assignment, by, to, "请取样检测，三日内报我。", **more)


def replied(where: Instance, assignment: UUID, official: str) -> UUID:
    with where.work() as uow:
        handlers.receive(uow, assignment, official)
    with where.work() as uow:
        return handlers.reply(uow, assignment, official, **REPLY).id


@pytest.fixture(params=["township", "unit"])
def place(request, county, township, case_id) -> tuple[Instance, UUID, str, str]:
    """Where it is worked on, the assignment, its person responsible, and one of his people."""
    if request.param == "township":
        return township, handed_down(county, township, case_id), TOWN, STATION
    return county, received(county, case_id), EPB, EPB_OFFICER


def test_a_part_is_answered_to_him_who_handed_it_on_and_only_he_signs_upward(place, county, township, case_id):
    where, whole, head, officer = place
    part = hand_on(where, whole, head, officer)
    told = where.told("assignment.issued")[-1]
    assert (told.data["parent"], told.data["responsible"]["official"]) == (str(whole), officer)
    assert told.stream.split(" ")[1] == part.responsible.organisation
    said = replied(where, part.id, officer)
    for by in (OFFICE if where is county else TOWN_OFFICE, SECRETARY if where is county else STATION):
        with pytest.raises((Forbidden, NotFound)), where.work() as uow:
            handlers.approve(uow, said, by)
    with where.work() as uow:
        handlers.return_reply(uow, said, head, "没有数据，请补测。")
    with where.work() as uow:
        again = handlers.reply(uow, part.id, officer, **REPLY)
    with where.work() as uow:
        handlers.approve(uow, again.id, head)
    with pytest.raises(Forbidden), where.work() as uow:
        handlers.reply(uow, whole, officer, **REPLY)
    with where.work() as uow:
        handlers.reply(uow, whole, head, **REPLY)
    stages = {row["official"]: row["stage"] for row in where.assignments(case_id)}
    assert stages[officer] == "approved"
    assert stages[head] == "replied"


def test_nothing_of_a_part_crosses_the_link(county, township, case_id):
    whole = handed_down(county, township, case_id)
    township.carry_to(county)
    part = hand_on(township, whole, TOWN, STATION)
    replied(township, part.id, STATION)
    assert township.carry_to(county) == []
    assert [row["official"] for row in county.assignments(case_id)] == [TOWN]


@pytest.mark.parametrize("to", [VICE, EPB, MATIAN, "o-nobody", TOWN])
def test_a_part_stays_in_the_own_organisation(county, township, case_id, to):
    whole = handed_down(county, township, case_id)
    with pytest.raises(Refused):
        hand_on(township, whole, TOWN, to)
    with pytest.raises(Forbidden):
        hand_on(township, whole, TOWN_OFFICE, STATION)


def test_the_same_form_hands_on_once_and_nobody_has_two_open_parts(county, case_id):
    whole, once = received(county, case_id), uuid4()
    for _ in range(2):
        hand_on(county, whole, EPB, EPB_OFFICER, part_id=once)
    with pytest.raises(Conflict):
        hand_on(county, whole, EPB, EPB_OFFICER)
    assert len(county.told("assignment.issued")) == 2


def test_whoever_is_barred_gets_no_part_and_loses_the_one_that_he_has(county, case_id):
    whole = received(county, case_id)
    county.hear(conflict(case_id, AT, officials=[EPB_OFFICER]))
    with pytest.raises(Refused) as refusal:
        hand_on(county, whole, EPB, EPB_OFFICER)
    assert "条例" in refusal.value.rule


def test_a_conflict_found_out_later_takes_a_part_back(county, case_id):
    whole = received(county, case_id)
    hand_on(county, whole, EPB, EPB_OFFICER)
    county.hear(conflict(case_id, AT, officials=[EPB_OFFICER]))
    rows = {row["official"]: (row["stage"], row["withdrawn_reason"]) for row in county.assignments(case_id)}
    assert rows == {EPB: ("received", None), EPB_OFFICER: ("withdrawn", "conflict")}


def end_by_withdrawal(county: Instance, whole: UUID) -> None:
    with county.work() as uow:
        handlers.withdraw(uow, whole, OFFICE)


def end_by_approval(county: Instance, whole: UUID) -> None:
    reply = county.query("SELECT reply_id FROM assignment WHERE id = %(id)s", id=whole)[0]["reply_id"]
    with county.work() as uow:
        handlers.approve(uow, reply, SECRETARY)


def end_by_another_round(county: Instance, whole: UUID) -> None:
    case_id = county.query("SELECT case_id FROM assignment WHERE id = %(id)s", id=whole)[0]["case_id"]
    instruct(county, case_id, MATIAN, earlier="withdrawn")


@pytest.mark.parametrize("end", [end_by_withdrawal, end_by_approval, end_by_another_round])
def test_what_ends_the_whole_ends_its_open_parts_and_leaves_those_that_are_done(place, county, township, case_id, end):
    where, whole, head, officer = place
    done = hand_on(where, whole, head, officer)
    said = replied(where, done.id, officer)
    with where.work() as uow:
        handlers.approve(uow, said, head)
    left = hand_on(where, whole, head, officer)
    with where.work() as uow:
        handlers.reply(uow, whole, head, **REPLY)
    township.carry_to(county)
    end(county, whole)
    county.carry_to(township)
    rows = {row["id"]: (row["stage"], row["withdrawn_reason"]) for row in where.assignments(case_id)}
    assert rows[left.id] == ("withdrawn", "parent_ended")
    assert rows[done.id] == ("approved", None)
    assert where.stage(case_id) in ("concluded", "in_hand", "instructed")


def test_a_part_may_be_objected_to_and_its_own_issuer_decides(county, case_id):
    part = hand_on(county, received(county, case_id), EPB, EPB_OFFICER)
    with county.work() as uow:
        handlers.receive(uow, part.id, EPB_OFFICER)
        handlers.object_to(uow, part.id, EPB_OFFICER, "不归监察大队管")
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.decide_objection(uow, part.id, OFFICE, "upheld", "同意")
    with county.work() as uow:
        handlers.decide_objection(uow, part.id, EPB, "upheld", "同意")
    assert county.query("SELECT stage FROM assignment WHERE id = %(id)s", id=part.id) == [{"stage": "withdrawn"}]


def test_an_open_part_neither_keeps_the_case_open_nor_answers_it(county, case_id):
    whole = received(county, case_id)
    hand_on(county, whole, EPB, EPB_OFFICER)
    with county.work() as uow:
        said = handlers.reply(uow, whole, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")
    assert county.stage(case_id) == "concluded"


# -- joint units --------------------------------------------------------------------------------------------------------
@pytest.fixture
def led(county, case_id) -> dict[str, UUID]:
    """A case in which VICE leads, EPB and CDI join; everybody has received it."""
    with county.work() as uow:
        handlers.escalate(uow, case_id, SECRETARY, "请牵头调查。", VICE, [EPB, CDI])
    return {official: county.assignment(case_id, official) for official in (VICE, EPB, CDI)}


def test_a_joint_units_receipt_is_its_own_and_the_leads_is_the_cases(county, case_id, led):
    with county.work() as uow:
        handlers.receive(uow, led[EPB], EPB)
    assert county.stage(case_id) == "instructed"
    assert county.query("SELECT receipted_at FROM case_record") == [{"receipted_at": None}]
    with county.work() as uow:
        handlers.receive(uow, led[VICE], VICE)
    assert county.stage(case_id) == "in_hand"


def test_the_lead_returns_and_approves_joint_replies_and_nobody_elses(county, case_id, led):
    said = replied(county, led[EPB], EPB)
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.approve(uow, said, CDI)
    with county.work() as uow:
        handlers.return_reply(uow, said, VICE, "没有检测数据。")
    with county.work() as uow:
        again = handlers.reply(uow, led[EPB], EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, again.id, VICE)
    own = replied(county, led[VICE], VICE)
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.approve(uow, own, VICE)


def test_the_case_is_not_concluded_while_a_joint_reply_is_owed_unless_the_lead_says_why(county, case_id, led):
    own, said = replied(county, led[VICE], VICE), replied(county, led[EPB], EPB)
    with county.work() as uow:
        handlers.approve(uow, own, SECRETARY)
        handlers.approve(uow, said, SECRETARY)

    def conclude() -> None:
        with county.work() as uow:
            handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")

    with pytest.raises(Conflict) as refusal:
        conclude()
    assert refusal.value.values["name"]
    for by, reasons, fault in ((OFFICE, "不等了", Forbidden), (EPB, "不等了", Forbidden), (VICE, " ", Refused)):
        with pytest.raises(fault), county.work() as uow:
            handlers.release(uow, led[CDI], by, reasons)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.release(uow, led[EPB], VICE, "已经回复")
    with county.work() as uow:
        handlers.release(uow, led[CDI], VICE, "纪委另案办理，本件不再等待。")
    told = county.told("assignment.withdrawn")[-1].data
    assert (told["reason"], told["words"]) == ("not_awaited", "纪委另案办理，本件不再等待。")
    conclude()
    assert county.stage(case_id) == "concluded"


def test_a_lead_elsewhere_leaves_the_joint_replies_to_the_office(county, township, case_id):
    with county.work() as uow:
        handlers.escalate(uow, case_id, SECRETARY, "请牵头。", TOWN, [EPB])
    said = replied(county, county.assignment(case_id, EPB), EPB)
    for act in (
        lambda uow: handlers.approve(uow, said, TOWN),
        lambda uow: handlers.release(uow, county.assignment(case_id, EPB), TOWN, "不等"),
    ):
        with pytest.raises(Forbidden), county.work() as uow:
            act(uow)
    with county.work() as uow:
        handlers.approve(uow, said, OFFICE)


def test_a_joint_township_is_told_that_it_is_not_waited_for_and_why(county, township, case_id):
    with county.work() as uow:
        handlers.escalate(uow, case_id, SECRETARY, "请牵头。", VICE, [TOWN])
    county.carry_to(township)
    with county.work() as uow:
        handlers.release(uow, county.assignment(case_id, TOWN), VICE, "县里已查清。")
    county.carry_to(township)
    assert township.query("SELECT kind, text FROM note") == [{"kind": "released", "text": "县里已查清。"}]
    assert township.assignments(case_id)[0]["withdrawn_reason"] == "not_awaited"
