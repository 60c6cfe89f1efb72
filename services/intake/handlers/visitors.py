"""Who comes on a day, behind masks, and the visitor at the counter found by what he says of himself."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.finding import check_sought, has_number, is_known_as
from services.intake.domain.planning import day_of
from services.intake.domain.reception import Session, sessions
from services.intake.domain.viewing import Viewer
from services.intake.domain.visits import Visit, Visitor
from services.intake.handlers.queue import bookings_to_come, visits_between
from services.intake.handlers.receiving import identifies, log, visitor_from
from services.intake.store import SQL, reception_plan
from services.intake.vault.crypto import Broken, Erased, Vault
from shared.database import UnitOfWork

SEARCH = "visitor_search"  # the purpose of a look that a search was


def masked_names(uow: UnitOfWork, vault: Vault, visits: Iterable[Visit], viewer: Viewer) -> dict[UUID, str]:
    """The masked name of each visitor who left one and whom the viewer may know: enough to recognise who stands at the counter."""
    return {visit.id: masks.name(who.name) for visit, who in _known(uow, vault, visits, viewer) if who.name}


def find(uow: UnitOfWork, vault: Vault, text: str, day: date, viewer: Viewer) -> list[Visit]:
    """The visits of a day, of today and to come that this tells, by time; never one about a case that the viewer is barred from.

    Whom a name or a telephone number finds is a look at the identity, logged. Raises Refused when it is too little.
    """
    sought, today = check_sought(text), day_of(uow.now)
    near = [*visits_between(uow, day, day, viewer), *visits_between(uow, today, today, viewer), *bookings_to_come(uow, viewer)]
    visits = {visit.id: visit for visit in near}
    found = {visit.id for visit in visits.values() if has_number(sought, visit)}
    for visit, who in _known(uow, vault, visits.values(), viewer):
        if visit.id not in found and is_known_as(sought, who):
            log(uow, visit, viewer, "identity", SEARCH)
            found.add(visit.id)
    return sorted((visits[visit_id] for visit_id in found), key=lambda one: (one.held_on != today, one.held_on, one.number))


def _known(uow: UnitOfWork, vault: Vault, visits: Iterable[Visit], viewer: Viewer) -> list[tuple[Visit, Visitor]]:
    """Those of the visits whose visitors the viewer may know, with who they are; without those that were erased, or do not open:
    one damaged row must not close the room."""
    listed = list(visits)
    rows = {row["visit_id"]: row for row in uow.all(SQL["sealed_matters"], visits=[visit.id for visit in listed])}
    days = [visit.held_on for visit in listed] or [day_of(uow.now)]
    held: dict[UUID | None, Session] = {one.id: one for one in sessions(reception_plan(uow), min(days), max(days))}
    known = []
    for visit in listed:
        if not identifies(uow, visit, held.get(visit.session), viewer):
            continue
        with suppress(Erased, Broken):
            key = vault.open_key(visit.id, bytes(rows[visit.id]["data_key"]))
            known.append((visit, visitor_from(key, rows[visit.id])))
    return known
