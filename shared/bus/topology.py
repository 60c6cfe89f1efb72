"""Exchanges, queues and bindings, all derived from the list of events.

    case.events (topic) --<org>.case.registered--> <org>.routing    (quorum queue, single active consumer)
                        --*.assignment.issued----> <org>.supervision
                        --<township>.#-----------> <township>.link  (read by the township's own instance)

With more than one partition an exchange `<org>.<service>` of type x-consistent-hash stands in front of the queues
`<org>.<service>.0` ... and spreads cases over them, so that each case keeps its order.
"""

from __future__ import annotations

from typing import Any

import amqp

from shared.bus.broker import faults
from shared.contract import heard_by
from shared.metrics import record_queue

EXCHANGE = "case.events"
PUBLIC_EXCHANGE = "case.public"  # in a virtual host of its own
SYNC = "sync.said"  # routing key, behind the organisation's code, of what neighbours say of how things stand
LINKED = "routing"  # the service whose instances speak to each other
QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-single-active-consumer": True}


def bindings(org: str, service: str) -> list[str]:
    """The routing keys that `service` of instance `org` is bound to."""
    keys = []
    for contract in heard_by(service):
        anybody = service == "reporting" or (service != "routing" and contract.name.startswith("assignment."))
        keys.append(f"{'*' if anybody and not contract.local else org}.{contract.name}")
    return keys


def sync_keys(org: str, service: str) -> list[str]:
    """The keys under which neighbours say how things stand, as far as `service` hears them."""
    return {LINKED: [f"{org}.{SYNC}"], "reporting": [f"*.{SYNC}"]}.get(service, [])


def queues(org: str, service: str, partitions: int = 1) -> list[str]:
    """The queues of a service."""
    return [f"{org}.{service}"] if partitions == 1 else [f"{org}.{service}.{number}" for number in range(partitions)]


def link_queue(org: str) -> str:
    """The queue at the superior's broker that instance `org` reads."""
    return f"{org}.link"


def declare_exchange(channel: amqp.Channel) -> None:
    """Declare the one exchange."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)


def declare_service(connection: amqp.Connection, org: str, service: str, partitions: int = 1) -> list[str]:
    """Declare a service's queues and bindings. Returns the queues that were not there: what they missed must be replayed."""
    names, keys = queues(org, service, partitions), [*bindings(org, service), *sync_keys(org, service)]
    missing = [name for name in names if not exists(connection, name)]
    with faults():
        channel = connection.channel()
        declare_exchange(channel)
        for name in names:
            found = channel.queue_declare(name, durable=True, auto_delete=False, arguments=dict(QUEUE_ARGUMENTS))
            record_queue(service, name, found.message_count)
        if partitions == 1:
            for key in keys:
                channel.queue_bind(names[0], EXCHANGE, key)
        else:
            _spread(channel, f"{org}.{service}", names, keys)
        channel.close()
    return missing


def purge(connection: amqp.Connection, queue: str) -> int:
    """Empty a queue that will be filled anew. Returns how many messages it held."""
    with faults():
        channel = connection.channel()
        dropped = int(channel.queue_purge(queue) or 0)
        channel.close()
    return dropped


def declare_link(connection: amqp.Connection, subordinate: str, *, bind: bool = True) -> None:
    """Declare the queue that collects what is addressed to a subordinate's instance."""
    with faults():
        channel = connection.channel()
        declare_exchange(channel)
        channel.queue_declare(link_queue(subordinate), durable=True, auto_delete=False, arguments=dict(QUEUE_ARGUMENTS))
        if bind:
            channel.queue_bind(link_queue(subordinate), EXCHANGE, f"{subordinate}.#")
        channel.close()


def exists(connection: amqp.Connection, queue: str) -> bool:
    """Whether a queue is there."""
    return depth(connection, queue) is not None


def depth(connection: amqp.Connection, queue: str) -> tuple[int, int] | None:
    """How many messages wait in a queue, and how many readers it has; None when it is not there."""
    with faults():
        channel = connection.channel()
        try:
            found = channel.queue_declare(queue, passive=True)
        except amqp.NotFound:
            return None
        channel.close()
        return int(found.message_count), int(found.consumer_count)


def replay_target(org: str, service: str, queue: str) -> tuple[str, str]:
    """Exchange and routing key that reach one consumer only: its queue, or the exchange before its partitions."""
    return ("", queue) if queue == f"{org}.{service}" else (f"{org}.{service}", "")


def _spread(channel: amqp.Channel, exchange: str, names: list[str], keys: list[str]) -> None:
    arguments: dict[str, Any] = {"hash-header": "subject"}
    channel.exchange_declare(exchange, "x-consistent-hash", durable=True, auto_delete=False, arguments=arguments)
    for name in names:
        channel.queue_bind(name, exchange, "1")  # the weight: all alike
    for key in keys:
        channel.exchange_bind(exchange, EXCHANGE, key)
