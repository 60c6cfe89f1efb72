"""What the person responsible does with an assignment.

Receive, object, report progress, reply over his own name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Case, Note, Reply
from services.routing.domain.checklist import Said
from services.routing.domain.keys import Signer
from services.routing.domain.reply import as_told
from services.routing.handlers.checking import check_blocks
from services.routing.handlers.common import logged, made_before, noted, open_assignment, worked_here
from services.routing.handlers.signing import check_signer
from services.routing.workflow import ASSIGNMENT
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Forbidden


def mine(uow: UnitOfWork, assignment_id: UUID, official: str) -> tuple[Case, Assignment, Person]:
    """The assignment, and its person responsible if `official` is that person.

    Raises Forbidden, NotFound, Conflict.
    """
    case, assignment = open_assignment(uow, assignment_id, official)
    store.directory(uow).active(official)
    if official != assignment.responsible.official:
        raise Forbidden(
            "official",
            "只有责任人%(name)s本人可以办理此项交办。",
            "请由责任人本人登录后办理。",
            name=assignment.responsible.name,
        )
    worked_here(assignment, uow)
    return case, assignment, assignment.responsible


@logged
def check_mine(uow: UnitOfWork, assignment_id: UUID, by: str) -> None:
    """Let the person responsible pass. Raises Forbidden, NotFound, Conflict."""
    mine(uow, assignment_id, by)


@logged
def check_owed(uow: UnitOfWork, assignment_id: UUID, by: str, reply_id: UUID | None) -> None:
    """Let the person responsible pass while a reply is owed, or when this is the one that stands. Raises Forbidden, NotFound, Conflict."""
    _, assignment, _ = mine(uow, assignment_id, by)
    if reply_id is None or assignment.reply_id != reply_id:
        ASSIGNMENT.move(assignment.stage, "reply")


@logged
def receive(uow: UnitOfWork, assignment_id: UUID, by: str) -> Assignment:
    """Receipt by the person responsible; harmless when repeated. Raises Forbidden, NotFound, Conflict."""
    case, assignment, person = mine(uow, assignment_id, by)
    store.note_reading(uow, case.id, by)
    if assignment.received_at is not None:
        return assignment
    changed = store.put_assignment(uow, domain.receive(assignment, person, now=uow.now))
    receipted(uow, case, changed)
    told = {"assignment_id": str(assignment_id), "by": person.as_data(), "received_at": instant(uow.now)}
    uow.tell("assignment.received", case.id, told, addressee=assignment.issuer)
    return changed


def receipted(uow: UnitOfWork, case: Case, received: Assignment) -> None:
    """The case after a receipt: in hand, and the first receipt is remembered. A joint unit's, and that of a part, is their own."""
    if received.part == domain.Part.JOINT or received.parent is not None:
        return
    at = received.received_at
    moved = domain.follow(case, "receive")
    store.put_case(uow, replace(moved, receipted_at=case.receipted_at or at))


@logged
def object_to(uow: UnitOfWork, assignment_id: UUID, by: str, reasons: str, *, note_id: UUID | None = None) -> Assignment:
    """Object to the jurisdiction, with reasons, in time (art. 23). The same `note_id` a second time changes nothing."""
    case, assignment, person = mine(uow, assignment_id, by)
    if noted(uow, note_id, assignment):
        return assignment
    limit = uow.one(store.SQL["objection_limit"], assignment=assignment_id)
    domain.check_in_time(limit["due_at"] if limit else None, uow.now)
    changed, note = domain.object_to(assignment, person, reasons, note_id=note_id or uuid7(), now=uow.now)
    _put(uow, changed, note)
    told = {
        "assignment_id": str(assignment_id), "by": person.as_data(), "reasons": note.text,
        "objected_at": instant(uow.now),
    }  # fmt: skip
    uow.tell("assignment.objected", case.id, told, addressee=assignment.issuer)
    return changed


@logged
def progress(uow: UnitOfWork, assignment_id: UUID, by: str, text: str, *, note_id: UUID | None = None) -> Assignment:
    """Report progress (M13). The same `note_id` a second time changes nothing."""
    case, assignment, person = mine(uow, assignment_id, by)
    if noted(uow, note_id, assignment):
        return assignment
    changed, note = domain.progress(assignment, person, text, note_id=note_id or uuid7(), now=uow.now)
    _put(uow, changed, note)
    told = {
        "assignment_id": str(assignment_id), "by": person.as_data(), "text": note.text,
        "progressed_at": instant(uow.now),
    }  # fmt: skip
    uow.tell("assignment.progressed", case.id, told, addressee=assignment.issuer)
    return changed


@logged
def reply(
    uow: UnitOfWork, assignment_id: UUID, by: str, *, outcome: str, findings: str, measures: Sequence[str],
    answer: str,
    reply_id: UUID | None = None, evidence: Sequence[str] = (), page: dict[str, Any] | None = None, signer: Signer | None = None,
) -> Reply:  # fmt: skip
    """Reply over one's own name (M8), with `signer` where there is a key. The same `reply_id` a second time changes nothing.

    Raises Forbidden for anybody but the person responsible, NotFound, Conflict, Refused.
    """
    case, assignment, person = mine(uow, assignment_id, by)
    known = made_before(
        uow.rows(store.REPLIES).get(reply_id) if reply_id else None, lambda one: one.assignment_id == assignment_id
    )
    if known is not None:
        return known
    said = Said(outcome=outcome, findings=findings, measures=tuple(measures), evidence=tuple(evidence), answer=answer)
    check_blocks(said, case.brief)
    check_signer(uow, by, signer)
    signed = domain.sign(
        person, reply_id=reply_id or uuid7(), assignment_id=assignment_id, case_id=case.id,
        round_number=assignment.round, outcome=outcome, findings=findings, measures=measures, answer=answer,
        now=uow.now, evidence=evidence, page=page, key=signer,
    )  # fmt: skip
    store.put_assignment(uow, domain.replied(assignment, person, signed))
    uow.rows(store.REPLIES).put(signed)
    uow.tell("assignment.replied", case.id, as_told(signed), addressee=assignment.issuer)
    return signed


def _put(uow: UnitOfWork, assignment: Assignment, note: Note) -> None:
    store.put_assignment(uow, assignment)
    uow.rows(store.NOTES).put(note)
