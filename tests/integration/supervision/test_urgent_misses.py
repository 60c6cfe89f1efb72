"""A further round of instruction makes a case's misses urgent, and a step that was taken in vain is annulled, whatever it was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.supervision.handlers import interviews as calls
from services.supervision.handlers import ladder, ladder_lists
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.ladder_steps import DUE, HEAD, SEES, SUPERVISOR, call, issue, miss, overdue, scheduler
from tests.integration.supervision.world import COUNTY_LEADER, SECRETARY, at, moment

ROUND = "2016-12-01 09:00"


def standing(world: Supervision, case: UUID) -> tuple[bool, str, str]:
    (row,) = world.rows(
        "SELECT urgent, next_step, next_due FROM ladder WHERE case_id = %(case)s AND obligation = 'conclude'", case=str(case)
    )
    return row["urgent"], row["next_step"], moment_of(row["next_due"])


def moment_of(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"


def test_a_case_in_its_second_round_when_its_limit_ends_is_urgent(world: Supervision):
    case = overdue(world, now="2016-11-09 10:00")
    world.hear(world.issued(case, "2016-11-09 10:00", round=2, part="lead", to=COUNTY_LEADER))
    scheduler(world, DUE)
    assert standing(world, case) == (True, "notice", "2016-11-17 16:00")
    assert issue(world, "notice", miss(world, case))[0].reasons == ""


def test_a_second_round_after_the_miss_makes_the_notice_due_at_once(world: Supervision):
    case, other = overdue(world), overdue(world, when="2016-11-07 10:00")
    assert standing(world, case) == (False, "notice", "2016-11-30 16:00")
    world.clock("2016-11-22 15:00")
    world.hear(world.issued(case, "2016-11-22 15:00", round=2, part="lead", to=COUNTY_LEADER))
    assert standing(world, case) == (True, "notice", "2016-11-17 16:00")
    assert standing(world, other) == (False, "notice", "2016-11-30 16:00")
    assert issue(world, "notice", miss(world, case))[0].responsible.official == COUNTY_LEADER["official"]


def test_an_escalation_is_a_further_round_too(world: Supervision):
    case = overdue(world)
    world.clock("2016-11-22 15:00")
    told = {"round": 2, "lead": COUNTY_LEADER, "joint": [], "reason": "x", "by": SECRETARY, "at": moment("2016-11-22 15:00")}
    world.hear(world.event("case.escalated", case, told, teller="routing"))
    assert standing(world, case)[0]


def test_the_step_of_an_interview_that_was_held_in_vain_is_annulled_and_its_record_stays(world: Supervision):
    case = overdue(world)
    deadline = miss(world, case)
    world.clock(ROUND)
    issue(world, "notice", deadline)
    world.clock("2016-12-07 09:00")
    made = call(world, deadline)
    world.do(lambda uow: calls.appoint(uow, SEES, HEAD, made.id, place="小会议室", meets_at=at("2016-12-08 15:00")))
    world.clock("2016-12-08 18:00")
    said: dict[str, Any] = {
        "held_at": at("2016-12-08 15:00"), "attended": ("何立新",), "record": "已办结。", "demands": "无", "until": date(2016, 12, 20),
    }  # fmt: skip
    world.do(lambda uow: calls.hold(uow, SEES, SUPERVISOR, made.id, **said))
    world.hear(world.concluded(case, "2016-11-16 09:00"))  # word of it came late
    steps = [row for row in world.do(lambda uow: ladder_lists.in_vain(uow, SEES)) if row["obligation"] == "conclude"]
    assert {row["step"] for row in steps} == {"reminder", "notice", "interview"}
    with world.database.unit_of_work() as uow:
        for row in steps:
            ladder.annul(uow, SEES, SUPERVISOR, row["id"], "实际按时办结。")
    assert [row for row in world.do(lambda uow: ladder_lists.in_vain(uow, SEES)) if row["obligation"] == "conclude"] == []
    assert world.rows("SELECT stage, record FROM interview") == [{"stage": "held", "record": "已办结。"}]
