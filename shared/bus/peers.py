"""What a relay tells a neighbour beside the events: how far its streams go, what is held of the neighbour's, and what it asked for.

One `Peer` for each neighbour and schema. It speaks every few seconds at most, and only of what has changed; the digest of each stream
is told at least once a day and whenever the relay begins. It goes the way of the events and behind them, so whoever reads it has read them.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg2

from shared.bus import topology
from shared.bus.agreement import GIVEN, SYNC, spoken
from shared.bus.broker import Outcome, Outgoing
from shared.config import Settings
from shared.database import faults

if TYPE_CHECKING:
    from shared.bus.delivery import Destination

log = logging.getLogger(__name__)
Head = tuple[str, int, bytes]
ROUND = 2.0  # seconds
INSIST, DAILY = "1 minute", "1 day"  # between two words on the same head: until it is known to be held, and afterwards
BATCH = 500
_STREAMS = f"""
SELECT h.stream, h.sequence, d.sequence, e.chain, n.occurred_at, o.told IS DISTINCT FROM d.sequence
    OR o.told_at < now() - CASE WHEN coalesce(r.sequence, 0) < d.sequence THEN interval '{INSIST}' ELSE interval '{DAILY}' END
FROM stream_head h JOIN delivery d ON d.stream = h.stream AND d.destination = %(destination)s
LEFT JOIN platform.outgoing o ON o.peer = %(peer)s AND o.stream = h.stream
LEFT JOIN (SELECT stream, min(sequence) AS sequence FROM platform.reach WHERE peer = %(peer)s GROUP BY stream) r ON r.stream = h.stream
LEFT JOIN event_log e ON e.stream = h.stream AND e.sequence = d.sequence
LEFT JOIN event_log n ON n.stream = h.stream AND n.sequence = least(d.sequence, r.sequence) + 1
WHERE h.stream LIKE %(like)s AND h.stream NOT LIKE '%% local %%'
"""
_STATE = """
INSERT INTO platform.outgoing AS o (peer, stream, service, head, delivered, waiting_since, told, told_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, CASE WHEN %s THEN now() END)
ON CONFLICT (peer, stream) DO UPDATE SET head = excluded.head, delivered = excluded.delivered, waiting_since = excluded.waiting_since,
    told = coalesce(excluded.told, o.told), told_at = coalesce(excluded.told_at, o.told_at)
