"""What another service tells late, when the case has gone on or is over: charges, scores and proposals stand as if it had come in time."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.supervision.handlers import book as handlers
from services.supervision.handlers import charge, climb_due, fire_due, keep_book
from shared.contract.envelope import Event
from tests.integration.supervision.carrying import (
    FIRST,
    SUPERVISOR,
    VICE,
    a_case,
    book,
    closed,
    county,
    decide,
    judged,
    object_to,
    official,
    take,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, SECRETARY, TOWNSHIP, TOWNSHIP_SECRETARY, moment

UNIT_HEAD = TOWNSHIP_SECRETARY["official"]


@pytest.fixture(autouse=True)
def people(world: Supervision) -> None:
    county(world)


def closing(world: Supervision, case: UUID, when: str, reason: str = "satisfied") -> Event:
    return world.event("case.closed", case, {"reason": reason, "by": None, "closed_at": moment(when)})


def reopening(world: Supervision, case: UUID, when: str, round: int = 2) -> Event:
    data = {"round": round, "cause": "dissatisfied", "reopened_at": moment(when)}
    return world.event("case.reopened", case, data, teller="routing")


def running(world: Supervision) -> list[str]:
    return [row["official"] for row in world.rows("SELECT official FROM charge WHERE ended_at IS NULL")]


def test_a_closing_that_comes_when_the_case_went_on_already_ends_no_charge_and_earns_nothing(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    world.clock("2016-12-05 11:00")
    world.hear(world.concluded(case, "2016-11-30 09:00"))
    world.hear(reopening(world, case, "2016-12-05 10:00"))
    world.hear(closing(world, case, "2016-11-30 10:00"))
    judged(world)
    assert running(world) == [VICE]
    assert [each for each in book(world) if each[1] == VICE] == []
    assert world.rows("SELECT closed_at FROM supervised_case") == [{"closed_at": None}]


def test_a_reopening_that_comes_when_the_case_was_closed_again_begins_no_charge(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    closed(world, case, "2016-11-30 10:00")
    world.clock("2016-12-08 10:00")
    world.hear(world.concluded(case, "2016-12-08 09:00", round=2), closing(world, case, "2016-12-08 10:00"))
    world.hear(reopening(world, case, "2016-12-05 10:00"))
    judged(world)
    assert running(world) == []
    assert [each for each in book(world) if each[1] == VICE] == [("settled", VICE, 5), ("unsettled", VICE, -5)]


def test_a_settlement_is_lost_once_however_often_the_case_goes_on(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    closed(world, case, "2016-11-30 10:00")
    official(world, VICE, active=False)  # nobody carries it on
    for number, (again, over) in enumerate(
        [("2016-12-05 10:00", "2016-12-08 10:00"), ("2016-12-12 10:00", "2016-12-15 10:00")], 2
    ):
        world.clock(over)
        world.hear(reopening(world, case, again, number))
        world.hear(world.concluded(case, over, round=number), closing(world, case, over))
    judged(world)
    assert [each for each in book(world) if each[1] == VICE] == [("settled", VICE, 5), ("unsettled", VICE, -5)]


def test_a_proposal_is_over_with_the_case(world: Supervision):
    case, _ = a_case(world)
    propose = {"reason": "overdue", "words": "超期未办结，建议包案"}
    world.do(lambda uow: charge.propose_by(uow, case, SUPERVISOR, proposal_id=uuid4(), **propose))
    closed(world, case, "2016-11-30 10:00", "decision")
    assert world.rows("SELECT decision FROM charge_proposal") == [{"decision": "over"}]
    world.clock("2016-12-05 10:00")
    world.hear(reopening(world, case, "2016-12-05 10:00"))
    world.do(lambda uow: charge.propose_by(uow, case, SUPERVISOR, proposal_id=uuid4(), **propose))


# -- what was taken for a miss ---------------------------------------------------------------------------------------
def test_what_a_miss_cost_is_given_back_when_word_comes_that_it_was_none(world: Supervision):
    case, assignment = a_case(world)
    judged(world)
    assert book(world) == [("late-unit", TOWNSHIP, -2)] * 2
    world.hear(world.replied(case, assignment, "2016-11-17 20:00"))  # the township's link was cut
    judged(world)
    judged(world)
    assert sorted(book(world)) == [("late-unit", TOWNSHIP, -2)] * 2 + [("late-unit", TOWNSHIP, 2)]
    rows = world.rows("SELECT points, detail, by, reasons FROM score_entry WHERE corrects IS NOT NULL")
    assert rows == [{"points": 2, "detail": "reply", "by": None, "reasons": "in_vain"}]
    assert [data["points"] for _, data in world.told("score.recorded") if data["corrects"]] == [2]
    assert world.do(handlers.rebuilt) == world.do(handlers.live)


def test_word_that_comes_before_the_miss_was_judged_gives_back_what_it_comes_to_cost(world: Supervision):
    case, assignment = a_case(world)
    world.hear(world.replied(case, assignment, "2016-11-17 20:00"))
    judged(world)
    assert sum(points for _, _, points in book(world)) == -2, "the conclusion alone"
    assert world.do(handlers.rebuilt) == world.do(handlers.live)


def test_what_an_objection_gave_back_already_is_not_given_back_twice(world: Supervision):
    case, assignment = a_case(world)
    judged(world)
    (row,) = world.rows("SELECT id FROM score_entry WHERE detail = 'reply'")
    decide(world, object_to(world, row["id"], UNIT_HEAD), becomes=0)
    world.hear(world.replied(case, assignment, "2016-11-17 20:00"))
    judged(world)
    world.clock("2016-11-18 00:01")
    judged(world)
    assert sum(points for _, _, points in book(world)) == -2
    assert world.rows("SELECT count(*) AS n FROM score_in_vain WHERE corrected_at IS NULL") == [{"n": 0}]
    assert world.do(handlers.rebuilt) == world.do(handlers.live)


def test_what_was_undone_is_worth_nothing_whatever_is_decided_of_it_afterwards(world: Supervision):
    case, assignment = a_case(world)
    judged(world)
    (row,) = world.rows("SELECT id FROM score_entry WHERE detail = 'reply'")
    objection = object_to(world, row["id"], UNIT_HEAD)
    world.hear(world.replied(case, assignment, "2016-11-17 20:00"))
    judged(world)
    decide(world, objection, becomes=-1)
    assert sum(points for _, _, points in book(world)) == -2
    assert world.do(handlers.rebuilt) == world.do(handlers.live)


def test_an_extension_that_was_granted_in_time_undoes_the_miss(world: Supervision):
    case, assignment = a_case(world)
    judged(world)
    told = {
        "assignment_id": str(assignment), "extension_id": str(uuid4()), "days": 10, "reasons": "监测需要时间", "authority": SECRETARY,
        "at": moment("2016-11-17 18:00"),
    }  # fmt: skip
    world.hear(world.event("assignment.extended", case, told, org=COUNTY, teller="routing"))
    judged(world)
    assert sum(points for _, _, points in book(world)) == 0
    world.clock("2016-11-28 00:00")
    world.do(fire_due)
    judged(world)
    assert sum(points for _, _, points in book(world)) == -4, "missed after all"
    assert world.do(handlers.rebuilt) == world.do(handlers.live)


def test_a_post_that_changed_hands_while_the_clocks_stood_still_leaves_the_miss_with_the_former_unit(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=assignment), world.received(case, assignment, FIRST))
    world.clock("2016-11-18 10:00")  # nothing fired since midnight
    lead = {"official": VICE, "name": "廖志平", "post": "副县长", "organisation": "431023-gov"}
    told = {"round": 2, "lead": lead, "joint": [], "reason": "避重就轻", "by": SECRETARY, "at": moment("2016-11-18 09:00")}
    world.hear(world.event("case.escalated", case, told, teller="routing"))
    world.do(fire_due)
    judged(world)
    assert {code for _, code, _ in book(world)} == {TOWNSHIP}
    world.do(climb_due)
    reminded = [
        data["responsible"]["official"] for _, data in world.told("supervision.reminded") if data["obligation"] == "conclude"
    ]
    assert reminded == [VICE], "who owes it now is asked for it now"


def test_without_the_undoing_an_entry_would_stay(world: Supervision, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(handlers, "missed_in_vain", lambda *_: None)
    case, assignment = a_case(world)
    world.hear(world.replied(case, assignment, "2016-11-17 20:00"))
    assert world.do(keep_book)
    assert sum(points for _, _, points in book(world)) == -4
