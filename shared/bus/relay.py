"""The relay: seals what was told, then publishes it. One is active for each schema; the others stand by.

Sealing gives a row its gapless number in its stream and the chain over the bytes that will be sent, and commits before
anything is published. A crash at any point re-sends identical bytes; the inboxes drop what came twice.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import psycopg2

from shared.bus.agreement import link_hash
from shared.bus.delivery import PUBLIC, Destination, local_destination, public_destination, superior_destination
from shared.bus.peers import Peer
from shared.bus.replay import LINK, answer_replays, keep_link_queue
from shared.bus.topology import LINKED
from shared.config import Settings
from shared.contract import seal_suffix, told_by
from shared.database import connect, faults, transaction
from shared.errors import Unavailable
from shared.metrics import expect_service, record_leading, record_relay, record_sealed
from shared.sql import filled

log = logging.getLogger(__name__)
SEAL_LIMIT = 1000
POLL = 1.0
# A cycle costs the same for one event as for fifty. The first of several is sent at once; those that follow it within
# this time (seconds) share the next cycle, unless they fill it.
GATHER, FULL = 0.05, 100
# A leader that does not ask the database for so long (its process was stopped) loses the lead; longer than one wait for confirms.
LEASE = "40s"

# With every look at the log, one at whether somebody asks to hear again.
_UNSEALED = """
SELECT asked, e.id, e.stream, e.draft
FROM (SELECT EXISTS (SELECT FROM platform.replay WHERE source = %s AND sent_at IS NULL AND consumer <> %s)) AS r (asked)
LEFT JOIN LATERAL (SELECT id, stream, draft FROM event_log WHERE sequence IS NULL ORDER BY id LIMIT %s) e ON true ORDER BY e.id
"""
_SEAL = (
    "UPDATE event_log SET sequence = v.sequence::bigint, chain = v.chain::bytea FROM (VALUES %s) AS v (id, sequence, chain)"
    " WHERE event_log.id = v.id"
)
_HEADS = (
    "INSERT INTO stream_head VALUES %s ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, chain = excluded.chain"
    " WHERE stream_head.sequence < excluded.sequence"
)
# A relay may have told a subordinate something just after that was let go.
_LEFT = "DELETE FROM platform.outgoing WHERE service = %s AND peer <> ALL(%s)"


class Relay:
    """Seals and publishes one schema's log. `run` returns when `stop` was called and everything at hand was sent."""

    def __init__(self, settings: Settings, service: str) -> None:
        self.settings, self.service = settings, service
        self._given = settings
        self.leading = False
        self._stopping = threading.Event()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._links: list[Destination] = []
        self._below: dict[str, Peer] = {}
        self._asked = False
        self._look_again_at = 0.0
        expect_service(service)

    def poke(self) -> None:
        """Something was told and committed: look now rather than at the next poll. Never blocks, never fails."""
        with suppress(OSError):  # full: it is awake already
            self._wake_write.send(b"!")

    def stop(self) -> None:
        """Finish what is at hand and return from `run`."""
        self._stopping.set()
        self.poke()

    def run(self) -> None:
        """Work until stopped; back off and begin anew when a server does not answer."""
        pause = 0.1
        while not self._stopping.is_set():
            try:
                self._lead()
                pause = 0.1
            except Unavailable as fault:
                log.warning("relay of %s waits %.1f s: %s", self.service, pause, fault)
                record_relay(self.service, "unavailable")
                self._stopping.wait(pause)
                pause = min(pause * 2, 5.0)

    def _lead(self) -> None:
        """Hold the schema's lock on one connection; lose it and the lead is lost with it."""
        connection = connect(self.settings.service_url(self.service), self.service)
        local: Destination | None = None
        try:
            with faults():
                connection.autocommit = True
                cursor = connection.cursor()
                cursor.execute("SET idle_session_timeout = %s", (LEASE,))
                cursor.execute(f"LISTEN {self.service}_log")
                if not self._wait_for_lock(connection, cursor):
                    return
                cursor.execute("SELECT stream, sequence, chain FROM stream_head")
                self._heads = {stream: (sequence, bytes(chain)) for stream, sequence, chain in cursor.fetchall()}
                self._open_cursors(cursor)
                self.settings = replace(self._given, subordinates=self._subordinates(connection))
                cursor.execute(_LEFT, (self.service, [*self.settings.subordinates, *self.settings.links]))
            self._look_again_at = 0.0
            self.leading = True
            record_leading(self.service, True)
            local = local_destination(self.settings, self.service)
            self._start_links()
            self._below = {}
            self._meet(local)
            self._work(connection, local)
        finally:
            self.leading = False
            record_leading(self.service, False)
            for destination in (*self._links, *([local] if local else [])):
                destination.close()
            self._links = []
            connection.close()

    def _wait_for_lock(self, connection: psycopg2.extensions.connection, cursor: psycopg2.extensions.cursor) -> bool:
        while not self._stopping.is_set():
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(current_database() || '.' || current_schema() || '.relay'))")
            if cursor.fetchone() == (True,):
                return True
            if self._sleep(connection, POLL):
                cursor.execute(f"NOTIFY {self.service}_log")  # another process leads: pass the poke on
        return False

    def _work(self, connection: psycopg2.extensions.connection, local: Destination) -> None:
        while True:
            stopping = self._stopping.is_set()
            connection.notifies.clear()  # what they told of is seen by this look
            known = len(self._heads)
            sealed = self.seal(connection)
            if len(self._heads) > known:
                self._meet(local)
            for link in self._links:
                if sealed:
                    link.wake()
            if self._look_around(connection, local):
                return  # and begin anew with the subordinates of now
            # Before anything new: a replay that broke off is sent again whole, or the new would overtake its rest.
            if self._asked:
                answer_replays(connection, self.settings, self.service, local)
            sent = sum(peer.tend(connection) for peer in self._below.values()) + local.deliver(connection)
            busy = max(sealed, sent)
            if stopping and not busy:
                return
            if stopping or busy >= FULL:
                continue
            if busy:
                self._stopping.wait(GATHER)
            else:
                local.idle()
            self._sleep(connection, POLL)

    def _subordinates(self, connection: psycopg2.extensions.connection) -> tuple[str, ...]:
        """Those that the settings name, and those that were joined since (`zhida instance create`)."""
        cursor = connection.cursor()
        cursor.execute("SELECT org FROM platform.subordinate ORDER BY org")
        return tuple(dict.fromkeys((*self._given.subordinates, *(org for (org,) in cursor.fetchall()))))

    def _meet(self, local: Destination) -> None:
        """Whoever tells a subordinate anything states how far that goes; routing always, for it speaks of what is held here too."""
        told = {stream.rpartition(" ")[2] for stream in self._heads if " local " not in stream}
        for org in self.settings.subordinates:
            if org not in self._below and (self.service == LINKED or org in told):
                self._below[org] = Peer(self.settings, self.service, org, local, up=False)

    def _look_around(self, connection: psycopg2.extensions.connection, local: Destination) -> bool:
        """At the start and once a minute: whether others are subordinate now. Else their queues are kept, by routing."""
        if time.monotonic() < self._look_again_at:
            return False
        self._look_again_at = time.monotonic() + self.settings.binding_check
        with faults():
            if self._subordinates(connection) != self.settings.subordinates:
                return True
        if self.service == LINKED:
            self._keep_link_queues(connection, local)
        return False

    def _keep_link_queues(self, connection: psycopg2.extensions.connection, local: Destination) -> None:
        """The queues of subordinates are there, or are filled before anything new is sent.

        What goes wrong with one is no reason to keep the instance's own events, or another's queue, waiting: it is unbound,
        and filled at a later look.
        """
        for subordinate in self.settings.subordinates:
            try:
                keep_link_queue(connection, self.settings, self.service, local, subordinate)
            except Unavailable as fault:
                log.error("queue of subordinate %s: %s", subordinate, fault)
                record_relay(self.service, "link_queue")
                self._look_again_at = time.monotonic() + min(5.0, self.settings.binding_check)

    def seal(self, connection: psycopg2.extensions.connection) -> int:
        """Seal up to SEAL_LIMIT rows in id order and commit. Returns how many."""
        with faults():
            cursor = connection.cursor()
            cursor.execute(_UNSEALED, (self.service, LINK, SEAL_LIMIT))
            found = cursor.fetchall()
            self._asked = found[0][0]
            rows = [(row_id, stream, draft) for _, row_id, stream, draft in found if row_id is not None]
            if rows:
                with transaction(connection) as cursor:
                    self._write_seals(cursor, rows)
        record_sealed(self.service, len(rows))
        return len(rows)

    def _write_seals(self, cursor: psycopg2.extensions.cursor, rows: list[tuple[int, str, memoryview]]) -> None:
        heads = dict(self._heads)
        touched: dict[str, tuple[int, bytes]] = {}
        seals = []
        for row_id, stream, draft in rows:
            sequence, chain = heads.get(stream, (0, b""))
            sequence += 1
            chain = link_hash(chain, bytes(draft) + seal_suffix(sequence))
            heads[stream] = touched[stream] = (sequence, chain)
            seals.append((row_id, sequence, chain))
        heads_now = [(stream, *head) for stream, head in sorted(touched.items())]
        cursor.execute(filled(cursor, _SEAL, seals) + b";\n" + filled(cursor, _HEADS, heads_now))
        fresh = [stream for stream in touched if stream not in self._heads]
        if fresh:
            self._open_cursors(cursor)
        self._heads = heads

    def _open_cursors(self, cursor: psycopg2.extensions.cursor) -> None:
        """A cursor for each stream at each destination; a link that is added later begins at the beginning."""
        links = [f"link:{superior}" for superior in self.settings.links]
        destinations = ["local", *links, *([PUBLIC] if self._publishes() else [])]
        cursor.execute(
            "INSERT INTO delivery (destination, stream) SELECT d, stream FROM stream_head, unnest(%s) AS d ON CONFLICT DO NOTHING",
            (destinations,),
        )

    def _start_links(self) -> None:
        self._links = [superior_destination(self.settings, self.service, *link) for link in self.settings.links.items()]
        self._links += [public_destination(self.settings, self.service)] if self._publishes() else []
        for destination in self._links:
            threading.Thread(target=destination.run, name=destination.name, daemon=True).start()

    def _publishes(self) -> bool:
        """Whether other agencies are told something by this service, and somewhere."""
        return bool(self.settings.public_uri) and any(contract.public for contract in told_by(self.service))

    def _sleep(self, connection: psycopg2.extensions.connection, seconds: float) -> bool:
        """Wait for a poke, a NOTIFY or the poll. True when it was a poke from this process."""
        if connection.notifies:  # came with the answer to an earlier statement: the socket will not tell of it again
            connection.notifies.clear()
            return False
        wakers: list[Any] = [self._wake_read, connection]
        with faults():
            ready, _, _ = select.select(wakers, [], [], seconds)
            poked = self._wake_read in ready
            if poked:
                with suppress(BlockingIOError):
                    self._wake_read.recv(4096)
            if connection in ready:
                connection.poll()
                connection.notifies.clear()
        return poked
