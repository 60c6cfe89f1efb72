"""Faults of the relay: it dies between any two of its steps, and rows commit in another order than they were begun."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Make
from tests.faults.system import System, died

SERVICES = ("intake", "routing", "reporting")


def relay_dies(system: System, point: str, twin: str = "-", then: str = "-") -> None:
    """Petitions wait when a relay starts; it dies at the point, and another one takes over."""
    system.driver.submit(20)
    assert died(system.worker(f"kill@{point},{twin}"))
    system.worker(then)


@pytest.mark.parametrize("point", ["relay_in_publish", "relay_after_publish"])
def test_3_a_relay_killed_after_publishing_sends_again_and_nothing_happens_twice(make: Make, point: str) -> None:
    system = make(services=SERVICES)
    relay_dies(system, point)
    system.rest()
    assert system.violations() == []


def test_3_twin_without_a_look_into_the_inbox_things_happen_twice(make: Make) -> None:
    system = make(services=SERVICES)
    relay_dies(system, "relay_after_publish", then="no_inbox")
    system.breaks("2 effects")


@pytest.mark.parametrize("point", ["relay_before_publish", "relay_after_mark"])
def test_4_a_relay_killed_before_its_mark_is_committed_loses_nothing(make: Make, point: str) -> None:
    system = make(services=SERVICES)
    relay_dies(system, point)
    system.rest()
    assert system.violations() == []


def test_4_twin_a_mark_before_the_broker_has_confirmed_loses_events(make: Make) -> None:
    system = make(services=SERVICES)
    relay_dies(system, "relay_before_publish", twin="mark_first")
    system.quiet()
    assert any("never reached" in wrong for wrong in system.violations())


def row_commits_late(system: System, twin: str = "-") -> None:
    """A registration holds a lower id than others that are stored and sent before it commits."""
    system.up(system.worker(twin))  # the database ends a transaction that stands idle for long
    with system.county.unit_of_work("intake") as uow:
        system.driver.submit_in(uow)
        uow.flush()
        uow._told.clear()  # written; the commit is still to come
        system.driver.submit(5)
        system.rest()


def test_19_an_outbox_row_that_commits_late_is_sent(make: Make) -> None:
    system = make(services=SERVICES)
    row_commits_late(system)
    system.rest()
    assert system.violations() == []


def test_19_twin_a_high_water_mark_leaves_the_late_row_behind(make: Make) -> None:
    system = make(services=SERVICES)
    row_commits_late(system, twin="high_water")
    system.driver.submit(1)  # the relay has looked again, and not seen it
    with pytest.raises(TimeoutError):
        system.rest(timeout=4)
    assert any("never reached" in wrong for wrong in system.violations())
