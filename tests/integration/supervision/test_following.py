"""Follow-up's clock: set when follow-up has somebody to ask, met by a result."""

from uuid import UUID, uuid4

import pytest

from shared.contract.envelope import Event
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import moment

FIRST, CONCLUDED = "2016-11-07 09:30", "2016-11-15 10:00"


def due(world: Supervision, case: UUID, when: str, round: int = 1) -> Event:
    told = {"task_id": str(uuid4()), "round": round, "manner": "telephone", "due_at": moment("2016-11-23 00:00")}
    return world.event("followup.due", case, told, time=when)


def recorded(world: Supervision, case: UUID, when: str, result: str) -> Event:
    told = {
        "task_id": str(uuid4()), "round": 1, "manner": "telephone", "result": result, "recorded_by": None, "recorded_at": moment(when),
    }  # fmt: skip
    return world.event("followup.recorded", case, told, time=when)


@pytest.fixture
def case(world: Supervision) -> UUID:
    """Concluded, and its petitioner is to be asked."""
    case = uuid4()
    world.clock(CONCLUDED)
    world.hear(world.issued(case, FIRST), world.concluded(case, CONCLUDED), due(world, case, CONCLUDED))
    return case


def test_the_limit_is_the_policys_from_the_instant_at_which_the_task_was_told(world: Supervision, case: UUID):
    set_, policy = (
        [data for _, data in world.told("deadline.set", subject=case) if data["obligation"] == "follow_up"],
        "yongxing/3",
    )
    assert [(d["due_at"], d["policy"], d["rule"]) for d in set_] == [(moment("2016-11-23 00:00"), policy, "follow-up-7")]


@pytest.mark.parametrize(("result", "told"), [("satisfied", 1), ("not_satisfied", 1), ("not_reached", 0)])
def test_a_result_meets_it_and_that_nobody_answered_does_not(world: Supervision, case: UUID, result: str, told: int):
    world.clock("2016-11-16 09:00")
    world.hear(recorded(world, case, "2016-11-16 09:00", result))
    met = [data for _, data in world.told("deadline.met", subject=case) if data["obligation"] == "follow_up"]
    assert len(met) == told


def test_a_case_under_a_policy_without_such_a_rule_is_owed_none(world: Supervision):
    case = uuid4()
    world.hear(due(world, case, CONCLUDED))  # never dispatched: no class, so no rule
    assert world.told(subject=case) == []
