"""A form's key does its form once, and is good for nothing else: neither for another case nor over what it names already."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from services.routing.handlers import common
from shared.errors import Conflict
from tests.integration.routing.test_protocol_objection import received
from tests.integration.routing.world import AT, EPB, MATIAN, OFFICE, REPLY, SECRETARY, TOWN, VICE, Instance, instruct, registered

OFFICER = "o-431023-epb-officer"
RECORD: dict[str, Any] = {
    "kind": "proposal", "person": "某某", "organisation": "431023-epb", "measure": "提醒谈话", "decided_by": "县纪委",
    "decided_on": date(2016, 11, 1),
}  # fmt: skip


def reply(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.reply(uow, assignment, official, **REPLY, reply_id=key)


def progress(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.progress(uow, assignment, official, "已到现场", note_id=key)


def object_to(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.object_to(uow, assignment, official, "确非我局管辖", note_id=key)


def ask(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.ask_extension(uow, assignment, official, 5, "检测尚未出结果", extension_id=key)


def pause(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.pause(uow, case, SECRETARY, "hearing", "听证", pause_id=key)


def again(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.instruct(uow, case, SECRETARY, "再查。", [(VICE, "handling")], "ordinary", instruction_id=key)


def recuse(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.recuse(uow, case, OFFICE, official=TOWN, ground="kin", recusal_id=key)


def record(uow, case: UUID, assignment: UUID, official: str, key: UUID) -> None:
    handlers.record_accountability(uow, case, OFFICE, **RECORD, record_id=key)


EVERY = [reply, progress, object_to, ask, pause, again, recuse, record]


@pytest.fixture
def both(county: Instance, case_id: UUID) -> list[tuple[UUID, UUID, str]]:
    """Two cases, each received by somebody else."""
    other = uuid4()
    county.hear(registered(other, AT, number="XF2"))
    return [(case_id, received(county, case_id, EPB), EPB), (other, received(county, other, MATIAN), MATIAN)]


@pytest.mark.parametrize("act", EVERY, ids=lambda one: one.__name__)
def test_a_key_that_was_used_in_another_case_is_refused_and_once_more_in_its_own_changes_nothing(county, both, act):
    first, second = both
    key = uuid4()
    for _ in range(2):
        with county.work() as uow:
            act(uow, *first, key)
    told = [one.id for one in county.told()]
    with pytest.raises(Conflict) as refusal, county.work() as uow:
        act(uow, *second, key)
    assert (refusal.value.field, [one.id for one in county.told()]) == ("form", told)


def test_nobody_hands_on_a_part_over_somebody_elses_assignment(county, case_id, both, monkeypatch):
    """And the twin: without the check it is written over, for a part begins in the same stage."""
    (_, mine, _), (other, _, _) = both
    instruct(county, other, VICE)
    theirs = county.assignment(other, VICE)
    kept = county.query("SELECT * FROM assignment WHERE id = %(id)s", id=theirs)

    def try_it() -> None:
        with county.work() as uow:
            handlers.hand_on(uow, mine, EPB, OFFICER, "请核查", part_id=theirs)

    with pytest.raises(Conflict):
        try_it()
    assert county.query("SELECT * FROM assignment WHERE id = %(id)s", id=theirs) == kept
    from services.routing.handlers import delegating

    monkeypatch.setattr(delegating, common.made_before.__name__, lambda *_: None)
    try_it()
    assert county.query("SELECT * FROM assignment WHERE id = %(id)s", id=theirs) != kept


def test_on_the_page_it_is_a_conflict_and_no_fault_of_the_server(county, browser, both):
    (_, mine, _), (other, _, _) = both
    instruct(county, other, VICE)
    head = browser(EPB).get(f"/routing/assignments/{mine}")
    head.post(
        f"/routing/assignments/{mine}/hand-on", part_id=str(county.assignment(other, VICE)), receiver=OFFICER, task="请核查"
    )
    assert (head.status, "该表单的编号已用于其他事项" in head.page) == (409, True)
