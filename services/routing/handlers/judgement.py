"""What the issuer decides on a reply.

Return it with reasons, or approve it. Both are records, neither is edited.
"""

from __future__ import annotations

from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Case, Reply, Verdict
from services.routing.handlers import alerting
from services.routing.handlers.common import (
    below,
    decider,
    end_parts,
    issued_here,
    logged,
    office,
    open_assignment,
    open_case,
    take_back,
)
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Forbidden, NotFound, Refused

VERDICTS = {"returned": "assignment.returned", "approved": "assignment.approved"}


@logged
def return_reply(uow: UnitOfWork, reply_id: UUID, by: str, reasons: str) -> Assignment:
    """Reject a reply with reasons; another one is owed. Raises Forbidden, NotFound, Conflict, Refused."""
    return _decide(uow, reply_id, by, "returned", reasons)


@logged
def approve(uow: UnitOfWork, reply_id: UUID, by: str) -> Assignment:
    """Accept a reply; its assignment is done. Raises Forbidden, NotFound, Conflict."""
    return _decide(uow, reply_id, by, "approved", None)


@logged
def withdraw(uow: UnitOfWork, assignment_id: UUID, by: str, reason: str = "replaced") -> Assignment:
    """Take an assignment back, as after a justified objection. Raises Forbidden, NotFound, Conflict."""
    _, assignment = open_assignment(uow, assignment_id, by)
    person = decider(uow, assignment, by) if assignment.parent is not None else office(store.directory(uow), by)
    issued_here(assignment, uow)
    return take_back(uow, assignment, reason, person)


def case_of_reply(uow: UnitOfWork, reply_id: UUID) -> UUID | None:
    """Which case a reply belongs to."""
    return store.case_of(uow, "reply", reply_id)


def _decide(uow: UnitOfWork, reply_id: UUID, by: str, verdict: str, reasons: str | None) -> Assignment:
    case_id = store.case_of(uow, "reply", reply_id)
    if case_id is None:
        raise NotFound("reply", "没有找到该份回复。", "请核对后重试。")
    case = open_case(uow, case_id, by)
    return judge(uow, case, reply_id, by=by, verdict=verdict, reasons=reasons)


def judge(uow: UnitOfWork, case: Case, reply_id: UUID, *, by: str, verdict: str, reasons: str | None) -> Assignment:
    """Record the verdict on a reply of this case and tell the instance that sent it.

    Raises Forbidden for whoever does not decide on it, or signed it himself; Conflict, Refused.
    """
    reply = uow.rows(store.REPLIES).get(reply_id)
    if reply is None or reply.case_id != case.id:
        raise Refused("answers", "该回复不属于本件。", "请选择本件的回复。")
    assignment = uow.rows(store.ASSIGNMENTS).get(reply.assignment_id)
    if assignment is None:  # the foreign key forbids it
        raise NotFound("assignment", "没有找到该项交办。", "请核对后重试。")
    person = decider(uow, assignment, by)
    issued_here(assignment, uow)
    if by == reply.signature["official"]:  # also of one who was responsible then and has another post now
        raise Forbidden("official", "不得审核本人的回复。", "请由批示领导或领导小组办公室审核。")
    if verdict == "returned":
        changed = domain.return_reply(assignment, reply_id, by=person, reasons=reasons or "", now=uow.now)
    else:
        changed = domain.approve(assignment, reply_id, by=person, now=uow.now)
    store.put_assignment(uow, changed)
    uow.rows(store.VERDICTS).put(
        Verdict(reply_id=reply_id, case_id=case.id, verdict=verdict, reasons=reasons, by=person, at=uow.now)
    )
    _tell(uow, changed, reply, verdict, reasons, person)
    if verdict == "approved":
        end_parts(uow, changed, person)
    return changed


def _tell(uow: UnitOfWork, assignment: Assignment, reply: Reply, verdict: str, reasons: str | None, by: Person) -> None:
    told: dict[str, object] = {"assignment_id": str(assignment.id), "reply_id": str(reply.id), "by": by.as_data()}
    if verdict == "returned":
        told |= {"round": reply.round, "reasons": reasons, "returned_at": instant(uow.now)}
    else:
        told |= {"approved_at": instant(uow.now)}
    cause = uow.tell(VERDICTS[verdict], assignment.case_id, told, addressee=below(assignment, uow))
    alerting.of_assignment(uow, verdict, assignment, cause)
