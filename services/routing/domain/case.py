"""One case in one instance: the rounds of instruction, the conclusion (M6, M7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from services.routing.domain.assignment import Assignment
from services.routing.domain.directions import PLAIN, Directions
from services.routing.domain.directory import Directory
from services.routing.workflow import CASE, AssignmentStage, CaseStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

CASE_CLASSES = ("ordinary", "complex")


class Part(StrEnum):
    """What an addressee is asked to do: handle the case, lead, or join."""

    HANDLING = "handling"
    LEAD = "lead"
    JOINT = "joint"


class Address(NamedTuple):
    """An addressee and the part he is given."""

    person: Person
    part: Part


@dataclass(frozen=True, kw_only=True)
class Case:
    """The handling of one case. `origin` is the organisation that decides on it: its instance registered it, handed it down, or
    had it referred up; `referred_from` the instance below that referred it up to us.

    `read_at` is this round's reading by the first-in-command; `reviewed_at`,
    `dispatched_at` and `receipted_at` are the
    first ones, and with `registered_at` they are what "zero time difference" is measured by. `confidential` is the latest
    instruction's word.
    """

    id: UUID
    origin: str
    stage: CaseStage
    number: str
    channel: str
    category: str
    title: str
    brief: str
    registered_at: datetime
    round: int = 0
    matter_type: str | None = None
    place: str | None = None
    identity: str | None = None
    group_size: int | None = None
    case_class: str | None = None
    petition_received_at: datetime | None = None
    accepted_at: datetime | None = None
    queued_at: datetime | None = None
    read_at: datetime | None = None
    reviewed_at: datetime | None = None
    dispatched_at: datetime | None = None
    receipted_at: datetime | None = None
    outcome: str | None = None
    summary: str | None = None
    answer: str | None = None
    concluded_at: datetime | None = None
    concluded_by: Person | None = None
    withdrawn_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    archived_at: datetime | None = None
    referred_from: str | None = None
    read_by_deputy: Person | None = None
    reviewed_by_deputy: Person | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """What the first-in-command wrote in one round. Never edited; corrected only by a further one."""

    id: UUID
    case_id: UUID
    round: int
    text: str
    author: Person
    addressees: tuple[Person, ...]
    lead: Person | None
    joint: tuple[Person, ...]
    case_class: str
    answers: UUID | None
    read_at: datetime
    instructed_at: datetime
    read_by_deputy: Person | None = None
    limit_days: int | None = None
    confidential: bool = False
    enclosures: tuple[dict[str, Any], ...] = ()

    @property
    def beside(self) -> Directions:
        """What it says beside its words."""
        return Directions(limit_days=self.limit_days, confidential=self.confidential, enclosures=self.enclosures)


def review(case: Case, *, now: datetime, deputy: Person | None = None) -> Case:
    """The case as read in person, or by a deputy; the first reading of a round counts, but one in person outweighs a deputy's."""
    stage = CASE.move(case.stage, "review")
    first = case.reviewed_at is None
    return replace(
        case, stage=stage, read_at=case.read_at or now, reviewed_at=case.reviewed_at or now,
        read_by_deputy=deputy and (deputy if case.read_at is None else case.read_by_deputy),
        reviewed_by_deputy=deputy if first else case.reviewed_by_deputy,
    )  # fmt: skip


def follow_review(case: Case, *, now: datetime, deputy: Person | None = None) -> Case:
    """Read again while the case is in hand: nothing changes, for the round's reading is over."""
    return review(case, now=now, deputy=deputy) if CASE.allows(case.stage, "review") else case


def check_addressees(addressees: Sequence[Address], *, author: Person, answers: bool) -> None:
    """Refuse what cannot be dispatched: nobody, one person twice, two leads, joint units without a lead."""
    officials = [address.person.official for address in addressees]
    parts = [address.part for address in addressees]
    if not addressees and not answers:
        raise Refused("addressees", "批示须交办给至少一位负责同志。", "请选择承办的负责同志。")
    if len(set(officials)) != len(officials):
        raise Refused("addressees", "同一位同志不能列入两次。", "请删去重复的一项。")
    if author.official in officials:
        raise Refused("addressees", "批示人不能交办给本人。", "请选择其他负责同志。")
    if parts.count(Part.LEAD) > 1:
        raise Refused("addressees", "牵头领导只能有一位。", "其余的请列为会办。")
    if Part.JOINT in parts and Part.LEAD not in parts:
        raise Refused("addressees", "有会办单位时须指定牵头领导。", "请指定一位牵头领导。")


def check_brief(case: Case, addressees: Sequence[Address], directory: Directory) -> None:
    """Refuse to hand a case without a brief to another instance, which sees nothing but the brief, and that only once.

    Units that work in this instance may have it at once: their responsible official reads the petition itself, as intake lets
    him, and the brief shows on his page as soon as the clerk has written it. Raises Refused.
    """
    if case.brief.strip():
        return
    away = [address.person for address in addressees if directory.works_elsewhere(address.person.organisation)]
    if away:
        raise Refused(
            "addressees",
            "本件还没有交办摘要，不能交办给%(names)s：其在本单位的系统中办理，只看得到摘要。",
            "请登记员先写好交办摘要，或改交在本系统办理的负责同志。",
            names="、".join(person.name for person in away),
        )


