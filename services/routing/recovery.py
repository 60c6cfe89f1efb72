"""An instance restored from an older backup: its neighbours give back its own later events, which are imported before anything is told.

Run while no process of the instance runs. What waits in its own queues is dropped: its own lost events would take effect without
standing in the log, and the neighbours' come again, for the cursors on their streams are as old as the backup.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import amqp
import psycopg2

from shared.bus import topology
from shared.bus.agreement import GIVEN, SYNC, link_hash, spoken
from shared.bus.broker import Outcome, Publisher, faults, hang_up, user_of
from shared.bus.broker import connect as connect_broker
from shared.bus.link import LinkReader
from shared.bus.parked import Incoming, park
from shared.bus.peers import message_of
from shared.config import Settings
from shared.contract import Event, decode, seal_suffix
from shared.contract.envelope import CONTENT_TYPE
from shared.database import Database, UnitOfWork, connect
from shared.errors import Conflict, NotYet, Unavailable, Unreadable

log = logging.getLogger(__name__)
_LOCK = "SELECT pg_try_advisory_lock(hashtext(current_database() || '.' || current_schema() || '.relay'))"
_LOG = """
INSERT INTO event_log (event_id, name, addressee, stream, subject, caseversion, occurred_at, draft, sequence, chain) VALUES %s
"""
_HEADS = """
INSERT INTO stream_head VALUES %s ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, chain = excluded.chain
"""
_CURSORS = "INSERT INTO delivery (destination, stream) VALUES %s ON CONFLICT DO NOTHING"


@dataclass
class GivenBack:
    """What the neighbours gave back of one another's asking: `events` by stream, and who has said that this was all."""

    wanted: Mapping[str, str]  # stream: the neighbour that is asked for it
    events: dict[str, dict[int, tuple[Event, str]]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """The neighbours that have not answered to the end."""
        return sorted({org for stream, org in self.wanted.items() if stream not in self.ended})

    def take(self, message: amqp.Message, own: str) -> None:
        """One message of a neighbour's. What it may not give back, or nobody can read, is noted."""
        properties, body = message.properties, message.body if isinstance(message.body, bytes) else str(message.body).encode()
        if properties.get("content_type") != GIVEN:
            return
        key = str((properties.get("application_headers") or {}).get("key", ""))
        try:
            if key.endswith(f".{topology.SYNC}"):
                stream = str(json.loads(body)["end"])
                self._believe(stream, properties.get("user_id"), own)
                self.ended.add(stream)
                return
            event = decode(body, content_type=CONTENT_TYPE, stream_key=key.split(".", 1)[0])
            self._believe(event.stream, properties.get("user_id"), own)
        except (Unreadable, ValueError, KeyError, TypeError) as fault:
            self.refused.append(f"{key}: {fault}")
            return
        self.events.setdefault(event.stream, {})[event.sequence] = (event, key)

    def _believe(self, stream: str, user: str | None, own: str) -> None:
        org = self.wanted.get(stream)
        if org is None or user not in (org, f"{own}.link"):  # from above it comes by way of the own link
            raise Unreadable(f"user {user!r} was not asked for {stream}")


def recover(
    settings: Settings, *, without: Sequence[str] = (), timeout: float = 60.0, say: Callable[[str], None] = log.info
) -> int:
    """Raise the epoch, ask the neighbours, import. Returns how many events came back.

    Raises Conflict while a process of the instance runs, Unavailable when a neighbour that is not in `without` does not answer:
    nothing is imported then.
    """
    with _alone(settings):
        epoch = _raise_epoch(settings)
        say(f"epoch {epoch}")
        say(f"{_empty_queues(settings)} messages in the instance's own queues dropped")
        back = GivenBack(wanted=_wanted(settings, without))
        _collect(settings, back, epoch, time.monotonic() + timeout)
        for line in back.refused:
            say(f"not believed: {line}")
        if back.missing:
            raise Unavailable(f"no answer from {', '.join(back.missing)}; start its worker, or leave it out by --without")
        database = Database(
            settings.service_url(topology.LINKED), service=topology.LINKED, org=settings.org, simulated=settings.simulated
        )
        with database.unit_of_work() as uow:
            count = _import(uow, settings, back)
        database.close()
        return count


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold every schema's relay lock: whoever relays is running."""
    with ExitStack() as held:
        for service in settings.services:
            connection = connect(settings.service_url(service), service)
            held.callback(connection.close)
            cursor = connection.cursor()
            cursor.execute(_LOCK)
            if cursor.fetchone() != (True,):
                raise Conflict("worker", "本单位的进程还在运行。", "请先停止全部进程，再取回事件。")
            connection.commit()
        yield


def _raise_epoch(settings: Settings) -> int:
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE platform.instance SET epoch = epoch + 1 RETURNING epoch")
        (epoch,) = cursor.fetchone() or (0,)
    connection.close()
    return int(epoch)


def _empty_queues(settings: Settings) -> int:
    dropped = 0
    for service in settings.services:
        connection = connect_broker(settings.amqp_uri(service), f"{settings.org}.{service} restored")
        try:
            for queue in topology.queues(settings.org, service, settings.partitions.get(service, 1)):
                if topology.exists(connection, queue):
                    dropped += topology.purge(connection, queue)
        finally:
            hang_up(connection)
    return dropped


def _wanted(settings: Settings, without: Sequence[str]) -> dict[str, str]:
    """Of our streams those that a neighbour keeps: what is addressed to it."""
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT org FROM platform.subordinate")
        joined = [org for (org,) in cursor.fetchall()]
    connection.close()
    neighbours = {*settings.subordinates, *joined, *settings.links} - {*without}
    return {f"/{settings.org}/{topology.LINKED} {org}": org for org in sorted(neighbours)}


def _collect(settings: Settings, back: GivenBack, epoch: int, until: float) -> None:
    """Ask, and read what comes until all have said that this was all, or the time is over."""
    readers = [LinkReader(settings, superior, uri, _told_unreadable) for superior, uri in settings.links.items()]
    connection = connect_broker(settings.amqp_uri(topology.LINKED), f"{settings.org} restored")
    try:
        with faults():
            channel = connection.channel()
            queue = f"{settings.org}.{topology.LINKED}.given"
            topology.declare_exchange(channel)
            channel.queue_declare(queue, durable=False, exclusive=True, auto_delete=True)
            channel.queue_bind(queue, topology.EXCHANGE, f"{settings.org}.{topology.SYNC}")
            channel.basic_consume(queue, no_ack=True, callback=lambda message: back.take(message, settings.org))
        for reader in readers:
            threading.Thread(target=reader.run, daemon=True).start()
        _ask(settings, back, epoch)
        while back.missing and time.monotonic() < until:
            with faults(), suppress(TimeoutError):
                connection.heartbeat_tick()
                connection.drain_events(timeout=0.5)
    finally:
        for reader in readers:
            reader.stop()
        hang_up(connection)


def _told_unreadable(body: bytes, key: str, content_type: str | None, error: str) -> None:
    log.error("%s: %s", key, error)


def _ask(settings: Settings, back: GivenBack, epoch: int) -> None:
    source = f"/{settings.org}/{topology.LINKED}"
    heads = _heads(settings)
    for stream, org in back.wanted.items():
        uri = settings.links.get(org) or settings.amqp_uri(topology.LINKED)
        body = spoken(source, epoch, wants=[(stream, True, heads.get(stream, (0, b""))[0])])
        publisher = Publisher(uri, f"{settings.org} restored")
        try:
            [outcome] = publisher.send([message_of(f"{org}.{topology.SYNC}", body, SYNC)], timeout=15.0)
        finally:
            publisher.close()
        if outcome is not Outcome.CONFIRMED:
            raise Unavailable(f"broker: nobody reads what {org} is asked: {outcome.value}")


def _heads(settings: Settings) -> dict[str, tuple[int, bytes]]:
    connection = connect(settings.service_url(topology.LINKED), topology.LINKED)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT stream, sequence, chain FROM stream_head")
            return {stream: (sequence, bytes(chain)) for stream, sequence, chain in cursor.fetchall()}
    finally:
        connection.close()


def _import(uow: UnitOfWork, settings: Settings, back: GivenBack) -> int:
    """Into the log under their old numbers, to be delivered here once more; and to the inbox, so that they take effect on what they changed."""
    heads = {
        row["stream"]: (row["sequence"], bytes(row["chain"]))
        for row in uow.all("SELECT stream, sequence, chain FROM stream_head")
    }
    rows, taken = [], []
    for stream, events in back.events.items():
        sequence, chain = heads.get(stream, (0, b""))
        while (found := events.get(sequence + 1)) is not None:
            event, key = found
            sequence, chain = sequence + 1, link_hash(chain, event.body)
            suffix = seal_suffix(sequence)
            if not event.body.endswith(suffix):
                raise Unreadable(f"{stream} number {sequence} does not end as it was sealed")
            heads[stream] = sequence, chain
            taken.append((event, key))
            rows.append((event.id, event.contract.name, key.split(".", 1)[0], stream, event.subject, event.caseversion, event.time,
                         event.body[: -len(suffix)], sequence, chain))  # fmt: skip
    rows.sort(key=lambda row: row[6])
    uow.many(_LOG, rows)
    uow.many(_HEADS, [(stream, *head) for stream, head in sorted(heads.items()) if stream in back.events])
    destinations = ["local", *(f"link:{superior}" for superior in settings.links)]
    uow.many(_CURSORS, [(destination, stream) for stream in back.events for destination in destinations])
    user = user_of(settings.amqp_uri(topology.LINKED))
    for event, key in sorted(taken, key=lambda one: one[0].time):
        message = Incoming(
            body=event.body, routing_key=key, content_type=CONTENT_TYPE, user=user, message_id=str(event.id), redelivered=False
        )
        park(uow, event, message, reason="not_yet", error="given back after a restore", fault=NotYet())
    return len(rows)
