"""A petition as its row holds it, and what may happen to it. Pure: `now` is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.categories import Category
from services.intake.domain.submission import Channel, Identity, MatterType
from services.intake.workflow import OPEN, PETITION, Stage
from shared.contract.person import Person
from shared.errors import Conflict, NotYet, Refused


class Means(StrEnum):
    """How staff know that a petitioner wishes to withdraw."""

    WRITTEN = "written"
    ORAL = "oral"
    TELEPHONE = "telephone"


class WithdrawalReason(StrEnum):
    """Why a petitioner withdraws. A closed list: the petitioner's own words go into no event."""

    SETTLED = "settled"
    OTHER_WAY = "other_way"
    MISTAKEN = "mistaken"
    UNWILLING = "unwilling"
    UNSTATED = "unstated"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A petitioner's wish to withdraw, as the official `by` came to know of it; nobody else's wish ends a case."""

    by: Person
    means: Means
    reason: WithdrawalReason


@dataclass(frozen=True, kw_only=True)
class Petition:
    """A petition's row: codes, instants and officials' words, and nothing that a petitioner wrote or is."""

    id: UUID
    number: str
    idempotency_key: UUID
    stage: Stage
    channel: Channel
    matter_type: MatterType
    category: Category
    place: str
    identity: Identity
    group_size: int
    language: str
    has_email: bool
    received_at: datetime
    registered_at: datetime
    registered_by: Person | None
    title: str = ""
    brief: str = ""
    revision: int = 0
    accepted_at: datetime | None = None
    conflict_set_at: datetime | None = None
    withdrawn_at: datetime | None = None
    concluded_at: datetime | None = None
    round: int = 0
    outcome: str = ""
    answer: str = ""
    closed_at: datetime | None = None
    archived_at: datetime | None = None
    withdrawn_by: Person | None = None
    withdrawn_means: Means | None = None
    withdrawn_reason: WithdrawalReason | None = None
    accepted_by: Person | None = None
    imported_at: datetime | None = None  # when it was taken over from another system, with what had been done there
    imported_from: str = ""
    close_reason: str = ""
    close_authority: str = ""  # of a decision without a satisfied petitioner: who took it, and why
    close_words: str = ""


def supplement(
    case: Petition, *, title: str, brief: str, category: Category, place: str, revision: int | None = None
) -> Petition:
    """The clerk's redacted title and brief, and the codes. Raises Conflict when somebody else changed them since."""
    if case.stage in {Stage.WITHDRAWN, Stage.ARCHIVED}:
        raise Conflict("brief", "信访件已撤回或已存档，不能再改交办摘要。", "请返回列表。")
    changed = replace(case, title=title.strip(), brief=brief.strip(), category=category, place=place)
    if changed == case:
        return case  # the same words twice: a double submit
    if revision is not None and revision != case.revision:
        raise Conflict("brief", "别人刚刚改过这份交办摘要。", "请刷新页面，核对后再保存。")
    if not changed.title or not changed.brief:
        raise Refused("brief", "标题和交办摘要都要写。", "请写出不含个人信息的标题和摘要。")
    return replace(changed, revision=case.revision + 1)


def accept(case: Petition, now: datetime, by: Person | None = None) -> Petition:
    """Accepted (art. 23), by an official who answers for it. Accepting twice changes nothing."""
    if case.accepted_at:
        return case
    action = "accept_in_hand" if case.stage is Stage.HANDLING else "accept"
    return replace(case, stage=PETITION.move(case.stage, action), accepted_at=now, accepted_by=by)


def withdraw(case: Petition, now: datetime, wish: Wish | None = None) -> Petition:
    """Withdrawn by the petitioner in person, or by staff who know of the `wish`. Withdrawing twice changes nothing."""
    if case.withdrawn_at:
        return case
    withdrawn = replace(case, stage=PETITION.move(case.stage, "withdraw"), withdrawn_at=now)
    if wish is None:
        return withdrawn
    return replace(withdrawn, withdrawn_by=wish.by, withdrawn_means=wish.means, withdrawn_reason=wish.reason)


def hand_over(case: Petition) -> Petition:
    """A leader has it now. A petition withdrawn meanwhile stays withdrawn."""
    return case if case.withdrawn_at else replace(case, stage=PETITION.move(case.stage, "hand_over"))


def conclude(case: Petition, *, round: int, outcome: str, answer: str, at: datetime) -> Petition:
    """Concluded, with the answer for the petitioner; one withdrawn meanwhile gets the answer and stays withdrawn."""
    stage = case.stage if case.withdrawn_at else PETITION.move(case.stage, "conclude")
    return replace(case, stage=stage, round=round, outcome=outcome, answer=answer, concluded_at=at)


def reopen(case: Petition, *, round: int) -> Petition:
    """A new round: the last answer no longer stands as the last word. One that a decision has ended since does not begin."""
    if case.withdrawn_at or round <= case.round:
        return case
    stage = PETITION.move(case.stage, "reopen")
    return replace(
        case, stage=stage, round=round, concluded_at=None, closed_at=None, archived_at=None, close_reason="", close_authority="",
        close_words="",
    )  # fmt: skip


def close(
    case: Petition, at: datetime, *, reason: str = "", round: int | None = None, authority: str = "", words: str = ""
) -> Petition:
    """Closed; `round` is the last one that it ends. One that was reopened since goes on.

    Raises NotYet while routing's conclusion, or the round that a decision ends, has not arrived here.
    """
    if round is not None and round < case.round:
        return case
    action = "close"
    if case.stage in OPEN:
        if reason != "decision" or round != case.round:
            raise NotYet(f"{case.number} is to be closed and is still open here")
        action = "close_by_decision"
    return replace(
        case, stage=PETITION.move(case.stage, action), closed_at=at, close_reason=reason, close_authority=authority, close_words=words,
        round=max(case.round, round or 0),
    )  # fmt: skip


def archive(case: Petition, at: datetime) -> Petition:
    """Archived: the dossier is sealed. What goes on, because its closing was overtaken, is not."""
    return replace(case, stage=PETITION.move(case.stage, "archive"), archived_at=at) if case.stage is Stage.CLOSED else case


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """A step that the tracking page shows; `round` is 0 for what happens once."""

    case_id: UUID
    kind: str
    round: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Access:
    """An official who may read a petition's text, because it was assigned to that person."""

    assignment_id: UUID
    case_id: UUID
    official: str
    organisation: str
    begun_at: datetime
    ended_at: datetime | None = None
    former: tuple[str, ...] = ()  # whose it was before the post changed hands
