"""An assignment: one named official is responsible for one case in one round, and nobody else (M8, M9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.reply import Reply
from services.routing.workflow import ASSIGNMENT, AssignmentStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """`issuer` is the organisation that handed it out, `instance` the one in whose system it is worked on."""

    id: UUID
    case_id: UUID
    instruction_id: UUID
    round: int
    part: str
    responsible: Person
    issued_by: Person
    issuer: str
    instance: str
    issued_at: datetime
    stage: AssignmentStage
    received_at: datetime | None = None
    objected_at: datetime | None = None
    progressed_at: datetime | None = None
    replied_at: datetime | None = None
    returned_at: datetime | None = None
    approved_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    reply_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """An objection or a progress report of the person responsible. Never edited."""

    id: UUID
    assignment_id: UUID
    case_id: UUID
    kind: str
    text: str
    by: Person
    at: datetime


def issue(
    *, assignment_id: UUID, case_id: UUID, instruction_id: UUID, round_number: int, part: str,
    responsible: Person,
    issued_by: Person, issuer: str, instance: str, now: datetime,
) -> Assignment:  # fmt: skip
    """A new assignment to a named official."""
    return Assignment(
        id=assignment_id, case_id=case_id, instruction_id=instruction_id, round=round_number, part=str(part),
        responsible=responsible, issued_by=issued_by, issuer=issuer, instance=instance, issued_at=now,
        stage=AssignmentStage.ISSUED,
    )  # fmt: skip


def _only_responsible(assignment: Assignment, by: Person) -> None:
    """Raises Forbidden for anybody but the person responsible.

    No passing the buck, and no signing for another.
    """
    if by.official != assignment.responsible.official:
        raise Forbidden(
            "official",
            "只有责任人%(name)s本人可以办理此项交办。",
            "请由责任人本人登录后办理。",
            name=assignment.responsible.name,
        )


def _said(text: str, field: str) -> str:
    if not text.strip():
        raise Refused(field, "内容不能为空。", "请写明情况。")
    return text.strip()


def receive(assignment: Assignment, by: Person, *, now: datetime) -> Assignment:
    """Receipt by the person responsible. Raises Forbidden, Conflict."""
    _only_responsible(assignment, by)
    stage = ASSIGNMENT.move(assignment.stage, "receive")
    return replace(assignment, stage=stage, received_at=now)


def object_to(assignment: Assignment, by: Person, reasons: str, *, note_id: UUID, now: datetime) -> tuple[Assignment, Note]:
    """An objection to jurisdiction, with reasons (art.

    23); the clock goes on. Raises Forbidden, Conflict, Refused.
    """
    _only_responsible(assignment, by)
    stage = ASSIGNMENT.move(assignment.stage, "object")
    note = Note(
        id=note_id, assignment_id=assignment.id, case_id=assignment.case_id, kind="objection",
        text=_said(reasons, "reasons"), by=by, at=now,
    )  # fmt: skip
    return replace(assignment, stage=stage, objected_at=now), note


def progress(assignment: Assignment, by: Person, text: str, *, note_id: UUID, now: datetime) -> tuple[Assignment, Note]:
    """A progress report (M13). Raises Forbidden, Conflict, Refused."""
    _only_responsible(assignment, by)
    stage = ASSIGNMENT.move(assignment.stage, "progress")
    note = Note(
        id=note_id, assignment_id=assignment.id, case_id=assignment.case_id, kind="progress",
        text=_said(text, "text"), by=by, at=now,
    )  # fmt: skip
    return replace(assignment, stage=stage, progressed_at=now), note


def replied(assignment: Assignment, by: Person, reply: Reply) -> Assignment:
    """The assignment with this reply standing for a decision. Raises Forbidden, Conflict, Refused.

    Refused unless the reply is to this assignment and signed by the person responsible.
    """
    _only_responsible(assignment, by)
    if reply.signature["official"] != by.official:
        raise Forbidden("signature", "署名与责任人不一致。", "请由责任人本人署名。")
    if reply.assignment_id != assignment.id or reply.case_id != assignment.case_id or reply.round != assignment.round:
        raise Refused("reply", "回复与交办事项不符。", "请核对后重新提交。")
    stage = ASSIGNMENT.move(assignment.stage, "reply")
    return replace(assignment, stage=stage, replied_at=reply.replied_at, reply_id=reply.id)


def _standing(assignment: Assignment, reply_id: UUID) -> None:
    if assignment.reply_id != reply_id:
        raise Conflict("reply", "该回复已不是最新的回复。", "请刷新页面后重试。")


def return_reply(assignment: Assignment, reply_id: UUID, *, by: Person, reasons: str, now: datetime) -> Assignment:
    """The reply is rejected with reasons and another one is owed. Raises Forbidden, Conflict, Refused."""
    _not_own(assignment, by)
    _standing(assignment, reply_id)
    _said(reasons, "reasons")
    stage = ASSIGNMENT.move(assignment.stage, "return_reply")
    return replace(assignment, stage=stage, returned_at=now)


def approve(assignment: Assignment, reply_id: UUID, *, by: Person, now: datetime) -> Assignment:
    """The reply is accepted and the assignment done. Raises Forbidden, Conflict."""
    _not_own(assignment, by)
    _standing(assignment, reply_id)
    stage = ASSIGNMENT.move(assignment.stage, "approve")
    return replace(assignment, stage=stage, approved_at=now)


def _not_own(assignment: Assignment, by: Person) -> None:
    if by.official == assignment.responsible.official:
        raise Forbidden("official", "不得审核本人的回复。", "请由批示领导或领导小组办公室审核。")


def withdraw(assignment: Assignment, reason: str, *, now: datetime) -> Assignment:
    """The assignment ends without a reply that counts. Raises Conflict when it is over already."""
    stage = ASSIGNMENT.move(assignment.stage, "withdraw")
    return replace(assignment, stage=stage, withdrawn_at=now, withdrawn_reason=reason)
