"""Fault 24 at the queue that a linked township reads: it was not there yet, or disappears while everything runs."""

from __future__ import annotations

import amqp

from deploy.dev.waiting import until
from shared.bus.broker import connect
from shared.contract import seal_suffix
from shared.contract.envelope import CONTENT_TYPE
from tests.faults.conftest import Make
from tests.faults.system import System

TOWN, HEAD = "431023104", "o-431023104-secretary"
QUEUE = f"{TOWN}.link"


def a_county(make: Make) -> System:
    system = make(services=("intake", "routing", "supervision"), subordinates=(TOWN,), env={"ZHIDA_BINDING_CHECK": "1"})
    system.driver.found()
    return system


def briefed(system: System, count: int) -> list[str]:
    """Cases that may be handed to the town: it sees nothing but the brief."""
    cases = system.driver.submit(count)
    for case in cases:
        system.driver.supplement(case)
    system.rest()
    return cases


def told_to_the_town(system: System) -> list[bytes]:
    """The bodies that the county has told the town, in the log's order."""
    rows = system.query("SELECT draft, sequence FROM routing.event_log WHERE addressee = %s ORDER BY id", TOWN)
    return [bytes(draft) + seal_suffix(sequence) for draft, sequence in rows]


def in_the_queue(system: System) -> list[bytes]:
    """The bodies of events that wait for the town, each once, in the order of their first copies. They stay there."""
    connection = connect(system.amqp, "tests")
    channel = connection.channel()
    channel.auto_decode = False
    bodies: dict[bytes, None] = {}

    def note(message: amqp.Message) -> None:
        if message.properties["content_type"] == CONTENT_TYPE:
            bodies.setdefault(bytes(message.body))

    channel.basic_consume(QUEUE, callback=note)
    try:
        while True:
            connection.drain_events(timeout=0.5)
    except TimeoutError:
        return list(bodies)
    finally:
        connection.close()


def queue_deleted(system: System, twin: str = "-") -> None:
    """The queue goes with what was in it, and more is told to the town before and after it is made again."""
    system.up(system.worker(f"quick,{twin}"))
    cases = briefed(system, 6)
    system.driver.instruct(cases[:2], to=HEAD)
    system.rest()
    connection = connect(system.amqp, "tests")
    connection.channel().queue_delete(QUEUE)
    connection.close()
    system.driver.instruct(cases[2:4], to=HEAD)
    system.rest()
    until(lambda: exists(system), timeout=30, what="the queue to be made again")
    system.driver.instruct(cases[4:], to=HEAD)
    system.rest()


def exists(system: System) -> bool:
    from shared.bus import topology

    connection = connect(system.amqp, "tests")
    try:
        return topology.exists(connection, QUEUE)
    finally:
        connection.close()


def test_24_a_townships_queue_that_disappeared_is_made_again_and_filled_in_order(make: Make) -> None:
    system = a_county(make)
    queue_deleted(system)
    told = told_to_the_town(system)
    assert len(told) == 6
    until(lambda: in_the_queue(system) == told, timeout=30, what="all that was told to wait for the town in its order")


def test_24_a_townships_queue_that_lost_its_binding_is_filled_and_bound_again(make: Make) -> None:
    system = a_county(make)
    system.up(system.worker("quick", env={"AMQP_MANAGEMENT_URL": system.management_url}))
    cases = briefed(system, 4)
    system.driver.instruct(cases[:2], to=HEAD)
    system.rest()
    connection = connect(system.amqp, "tests")
    connection.channel().queue_unbind(QUEUE, "case.events", f"{TOWN}.#")
    connection.close()
    system.driver.instruct(cases[2:], to=HEAD)
    system.rest()
    told = told_to_the_town(system)
    assert len(told) == 4
    until(lambda: in_the_queue(system) == told, timeout=30, what="what was told meanwhile to wait for the town in its order")


def test_24_a_queue_that_cannot_be_kept_keeps_neither_the_countys_events_nor_another_townships_waiting(make: Make) -> None:
    system = a_county(make)
    system.up(system.worker("quick", env={"ZHIDA_SUBORDINATES": f"431022 {TOWN}"}))  # no rights for the first one's queue
    cases = briefed(system, 2)
    system.driver.instruct(cases, to=HEAD)
    system.rest()
    assert system.violations() == []
    told = told_to_the_town(system)
    assert len(told) == 2
    until(lambda: in_the_queue(system) == told, timeout=30, what="what was told to wait for the town")


def test_24_a_township_that_is_joined_later_is_told_what_was_addressed_to_it_before(make: Make) -> None:
    system = a_county(make)
    worker = system.up(system.worker("quick", env={"ZHIDA_SUBORDINATES": ""}))
    cases = briefed(system, 3)
    system.driver.instruct(cases, to=HEAD)
    system.rest()
    worker.stop()
    assert not exists(system)
    system.up(system.worker("quick"))
    until(
        lambda: exists(system) and in_the_queue(system) == told_to_the_town(system) != [], timeout=30, what="the past to arrive"
    )


def test_24_twin_a_queue_that_is_only_declared_again_has_lost_what_was_told(make: Make) -> None:
    system = a_county(make)
    queue_deleted(system, twin="only_declare_links")
    last = told_to_the_town(system)[-1]
    until(lambda: last in in_the_queue(system), timeout=30, what="the last one to arrive")
    assert in_the_queue(system) != told_to_the_town(system)
