"""Faults of the worker: it dies or stands still with a batch in its hands, or is asked to stop."""

from __future__ import annotations

import signal

import pytest

from deploy.dev.waiting import until
from tests.faults import invariants
from tests.faults.conftest import Make
from tests.faults.system import System, died, ended, frozen

SERVICES = ("intake", "routing", "reporting")
SMALL = {"ZHIDA_BATCH_SIZE": "10"}


def worker_dies(system: System, point: str, twin: str = "-", then: str = "-") -> None:
    """A worker dies at the point with its first batch; another one takes over."""
    system.driver.submit(20)
    assert died(system.worker(f"kill@{point},{twin}"))
    system.worker(then)


def held_by_the_broker(system: System) -> int:
    """Messages in the county's queues, those on their way to a consumer included."""
    listed = system.broker.ctl("list_queues", "--no-table-headers", "-p", system.county.vhost, "messages")
    return sum(map(int, listed.split()))


@pytest.mark.parametrize("point", ["worker_before_take", "worker_after_inbox", "worker_before_commit"])
def test_5_a_worker_killed_before_its_commit_loses_nothing(make: Make, point: str) -> None:
    system = make(services=SERVICES)
    worker_dies(system, point)
    system.rest()
    assert system.violations() == []
    assert system.parked() == []


def test_5_twin_an_acknowledgement_before_the_commit_loses_events(make: Make) -> None:
    system = make(services=("intake", "routing"))
    system.driver.submit(20)
    system.worker("-", "intake", name="sender")
    until(  # all has left and is noted as sent, or the next relay would send it again
        lambda: held_by_the_broker(system) == 20 and not invariants.nothing_in_the_outbox(system.seen),
        timeout=30, what="the events to wait in the queue",
    )  # fmt: skip
    worker = system.worker("stop@worker_before_commit,ack_first", "routing", name="hearer")
    frozen(worker)  # until the broker has let go of what it has sent: it does so a moment after
    until(lambda: held_by_the_broker(system) == 0, timeout=30, what="the broker to hold nothing")
    worker.kill()
    system.worker("-", "routing", name="hearer")
    system.quiet()
    assert any("never reached" in wrong for wrong in system.violations())


def test_6_a_worker_killed_after_its_commit_does_nothing_twice(make: Make) -> None:
    system = make(services=SERVICES)
    worker_dies(system, "worker_after_commit")
    system.rest()
    system.quiet()
    assert system.violations() == []
    assert system.parked() == []


def test_6_twin_without_a_look_into_the_inbox_things_happen_twice(make: Make) -> None:
    system = make(services=SERVICES)
    worker_dies(system, "worker_after_commit", then="no_inbox")
    system.breaks("2 effects")


def asked_to_stop(system: System, twin: str = "-") -> int | None:
    """SIGTERM to a worker that is in the middle of sixty events; its exit status."""
    system.driver.submit(60)
    worker = system.worker(f"slow@0.1,{twin}", env=SMALL)
    until(lambda: system._taken_in() > 0, timeout=30, what="the first batch")
    worker.stop(by=signal.SIGTERM, timeout=30)
    return ended(worker)


def test_37_a_worker_asked_to_stop_finishes_its_batch_and_goes_by_itself(make: Make) -> None:
    system = make(services=SERVICES)
    assert asked_to_stop(system) == 0
    assert 0 < system._taken_in() < 120  # routing and reporting hear each of the sixty
    until(lambda: system._waiting() + system._taken_in() == 120, timeout=10, what="all that was taken in to be off the queues")
    system.worker()
    system.rest()
    assert system.violations() == []


def test_37_twin_a_worker_that_does_not_catch_sigterm_is_torn_from_its_batch(make: Make) -> None:
    assert asked_to_stop(make(services=SERVICES), twin="die_at_once") == -signal.SIGTERM
