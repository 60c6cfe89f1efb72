"""The virtual host of other agencies at the broker: what is in it, and who may do what there, as RabbitMQ's definitions.

    <org>.public, beside the instance's own virtual host
      case.public (topic) --431023.case.*--> 431023.agency.water   (quorum queue, read by the user of that name alone)

It is one of its own because whoever may sign in to a virtual host can ask for any queue there by its name, and learns how much waits in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from shared.bus.topology import PUBLIC_EXCHANGE

NOBODY = "^$"
KEPT_DAYS, KEPT_EVENTS = 30, 100_000  # what waits for an agency; of more, the oldest go
CONNECTIONS = 5  # of one agency at once
AGENCIES = r"^[^.]+\.agency\."
Rights = dict[str, str]


def vhost_of(own: str) -> str:
    """The virtual host beside an instance's own one."""
    return f"{own}.public"


def publisher(org: str) -> str:
    """The user as whom reporting tells agencies."""
    return f"{org}.public"


def queue_of(org: str, name: str) -> str:
    """An agency's queue, and its user; users are shared by all virtual hosts of a broker."""
    return f"{org}.agency.{name}"


def publisher_rights(org: str) -> Rights:
    """Put in what the instance tells of itself and of those below it."""
    return {
        "configure": NOBODY, "write": f"^{re.escape(PUBLIC_EXCHANGE)}$", "read": NOBODY,
        "topic_write": rf"^{re.escape(org)}[^.]*\.", "topic_read": NOBODY,
    }  # fmt: skip


def subscriber_rights(queue: str) -> Rights:
    """Read one queue. It can bind nothing (that would need to write to the queue) and put in nothing."""
    return {
        "configure": NOBODY, "write": NOBODY, "read": f"^{re.escape(queue)}$", "topic_write": NOBODY, "topic_read": NOBODY,
    }  # fmt: skip


def keys(events: Sequence[str], organisations: Sequence[str]) -> list[str]:
    """The routing keys that a queue is bound to."""
    return [f"{organisation}.{pattern}" for organisation in organisations for pattern in events]


def ground(vhost: str) -> dict[str, Any]:
    """The virtual host, its exchange, and how long things are kept there."""
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {"vhost": vhost, "name": PUBLIC_EXCHANGE, "type": "topic", "durable": True, "auto_delete": False, "internal": False, "arguments": {}}
        ],
        "policies": [
            {
                "vhost": vhost, "name": "agencies", "pattern": AGENCIES, "apply-to": "queues", "priority": 0,
                # An agency that stays away loses the oldest; it neither fills the disk nor holds up the others.
                "definition": {
                    "message-ttl": KEPT_DAYS * 86_400_000, "max-length": KEPT_EVENTS, "overflow": "drop-head", "delivery-limit": 1_000_000,
                },
            }
        ],
    }  # fmt: skip


def user(vhost: str, name: str, rights: Rights, password: str | None = None) -> dict[str, Any]:
    """A user with its rights; without a password it keeps the one that it has."""
    return {
        "users": [] if password is None else [{"name": name, "password": password, "tags": ""}],
        "permissions": [{"user": name, "vhost": vhost, **{kind: rights[kind] for kind in ("configure", "write", "read")}}],
        "topic_permissions": [
            {
                "user": name,
                "vhost": vhost,
                "exchange": PUBLIC_EXCHANGE,
                "write": rights["topic_write"],
                "read": rights["topic_read"],
            }
        ],
    }


def subscription(vhost: str, queue: str, wanted: Sequence[str], password: str | None = None) -> dict[str, Any]:
    """An agency's user, its queue, and what that is bound to."""
    return {
        **user(vhost, queue, subscriber_rights(queue), password),
        "queues": [
            {"vhost": vhost, "name": queue, "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
        ],
        "bindings": [
            {"vhost": vhost, "source": PUBLIC_EXCHANGE, "destination": queue, "destination_type": "queue", "routing_key": key,
             "arguments": {}}
            for key in wanted
        ],
    }  # fmt: skip
