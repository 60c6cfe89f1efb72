"""A post changes hands: what was open goes to who holds it now, by the office or at his signing in; both sides know, and no clock moves."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import yaml

from services.routing import handlers
from services.routing.handlers.directory import import_directory
from shared.contract.envelope import instant
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.routing.test_protocol_objection import handed_down, received
from tests.integration.routing.world import AT, DATA, EPB, OFFICE, REPLY, SECRETARY, TOWN, Instance, conflict, event, instruct

TOWN_OFFICE, NEW_TOWN, NEW_EPB = "o-431023104-clerk", "o-431023104-new", "o-431023-epb-new"


def appoint(where: Instance, old: str, new: str, *, left: bool = True) -> None:
    """`new` holds the post of `old`, who has left or holds another one."""
    listed = yaml.safe_load((DATA / f"directory-{where.org}.yaml").read_text(encoding="utf-8"))
    former = next(one for one in listed["officials"] if one["official"] == old)
    successor = {"official": new, "name": "龙继任", "posts": former["posts"]}
    changed = former | (
        {"active": False}
        if left
        else {"posts": [{"organisation": f"{where.org}-office", "title": "调研员", "roles": ["officer"]}]}
    )
    listed["officials"] = [changed, successor]
    with where.work() as uow:
        import_directory(uow, yaml.safe_dump(listed, allow_unicode=True), datetime.now(UTC))


def hand_over(where: Instance, assignment: UUID, to: str, by: str, **more) -> None:
    with where.work() as uow:
        handlers.hand_over(uow, assignment, by, to, **more)


@pytest.fixture(params=["township", "unit"])
def place(request, county, township, case_id) -> tuple[Instance, UUID, str, str, str]:
    """Where it is worked on, the assignment, its person responsible, the next one, and the office."""
    if request.param == "township":
        return township, handed_down(county, township, case_id), TOWN, NEW_TOWN, TOWN_OFFICE
    return county, received(county, case_id), EPB, NEW_EPB, OFFICE


@pytest.mark.parametrize("left", [True, False], ids=["left", "changed post"])
def test_the_office_hands_over_to_who_holds_the_post_now_and_he_alone_acts_from_then_on(place, county, township, case_id, left):
    where, assignment, former, new, office = place
    township.carry_to(county)
    appoint(where, former, new, left=left)
    hand_over(where, assignment, new, office)
    told = where.told("assignment.handed_over")[0]
    assert (told.data["from"]["official"], told.data["to"]["official"]) == (former, new)
    assert told.data["reason"] == ("left" if left else "changed_post")
    with pytest.raises(Forbidden), where.work() as uow:
        handlers.progress(uow, assignment, former, "我接着办")
    with where.work() as uow:
        handlers.reply(uow, assignment, new, **REPLY)
    township.carry_to(county)
    row = county.assignments(case_id)[0]
    assert (row["official"], row["stage"], row["received_at"] is not None) == (new, "replied", True)
    assert county.query("SELECT successor ->> 'official' AS who FROM handover") == [{"who": new}]
    assert "withdrawn" not in {one["stage"] for one in where.assignments(case_id)}


def test_the_successor_takes_up_what_is_open_when_he_signs_in(place, county, township, case_id):
    where, _, former, new, _ = place
    appoint(where, former, new)
    for official in (new, new):  # a second time there is nothing left
        with where.work() as uow:
            handlers.take_up(uow, official)
    assert [told.data["by"]["official"] for told in where.told("assignment.handed_over")] == [new]
    assert where.assignments(case_id)[0]["official"] == new


def test_nobody_takes_up_what_is_held_or_what_he_is_barred_from(county, case_id):
    assignment = received(county, case_id)
    with county.work() as uow:
        assert handlers.take_up(uow, EPB) == 0
        assert handlers.take_up(uow, "o-nobody") == 0
        assert handlers.take_up(uow, OFFICE) == 0
    appoint(county, EPB, NEW_EPB)
    county.hear(conflict(case_id, AT, officials=[NEW_EPB]))
    with county.work() as uow:
        assert handlers.take_up(uow, NEW_EPB) == 0
    with pytest.raises(Refused):
        hand_over(county, assignment, NEW_EPB, OFFICE)
    assert county.told("assignment.handed_over") == []


def test_what_is_over_or_worked_on_elsewhere_or_held_is_not_handed_over(county, township, case_id):
    assignment = received(county, case_id)
    with pytest.raises(Conflict):
        hand_over(county, assignment, NEW_EPB, OFFICE)
    instruct(county, case_id, TOWN)
    with pytest.raises(Conflict):
        hand_over(county, county.assignment(case_id, TOWN), NEW_TOWN, OFFICE)
    appoint(county, EPB, NEW_EPB)
    for by in (EPB, NEW_EPB, "o-431023-epb-officer"):
        with pytest.raises((Forbidden, NotFound)):
            hand_over(county, assignment, NEW_EPB, by)
    for to in (TOWN, SECRETARY, "o-nobody"):
        with pytest.raises(Refused):
            hand_over(county, assignment, to, OFFICE)
    with county.work() as uow:
        handlers.withdraw(uow, assignment, OFFICE)
    with pytest.raises(Conflict):
        hand_over(county, assignment, NEW_EPB, OFFICE)


def test_the_same_form_hands_over_once(county, case_id):
    assignment, once = received(county, case_id), uuid4()
    appoint(county, EPB, NEW_EPB)
    for _ in range(2):
        hand_over(county, assignment, NEW_EPB, OFFICE, handover_id=once)
    assert len(county.told("assignment.handed_over")) == 1


def test_the_limits_shown_go_with_the_post(county, case_id):
    assignment = received(county, case_id)
    responsible = county.assignments(case_id)[0]["responsible"]
    due = {
        "deadline_id": str(uuid4()), "obligation": "reply", "round": 1, "due_at": instant(AT), "responsible": responsible,
        "policy": "yongxing/2", "rule": "reply-by-conclusion", "set_at": instant(AT), "assignment_id": str(assignment),
    }  # fmt: skip
    county.hear(event("deadline.set", case_id, due, source="/431023/supervision", at=AT))
    appoint(county, EPB, NEW_EPB)
    hand_over(county, assignment, NEW_EPB, OFFICE)
    assert county.query("SELECT responsible ->> 'official' AS who FROM deadline") == [{"who": NEW_EPB}]


def test_who_signed_a_reply_does_not_decide_on_it_in_another_post(county, case_id):
    assignment = received(county, case_id)
    with county.work() as uow:
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    listed = yaml.safe_load((DATA / "directory-431023.yaml").read_text(encoding="utf-8"))
    director = next(one for one in listed["officials"] if one["official"] == EPB)
    promoted = director | {"posts": [{"organisation": "431023-office", "title": "县委办主任", "roles": ["office"]}]}
    listed["officials"] = [promoted, director | {"official": NEW_EPB}]
    with county.work() as uow:
        import_directory(uow, yaml.safe_dump(listed, allow_unicode=True), datetime.now(UTC))
    hand_over(county, assignment, NEW_EPB, OFFICE)
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.approve(uow, said.id, EPB)
    with county.work() as uow:
        handlers.return_reply(uow, said.id, OFFICE, "补充检测数据。")
    with county.work() as uow:
        handlers.reply(uow, assignment, NEW_EPB, **REPLY)


def test_whom_the_county_bars_gets_nothing_by_a_townships_hand_over(county, township, case_id):
    assignment = handed_down(county, township, case_id)
    county.hear(conflict(case_id, AT, officials=[NEW_TOWN]))
    appoint(township, TOWN, NEW_TOWN)
    hand_over(township, assignment, NEW_TOWN, TOWN_OFFICE)
    township.carry_to(county)
    assert county.assignments(case_id)[0]["withdrawn_reason"] == "conflict"
    county.carry_to(township)
    with pytest.raises(NotFound), township.work() as uow:
        handlers.reply(uow, assignment, NEW_TOWN, **REPLY)


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: data | {"to": data["to"] | {"organisation": "431023101"}},
        lambda data: data | {"from": data["to"]},
    ],
    ids=["to another organisation", "from nobody"],
)  # fmt: skip
def test_a_hand_over_that_is_none_is_refused(county, township, case_id, forge):
    assignment = handed_down(county, township, case_id)
    township.carry_to(county)
    appoint(township, TOWN, NEW_TOWN)
    hand_over(township, assignment, NEW_TOWN, TOWN_OFFICE)
    genuine = township.told("assignment.handed_over")[0]
    with pytest.raises(Refused):
        county.hear(
            event("assignment.handed_over", case_id, forge(dict(genuine.data)), source=genuine.source, at=AT, key="431023")
        )
    with pytest.raises(Refused):
        county.hear(
            event("assignment.handed_over", case_id, dict(genuine.data), source="/431023101/routing", at=AT, key="431023")
        )
    county.hear(genuine)
    assert county.assignments(case_id)[0]["official"] == NEW_TOWN


def test_a_hand_over_that_crosses_the_approval_is_of_no_effect(county, township, case_id):
    assignment = handed_down(county, township, case_id)
    with township.work() as uow:
        said = handlers.reply(uow, assignment, TOWN, **REPLY)
    township.carry_to(county)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    appoint(township, TOWN, NEW_TOWN)
    hand_over(township, assignment, NEW_TOWN, TOWN_OFFICE)
    township.carry_to(county)
    assert (county.assignments(case_id)[0]["official"], county.assignments(case_id)[0]["stage"]) == (TOWN, "approved")
    county.carry_to(township)
    assert township.assignments(case_id)[0]["stage"] == "approved"
