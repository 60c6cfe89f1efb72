"""Fault 20: four workers and one hot case; and what keeps its order."""

from __future__ import annotations

import pytest

from deploy.dev.waiting import until
from shared.bus import topology
from tests.faults import invariants
from tests.faults.conftest import Make
from tests.faults.system import System, ended, frozen

SERVICES = ("intake", "routing", "reporting")


def test_20_four_workers_keep_the_order_of_a_hot_case_while_one_is_killed(make: Make) -> None:
    system = make(services=SERVICES, env={"ZHIDA_BATCH_SIZE": "10"})
    (case,) = system.driver.submit()
    first = system.worker(name="worker-0")  # it leads, and reads; the others stand by
    until(lambda: system._taken_in() > 0, timeout=60, what="work")
    for number in range(1, 4):
        system.worker(name=f"worker-{number}")
    system.driver.supplement(case, 100)
    first.kill()
    system.driver.supplement(case, 50)
    system.rest()
    assert system.violations() == []
    assert system.parked() == []


def two_read_one_queue(system: System, twin: str = "-") -> None:
    """A worker stands still with the first events of a case in its hands; another one is there for the rest."""
    (case,) = system.driver.submit()
    system.driver.supplement(case, 60)
    system.worker(twin, "intake", name="sender")
    until(lambda: system._waiting() >= 61, timeout=30, what="the events to be in the queue")
    first = system.worker(f"stop@worker_before_take,{twin}", "reporting", name="first")
    frozen(first)
    second = system.up(system.worker(twin, "reporting", name="second"))
    if twin != "-":
        until(lambda: system._taken_in() > 0, timeout=30, what=f"the second worker to read: {second.tail(3)}")
    first.resume()


def test_20_only_one_worker_reads_a_queue_so_that_nothing_is_overtaken(make: Make) -> None:
    system = make(services=("intake", "reporting"), env={"ZHIDA_BATCH_SIZE": "10"})
    two_read_one_queue(system)
    system.rest()
    assert system.violations() == []


def test_20_twin_when_all_workers_read_one_queue_events_overtake(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(topology.QUEUE_ARGUMENTS, "x-single-active-consumer")
    system = make(services=("intake", "reporting"), env={"ZHIDA_BATCH_SIZE": "10"})
    two_read_one_queue(system, twin="all_at_once")
    system.breaks("I5 reporting handled number")


def test_20_twin_two_relays_without_a_lock_get_into_each_others_way(make: Make) -> None:
    system = make(services=SERVICES)
    system.driver.submit(5)
    first = system.worker("stop@relay_before_seal,no_lock", name="first")
    frozen(first)
    system.worker("no_lock", name="second")
    until(lambda: not invariants.nothing_in_the_outbox(system.seen), timeout=30, what="the second to relay")
    first.resume()
    assert ended(first) != 0
    assert "history is not altered" in first.log.read_text()
