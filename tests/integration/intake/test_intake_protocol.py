"""What intake does of the assignment protocol: a post's new holder reads the text, and the petitioner is told of more time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import looking
from shared.contract.person import Person
from shared.errors import Refused
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, a_case, issued

LEADER = Viewer(person=HEAD, roles=frozenset({"leader"}), of_instance=False, codes=frozenset({HEAD.official, HEAD.organisation}))
NEW = replace(HEAD, official="o-new-head", name="龙继任")
SUCCESSOR = replace(LEADER, person=NEW, codes=frozenset({NEW.official, NEW.organisation}))


@pytest.fixture
def case_id(intake, vault) -> UUID:
    return a_case(intake, vault)


def reads(intake, case_id: UUID, viewer: Viewer) -> bool:
    try:
        with intake.unit_of_work() as uow:
            looking.open_petition(uow, case_id, viewer)
    except Hidden:
        return False
    return True


def handed_over(assignment: UUID, *, former: Person = HEAD, to: Person = NEW) -> dict[str, Any]:
    who = {"from": former.as_data(), "to": to.as_data(), "by": to.as_data()}
    return {"assignment_id": str(assignment), "reason": "left", "at": AT} | who


@pytest.mark.parametrize("org", ["431023", HEAD.organisation], ids=["ours", "his own instance"])
def test_whoever_holds_the_post_now_reads_the_text_and_the_former_one_no_longer(intake, case_id, hear, org):
    assignment = uuid4()
    hear("assignment.issued", case_id, issued(assignment))
    assert (reads(intake, case_id, LEADER), reads(intake, case_id, SUCCESSOR)) == (True, False)
    hear("assignment.handed_over", case_id, handed_over(assignment), org=org)
    with intake.unit_of_work() as uow:
        row = uow.one("SELECT official, organisation FROM access WHERE assignment_id = %(id)s", id=assignment)
    assert row == {"official": NEW.official, "organisation": NEW.organisation}


@pytest.mark.parametrize(
    ("changes", "org"),
    [
        ({}, "431023199"),
        ({"to": replace(NEW, organisation="431023199")}, "431023"),
        ({"former": NEW}, "431023"),
    ],
    ids=["a neighbour", "another organisation", "not from the holder"],
)
def test_nobody_else_opens_the_text_by_a_hand_over(intake, case_id, hear, changes, org):
    assignment = uuid4()
    hear("assignment.issued", case_id, issued(assignment))
    with pytest.raises(Refused, match="source"):
        hear("assignment.handed_over", case_id, handed_over(assignment, **changes), org=org)
    assert reads(intake, case_id, LEADER)


def test_a_hand_over_of_what_is_over_or_not_ours_changes_nothing(intake, case_id, hear):
    assignment = uuid4()
    hear("assignment.handed_over", uuid4(), handed_over(assignment))
    hear("assignment.issued", case_id, issued(assignment))
    back = {"assignment_id": str(assignment), "reason": "replaced", "responsible": HEAD.as_data(), "withdrawn_at": AT}
    hear("assignment.withdrawn", case_id, back)
    hear("assignment.handed_over", case_id, handed_over(assignment))
    assert not reads(intake, case_id, SUCCESSOR)


def test_a_part_opens_the_text_to_our_own_people_alone_and_puts_no_step_on_the_tracking_page(intake, case_id, hear):
    hear("assignment.issued", case_id, issued(uuid4()))
    with intake.unit_of_work() as uow:
        steps = uow.all("SELECT kind, at FROM milestone ORDER BY at")
    part = issued(uuid4()) | {"parent": str(uuid4()), "responsible": NEW.as_data()}
    hear("assignment.issued", case_id, part, org=HEAD.organisation)  # in a subordinate's instance: none of ours
    assert not reads(intake, case_id, SUCCESSOR)
    hear("assignment.issued", case_id, part)
    assert reads(intake, case_id, SUCCESSOR)
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT kind, at FROM milestone ORDER BY at") == steps


def extended(extension: UUID) -> dict[str, Any]:
    return {
        "assignment_id": str(uuid4()), "extension_id": str(extension), "days": 15, "reasons": "水质送检需要时间。",
        "authority": CLERK.as_data(), "at": AT,
    }  # fmt: skip


def test_the_petitioner_is_told_of_more_time_once_with_days_and_reasons(intake, case_id, hear):
    extension = uuid4()
    for _ in range(2):  # told of each assignment of the case
        hear("assignment.extended", case_id, extended(extension))
    hear("assignment.extended", uuid4(), extended(uuid4()))
    with intake.unit_of_work() as uow:
        rows = uow.all("SELECT id, template, params FROM message WHERE template = 'case_extended'")
        steps = uow.all("SELECT kind FROM milestone WHERE kind = 'extended'")
    assert rows == [{"id": extension, "template": "case_extended", "params": {"days": 15, "reason": "水质送检需要时间。"}}]
    assert len(steps) == 1


def test_another_instance_tells_our_petitioner_nothing(intake, case_id, hear):
    with pytest.raises(Refused, match="source"):
        hear("assignment.extended", case_id, extended(uuid4()), org="431023104")
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT id FROM message WHERE template = 'case_extended'") == []
