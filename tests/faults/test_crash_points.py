"""Fault 7: a crash at each named point, again and again, with all five services at work."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.faults.conftest import Make
from tests.faults.points import WORKER_POINTS
from tests.faults.system import System, died


def crash_at_every_point(system: System, times: int, twin: str = "-") -> None:
    """Each time a worker with something to do passes the point, and dies; the next one has its work to do too."""
    driver = system.driver
    driver.found()
    known = driver.submit(2 * times)
    system.worker()
    system.rest()
    for process in system._processes:
        process.kill()
    for round_number in range(times):
        driver.instruct(known[2 * round_number : 2 * round_number + 2])
        for point in WORKER_POINTS:
            driver.submit(3)
            # Not always the first time, or a worker would never get on, and its event would be taken for the poison.
            assert dies(system, f"kill@{point}#{1 + round_number % 3},{twin}"), point
    system.worker(twin)


def dies(system: System, broken: str) -> bool:
    """Whether a worker dies at its point. Petitions come in until it does: three may be one batch, which passes it once."""
    worker = system.worker(broken)
    for _ in range(30):
        with suppress(TimeoutError):
            return died(worker, timeout=2)
        system.driver.submit()
    raise TimeoutError(f"{broken} has not come about: {worker.tail(3)}")


@pytest.mark.parametrize("times", [2, pytest.param(100, marks=pytest.mark.full)])
def test_7_crashes_at_every_named_point_lose_nothing_and_double_nothing(make: Make, times: int) -> None:
    system = make()
    crash_at_every_point(system, times)
    system.rest()
    system.quiet()
    assert system.violations() == []


def test_7_twin_without_a_look_into_the_inbox_crashes_are_seen(make: Make) -> None:
    system = make(services=("intake", "routing", "reporting"))
    system.driver.submit(20)
    for point in ("relay_after_publish", "worker_after_commit"):
        assert died(system.worker(f"kill@{point},no_inbox"))
    system.worker("no_inbox")
    system.breaks("effects")
