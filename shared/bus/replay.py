"""Sending again: from a schema's log to one consumer, with the same ids and the same bytes.

The queues that linked subordinates read are kept by the one who writes to them, the relay. One that is missing has missed what
was told, and `mandatory` does not notice, for other queues take the same keys. It is made unbound, filled from the log in its
order and only then bound; meanwhile the relay sends nothing else, so nothing is overtaken. What the subordinate had comes again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psycopg2

from shared.bus import bindings, topology
from shared.bus.broker import Outcome, Outgoing
from shared.config import Settings
from shared.contract import heard_by
from shared.database import UnitOfWork, faults, transaction
from shared.errors import Unavailable

if TYPE_CHECKING:
    from shared.bus.delivery import Destination

log = logging.getLogger(__name__)
MARK = "application/vnd.zhida.replay+json"
BATCH = 500
_FIRST = """
SELECT min(e.id) FROM stream_head h LEFT JOIN jsonb_each_text(%s::jsonb) a ON a.key = h.stream
JOIN event_log e ON e.stream = h.stream AND e.sequence = coalesce(a.value::bigint, 0) + 1
"""
_ROWS = """
SELECT id, event_id, name, addressee, stream, subject, sequence, draft FROM event_log
WHERE id >= %s AND sequence IS NOT NULL ORDER BY id LIMIT %s
"""
# To a subordinate: what has left already. The rest follows by way of the exchange when the queue is bound.
_LEFT = """
SELECT e.id, e.event_id, e.name, e.addressee, e.stream, e.subject, e.sequence, e.draft
FROM event_log e JOIN delivery d ON d.destination = 'local' AND d.stream = e.stream AND e.sequence <= d.sequence
WHERE e.id > %s AND e.addressee = %s ORDER BY e.id LIMIT %s
"""
_REQUEST = """
INSERT INTO platform.replay (queue, consumer, source, after) VALUES (%(queue)s, %(consumer)s, %(source)s, %(after)s)
ON CONFLICT (queue, source) WHERE begun_at IS NULL DO UPDATE SET after = excluded.after, sent_at = NULL
"""
_OPEN = "SELECT id FROM platform.replay WHERE queue = %s AND source = %s AND sent_at IS NULL"
LINK = "link"  # the consumer of a subordinate's queue


def request_replay(uow: UnitOfWork, queue: str, consumer: str, sources: Sequence[str], *, everything: bool = False) -> None:
    """Ask `sources` to send to `queue` what lies after the point that this consumer has reached, or everything.

    The consumer's own inbox drops what it had, so asking too often costs time and nothing else.
    """
    reached = {} if everything else {row["stream"]: row["sequence"] for row in uow.all("SELECT stream, sequence FROM taken")}
    for source in sources:
        uow.all(_REQUEST, queue=queue, consumer=consumer, source=source, after=json.dumps(reached))


def keep_link_queue(
    connection: psycopg2.extensions.connection, settings: Settings, service: str, local: Destination, subordinate: str
) -> None:
    """See that a subordinate's queue is there and bound; one that is not is filled first. Raises Unavailable."""
    broker, queue = local.broker(), topology.link_queue(subordinate)
    with faults(), transaction(connection) as cursor:
        if not topology.exists(broker, queue) or bindings.is_linked(settings, subordinate) is False:
            log.warning("queue %s is missing or bound to nothing: it is filled", queue)
            cursor.execute(_REQUEST, {"queue": queue, "consumer": LINK, "source": service, "after": "{}"})
        cursor.execute(_OPEN, (queue, service))
        asked = cursor.fetchone()
    if asked:
        with faults(), transaction(connection) as cursor:
            _fill(cursor, local, queue, subordinate)
            cursor.execute("UPDATE platform.replay SET begun_at = now(), sent_at = now() WHERE id = %s", asked)
    else:
        topology.declare_link(broker, subordinate)


def _fill(cursor: Any, local: Destination, queue: str, subordinate: str) -> None:
    """Everything that has left, anew and in its order, then the binding. One that broke off is begun again."""
    from shared.bus.delivery import Sealed

    topology.declare_link(local.broker(), subordinate, bind=False)
    topology.purge(local.broker(), queue)
    position = 0
    while True:
        cursor.execute(_LEFT, (position, subordinate, BATCH))
        rows = [Sealed(*row) for row in cursor.fetchall()]
        if not rows:
            break
        _insist(local.send([row.message("", queue) for row in rows]), queue)
        position = rows[-1].id
    topology.declare_link(local.broker(), subordinate)


def answer_replays(connection: psycopg2.extensions.connection, settings: Settings, service: str, local: Destination) -> int:
    """Send what was asked of this service: a mark, then the rows in their order. Returns how many requests were met."""
    with faults(), transaction(connection) as cursor:
        cursor.execute(
            "SELECT id, queue, consumer, after FROM platform.replay"
            " WHERE source = %s AND sent_at IS NULL AND consumer <> %s ORDER BY id",
            (service, LINK),
        )
        requests = cursor.fetchall()
        for request in requests:
            _answer(cursor, settings, service, local, *request)
            cursor.execute("UPDATE platform.replay SET sent_at = now() WHERE id = %s", (request[0],))
    return len(requests)


def _answer(
    cursor: Any,
    settings: Settings,
    service: str,
    local: Destination,
    request: int,
    queue: str,
    consumer: str,
    after: dict[str, int],
) -> None:
    from shared.bus.delivery import Sealed

    mark = Outgoing(
        exchange="", routing_key=queue, body=json.dumps({"replay": request, "source": service}).encode(), message_id=f"replay-{request}",
        type="replay", content_type=MARK, subject="", key="",
    )  # fmt: skip
    _insist(local.send([mark]), queue)
    exchange, key = topology.replay_target(settings.org, consumer, queue)
    names = [contract.name for contract in heard_by(consumer) if service in contract.told_by]
    keys = set(topology.bindings(settings.org, consumer))
    cursor.execute(_FIRST, (json.dumps(after),))
    position = (cursor.fetchone() or (None,))[0]
    while position is not None:
        # In id order over all streams: a case's events lie in several, and their order must be kept.
        cursor.execute(_ROWS, (position, BATCH))
        rows = [Sealed(*row) for row in cursor.fetchall()]
        wanted = [
            row for row in rows
            if row.name in names and row.sequence > after.get(row.stream, 0) and keys & {f"{row.addressee}.{row.name}", f"*.{row.name}"}
        ]  # fmt: skip
        _insist(local.send([row.message(exchange, key) for row in wanted]), queue)
        position = rows[-1].id + 1 if rows else None


def _insist(outcomes: Sequence[Outcome], queue: str) -> None:
    if any(outcome is not Outcome.CONFIRMED for outcome in outcomes):
        raise Unavailable(f"broker: queue {queue} does not take a replay")
