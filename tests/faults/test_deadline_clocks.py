"""Faults 26 to 28: clocks that are off, a calendar that changes, an outage of a day, an extension while the limit fires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deploy.dev.waiting import until
from services.supervision import domain, store
from services.supervision.handlers.dockets import docket_of
from services.supervision.handlers.telling import deadline_data
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from tests.faults.conftest import Make
from tests.faults.falling import LATE_AFTER, SERVICES, SPREAD, fall, now_of, start_schedulers, told, wait_until_none_is_due
from tests.faults.system import System

COUNTS = [200, pytest.param(2000, marks=pytest.mark.full)]
ORDINARY = ("yongxing", "conclude-ordinary-10")
BY = Person(official="o-431023-sup", name="王建平", post="督查室主任", organisation="431023-sup")
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
DAY = timedelta(days=1)
Move = Callable[[UnitOfWork, UUID], object]


def soon(system: System, count: int, spread: float = SPREAD) -> list[datetime]:
    """Instants over the next seconds, from one second ago."""
    begin = now_of(system) - timedelta(seconds=1)
    return [begin + timedelta(seconds=spread * number / count) for number in range(count)]


def off(by: str) -> dict[str, str]:
    """The environment of a process whose own clock is off."""
    return {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": by}


# -- 26 -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("clocks", [("+1h", "-1h"), ("+1d", "-1d")])
@pytest.mark.parametrize("count", COUNTS)
def test_26_schedulers_whose_clocks_are_off_fire_neither_early_nor_late(make: Make, count: int, clocks: tuple[str, str]) -> None:
    assert FAKETIME, "no libfaketime here: run `make setup-tests`"
    system = make(services=SERVICES)
    fall(system, *ORDINARY, soon(system, count))
    wait_until_none_is_due(system, start_schedulers(system, clocks=[off(by) for by in clocks]), count)
    system.worker()
    system.rest()
    assert system.violations() == []
    assert [data["late"] for data in told(system, "deadline.missed")] == [False] * count


def moved_or_missed(system: System, cases: Sequence[UUID], move: Move) -> list[str]:
    """Limits fall due under fire, and meanwhile somebody moves them, one after another; what is wrong in the end."""
    schedulers = start_schedulers(system)
    for case in reversed(cases):  # from the last one on, so that both meet in the middle
        with system.county.unit_of_work("supervision") as uow:
            move(uow, case)
    wait_until_none_is_due(system, schedulers, len(cases))
    system.worker()
    system.rest()
    missed = {data["deadline_id"] for data in told(system, "deadline.missed")}
    moved = [data["deadline_id"] for data in told(system, "deadline.moved")]
    waiting = {
        str(row[0]) for row in system.query("SELECT id FROM supervision.deadline WHERE due_at > now() AND stage = 'pending'")
    }
    wrong = list(system.violations())
    wrong += [f"{key} was moved twice" for key in set(moved) if moved.count(key) > 1]
    wrong += [f"{key} was moved and missed" for key in missed & set(moved)]
    wrong += [f"{key} was told as moved and is not waiting, or waits untold" for key in waiting ^ set(moved)]
    if len(missed) + len(set(moved)) != len(cases) or not missed or not moved:
        wrong.append(f"{len(missed)} missed and {len(set(moved))} moved of {len(cases)}")
    return wrong


@pytest.mark.parametrize("count", COUNTS)
def test_26_a_calendar_that_changed_moves_nothing_and_a_decision_only_what_has_not_fired(make: Make, count: int) -> None:
    system = make(services=SERVICES)
    system.query("UPDATE supervision.calendar_coverage SET last = (now() + interval '400 days')::date")
    # Set by a calendar of which nothing is left: they fall due in seconds, and by today's had days.
    cases = fall(system, "regulation-2022", "receive-5w", soon(system, count, 2 * SPREAD), length=DAY)

    def decide(uow: UnitOfWork, case: UUID) -> object:
        owed = {row["id"] for row in uow.all("SELECT id FROM deadline WHERE case_id = %(case)s", case=case)}
        with docket_of(case, uow) as page:
            return domain.recount(page, owed, by=BY, reason="放假通知有变")

    assert moved_or_missed(system, cases, decide) == []


# -- 27 -----------------------------------------------------------------------------------------------------------
def outage(system: System, count: int, spec: str = "-") -> list[str]:
    """For a day nobody fired; what is wrong after everything was caught up with."""
    now = now_of(system)
    fall(system, *ORDINARY, [now - DAY + DAY * number / count for number in range(count)])
    wait_until_none_is_due(system, start_schedulers(system, spec), count)
    missed = told(system, "deadline.missed")
    wrong = [] if len(missed) == count else [f"{len(missed)} told of {count}"]
    for data in missed:
        delay = datetime.fromisoformat(data["fired_at"]) - datetime.fromisoformat(data["due_at"])
        if data["late"] is not (delay > timedelta(seconds=LATE_AFTER)):
            wrong.append(f"{data['deadline_id']} fired {delay} after its instant and is marked late={data['late']}")
    return wrong


@pytest.mark.parametrize("count", COUNTS)
def test_27_after_a_day_without_schedulers_each_fires_once_and_says_that_it_is_late(make: Make, count: int) -> None:
    system = make(services=SERVICES)
    assert outage(system, count) == []
    system.worker()
    system.rest()
    assert system.violations() == []


def test_27_twin_that_an_outage_held_it_up_is_not_said(make: Make) -> None:
    assert any("marked late=False" in wrong for wrong in outage(make(services=SERVICES), 50, "never_late"))


# -- 28 -----------------------------------------------------------------------------------------------------------
def extend(uow: UnitOfWork, case: UUID) -> None:
    """What supervision does when it hears assignment.extended: the case's row first."""
    with docket_of(case, uow) as page:
        domain.extend(page, uuid7(), days=20, at=uow.now, by=BY)


@pytest.mark.parametrize("count", COUNTS)
def test_28_a_limit_that_is_extended_while_it_fires_is_either_extended_or_missed(make: Make, count: int) -> None:
    system = make(services=SERVICES)
    assert moved_or_missed(system, fall(system, *ORDINARY, soon(system, count, 2 * SPREAD)), extend) == []


def test_28_twin_an_extension_that_does_not_look_moves_what_has_been_missed(make: Make) -> None:
    def blindly(uow: UnitOfWork, case: UUID) -> None:
        deadline = next(each for each in uow.rows(store.DEADLINES).where("case_id = %s", case))
        after = replace(deadline, due_at=deadline.due_at + 20 * DAY, moved_by=20 * DAY)
        uow.rows(store.DEADLINES).put(after)
        extra = {"was_due_at": deadline.due_at, "cause": "extended", "moved_at": uow.now}
        uow.tell("deadline.moved", case, deadline_data(after, extra))

    system = make(services=SERVICES)
    cases = fall(system, *ORDINARY, [now_of(system) - DAY] * 50)
    schedulers = start_schedulers(system)
    until(lambda: len(told(system, "deadline.missed")) > 0, timeout=30, what="the first deadline to fire")
    wait_until_none_is_due(system, schedulers, 50)
    assert any("was moved and missed" in wrong for wrong in moved_or_missed(system, cases, blindly))
