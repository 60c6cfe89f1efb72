"""What becomes of an objection to jurisdiction (art. 23): upheld, and the assignment is taken back, or dismissed with reasons."""

from __future__ import annotations

from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment
from services.routing.handlers import alerting
from services.routing.handlers.common import below, decider, issued_here, logged, noted, open_assignment, take_back
from services.routing.handlers.events import Handler, moment
from services.routing.handlers.protocol import handed_down
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork


@logged
def decide_objection(
    uow: UnitOfWork, assignment_id: UUID, by: str, decision: str, reasons: str, *, note_id: UUID | None = None
) -> Assignment:
    """Uphold or dismiss an objection. The same `note_id` a second time changes nothing.

    Upheld, the assignment is withdrawn in the same transaction. Raises Forbidden, NotFound, Conflict, Refused.
    """
    _, assignment = open_assignment(uow, assignment_id, by)
    person = decider(uow, assignment, by)
    issued_here(assignment, uow)
    if noted(uow, note_id, assignment):
        return assignment
    changed, note = domain.decide_objection(assignment, decision, reasons, by=person, note_id=note_id or uuid7(), now=uow.now)
    store.put_assignment(uow, changed)
    uow.rows(store.NOTES).put(note)
    told = {
        "assignment_id": str(assignment_id), "decision": decision, "reasons": note.text, "by": person.as_data(),
        "at": instant(uow.now),
    }  # fmt: skip
    cause = uow.tell("assignment.objection_decided", assignment.case_id, told, addressee=below(assignment, uow))
    alerting.of_assignment(uow, "objection_decided", changed, cause)
    return take_back(uow, changed, "objection_upheld", person) if decision == "upheld" else changed


def objection_decided(event: Event, uow: UnitOfWork) -> None:
    """assignment.objection_decided: what the superior decided; upheld, the withdrawal follows."""
    if assignment := handed_down(event, uow):
        data = event.data
        changed, note = domain.objection_decided(
            assignment, data["decision"], data["reasons"], by=Person.of(data["by"]), note_id=event.id, now=moment(data["at"])
        )
        store.put_assignment(uow, changed)
        uow.rows(store.NOTES).put(note)


HEARS: dict[str, Handler] = {"assignment.objection_decided": objection_decided}
