"""The archive read case by case, each case drawn once, and what follows from it copied in: a rebuild in sets."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from services.reporting.domain import picture, tally
from services.reporting.domain.facts import FOLDS
from services.reporting.handlers import drawing
from services.reporting.handlers.archive import read
from services.reporting.handlers.filling import Filling
from services.reporting.handlers.taking import BESIDES, TAKERS, Life
from services.reporting.store import BARS, CHARGES, READ_MODEL, SQL, TALLY
from shared.connection import Connection
from shared.contract import Event
from shared.errors import NotYet, Refused

log = logging.getLogger(__name__)
AT_ONCE = 5000  # rows of the archive fetched at once


class Progress(NamedTuple):
    """The last row of the archive that was taken, how many were, and which of them wait for an issue that comes later."""

    last: int = 0
    events: int = 0
    waiting: Sequence[Event] = ()


class Afterwards:
    """The clock of a replay: what is archived lay in the past when it came, so nothing lies in the future now."""

    def now(self, cursor: Any) -> datetime:
        """The end of time."""
        return datetime.max.replace(tzinfo=UTC)


class World:
    """What a case is held against while others are not looked at."""

    now = datetime.max.replace(tzinfo=UTC)

    def __init__(self, org: str) -> None:
        self.org = org

    def case_of(self, assignment_id: UUID) -> UUID | None:
        """That two cases claim one assignment is found afterwards, by the key."""
        return None


def by_case(connection: Connection, org: str, up_to: int) -> Progress:
    """Fill the tables with what the archive up to a row tells."""
    filling, counted, waiting = Filling(connection, READ_MODEL), Counter[tally.Key](), list[Event]()
    for case_id, events in _cases(connection, up_to):
        life = Life(case_id, {})
        waiting += live_through(life, events, World(org))
        if life.bar is not None:
            filling.put(BARS, [life.bar])
        filling.put(CHARGES, life.charges.values())
        if not life.facts:
            continue
        row = picture.draw(case_id, life.facts)
        drawing.fill(filling, row)
        counted.update(tally.cells(tally.marks(row)))
    filling.put(TALLY, tally.as_cells(counted))
    filling.flush()
    return Progress(up_to, _count(connection, up_to), waiting)


def _cases(connection: Connection, up_to: int) -> Iterator[tuple[UUID, list[Event]]]:
    """Each case with its events in the order in which they took effect; those that change nothing are left where they are."""
    with connection.cursor(name="archive") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(SQL["archive_by_case"], {"up_to": up_to, "names": [*BESIDES, *FOLDS]})
        for subject, rows in groupby(cursor, key=itemgetter(0)):
            yield UUID(subject), [read(stream, bytes(body)) for _, stream, body in rows]


def live_through(life: Life, events: Sequence[Event], world: World) -> list[Event]:
    """Take these in, in order. Returns those that wait: two transactions may have numbered a case's events crosswise."""
    left = list(events)
    while True:
        waiting = []
        for event in left:
            try:
                TAKERS[event.contract.name](event, life, world)
            except NotYet:
                waiting.append(event)
            except Refused as refusal:  # only in an archive from before these were refused: live, it would not be in it
                log.warning("left out: %s %s: %s", event.contract.name, event.id, refusal)
        if len(waiting) in (0, len(left)):
            return waiting
        left = waiting


def _count(connection: Connection, up_to: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM received WHERE id <= %s", (up_to,))
        found = cursor.fetchone()
    return int(found[0]) if found else 0
