"""What the reception room sees: the day's queues, whom to call because a session changed, the screen in the waiting room."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.domain import queueing
from services.intake.domain.planning import day_of
from services.intake.domain.reception import Session, sessions
from services.intake.domain.viewing import Viewer
from services.intake.domain.visits import Visit
from services.intake.handlers.reception import Receiver, receiver_of, receivers
from services.intake.handlers.suiting import cases_barred_for
from services.intake.store import SQL, VISITS, reception_plan, sure
from services.intake.workflow import VisitStage
from shared.database import UnitOfWork

HERE = (VisitStage.CALLED, VisitStage.RECEIVING)


@dataclass(kw_only=True)
class SessionQueue:
    """One session's queue; without a session, of whom whoever is at the counter receives. `waiting` in the order of calling.

    `not_suited`: who must wait for another official, or for the counter.
    """

    session: Session | None
    receiver: Receiver | None
    inside: list[Visit] = field(default_factory=list)
    waiting: list[Visit] = field(default_factory=list)
    expected: list[Visit] = field(default_factory=list)
    over: list[Visit] = field(default_factory=list)
    not_suited: set[UUID] = field(default_factory=set)

    @property
    def all(self) -> list[Visit]:
        """Whoever comes, is here, or was."""
        return [*self.inside, *self.waiting, *self.expected, *self.over]


@dataclass(frozen=True, kw_only=True)
class ToCall:
    """A booking whose petitioner has to be told something. `why`: changed, cancelled, or not_suited (and why that is, is not told)."""

    visit: Visit
    session: Session | None
    why: str


def visits_between(uow: UnitOfWork, first: date, last: date, viewer: Viewer) -> list[Visit]:
    """The visits of some days, for reading; never one about a case that the viewer is barred from."""
    rows = uow.all(SQL["visits_between"], first=first, last=last, codes=list(viewer.codes))
    return [VISITS.from_row(list(row.values())) for row in rows]


def bookings_to_come(uow: UnitOfWork, viewer: Viewer) -> list[Visit]:
    """The bookings whose time has not come; never one about a case that the viewer is barred from."""
    rows = uow.all(SQL["bookings_to_come"], now=uow.now, codes=list(viewer.codes))
    return [VISITS.from_row(list(row.values())) for row in rows]


def lines(uow: UnitOfWork, day: date, viewer: Viewer) -> list[SessionQueue]:
    """The day's queues, one for each session in time order, the one without a session last."""
    known = receivers(uow)
    held = sessions(reception_plan(uow), day, day)
    found: dict[UUID | None, SessionQueue] = {
        session.id: SessionQueue(session=session, receiver=receiver_of(known, session.official)) for session in held
    }
    counter = SessionQueue(session=None, receiver=None)
    visits = visits_between(uow, day, day, viewer)
    shut = cases_barred_for(uow, {visit.named_case for visit in visits if visit.named_case})
    for visit in visits:
        line = found.get(visit.session, counter)
        if line.receiver and visit.named_case and line.receiver.codes & shut.get(visit.named_case, set()):
            line.not_suited.add(visit.id)
        part = {VisitStage.WAITING: line.waiting, VisitStage.BOOKED: line.expected}.get(visit.stage)
        (line.inside if visit.stage in HERE else line.over if part is None else part).append(visit)
    for line in (*found.values(), counter):
        line.waiting = queueing.order(line.waiting, uow.now)
    return [*found.values(), counter]


def to_call(uow: UnitOfWork, viewer: Viewer) -> list[ToCall]:
    """Bookings to come whose session does not suit the case (they come first, for their place counts as taken until they are moved),
    was cancelled, or was changed since the petitioner last heard of it."""
    coming = bookings_to_come(uow, viewer)
    if not coming:
        return []
    days = [visit.held_on for visit in coming]
    held = {session.id: session for session in sessions(reception_plan(uow), min(days), max(days))}
    known = receivers(uow)
    shut = cases_barred_for(uow, {visit.named_case for visit in coming if visit.named_case})
    found = []
    for visit in coming:
        session = held.get(visit.session) if visit.session else None
        codes = receiver_of(known, session.official).codes if session else frozenset()
        if session is None or session.cancelled:
            why = "cancelled"
        elif visit.named_case and codes & shut.get(visit.named_case, set()):
            why = "not_suited"
        else:
            why = "changed" if session.sequence != visit.told_sequence else ""
        if why and not (why == "cancelled" and session and session.sequence == visit.told_sequence):
            found.append(ToCall(visit=visit, session=session, why=why))
    return sorted(found, key=lambda one: one.why != "not_suited")


def waiting(uow: UnitOfWork, viewer: Viewer) -> int:
    """How many visitors wait now."""
    found: int = sure(uow, "waiting_visits", held_on=day_of(uow.now), codes=list(viewer.codes))["waiting"]
    return found


def screen(uow: UnitOfWork) -> dict[str, list[dict[str, Any]]]:
    """What the waiting room reads: tickets that are called, inside and waiting, with the room. No name, no official."""
    today = day_of(uow.now)
    rooms = {session.id: session.room for session in sessions(reception_plan(uow), today, today)}
    found: dict[str, list[dict[str, Any]]] = {"called": [], "receiving": [], "waiting": []}
    for row in uow.all(SQL["called_tickets"], held_on=today):
        found[row["stage"]].append(
            {"ticket": f"A{row['ticket']:03}", "room": rooms.get(row["session"], ""), "at": row["called_at"]}
        )
    found["called"].sort(key=lambda one: one["at"], reverse=True)
    return found
