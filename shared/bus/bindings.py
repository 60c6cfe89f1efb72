"""Comparing what a queue is bound to with what it should be: `mandatory` does not notice one missing queue among several.

AMQP itself cannot list bindings, so this asks the broker's management API, where the settings name one.
"""

from __future__ import annotations

import logging

from shared.bus.management import call, part, vhost_of
from shared.bus.topology import EXCHANGE, LINKED, bindings, link_queue, sync_keys
from shared.config import Settings

log = logging.getLogger(__name__)


def missing(settings: Settings, service: str) -> set[str] | None:
    """The routing keys that `service` should be bound to and is not. None: there is no management API to ask, or it is away."""
    kind = "q" if settings.partitions.get(service, 1) == 1 else "e"
    found = _bound(settings, settings.amqp_uri(service), kind, f"{settings.org}.{service}")
    return None if found is None else {*bindings(settings.org, service), *sync_keys(settings.org, service)} - found


def is_linked(settings: Settings, subordinate: str) -> bool | None:
    """Whether the queue of a subordinate is bound to what is addressed to it. None as above."""
    found = _bound(settings, settings.amqp_uri(LINKED), "q", link_queue(subordinate))
    return None if found is None else f"{subordinate}.#" in found


def _bound(settings: Settings, uri: str, kind: str, name: str) -> set[str] | None:
    if not settings.management_url:
        return None
    path = f"/api/bindings/{part(vhost_of(uri))}/e/{part(EXCHANGE)}/{kind}/{part(name)}"
    try:
        return {binding["routing_key"] for binding in call(settings.management_url, "GET", path)}
    except (OSError, ValueError) as fault:
        log.warning("bindings of %s cannot be compared: %s", name, fault)
        return None
