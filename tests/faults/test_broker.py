"""Faults of the broker: it is killed, raises an alarm, or loses patience with a worker that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.dev.broker import Broker
from deploy.dev.waiting import until
from tests.faults import invariants
from tests.faults.conftest import Make
from tests.faults.system import System, frozen

SERVICES = ("intake", "routing")
PAUSED = ("set_vm_memory_high_watermark", "0"), ("set_disk_free_limit", "1000000GB")
PLENTY = ("set_vm_memory_high_watermark", "0.4"), ("set_disk_free_limit", "50MB")


@pytest.fixture
def lone(own_broker: Broker) -> Iterator[Broker]:
    """The module's broker, running and at ease before and after the test."""
    yield own_broker
    own_broker.resume()
    own_broker.start()
    for command in PLENTY:
        own_broker.ctl(*command)


def on_disk(system: System) -> None:
    """Wait until the broker has written its new queues down: RabbitMQ 3.10 is half a second late with that."""
    for service in system.county.services:
        system.broker.wait_for_queue(f"431023.{service}", system.county.vhost)


def left(system: System) -> bool:
    """Whether the relay believes that everything told has left."""
    return not invariants.nothing_in_the_outbox(system.seen)


def sealed(system: System) -> bool:
    """Whether everything told has its number, and so is about to be sent."""
    return system.query("SELECT count(*) FROM intake.event_log WHERE sequence IS NULL") == [(0,)]


def test_9_intake_goes_on_while_the_only_broker_is_dead_and_then_everything_drains(make: Make, lone: Broker) -> None:
    system = make(on=lone, services=SERVICES)
    system.web()
    system.worker()
    assert system.driver.register() == 201
    system.rest()
    on_disk(system)
    lone.kill()
    assert [system.driver.register() for _ in range(10)] == [201] * 10
    assert not left(system)
    lone.start()
    system.rest()
    assert system.violations() == []


def test_9_twin_a_registration_that_publishes_itself_needs_the_broker(make: Make, lone: Broker) -> None:
    system = make(on=lone, services=SERVICES)
    system.web("needs_broker")
    lone.kill()
    assert system.driver.register() == 503


def dies_with_bytes_in_its_pockets(system: System, twin: str = "-") -> None:
    """The broker stands still while the relay writes to it, and is then killed."""
    system.worker(f"{twin},quick")
    system.driver.submit()
    system.rest()
    on_disk(system)
    system.broker.pause()
    system.driver.submit(10)
    until(lambda: left(system) if twin != "-" else sealed(system), timeout=30, what="the relay to write")
    system.broker.kill()
    system.broker.start()


def test_9_what_a_dying_broker_has_not_confirmed_is_sent_again(make: Make, lone: Broker) -> None:
    system = make(on=lone, services=SERVICES)
    dies_with_bytes_in_its_pockets(system)
    system.rest()
    assert system.violations() == []


def test_9_twin_without_confirms_what_a_dying_broker_had_is_lost(make: Make, lone: Broker) -> None:
    system = make(on=lone, services=SERVICES)
    dies_with_bytes_in_its_pockets(system, twin="no_confirms")
    system.quiet()
    assert any("never reached" in wrong for wrong in system.violations())


def alarm(system: System, command: tuple[str, ...], twin: str = "-") -> None:
    """The broker takes nothing any more, for longer than the relay waits for a confirm."""
    worker = system.worker(f"{twin},quick")
    system.driver.submit()
    system.rest()
    on_disk(system)
    system.broker.ctl(*command)
    until(lambda: system.broker.ctl("eval", "rabbit_alarm:get_alarms().").strip() != "[]", timeout=30, what="the alarm")
    system.driver.submit(10)
    until(lambda: left(system) or "relay of intake waits" in worker.log.read_text(), timeout=30, what="the relay to wait in vain")


@pytest.mark.parametrize("command", PAUSED, ids=["memory", "disk"])
def test_18_during_an_alarm_events_wait_in_the_outbox_and_then_drain(make: Make, lone: Broker, command: tuple[str, ...]) -> None:
    system = make(on=lone, services=SERVICES)
    alarm(system, command)
    assert not left(system)
    for plenty in PLENTY:
        lone.ctl(*plenty)
    system.rest()
    assert system.violations() == []


def test_18_twin_a_relay_that_gives_up_loses_what_the_broker_did_not_take(make: Make, lone: Broker) -> None:
    system = make(on=lone, services=SERVICES)
    alarm(system, PAUSED[0], twin="give_up_sending")
    until(lambda: left(system), timeout=30, what="the relay to give up")
    lone.kill()  # as an operator does with a broker that takes nothing; what it had not read is gone
    lone.start()
    system.quiet()
    assert any("never reached" in wrong for wrong in system.violations())


def stands_still(system: System, point: str, twin: str = "-") -> None:
    """A worker stops with a batch in its hands, another one takes over, and the first wakes up."""
    system.driver.submit(10)
    first = system.worker(f"stop@{point},quick,{twin}", name="first")
    frozen(first)
    system.worker("quick", name="second")
    system.driver.submit(5)
    system.rest()
    first.resume()
    until(lambda: "consumer of 431023" in first.log.read_text(), timeout=30, what="the first to notice")


@pytest.mark.parametrize("point", ["worker_before_take", "worker_before_commit"])
def test_14_a_worker_that_stands_still_is_replaced_and_does_no_harm_when_it_wakes(make: Make, lone: Broker, point: str) -> None:
    system = make(on=lone, services=SERVICES)
    stands_still(system, point)
    system.driver.submit(3)
    system.rest()
    system.quiet()
    assert system.violations() == []
    assert system.parked() == []


def test_14_twin_without_a_look_into_the_inbox_it_does_its_batch_again(make: Make, lone: Broker) -> None:
    system = make(on=lone, services=SERVICES)
    stands_still(system, "worker_before_take", twin="no_inbox")
    system.breaks("2 effects")


def test_14_twin_without_a_time_limit_its_batch_waits_for_ever(make: Make, lone: Broker) -> None:
    set_limit = "application:set_env(rabbit, consumer_timeout, {})."
    lone.ctl("eval", set_limit.format("undefined"))
    try:
        system = make(on=lone, services=SERVICES)
        with pytest.raises(TimeoutError, match="no rest after"):
            _stands_still_briefly(system)
    finally:
        lone.ctl("eval", set_limit.format("3000"))


def _stands_still_briefly(system: System) -> None:
    system.driver.submit(10)
    frozen(system.worker("stop@worker_before_take,quick,no_heartbeat", name="first"))
    system.up(system.worker("quick,no_heartbeat", name="second"))
    system.rest(timeout=12)