"""
_COMPARE = """
UPDATE platform.reach r SET agrees = c.same FROM (
    SELECT h.consumer, h.stream, h.sequence = 0 OR EXISTS (
        SELECT FROM event_log e WHERE e.stream = h.stream AND e.sequence = h.sequence AND e.chain = h.chain
    ) AS same FROM platform.reach h WHERE h.peer = %(peer)s AND starts_with(h.stream, %(own)s)
) c WHERE r.peer = %(peer)s AND (r.consumer, r.stream) = (c.consumer, c.stream) AND r.agrees IS DISTINCT FROM c.same
"""
_HOLDS = f"""
SELECT consumer, stream, sequence, chain FROM platform.held
WHERE starts_with(stream, %s) AND (said IS DISTINCT FROM sequence OR said_at < now() - interval '{DAILY}')
"""
_SAID = "UPDATE platform.held SET said = %s, said_at = now() WHERE consumer = %s AND stream = %s"
_ASKED = "SELECT stream, after FROM platform.resend WHERE peer = %s AND back = %s AND starts_with(stream, %s)"
_DONE = "DELETE FROM platform.resend WHERE peer = %s AND stream = %s AND back = %s AND after = %s"
# In id order over all streams that are asked for: a case's events lie in several, and their order must be kept.
_AGAIN = """
SELECT e.id, e.event_id, e.name, e.addressee, e.stream, e.subject, e.sequence, e.draft
FROM unnest(%s, %s) AS a (stream, after) JOIN delivery d ON d.destination = %s AND d.stream = a.stream
JOIN event_log e ON e.stream = a.stream AND e.sequence > a.after AND e.sequence <= d.sequence
WHERE e.id > %s ORDER BY e.id LIMIT %s
"""
_KEPT = """
SELECT name, sequence, body FROM platform.kept
WHERE consumer = %s AND stream = %s AND sequence > %s AND body IS NOT NULL ORDER BY sequence LIMIT %s
"""


class Peer:
    """One neighbour of one schema's relay, reached by a destination: the superior by its own, a subordinate by way of its queue."""

    def __init__(self, settings: Settings, service: str, org: str, destination: Destination, *, up: bool) -> None:
        self.org, self._up, self._to = org, up, destination
        self._settings, self._service = settings, service
        self._source = f"/{settings.org}/{service}"
        self._next: float | None = None

    def tend(self, connection: psycopg2.extensions.connection) -> int:
        """When its time has come: say how things stand, and send what was asked for. Returns how many events. Raises Unavailable.

        `connection` commits each statement by itself: no lock is held while a broker is waited for.
        """
        if self._next is not None and time.monotonic() < self._next:
            return 0
        with faults():
            cursor = connection.cursor()
            if self._next is None:
                self._begin(cursor)
            self._say(cursor)
            sent = self._resend(cursor) + (self._give_back(cursor) if self._service == topology.LINKED else 0)
        self._next = time.monotonic() + ROUND
        return sent

    def _begin(self, cursor: Any) -> None:
        """The other side may have been restored, or lost what it was told: say everything once."""
        cursor.execute("UPDATE platform.outgoing SET told = NULL WHERE peer = %s AND service = %s", (self.org, self._service))
        if self._service == topology.LINKED:
            cursor.execute("UPDATE platform.held SET said = NULL WHERE starts_with(stream, %s)", (f"/{self.org}/",))

    def _say(self, cursor: Any) -> None:
        like = "%" if self._up else f"% {self.org}"
        cursor.execute(_STREAMS, {"destination": self._to.name, "peer": self.org, "like": like})
        rows = cursor.fetchall()
        due = [(stream, delivered, bytes(chain)) for stream, _, delivered, chain, _, due in rows if due and chain]
        own = [head for head in due if head[0].rpartition(" ")[2] != self.org]
        told = self._tell(cursor, f"{self._settings.org}.{topology.SYNC}", own) if own else set()
        told |= self._tell_routing(cursor, [head for head in due if head not in own])
        for stream, head, delivered, _, since, _ in rows:
            now = stream in told
            cursor.execute(_STATE, (self.org, stream, self._service, head, delivered, since, delivered if now else None, now))
        cursor.execute(_COMPARE, {"peer": self.org, "own": f"{self._source} "})

    def _tell_routing(self, cursor: Any, heads: Sequence[Head]) -> set[str]:
        """What is addressed to the neighbour; and for all services here what is held of its streams and wanted of them."""
        holds, wants = [], []
        if self._service == topology.LINKED:
            cursor.execute(_HOLDS, (f"/{self.org}/",))
            holds = [(consumer, stream, sequence, bytes(chain)) for consumer, stream, sequence, chain in cursor.fetchall()]
            cursor.execute("SELECT stream, false, after FROM platform.want WHERE starts_with(stream, %s)", (f"/{self.org}/",))
            wants = cursor.fetchall()
        if not (heads or holds or wants):
            return set()
        told = self._tell(cursor, f"{self.org}.{topology.SYNC}", heads, holds, wants)
        if told is not None:
            for consumer, stream, sequence, _ in holds:
                cursor.execute(_SAID, (sequence, consumer, stream))
            for stream, _, after in wants:
                cursor.execute("DELETE FROM platform.want WHERE stream = %s AND after = %s", (stream, after))
        return told or set()

    def _tell(self, cursor: Any, key: str, heads: Sequence[Head], holds: Sequence[Any] = (), wants: Sequence[Any] = ()) -> Any:
        """Say it under a key. The streams whose heads were told; None when nobody is bound to that."""
        cursor.execute("SELECT epoch FROM platform.instance")
        body = spoken(self._source, cursor.fetchone()[0], heads=heads, holds=holds, wants=wants)
        if self._send([message_of(key, body, SYNC)]):
            return {stream for stream, _, _ in heads}
        log.warning("%s does not hear how things stand: nobody is bound to %s", self.org, key)
        return None

    def _resend(self, cursor: Any) -> int:
        """Our own events again, with the same ids and bytes."""
        from shared.bus.delivery import Sealed

        cursor.execute(_ASKED, (self.org, False, f"{self._source} "))
        asked = cursor.fetchall()
        mine = [(stream, after) for stream, after in asked if self._its(stream)]
        count = position = 0
        while mine:
            streams, afters = zip(*mine, strict=True)
            cursor.execute(_AGAIN, (list(streams), list(afters), self._to.name, position, BATCH))
            rows = [Sealed(*row) for row in cursor.fetchall()]
            if not rows:
                break
            queue = topology.link_queue(self.org)
            if not self._send([row.message() if self._up else row.message("", queue) for row in rows]):
                return count
            position, count = rows[-1].id, count + len(rows)
        self._done(cursor, asked, back=False)
        if asked:  # and how far that goes, even where it was told before
            cursor.execute("UPDATE platform.outgoing SET told = NULL WHERE peer = %s AND service = %s", (self.org, self._service))
        if count:
            log.warning("%d events of %s were sent again to %s, which asked for them", count, self._service, self.org)
        return count

    def _its(self, stream: str) -> bool:
        """Whether the neighbour may have the stream: a subordinate what is addressed to it, the superior all that crosses the link."""
        return " local " not in stream if self._up else stream.rpartition(" ")[2] == self.org

    def _give_back(self, cursor: Any) -> int:
        """The neighbour's own events, which it lost, as they were kept here; then a word that this was all."""
        cursor.execute(_ASKED, (self.org, True, f"/{self.org}/"))
        asked, key, count = cursor.fetchall(), f"{self.org}.{topology.SYNC}", 0
        for stream, after in asked:
            position, addressee = after, stream.rpartition(" ")[2]
            while True:
                cursor.execute(_KEPT, (topology.LINKED, stream, position, BATCH))
                rows = cursor.fetchall()
                if not rows:
                    break
                if not self._send([message_of(key, bytes(body), GIVEN, f"{addressee}.{name}") for name, _, body in rows]):
                    return count
                position, count = rows[-1][1], count + len(rows)
            end = {"end": stream, "by": self._settings.org, "at": position}
            if not self._send([message_of(key, json.dumps(end).encode(), GIVEN)]):
                return count
        self._done(cursor, asked, back=True)
        return count

    def _done(self, cursor: Any, asked: Sequence[tuple[str, int]], *, back: bool) -> None:
        for stream, after in asked:
            cursor.execute(_DONE, (self.org, stream, back, after))

    def _send(self, messages: Sequence[Outgoing]) -> bool:
        """Whether all of it arrived. What one neighbour's queue does not take is no reason to keep others waiting: it is tried again."""
        return all(outcome is Outcome.CONFIRMED for outcome in self._to.send(messages))


def message_of(key: str, body: bytes, content_type: str, original: str = "") -> Outgoing:
    """What is no event, under a neighbour's key; `original` is the key of an event that is given back."""
    return Outgoing(
        exchange=topology.EXCHANGE, routing_key=key, body=body, message_id=str(uuid4()), type="sync", content_type=content_type,
        subject="sync", key=original or key,
    )  # fmt: skip
