"""An assignment: one named official is responsible for one case in one round, and nobody else (M8, M9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.routing.domain.reply import Reply
from services.routing.workflow import ASSIGNMENT, AT_WORK, AssignmentStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """`issuer` is the organisation that handed it out, `instance` the one in whose system it is worked on.

    One with a `parent` is a part of it, which its person responsible handed on with words of his own (`text`).
    """

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
    parent: UUID | None = None
    text: str | None = None
    objection_decided_at: datetime | None = None
    objection_decision: str | None = None

    @property
    def objection_waits(self) -> bool:
        """Whether an objection stands that nobody has decided on. A reply leaves it behind: who replies has dealt with it."""
        return self.objected_at is not None and self.objection_decided_at is None and self.stage in AT_WORK


@dataclass(frozen=True, kw_only=True)
class Note:
    """An objection or a progress report of the person responsible, or what was decided on them. Never edited."""

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
    issued_by: Person, issuer: str, instance: str, now: datetime, parent: UUID | None = None, text: str | None = None,
) -> Assignment:  # fmt: skip
    """A new assignment to a named official."""
    return Assignment(
        id=assignment_id, case_id=case_id, instruction_id=instruction_id, round=round_number, part=str(part),
        responsible=responsible, issued_by=issued_by, issuer=issuer, instance=instance, issued_at=now,
        stage=AssignmentStage.ISSUED, parent=parent, text=text,
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
    """An objection to jurisdiction, with reasons (art. 23), once; the clock goes on. Raises Forbidden, Conflict, Refused."""
    _only_responsible(assignment, by)
    if assignment.objected_at is not None:
        raise Conflict("reasons", "对该项交办已经提出过管辖异议。", "请等待交办单位决定，或按决定办理。")
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


def check_in_time(limit: datetime | None, now: datetime) -> None:
    """Refuse an objection after its limit (art. 23). Where no limit is known, none has passed. Raises Refused."""
    if limit is not None and now >= limit:
        raise Refused(
            "reasons",
            "提出管辖异议的期限已于%(day)s届满（条例第二十三条：收到交办后5个工作日内）。",
            "请按期办理并署名回复。",
            day=(limit - timedelta(microseconds=1)).astimezone(CHINA).date().isoformat(),
        )


def decide_objection(
    assignment: Assignment, decision: str, reasons: str, *, by: Person, note_id: UUID, now: datetime
) -> tuple[Assignment, Note]:
    """The issuer upholds an objection or dismisses it, with reasons. Raises Conflict when none waits, Forbidden, Refused."""
    _not_own(assignment, by)
    if decision not in ("upheld", "dismissed"):
        raise Refused("decision", "对异议的决定只能是成立或不成立。", "请选择一项。")
    if not assignment.objection_waits:
        raise Conflict("decision", "该项交办没有待决定的管辖异议。", "请刷新页面，查看最新进展。")
    return objection_decided(assignment, decision, reasons, by=by, note_id=note_id, now=now)


def objection_decided(
    assignment: Assignment, decision: str, reasons: str, *, by: Person, note_id: UUID, now: datetime
) -> tuple[Assignment, Note]:
    """What the issuer decided on an objection, wherever the work has got to meanwhile."""
    note = Note(
        id=note_id, assignment_id=assignment.id, case_id=assignment.case_id, kind=decision, text=_said(reasons, "reasons"), by=by,
        at=now,
    )  # fmt: skip
    dismissed = decision == "dismissed" and ASSIGNMENT.allows(assignment.stage, "dismiss")
    stage = ASSIGNMENT.move(assignment.stage, "dismiss") if dismissed else assignment.stage
    return replace(assignment, stage=stage, objection_decided_at=now, objection_decision=decision), note


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
