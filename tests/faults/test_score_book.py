"""The score book though two schedulers are killed with -9 every 250 ms: each miss is scored once, and a rebuilt book is the same."""

from __future__ import annotations

import sys

import pytest

from deploy.dev.instance import ROOT
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from services.supervision.handlers import book
from tests.faults.conftest import Make
from tests.faults.system import System
from tests.faults.test_ladder import SERVICES, misses

LEFT = (
    "SELECT (SELECT count(*) FROM supervision.deadline WHERE stage IN ('pending', 'approaching'))"
    " + (SELECT count(*) FROM supervision.score_occasion WHERE judged_at IS NULL)"
)


def under_fire(system: System, spec: str, left: str = LEFT, timeout: float = 240) -> None:
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
    until(lambda: system.query(left) == [(0,)], timeout=timeout, what="the score book")
    for scheduler in schedulers:
        scheduler.kill()


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=pytest.mark.full)])
def test_each_miss_is_scored_once_and_a_rebuilt_book_is_the_same(make: Make, count: int) -> None:
    system = make(services=SERVICES)
    misses(system, count, 0)
    under_fire(system, "book")
    found = "SELECT count(*), count(DISTINCT cause), sum(points) FROM supervision.score_entry"
    assert system.query(found) == [(count, count, -2 * count)]
    assert system.query("SELECT count(*) FROM supervision.event_log WHERE name = 'score.recorded'") == [(count,)]
    with system.county.unit_of_work("supervision") as uow:
        assert book.rebuilt(uow) == book.live(uow)
    system.worker()
    system.rest()
    assert system.violations() == []


def test_twin_judged_first_and_entered_later_is_lost(make: Make) -> None:
    system = make(services=SERVICES)
    misses(system, 20, 0)
    under_fire(system, "judge_then_enter", timeout=60)
    assert any("was judged and has no entry" in each for each in system.violations())
    with system.county.unit_of_work("supervision") as uow:
        assert book.rebuilt(uow) != book.live(uow), "and a rebuild would notice"
