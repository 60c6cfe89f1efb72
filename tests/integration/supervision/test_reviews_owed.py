"""Reviews are owed like anything else: set when the petitioner asks, missed when nobody decides, and followed by the ladder."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.supervision.handlers.explaining import explained
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.ladder_steps import scheduler
from tests.integration.supervision.world import COUNTY_LEADER, SECRETARY, moment

FIRST, ASKED, PASSED = "2016-11-07 09:30", "2016-12-05 10:00", "2017-01-05 00:00"


@pytest.fixture
def case(world: Supervision) -> UUID:
    """Concluded, closed by a decision, and its petitioner asks for a review."""
    case = uuid4()
    world.clock(ASKED)
    closed = {"reason": "decision", "by": SECRETARY, "closed_at": moment("2016-11-20 10:00")}
    asked = {"review_id": str(uuid4()), "level": "review", "requested_at": moment(ASKED)}
    world.hear(
        world.issued(case, FIRST), world.concluded(case, "2016-11-15 10:00"), world.event("case.closed", case, closed),
        world.event("review.requested", case, asked, teller="intake"),
    )  # fmt: skip
    return case


def assigned(world: Supervision, case: UUID, when: str, days: int = 0, **more: Any) -> None:
    told = {
        "review_id": str(uuid4()), "level": "review", "reviewer": COUNTY_LEADER, "organ": "", "due_at": moment("2017-01-05 00:00"),
        "hearing_days": days, "by": SECRETARY, "at": moment(when),
    }  # fmt: skip
    world.clock(when)
    world.hear(world.event("review.assigned", case, told | more))


def told_of(world: Supervision, name: str) -> list[dict[str, Any]]:
    return [data for _, data in world.told(name) if data["obligation"] == "review"]


def test_one_that_nobody_decides_is_missed_and_its_reviewer_is_reminded(world: Supervision, case: UUID):
    assert [(data["due_at"], data["rule"]) for data in told_of(world, "deadline.set")] == [(moment(PASSED), "review-30")]
    assigned(world, case, "2016-12-06 09:00")
    scheduler(world, "2017-01-04 23:59")
    assert told_of(world, "deadline.missed") == []
    scheduler(world, PASSED)
    assert [data["responsible"]["official"] for data in told_of(world, "deadline.missed")] == [COUNTY_LEADER["official"]]
    assert [data["responsible"]["official"] for data in told_of(world, "supervision.reminded")] == [COUNTY_LEADER["official"]]


def test_a_hearing_moves_it_once_and_the_reckoning_says_so(world: Supervision, case: UUID):
    for _again in range(2):
        assigned(world, case, "2016-12-08 09:00", days=2)
    (moved,) = told_of(world, "deadline.moved")
    assert (moved["due_at"], moved["cause"], moved["by"]["official"]) == (
        moment("2017-01-07 00:00"),
        "hearing",
        SECRETARY["official"],
    )
    _, found = world.do(lambda uow: explained(uow, case))
    (kinds,) = [[step.kind for step in one.steps] for one in found if one.deadline.obligation == "review"]
    assert kinds[:4] == ["start", "rule", "calendar", "hearing"]


def test_its_decision_meets_it(world: Supervision, case: UUID):
    assigned(world, case, "2016-12-06 09:00")
    said = {
        "review_id": str(uuid4()), "level": "review", "decision": "upheld", "answer": "维持。", "document": "", "final_until": None,
        "by": COUNTY_LEADER, "at": moment("2016-12-20 09:00"),
    }  # fmt: skip
    world.clock("2016-12-20 09:00")
    world.hear(world.event("review.decided", case, said))
    assert [data["in_time"] for data in told_of(world, "deadline.met")] == [True]
    scheduler(world, "2017-03-01 00:00")
    assert told_of(world, "deadline.missed") == []