def instruct(
    case: Case, *, instruction_id: UUID, author: Person, text: str, addressees: Sequence[Address],
    case_class: str,
    answers: UUID | None, now: datetime, action: str = "instruct", deputy: Person | None = None, beside: Directions = PLAIN,
) -> tuple[Case, Instruction]:  # fmt: skip
    """Read, instructed and dispatched in one step.

    The next round of the case, and its record; by a `deputy` it says so. Raises Refused.
    """
    if not text.strip() and beside.enclosures:
        raise Refused("text", "手写或口述的批示，也须打上至少一行字。", "请写明批给谁、办什么；附件留着，不必重传。")
    if not text.strip():
        raise Refused("text", "批示内容不能为空。", "请写明批示意见。")
    if case_class not in CASE_CLASSES:
        raise Refused("case_class", "件别只能是一般件或复杂件。", "请选择件别。")
    check_addressees(addressees, author=author, answers=answers is not None)
    stage = CASE.move(case.stage, action)
    read_at = case.read_at or now
    read_by_deputy = case.read_by_deputy if case.read_at else deputy
    instruction = Instruction(
        id=instruction_id, case_id=case.id, round=case.round + 1, text=text.strip(), author=author,
        addressees=tuple(address.person for address in addressees),
        lead=next((a.person for a in addressees if a.part is Part.LEAD), None),
        joint=tuple(a.person for a in addressees if a.part is Part.JOINT),
        case_class=case_class, answers=answers, read_at=read_at, instructed_at=now,
        read_by_deputy=read_by_deputy, **vars(beside),
    )  # fmt: skip
    after = replace(
        case, stage=stage, round=instruction.round, case_class=case_class, read_at=None, confidential=beside.confidential,
        read_by_deputy=None, reviewed_by_deputy=case.reviewed_by_deputy if case.reviewed_at else read_by_deputy,
        reviewed_at=case.reviewed_at or read_at,
        dispatched_at=case.dispatched_at or (now if addressees else None),
    )  # fmt: skip
    return after, instruction


def escalation(addressees: Sequence[Address]) -> bool:
    """Whether these addressees make it an escalation: a leader takes the lead (M7)."""
    return any(address.part is Part.LEAD for address in addressees)


def follow(case: Case, action: str, **changes: object) -> Case:
    """Move the case by `action` if the table allows it, else leave it.

    The case follows what is done on assignments.
    """
    if not CASE.allows(case.stage, action):
        return case
    return replace(case, stage=CASE.move(case.stage, action), **changes)  # type: ignore[arg-type]


def unfinished(assignments: Collection[Assignment]) -> list[Assignment]:
    """Handling and lead assignments that keep the case from its conclusion.

    Joint units reply to their lead, and whoever was handed a part replies to him who handed it on.
    """
    over = (AssignmentStage.APPROVED, AssignmentStage.WITHDRAWN)
    return [a for a in assignments if a.part != Part.JOINT and a.parent is None and a.stage not in over]


def owing(assignments: Collection[Assignment]) -> list[Assignment]:
    """Joint assignments that a reply is owed of; their lead waits for it, or says why he does not."""
    given = (AssignmentStage.APPROVED, AssignmentStage.WITHDRAWN, AssignmentStage.REPLIED)
    return [a for a in assignments if a.part == Part.JOINT and a.parent is None and a.stage not in given]


def conclude(
    case: Case, assignments: Collection[Assignment], *, by: Person, outcome: str, summary: str, answer: str,
    now: datetime,
) -> Case:  # fmt: skip
    """The concluded case.

    Raises Conflict while a reply is owed, a joint unit's too, or not approved, or none was ever approved.
    """
    if not answer.strip():
        raise Refused("answer", "给信访人的答复不能为空。", "请写明给信访人的答复。")
    stage = CASE.move(case.stage, "conclude")
    if left := unfinished(assignments):
        raise Conflict(
            "case",
            "还有 %(count)d 项交办没有审核通过的回复（%(name)s）。",
            "请先审核回复，或撤回该项交办。",
            count=len(left),
            name=left[0].responsible.name,
        )
    if owed := owing(assignments):
        raise Conflict(
            "case",
            "会办单位的%(name)s还没有回复。",
            "请等待其回复；不再等待的，由牵头领导说明理由。",
            name=owed[0].responsible.name,
        )
    if not any(a.stage is AssignmentStage.APPROVED and a.parent is None for a in assignments):
        raise Conflict("case", "还没有一份审核通过的署名回复。", "请先审核通过承办人的回复。")
    return replace(
        case, stage=stage, outcome=outcome, summary=summary.strip(), answer=answer.strip(), concluded_at=now,
        concluded_by=by,
    )  # fmt: skip


def reopen(case: Case, *, now: datetime) -> Case:
    """Not satisfied.

    The case stands in the review queue again, for a new round. What was concluded stays on record.
    """
    stage = CASE.move(case.stage, "reopen")
    return replace(
        case, stage=stage, queued_at=now, read_at=None, read_by_deputy=None, concluded_at=None, concluded_by=None, closed_at=None,
        close_reason=None, archived_at=None,
    )  # fmt: skip
