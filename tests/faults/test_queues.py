"""Faults of the topology: a binding or a queue disappears while everything runs."""

from __future__ import annotations

import pytest

from deploy.dev.waiting import until
from shared.bus.broker import connect
from tests.faults import invariants
from tests.faults.conftest import Make
from tests.faults.system import System, died

SERVICES = ("intake", "routing", "reporting")
QUEUE = "431023.routing"


def unbound(system: System, check: str) -> None:
    """Routing loses a binding while it stands still, and misses petitions that reporting hears of."""
    worker = system.up(system.worker("-", "routing", name="routing", env={"ZHIDA_BINDING_CHECK": check}))
    system.worker("-", "intake", "reporting", name="others")
    cases = system.driver.submit(3)
    system.rest()
    worker.pause()
    connection = connect(system.amqp, "tests")
    connection.channel().queue_unbind(QUEUE, "case.events", "431023.case.registered")
    connection.close()
    system.driver.submit(5)
    system.driver.supplement(cases[0], 2)
    until(lambda: system.query("SELECT count(*) FROM reporting.inbox") == [(10,)], timeout=30, what="reporting to hear")
    worker.resume()


def test_23_a_missing_binding_is_found_by_comparison_and_what_was_missed_is_sent_again(make: Make) -> None:
    system = make(services=SERVICES)
    system.county.extra["AMQP_MANAGEMENT_URL"] = system.management_url
    unbound(system, check="1")
    system.rest()
    assert system.violations() == []
    open_requests = "SELECT count(*) FROM platform.replay WHERE queue = %s AND begun_at IS NULL"
    until(lambda: system.query(open_requests, QUEUE) == [(0,)], timeout=30, what="the mark of the replay to arrive")
    system.driver.submit(3)
    system.rest()
    assert system.violations() == []


def test_23_twin_mandatory_alone_does_not_notice(make: Make) -> None:
    system = make(services=SERVICES)
    unbound(system, check="3600")
    system.quiet()
    assert any("never reached routing" in wrong for wrong in system.violations())


def queue_deleted(system: System, twin: str = "-") -> list[str]:
    """The queue goes with what was in it, and more is told before anybody makes it again."""
    worker = system.up(system.worker(f"quick,{twin}", "routing", name="routing"))
    system.worker("quick", "intake", "reporting", name="others")
    cases = system.driver.submit(3)
    system.rest()
    worker.pause()
    system.driver.supplement(cases[0], 10)
    until(lambda: system.query("SELECT count(*) FROM reporting.inbox") == [(13,)], timeout=30, what="the events to leave")
    connection = connect(system.amqp, "tests")
    connection.channel().queue_delete(QUEUE)
    connection.close()
    system.driver.supplement(cases[0], 10)
    until(lambda: system.query("SELECT count(*) FROM reporting.inbox") == [(23,)], timeout=30, what="more events to leave")
    worker.resume()
    return cases


def test_24_a_deleted_queue_is_made_again_and_filled_in_order(make: Make) -> None:
    system = make(services=SERVICES)
    cases = queue_deleted(system)
    system.driver.supplement(cases[0], 5)
    system.rest()
    assert system.violations() == []
    assert system.parked() == []


def test_24_twin_a_queue_made_again_without_a_replay_has_lost_what_was_in_it(make: Make) -> None:
    system = make(services=SERVICES)
    queue_deleted(system, twin="no_replay")
    system.quiet()
    assert any("never reached routing" in wrong for wrong in system.violations())


def replay_breaks_off(system: System, twin: str = "-") -> None:
    """The relay dies when it has sent the mark of a replay, and more is told before the next one starts."""
    (case,) = system.driver.submit()
    system.driver.supplement(case, 10)
    worker = system.worker("quick", "intake", name="sender")
    until(  # and noted as sent, or the next relay would send them again
        lambda: system._waiting() >= 11 and not invariants.nothing_in_the_outbox(system.seen),
        timeout=30,
        what="the events to be in the queue",
    )
    worker.kill()
    connection = connect(system.amqp, "tests")
    connection.channel().queue_delete("431023.reporting")
    connection.close()
    consumer = system.up(system.worker("quick", "reporting", name="reporting"))
    assert died(system.worker("kill@replay_after_mark", "intake", name="sender"))
    begun = "SELECT count(*) FROM platform.replay WHERE begun_at IS NOT NULL AND source = 'intake'"
    until(lambda: system.query(begun) == [(1,)], timeout=30, what=f"the mark to arrive; {consumer.tail(3)}")
    system.driver.supplement(case, 5)
    system.worker(twin, "intake", name="sender")


def test_24_a_replay_that_broke_off_is_sent_again_before_anything_new(make: Make) -> None:
    system = make(services=("intake", "reporting"))
    replay_breaks_off(system)
    system.rest()
    assert system.violations() == []


def test_24_twin_what_is_new_overtakes_a_replay_that_broke_off(make: Make) -> None:
    system = make(services=("intake", "reporting"))
    replay_breaks_off(system, twin="new_before_replay")
    system.breaks("I5 reporting handled")


@pytest.mark.parametrize("point", ["replay_after_mark", "replay_before_note"])
def test_24_a_relay_killed_in_a_replay_begins_it_again(make: Make, point: str) -> None:
    system = make(services=("intake", "reporting"))
    connection = connect(system.amqp, "tests")
    connection.channel().queue_delete("431023.reporting")
    connection.close()
    system.driver.submit(20)
    assert died(system.worker(f"kill@{point},quick"))
    system.worker("quick")
    system.rest()
    assert system.violations() == []
