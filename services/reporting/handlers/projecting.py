"""From events to the read model. Every event that takes effect is archived as it came; its case is drawn anew.

Handlers see each event once, in order for each case and source; in which order sources are heard changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.reporting.domain import picture, tally
from services.reporting.domain.facts import Facts
from services.reporting.domain.picture import CaseRow
from services.reporting.handlers import drawing, publishing
from services.reporting.handlers.owing import owe
from services.reporting.handlers.taking import TAKERS, Life
from services.reporting.store import BARS, CASES, CHARGES, TALLY, TEXTS, UNITS
from shared import directory
from shared.contract import Event
from shared.database import UnitOfWork

# Held shared by whoever projects and alone by a rebuild that switches over, so that no event falls in between.
PROJECTING = 7_431_023_001


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Archive a batch and load its cases, each in one statement."""
    if not events:
        return
    # Taken before any row is locked: a rebuild that switches waits for us, or we for it, never both.
    uow.all("SELECT pg_advisory_xact_lock_shared(%(key)s)", key=PROJECTING)
    uow.many(
        "INSERT INTO received (event_id, stream, sequence, name, subject, occurred_at, body) VALUES %s"
        " ON CONFLICT (event_id) DO NOTHING",
        [(e.id, e.stream, e.sequence, e.contract.name, e.subject, e.time, e.body) for e in events],
    )
    load(events, uow)
    publishing.prepare([case for event in events if (case := _case(event)) is not None], uow)


def load(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load the rows of the cases that these events speak of."""
    uow.rows(CASES).load({case for event in events if (case := _case(event)) is not None})
    uow.rows(UNITS).load({key for event in events if (key := _issued(event)) is not None})


def _case(event: Event) -> UUID | None:
    try:
        return None if event.contract.name in directory.HEARS else UUID(event.subject)
    except ValueError:
        return None  # its own handler says so, and no other event of the batch suffers


def _issued(event: Event) -> UUID | None:
    try:
        return UUID(event.data["assignment_id"]) if event.contract.name == "assignment.issued" else None
    except ValueError:
        return None


class _Live:
    """What is known while a batch is taken in."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.org, self._uow = uow.org, uow

    @property
    def now(self) -> datetime:
        """Business time."""
        return self._uow.now

    def case_of(self, assignment_id: UUID) -> UUID | None:
        """Which case an assignment was issued for; None: none yet."""
        found = self._uow.rows(UNITS).get(assignment_id)
        return found.case_id if found else None


def project(event: Event, uow: UnitOfWork) -> None:
    """Take in what the event tells of its case, and draw the case anew. Raises ValueError without a case's id."""
    case_id = UUID(event.subject)
    before = uow.rows(CASES).get(case_id)
    known: Facts = before.facts if before else {}
    life = Life(case_id, known)
    TAKERS[event.contract.name](event, life, _Live(uow))
    if life.bar is not None:
        uow.rows(BARS).put(life.bar)
    for charge in life.charges.values():
        uow.rows(CHARGES).put(charge)
    if life.facts is not known:
        after = picture.draw(case_id, life.facts)
        _write(before, after, uow)
        publishing.follow(event, after, uow)


def _write(before: CaseRow | None, after: CaseRow, uow: UnitOfWork) -> None:
    """The case's row, and of all that follows from it what has changed."""
    uow.rows(CASES).put(after)
    for table, drawn in drawing.DRAWN.items():
        known = drawn(before) if before else []
        for entity in drawn(after):
            if entity not in known:
                uow.rows(table).put(entity)
    if before is None or drawing.haystack(before) != drawing.haystack(after):
        uow.rows(TEXTS).put(drawing.text(after))
    for cell in tally.as_cells(tally.difference(before, after)):
        uow.rows(TALLY).add(cell)


def archive(event: Event, uow: UnitOfWork) -> None:
    """Nothing but the archive, where the dossier finds it. Raises ValueError without a case's id."""
    UUID(event.subject)


def keep(event: Event, uow: UnitOfWork) -> None:
    """Nothing but the archive, and no case: with it a reply can be held against its signer's key years later."""


def end_period(event: Event, uow: UnitOfWork) -> None:
    """Its report is owed, and what of it agencies are told."""
    owe(event, uow)
    publishing.count(event, uow)


Handler = Callable[[Event, UnitOfWork], None]
ARCHIVED = (
    "case.referred_up",
    "case.concluded_above",
    "case.bars_passed",
    "message.sent",
    "message.failed",
    "accountability.recorded",
    "duty.recorded",
    "score.recorded",
    "supervision.reminded",
    "supervision.noticed",
    "supervision.annulled",
    "interview.called",
    "interview.appointed",
    "interview.held",
    "interview.cancelled",
    "circular.listed",
    "followup.due",
    "followup.recorded",
    "followup.unreachable",
    "followup.checked",
    "review.requested",
    "review.assigned",
    "review.decided",
    "charge.proposed",
)
PROJECTED: dict[str, Handler] = {**dict.fromkeys(TAKERS, project), **dict.fromkeys(ARCHIVED, archive)}
HEARS: dict[str, Handler] = {
    **PROJECTED,
    **directory.HEARS,
    "directory.signing_key_recorded": keep,
    "period.ended": end_period,
    "report.issued": keep,
}
