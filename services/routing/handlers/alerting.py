"""Who is told of what (decision 13): noted in the transaction that tells or hears the event, once for each person and event.

Own assignments are noted where they are told, for what goes to a unit here does not come back; a superior's where they are heard.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.routing import store
from services.routing.domain import Assignment
from services.routing.domain.alerts import APPROACHING_FROM, OF_ASSIGNMENT, OWED
from shared.contract.envelope import Event, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork

Handler = Callable[[Event, UnitOfWork], None]


def note(uow: UnitOfWork, kind: str, person: Person, *, cause: UUID, case_id: UUID | None, about: UUID | None) -> None:
    """Tell one official of one event, unless he works in another instance: there he is told by his own."""
    row = (
        str(uuid7()),
        person.official,
        person.organisation,
        str(cause),
        kind,
        _text(case_id),
        _text(about),
        uow.now.isoformat(),
    )
    uow.later(store.SQL["add_alerts"], [row], own=uow.org)


def of_assignment(uow: UnitOfWork, kind: str, assignment: Assignment, cause: UUID) -> None:
    """Tell the person responsible. What was taken back because he must not see the case is not mentioned to him."""
    person = assignment.responsible
    if kind == "withdrawn":
        overtake(uow, person.official, assignment.case_id, uow.now)
        if assignment.withdrawn_reason == "conflict":
            return
    note(uow, kind, person, cause=cause, case_id=assignment.case_id, about=assignment.id)


def of_handover(uow: UnitOfWork, assignment: Assignment, former: Person, by: Person, cause: UUID) -> None:
    """Tell who has it now, unless he took it up himself, and who had it."""
    overtake(uow, former.official, assignment.case_id, uow.now)
    note(uow, "passed_on", former, cause=cause, case_id=assignment.case_id, about=assignment.id)
    if by.official != assignment.responsible.official:
        note(uow, "handed_over", assignment.responsible, cause=cause, case_id=assignment.case_id, about=assignment.id)


def overtake(uow: UnitOfWork, official: str, case_id: UUID, now: datetime) -> None:
    """What he was told of an assignment of this case and has not read is of no use to him any more."""
    uow.later(store.SQL["overtake_alerts"], [(official, str(case_id), now.isoformat())], kinds=sorted(OF_ASSIGNMENT))


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None


# -- what is heard ----------------------------------------------------------------------------------------------------
def after(handler: Handler, tell: Handler) -> Handler:
    """The handler, and then what is told of its event, in the same transaction."""

    @functools.wraps(handler)
    def heard(event: Event, uow: UnitOfWork) -> None:
        handler(event, uow)
        tell(event, uow)

    return heard


def _told(event: Event, uow: UnitOfWork, kind: str, person: Person, about: str | None) -> None:
    note(uow, kind, person, cause=event.id, case_id=UUID(event.subject), about=UUID(about) if about else None)


def _superiors(kind: str) -> Handler:
    """What a superior decided on an assignment that is worked on here."""

    def tell(event: Event, uow: UnitOfWork) -> None:
        assignment = None if event.organisation == uow.org else uow.rows(store.ASSIGNMENTS).get(UUID(event.data["assignment_id"]))
        if assignment is not None:
            of_assignment(uow, kind, assignment, event.id)

    return tell


def _deadline(event: Event, uow: UnitOfWork) -> None:
    """A limit that approaches or was missed, to whoever owes it."""
    data, verb = event.data, event.contract.name.partition(".")[2]
    early = verb == "approaching" and data["percent"] < APPROACHING_FROM
    kind = f"review_{verb}" if data["obligation"] == "review" else verb
    if data.get("responsible") and data["obligation"] in OWED and not early:
        _told(event, uow, kind, Person.of(data["responsible"]), data.get("assignment_id"))


def _sent(kind: str) -> Handler:
    """What supervision sent to somebody here."""

    def tell(event: Event, uow: UnitOfWork) -> None:
        _told(event, uow, kind, Person.of(event.data["responsible"]), event.data.get("step_id"))

    return tell


def _charge_taken(event: Event, uow: UnitOfWork) -> None:
    """Whoever took the case on by himself knows it."""
    data = event.data
    if data["by"]["official"] != data["leader"]["official"]:
        _told(event, uow, "charge_taken", Person.of(data["leader"]), data["charge_id"])


def charge_proposed(event: Event, uow: UnitOfWork) -> None:
    """charge.proposed: the first-in-command decides, or a leader takes it."""
    directory = store.directory(uow)
    for official in directory.officials.values():
        head = official.in_post(frozenset({"first_in_command"}), uow.org) if official.active else None
        if head is not None:
            _told(event, uow, "charge_proposed", head, None)


def review_assigned(event: Event, uow: UnitOfWork) -> None:
    """review.assigned: to an official, once; an organ without an instance is told on paper."""
    if event.data.get("reviewer") and not event.data.get("heard"):
        _told(event, uow, "review_assigned", Person.of(event.data["reviewer"]), event.data["review_id"])


AFTER: dict[str, Handler] = {
    "assignment.issued": _superiors("issued"),
    "assignment.withdrawn": _superiors("withdrawn"),
    "assignment.returned": _superiors("returned"),
    "assignment.approved": _superiors("approved"),
    "assignment.objection_decided": _superiors("objection_decided"),
    "assignment.extended": _superiors("extended"),
    "assignment.extension_refused": _superiors("extension_refused"),
    "deadline.approaching": _deadline,
    "deadline.missed": _deadline,
    "supervision.reminded": _sent("reminded"),
    "supervision.noticed": _sent("noticed"),
    "interview.called": _sent("interview_called"),
    "interview.appointed": _sent("interview_appointed"),
    "interview.cancelled": _sent("interview_cancelled"),
    "circular.listed": _sent("circular"),
    "charge.taken": _charge_taken,
}
HEARS: dict[str, Handler] = {"charge.proposed": charge_proposed, "review.assigned": review_assigned}
