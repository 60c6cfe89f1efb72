"""Clocks that stand still, and go on: by authority, told to each instance that works on the case."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from shared.errors import Conflict, Forbidden, Refused
from tests.integration.routing.test_protocol_objection import handed_down, received
from tests.integration.routing.world import (
    AT,
    EPB,
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


def pause(county: Instance, case_id: UUID, by: str = SECRETARY, category: str = "hearing", **more) -> None:
    with county.work() as uow:
        handlers.pause(uow, case_id, by, category, "依法举行听证", **more)


def resume(county: Instance, case_id: UUID, by: str = OFFICE) -> None:
    with county.work() as uow:
        handlers.resume(uow, case_id, by, "听证结束")


def test_the_clocks_are_stopped_by_the_first_in_command_alone_and_let_go_on_by_the_office_too(county, case_id):
    received(county, case_id)
    for by in (OFFICE, EPB, VICE):
        with pytest.raises(Forbidden):
            pause(county, case_id, by)
    with pytest.raises(Refused):
        pause(county, case_id, category="tired")
    pause(county, case_id)
    with pytest.raises(Conflict):
        pause(county, case_id)
    for by in (EPB, VICE):
        with pytest.raises(Forbidden):
            resume(county, case_id, by)
    county.at("2016-11-10 09:00")
    resume(county, case_id)
    with pytest.raises(Conflict):
        resume(county, case_id)
    paused, resumed = county.told("assignment.paused")[0].data, county.told("assignment.resumed")[0].data
    assert (paused["category"], paused["authority"]["official"]) == ("hearing", SECRETARY)
    assert paused["pause_id"] == resumed["pause_id"]
    assert (resumed["at"], resumed["authority"]["official"]) == (instant(beijing("2016-11-10 09:00")), OFFICE)


def test_the_same_form_twice_stops_the_clock_once(county, case_id):
    received(county, case_id)
    once = uuid4()
    for _ in range(2):
        pause(county, case_id, pause_id=once)
    assert len(county.told("assignment.paused")) == 1


def test_each_instance_is_told_also_one_that_comes_later_and_one_whose_part_is_over(county, township, case_id):
    received(county, case_id)
    pause(county, case_id)
    instruct(county, case_id, TOWN)
    assert county.carry_to(township) == ["assignment.issued", "assignment.paused"]
    row = township.query("SELECT category, resumed_at FROM pause")[0]
    assert row == {"category": "hearing", "resumed_at": None}
    with county.work() as uow:
        handlers.withdraw(uow, county.assignment(case_id, EPB), OFFICE)
    resume(county, case_id)
    assert len(county.told("assignment.resumed")) == 2
    county.carry_to(township)
    assert township.query("SELECT resumed_at IS NOT NULL AS over FROM pause") == [{"over": True}]


def test_a_case_is_not_concluded_while_its_clock_stands_still(county, case_id):
    assignment = received(county, case_id)
    with county.work() as uow:
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    pause(county, case_id)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")
    with pytest.raises(Conflict):
        pause(county, case_id)
    resume(county, case_id)
    with county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")


def test_a_case_that_nobody_works_on_or_that_a_superior_handed_down_is_not_stopped(county, township, case_id):
    with pytest.raises(Conflict):
        pause(county, case_id)
    handed_down(county, township, case_id)
    for act in (pause, resume):
        with pytest.raises(Forbidden):
            act(township, case_id, "o-431023104-secretary")


def test_a_petition_that_is_withdrawn_leaves_no_clock_standing_still(county, case_id):
    received(county, case_id)
    pause(county, case_id)
    county.hear(event("case.withdrawn", case_id, {"withdrawn_at": instant(AT), "by": None}, source="/431023/intake", at=AT))
    assert county.query("SELECT resumed_at IS NOT NULL AS over FROM pause") == [{"over": True}]


def test_a_case_that_goes_up_leaves_no_clock_standing_still(county, case_id):
    received(county, case_id)
    pause(county, case_id)
    county.hear(conflict(case_id, AT, officials=[SECRETARY]))
    with county.work() as uow:
        handlers.refer_up(uow, case_id, OFFICE, "市信访局〔2016〕7号")
    assert len(county.told("assignment.resumed")) == 1
    assert county.query("SELECT resumed_at IS NOT NULL AS over FROM pause") == [{"over": True}]


def test_supervisions_word_on_a_moved_or_standing_limit_shows(county, case_id):
    due = {
        "deadline_id": str(uuid4()), "obligation": "conclude", "round": 1, "due_at": instant(beijing("2016-12-08 00:00")),
        "responsible": None, "policy": "yongxing/2", "rule": "conclude-ordinary-10",
    }  # fmt: skip
    for verb, more, standing in (
        ("paused", {"paused_at": instant(AT)}, "paused"),
        ("moved", {"was_due_at": instant(AT), "cause": "extended", "moved_at": instant(AT)}, "set"),
    ):
        county.hear(event(f"deadline.{verb}", case_id, due | more, source="/431023/supervision", at=AT))
        assert county.query("SELECT standing FROM deadline") == [{"standing": standing}]
