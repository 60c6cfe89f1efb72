"""Fault 25: two schedulers, each killed with -9 every 250 ms, and thousands of deadlines that fall due meanwhile."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.supervision import store
from services.supervision.domain import Deadline, SupervisedCase
from services.supervision.policy import Obligation
from services.supervision.workflow import Stage
from shared.contract.envelope import uuid7
from tests.faults.conftest import Make
from tests.faults.falling import PENDING, SERVICES, SOON, SPREAD, start_schedulers, wait_until_none_is_due
from tests.faults.system import System

FAR = timedelta(days=2)


def deadlines(system: System, count: int, ahead: timedelta) -> None:
    """From `ahead` on. One in ten has been met already, one in ten is met while the schedulers run, one in ten is not due before long."""
    with system.county.unit_of_work("supervision") as uow:
        begin = uow.all("SELECT now()")[0]["now"]
        for number in range(count):
            case = uow.rows(store.CASES).put(SupervisedCase(id=uuid7()))
            far, met = number % 10 == 2, number % 10 == 0
            due_at = begin + ahead + (FAR if far else timedelta(seconds=-1 + SPREAD * number / count))
            uow.rows(store.DEADLINES).put(
                Deadline(
                    id=uuid7(), case_id=case.id, obligation=Obligation.CONCLUDE, round=1, assignment_id=None, responsible=None,
                    organisation="431023", policy="yongxing/1", rule="ordinary.conclude", started_at=begin - timedelta(days=10),
                    due_at=due_at, set_at=begin - timedelta(days=10), late_after=60, warnings=(),
                    stage=Stage.MET if met else Stage.PENDING, ended_at=begin if met else None,
                )
            )  # fmt: skip


def meet_some(system: System) -> None:
    """What supervision does when a reply comes: the case's row first, then its deadline, unless it was missed before."""
    ids = system.query(f"SELECT case_id::text, id::text FROM supervision.deadline WHERE {SOON} ORDER BY due_at DESC")
    for case, deadline in ids[::10]:
        with system.county.unit_of_work("supervision") as uow:
            uow.rows(store.CASES).get(UUID(case))
            uow.all(
                f"UPDATE deadline SET stage = 'met', ended_at = now() WHERE id = %(id)s AND {PENDING}",
                id=deadline,
            )


def fire_under_fire(system: System, count: int, spec: str = "-", ahead: timedelta = timedelta()) -> None:
    """Deadlines fall due while two schedulers are killed again and again, until none is due any more."""
    deadlines(system, count, ahead)
    schedulers = start_schedulers(system, spec)
    if spec == "-":
        meet_some(system)
    wait_until_none_is_due(system, schedulers, count)


@pytest.mark.parametrize("count", [400, pytest.param(2000, marks=pytest.mark.full)])
def test_25_each_deadline_fires_once_though_its_schedulers_are_killed(make: Make, count: int) -> None:
    system = make(services=SERVICES)
    fire_under_fire(system, count)
    system.worker()
    system.rest()
    assert system.violations() == []
    told = system.query("SELECT count(*) FROM supervision.event_log WHERE name = 'deadline.missed'")
    missed = system.query("SELECT count(*) FROM supervision.deadline WHERE stage = 'missed'")
    assert told == missed
    assert missed[0][0] > count / 2
    assert system.query("SELECT count(*) FROM supervision.deadline WHERE stage = 'pending'") == [(count // 10,)]


def test_25_twin_claimed_first_and_told_later_deadlines_go_by_in_silence(make: Make) -> None:
    system = make(services=SERVICES)
    fire_under_fire(system, 50, spec="claim_then_act")
    assert any("is missed and nobody was told" in wrong for wrong in system.violations())


def test_25_twin_by_a_clock_that_is_ahead_deadlines_fire_early(make: Make) -> None:
    system = make(services=SERVICES)
    fire_under_fire(
        system, 50, spec="own_clock", ahead=timedelta(minutes=30)
    )  # and no start is so slow that they are due by then
    assert any("early" in wrong for wrong in system.violations())
