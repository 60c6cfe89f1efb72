"""Faults of single events: one that kills its worker, and one whose handler fails."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.dev.waiting import until
from tests.faults.conftest import Make
from tests.faults.system import System, died, frozen

SERVICES = ("intake", "routing")


def parked_rows(system: System) -> list[tuple[object, ...]]:
    return system.query("SELECT subject, reason FROM routing.parked WHERE dismissed_at IS NULL ORDER BY id")


def has_taken(system: System, *cases: str) -> bool:
    known = {str(row[0]) for row in system.query("SELECT id FROM routing.case_record")}
    return known >= set(cases)


def crash_loop(system: System, twin: str = "-", deaths: int = 8) -> tuple[str, list[str]]:
    """An event kills each worker that handles it, and each is started again. The event's case, and its neighbours'."""
    before, (poison,), after = system.driver.submit(5), system.driver.submit(), system.driver.submit(5)
    system.driver.supplement(poison)
    for _ in range(deaths):
        worker = system.worker(f"poison@{poison},{twin}")
        until(lambda worker=worker: not worker.alive() or bool(parked_rows(system)), timeout=30, what="death or parking")  # type: ignore[misc]
        if worker.alive():
            break
        assert died(worker)
    return poison, before + after


def test_21_an_event_that_kills_its_worker_is_parked_and_its_neighbours_go_on(make: Make) -> None:
    system = make(services=SERVICES)
    poison, neighbours = crash_loop(system)
    until(lambda: has_taken(system, *neighbours), timeout=30, what="the neighbours")
    system.rest()
    assert parked_rows(system) == [(poison, "poison"), (poison, "waiting")]
    assert system.violations() == []


def test_21_twin_uncounted_crashes_go_on_for_ever(make: Make) -> None:
    system = make(services=SERVICES)
    _, neighbours = crash_loop(system, twin="no_crash_count")
    assert parked_rows(system) == []
    assert not has_taken(system, *neighbours)


def fails(system: System, twin: str = "-") -> str:
    """A handler has a mistake for one case, which goes on having events; it is repaired later. The case."""
    (case,) = system.driver.submit()
    others = system.driver.submit(3)
    worker = system.worker(f"raise@{case},{twin}")
    system.rest()
    system.driver.supplement(case, 3)
    others += system.driver.submit(3)
    until(lambda: has_taken(system, *others), timeout=30, what=f"the other cases; {worker.tail(3)}")
    system.rest()
    worker.kill()
    system.worker(name="repaired")
    return case


def retry(system: System) -> None:
    """The operator's command for everything that is parked."""
    for (parked_id,) in system.query("SELECT id FROM routing.parked ORDER BY id"):
        subprocess.run(
            [sys.executable, "-c", "from shared.cli import main; main()", "parked", "replay", "routing", str(parked_id)], check=False,
            env=os.environ | system.county.environment(), capture_output=True,
        )  # fmt: skip


def test_21_a_failed_event_waits_with_its_case_and_drains_when_the_handler_is_repaired(make: Make) -> None:
    system = make(services=SERVICES)
    case = fails(system)
    retry(system)
    until(lambda: not parked_rows(system), timeout=30, what="the lane to drain")
    system.rest()
    assert has_taken(system, case)
    assert system.violations() == []


def test_21_twin_an_error_acknowledged_away_is_an_event_without_effect(make: Make) -> None:
    system = make(services=SERVICES)
    fails(system, twin="swallow_errors")
    assert any("was taken in without effect" in wrong for wrong in system.violations())


def test_21_twin_without_lanes_later_events_of_the_case_overtake_the_failed_one(make: Make) -> None:
    system = make(services=("intake", "reporting"))
    (case,) = system.driver.submit()
    system.driver.supplement(case, 2)
    worker = system.worker(f"raise@{case}#1,no_lanes")
    until(lambda: "is parked" in worker.log.read_text(), timeout=30, what="the failure")
    system.rest()
    until(lambda: not system.parked(), timeout=30, what="the parked event to be tried again")
    assert any(wrong.startswith("I5 reporting handled") for wrong in system.violations())


def two_retry_one_lane(system: System, twin: str = "-") -> None:
    """Two workers find a lane whose time has come; the first stands still in the middle of its first event."""
    (case,) = system.driver.submit()
    system.driver.supplement(case, 2)
    broken = system.worker(f"raise@{case}")
    until(lambda: len(system.query("SELECT id FROM reporting.parked")) == 3, timeout=30, what="the lane to be parked")
    broken.kill()
    system.query("UPDATE reporting.parked SET next_attempt_at = now()")
    # The twin has to meet the lock for as long as it takes to start; else the database lets go of it soon.
    first = system.worker(f"freeze@{case}{'' if twin != '-' else ',quick'}", "reporting", name="first")
    frozen(first)
    system.up(system.worker(f"quick,{twin}", name="second"))
    if twin != "-":
        until(lambda: bool(system.query("SELECT id FROM reporting.observed")), timeout=30, what="the second to overtake")
    first.resume()


def test_21_two_workers_that_try_a_lane_again_keep_its_order(make: Make) -> None:
    system = make(services=("intake", "reporting"))
    two_retry_one_lane(system)
    until(lambda: not system.parked(), timeout=60, what="the lane to drain")
    system.rest()
    assert system.violations() == []


def test_21_twin_a_worker_that_takes_the_next_of_a_lane_overtakes(make: Make) -> None:
    system = make(services=("intake", "reporting"))
    two_retry_one_lane(system, twin="skip_to_next")
    until(lambda: not system.parked(), timeout=60, what="the lane to drain")
    assert any(wrong.startswith("I5 reporting handled") for wrong in system.violations())


@pytest.mark.full
def test_21_a_long_crash_loop_parks_one_event_only(make: Make) -> None:
    system = make(services=SERVICES)
    poison, neighbours = crash_loop(system, deaths=30)
    until(lambda: has_taken(system, *neighbours), timeout=30, what="the neighbours")
    assert parked_rows(system)[0] == (poison, "poison")
