"""Deadlines that fall due while their schedulers are killed: what the tests of the clocks share."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from deploy.dev.instance import ROOT
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from services.supervision import store
from services.supervision.domain import Deadline, SupervisedCase
from services.supervision.handlers import adopt_policy
from services.supervision.workflow import Stage
from shared.contract.envelope import uuid7
from tests.faults.system import System

SERVICES = ("routing", "supervision", "reporting")
SPREAD = 6.0  # seconds over which they fall due, from one second before now
LATE_AFTER = 60  # seconds
PENDING = "stage IN ('pending', 'approaching')"
SOON = f"{PENDING} AND due_at < now() + interval '1 day'"


def now_of(system: System) -> datetime:
    """The database's clock."""
    found: datetime = system.query("SELECT now()")[0][0]
    return found


def fall(
    system: System, policy: str, rule: str, due_at: Sequence[datetime], *, length: timedelta = timedelta(days=10)
) -> list[UUID]:
    """One case for each instant, held to the shipped policy, which owes what the rule says by then; their ids."""
    with system.county.unit_of_work("supervision") as uow:
        adopted = adopt_policy(uow, policy)
        named, cases = adopted.named(rule), []
        assert named is not None
        for due in due_at:
            case, owed = uuid7(), uuid7()
            uow.rows(store.CASES).put(
                SupervisedCase(id=case, case_class="ordinary", policy=adopted.id, owed=(str(owed),), conclude_by=due)
            )
            uow.rows(store.DEADLINES).put(
                Deadline(
                    id=owed, case_id=case, obligation=named.obligation, round=1, assignment_id=None, responsible=None,
                    organisation="431023", policy=adopted.id, rule=rule, started_at=due - length, due_at=due, set_at=due - length,
                    late_after=LATE_AFTER, warnings=(), stage=Stage.PENDING,
                )
            )  # fmt: skip
            cases.append(case)
    return cases


def start_schedulers(system: System, spec: str = "-", clocks: Sequence[Mapping[str, str]] = ({}, {})) -> list[Process]:
    """Two schedulers, each killed with -9 every 250 ms; `clocks` are their environments."""
    schedulers = [
        Process(
            f"scheduler-{number}", [sys.executable, "-m", "tests.faults.schedulers", spec], folder=system.county.folder, cwd=ROOT,
            env={**system.county.environment(), **clock}, die_with_parent=True,
        )
        for number, clock in enumerate(clocks)
    ]  # fmt: skip
    system._processes += schedulers
    for scheduler in schedulers:
        scheduler.start()
    return schedulers


def due(system: System) -> int:
    """How many are due, or will be within a day."""
    return int(system.query(f"SELECT count(*) FROM supervision.deadline WHERE {SOON}")[0][0])


def wait_until_none_is_due(system: System, schedulers: Sequence[Process], count: int) -> None:
    """Then the schedulers end."""
    until(lambda: due(system) == 0, timeout=60 + count / 10, what=f"{due(system)} deadlines to fire")
    for scheduler in schedulers:
        scheduler.kill()


def told(system: System, name: str) -> list[dict[str, Any]]:
    """The data of what supervision told under this name, in order."""
    rows = system.query(
        "SELECT (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' FROM supervision.event_log WHERE name = %s ORDER BY id",
        name,
    )
    return [row[0] for row in rows]
