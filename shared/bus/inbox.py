"""Taking events in: a batch is one transaction in which each event takes effect once, in order, or is parked.

This knows neither nameko nor the broker: messages go in, and when `take` returns all of them may be acknowledged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from shared.bus.agreement import GIVEN, SYNC, Holding
from shared.bus.parked import Incoming, park, park_unreadable
from shared.bus.replay import MARK
from shared.bus.senders import may_speak, storable
from shared.config import Settings
from shared.contract import Event, decode
from shared.database import Database, UnitOfWork, faults
from shared.errors import NotYet, Unavailable, Unreadable
from shared.metrics import record_batch, record_handled, record_lag

log = logging.getLogger(__name__)
Handler = Callable[[Event, UnitOfWork], None]
Preload = Callable[[Sequence[Event], UnitOfWork], None]
_COUNT_TRY = """
INSERT INTO attempt SELECT %(id)s, 1 WHERE NOT EXISTS (SELECT FROM inbox WHERE event_id = %(id)s)
ON CONFLICT (event_id) DO UPDATE SET count = attempt.count + 1 RETURNING count
"""
# What stands in the way of a batch: sources of which a replay is awaited, lanes whose first event is parked.
_OBSTACLES = """
SELECT source, NULL AS lane FROM platform.replay WHERE queue = %(queue)s AND begun_at IS NULL
UNION ALL SELECT NULL, lane FROM parked WHERE lane = ANY(%(lanes)s) AND dismissed_at IS NULL
"""
# How far each stream has come; and what waits for its cause is tried again when another event of its case has come.
_TAKEN = """
WITH came AS (
    INSERT INTO taken VALUES %s ON CONFLICT (stream) DO UPDATE SET sequence = greatest(taken.sequence, excluded.sequence)
)
UPDATE parked SET next_attempt_at = now() WHERE reason = 'not_yet' AND dismissed_at IS NULL AND subject = ANY(%(subjects)s)
"""
MOST_CULPRITS = 8
CRASHES = 3  # an event that was being handled alone when the process died this often is poison


class _Culprit(Exception):
    def __init__(self, event: Event, fault: Exception) -> None:
        self.event, self.fault = event, fault


class Inbox:
    """One consumer's inbox. `hears` maps an event's name to its handler; `preload` loads the rows of a batch in sets."""

    def __init__(self, database: Database, settings: Settings, hears: Mapping[str, Handler], preload: Preload, user: str) -> None:
        self.database, self.settings, self.hears, self.preload = database, settings, hears, preload
        self._user = user
        self._service = database.service
        self._counted: set[UUID] = set()

    def take(self, queue: str, messages: Sequence[Incoming]) -> None:
        """Handle or park every message; afterwards all of them may be acknowledged.

        Messages that the broker sends again are taken one at a time, each try counted beforehand, so that one that kills
        the process takes no neighbours along. Raises Unavailable when nothing could be stored: take the same ones again.
        """
        group: list[Incoming] = []
        for message in messages:
            if not message.redelivered:
                group.append(message)
                continue
            self._group(queue, group)
            group = []
            self._alone(queue, message)
        self._group(queue, group)

    def read(self, message: Incoming) -> Event:
        """Decode a message and check that its sender may say this. Raises Unreadable."""
        event = decode(message.body, content_type=message.content_type, stream_key=message.routing_key.split(".", 1)[0])
        if not storable(event):
            raise Unreadable("the envelope holds a text or a number that no column takes")
        if event.contract.name not in self.hears:
            raise Unreadable(f"{event.contract.type} is not heard by {self._service}")
        self._speaks(message)(event.source)
        return event

    def _alone(self, queue: str, message: Incoming) -> None:
        try:
            event = self.read(message)
        except Unreadable:
            self._group(queue, [message])
            return
        row = None
        if event.id not in self._counted:  # once in a process's life: what is counted is deaths, not outages
            with self.database.unit_of_work() as uow:
                row = uow.one(_COUNT_TRY, id=event.id)
            self._counted.add(event.id)
        if row and row["count"] > CRASHES:
            with self.database.unit_of_work() as uow:
                holding = self._holding(uow, [event])
                holding.take(event)  # its stream goes on behind it, or it would be asked for again
                holding.write()
                park(
                    uow, event, message, reason="poison", error=f"the process died {CRASHES} times while handling it", fault=None
                )
            record_handled(self._service, "parked")
        else:
            self._group(queue, [message])

    def _group(self, queue: str, messages: Sequence[Incoming]) -> None:
        """One transaction for all; when a handler fails, again without the culprit, which is parked."""
        if not messages:
            return
        begun = time.monotonic()
        culprits: dict[UUID, Exception] = {}
        while True:
            try:
                with self.database.unit_of_work() as uow:
                    self._transact(queue, uow, messages, culprits)
                record_batch(self._service, time.monotonic() - begun)
                return
            except _Culprit as culprit:
                level = logging.INFO if isinstance(culprit.fault, NotYet) else logging.ERROR
                log.log(
                    level,
                    "event %s of %s is parked: %r",
                    culprit.event.id,
                    culprit.event.source,
                    culprit.fault,
                    exc_info=culprit.fault,
                )
                culprits[culprit.event.id] = culprit.fault
                if len(culprits) > MOST_CULPRITS and len(messages) > 1:
                    self._each(queue, messages)
                    return
            except Unavailable:
                raise
            except Exception as fault:
                if len(messages) > 1:  # the writing of the set failed: nobody knows whose fault it is
                    log.warning("%s: %d events together failed, so each goes alone", self._service, len(messages), exc_info=fault)
                    self._each(queue, messages)
                    return
                if not self._blame(messages[0], fault, culprits):
                    return

    def _blame(self, message: Incoming, fault: Exception, culprits: dict[UUID, Exception]) -> bool:
        """Whether it helps to try again with this one event as the culprit; one that cannot even be parked is kept as bytes."""
        try:
            event = self.read(message)
            if event.id not in culprits:
                culprits[event.id] = fault
                return True
        except Unreadable:
            pass
        with self.database.unit_of_work() as uow:
            park_unreadable(uow, message, repr(fault))
        record_handled(self._service, "unreadable")
        return False

    def _each(self, queue: str, messages: Sequence[Incoming]) -> None:
        for message in messages:
            self._group(queue, [message])

    def _transact(self, queue: str, uow: UnitOfWork, messages: Sequence[Incoming], culprits: Mapping[UUID, Exception]) -> None:
        read = [self._look(message) for message in messages]
        lanes = list({event.lane for event in read if isinstance(event, Event)})
        obstacles = uow.all(_OBSTACLES, queue=queue, lanes=lanes)
        healing = {row["source"] for row in obstacles if row["source"]}
        holding = self._holding(uow, [event for event in read if isinstance(event, Event)])
        todo: list[tuple[Event, Incoming]] = []
        for event, message in zip(read, messages, strict=True):
            if event is None:
                healing -= self._heed(uow, holding, message)
            elif isinstance(event, Unreadable):
                park_unreadable(uow, message, str(event))
                holding.pass_over(message.body, message.routing_key, self._speaks(message))
                record_handled(self._service, "unreadable")
            elif not holding.take(event):
                record_handled(self._service, "early")  # something is missing before it; it comes again behind that
            elif event.source.split("/")[2] in healing and event.organisation == self.settings.org:
                continue  # it comes again behind the mark, in its order
            elif self._concerns(event, message):
                todo.append((event, message))
            else:
                record_handled(self._service, "not_ours")
        blocked = {row["lane"] for row in obstacles if row["lane"]}
        fresh = self._fresh(uow, self._set_aside(uow, todo, culprits, blocked))
        self._handle(uow, fresh)
        self._note_taken(uow, [event for event, _ in todo])
        holding.write()

    def _look(self, message: Incoming) -> Event | Unreadable | None:
        """The event, or what is wrong with the message; None for what is none."""
        try:
            return None if message.content_type in (MARK, SYNC, GIVEN) else self.read(message)
        except Unreadable as fault:
            return fault

    def _handle(self, uow: UnitOfWork, events: Sequence[Event]) -> None:
        self.preload(events, uow)
        for event in events:
            uow.cause = event
            try:
                with faults():  # a database that goes away is not the event's fault
                    self.hears[event.contract.name](event, uow)
            except Unavailable:
                raise
            except Exception as fault:
                raise _Culprit(event, fault) from fault
        for event in events[-1:]:
            record_lag(self._service, (uow.now - event.time).total_seconds())
        record_handled(self._service, "handled", len(events))

    def _set_aside(
        self, uow: UnitOfWork, todo: Sequence[tuple[Event, Incoming]], culprits: Mapping[UUID, Exception], blocked: set[str]
    ) -> list[Event]:
        """Park the culprits, and behind them, and behind what was parked before, the later events of the same lane."""
        rest = []
        for event, message in todo:
            fault = culprits.get(event.id)
            if event.lane in blocked:
                park(uow, event, message, reason="waiting", error="an earlier event of the case is parked", fault=None)
            elif fault is not None:
                reason = "not_yet" if isinstance(fault, NotYet) else "failed"
                park(uow, event, message, reason=reason, error=f"{type(fault).__name__}: {fault}", fault=fault)
                blocked.add(event.lane)
            else:
                rest.append(event)
                continue
            record_handled(self._service, "parked")
        return rest

    def _fresh(self, uow: UnitOfWork, events: Sequence[Event]) -> list[Event]:
        """Enter the events into the inbox; those that were in it already have had their effect."""
        new = enter(uow, events)
        record_handled(self._service, "repeated", len(events) - len(new))
        return new

    def _heed(self, uow: UnitOfWork, holding: Holding, message: Incoming) -> set[str]:
        """What is no event: a neighbour's word on how things stand, or the mark of a replay, whose source is no longer awaited."""
        if message.content_type == MARK:
            return self._mark(uow, message)
        if message.content_type == GIVEN:
            return set()  # for whoever asked to have it back (services.routing.recovery); this is a copy
        try:
            holding.hear(message.body, self._speaks(message))
        except Unreadable as fault:
            park_unreadable(uow, message, str(fault))
            record_handled(self._service, "unreadable")
        return set()

    def _holding(self, uow: UnitOfWork, events: Sequence[Event]) -> Holding:
        # A stream that is spread over partitions comes in no order: no cursor and no digest there.
        return Holding(uow, self._service, events, spread=self.settings.partitions.get(self._service, 1) > 1)

    def _speaks(self, message: Incoming) -> Callable[[str], None]:
        def check(source: str) -> None:
            if not may_speak(source, message.user, own_user=self._user, org=self.settings.org):
                raise Unreadable(f"user {message.user!r} may not speak for {source}")

        return check

    def _mark(self, uow: UnitOfWork, message: Incoming) -> set[str]:
        found = uow.all(
            "UPDATE platform.replay SET begun_at = now() WHERE 'replay-' || id = %(id)s AND begun_at IS NULL RETURNING source",
            id=message.message_id,
        )
        return {row["source"] for row in found}

    def _concerns(self, event: Event, message: Incoming) -> bool:
        """Facts of subordinate instances are for reporting; the others hear what is their instance's or addressed to it."""
        here = self.settings.org
        return self._service == "reporting" or event.organisation == here or message.routing_key.split(".", 1)[0] == here

    def _note_taken(self, uow: UnitOfWork, events: Sequence[Event]) -> None:
        heads: dict[str, int] = {}
        for event in events:
            heads[event.stream] = max(event.sequence, heads.get(event.stream, 0))
        subjects = list({event.subject for event in events})
        uow.later(_TAKEN, sorted(heads.items()), subjects=subjects)


def enter(uow: UnitOfWork, events: Sequence[Event]) -> list[Event]:
    """Write events into the inbox in one statement; returns those that were not there, in their order, each once."""
    rows = {event.id: (event.id, event.stream, event.sequence) for event in events}
    if not rows:
        return []
    entered = uow.returning(
        "INSERT INTO inbox (event_id, stream, sequence) VALUES %s ON CONFLICT DO NOTHING RETURNING event_id", list(rows.values())
    )
    fresh = []
    for event in events:
        if (event.id,) in entered:
            entered.discard((event.id,))
            fresh.append(event)
    return fresh
