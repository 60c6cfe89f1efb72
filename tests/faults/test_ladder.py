"""What follows misses, and the office's periods, though two schedulers are killed with -9 every 250 ms: each once, its date exact."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import pytest

from deploy.dev.instance import ROOT
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from services.supervision import store
from services.supervision.domain import Deadline, SupervisedCase
from services.supervision.domain.periods import period_of
from services.supervision.handlers import adopt_policy
from services.supervision.policy import Obligation, PeriodKind
from services.supervision.store import SQL
from services.supervision.workflow import Stage
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from tests.faults.conftest import Make
from tests.faults.system import System

SERVICES = ("routing", "supervision", "reporting")
HEAD = Person(official="o-431023104-secretary", name="何立新", post="柏林镇党委书记", organisation="431023104")
LEFT = (
    "SELECT (SELECT count(*) FROM supervision.deadline WHERE NOT laddered) + (SELECT count(*) FROM supervision.ladder WHERE next_step = 'reminder')"
    " + (SELECT count(*) FROM supervision.period WHERE ended_at IS NULL AND until <= now())"
)


def misses(system: System, count: int, years: int, stage: Stage = Stage.PENDING) -> None:
    """So many that fell due an hour ago, and an office that has been down for years."""
    with system.county.unit_of_work("supervision") as uow:
        policy, now = adopt_policy(uow), uow.all(SQL["database_now"])[0]["now"]
        due = now - timedelta(hours=1)
        for kind in PeriodKind:
            first = period_of(kind, date(now.year - years, 1, 15))
            uow.all(
                SQL["begin_period"], kind=str(kind), first=first.first, last=first.last, number=first.number, until=first.until
            )
        for _ in range(count):
            case = uow.rows(store.CASES).put(SupervisedCase(id=uuid7()))
            uow.rows(store.DEADLINES).put(
                Deadline(
                    id=uuid7(), case_id=case.id, obligation=Obligation.CONCLUDE, round=1, assignment_id=None, responsible=HEAD,
                    organisation=HEAD.organisation, policy=policy.id, rule="conclude-ordinary-10", started_at=due - timedelta(days=10),
                    due_at=due, set_at=due - timedelta(days=10), late_after=60, warnings=(), stage=stage,
                    missed_at=now if stage is Stage.MISSED else None,
                )
            )  # fmt: skip


def climb_under_fire(system: System, spec: str) -> None:
    """Two schedulers, killed again and again, until nothing is left for them."""
    schedulers = [
        Process(
            f"scheduler-{number}", [sys.executable, "-m", "tests.faults.schedulers", spec], folder=system.county.folder, cwd=ROOT,
            env=system.county.environment(), die_with_parent=True,
        )
        for number in range(2)
    ]  # fmt: skip
    system._processes += schedulers
    for scheduler in schedulers:
        scheduler.start()
    until(lambda: system.query(LEFT) == [(0,)], timeout=240, what="ladders and periods")
    for scheduler in schedulers:
        scheduler.kill()


@pytest.mark.parametrize(("count", "years"), [(200, 1), pytest.param(2000, 10, marks=pytest.mark.full)])
def test_each_miss_is_reminded_of_and_each_period_ends_once(make: Make, count: int, years: int) -> None:
    system = make(services=SERVICES)
    misses(system, count, years)
    climb_under_fire(system, "ladder")
    told = "SELECT count(*) FROM supervision.event_log WHERE name = %s"
    assert system.query(told, "supervision.reminded") == [(count,)]
    assert system.query("SELECT last FROM supervision.document_number") == [(count,)]  # no number was lost with a process
    assert system.query("SELECT count(DISTINCT due_at), bool_and(late) FROM supervision.ladder_step") == [(1, True)]
    gaps = (
        "SELECT count(*) FROM (SELECT first, lag(last) OVER (PARTITION BY kind ORDER BY first) AS before FROM supervision.period) p"
        " WHERE first <> before + 1"
    )
    assert system.query(gaps) == [(0,)]
    assert system.query(told, "period.ended")[0][0] > years * 80
    system.worker()
    system.rest()
    assert system.violations() == []


def test_twin_marked_first_and_told_later_both_go_by_in_silence(make: Make) -> None:
    system = make(services=SERVICES)
    misses(system, 1, 0, Stage.MISSED)
    with pytest.raises(TimeoutError, match="what follows"):
        marked_only(system)
    wrong = system.violations()
    assert any("nothing follows" in each for each in wrong)


def marked_only(system: System) -> None:
    """A scheduler that dies between its two transactions; what it marked is never told."""
    scheduler = Process(
        "scheduler", [sys.executable, "-m", "tests.faults.schedulers", "mark_then_tell"], folder=system.county.folder, cwd=ROOT,
        env=system.county.environment(), die_with_parent=True,
    )  # fmt: skip
    system._processes.append(scheduler)
    scheduler.start()
    until(
        lambda: system.query("SELECT count(*) FROM supervision.deadline WHERE NOT laddered") == [(0,)],
        timeout=60,
        what="the mark",
    )
    until(lambda: bool(system.query("SELECT 1 FROM supervision.ladder")), timeout=3, what="what follows")
