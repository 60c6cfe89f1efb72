"""A case as follow-up knows it, and the closing that ends it. Pure: `now` is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.followup.domain.policy import FollowPolicy
from services.followup.workflow import CASE, CaseStage
from shared.contract.person import Person

ZONE = ZoneInfo("Asia/Shanghai")


def end_of_day(start: datetime, days: int) -> datetime:
    """The end of the day so many days after `start`, by the county's days, as an instant in UTC."""
    last = start.astimezone(ZONE).date() + timedelta(days=days + 1)
    return datetime.combine(last, time(0), ZONE).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class FollowedCase:
    """A case as follow-up knows it. `open_round` is the round that is being asked about, if any; `policy` the version that it
    began under (None: before there were versions).
    """

    id: UUID
    organisation: str
    number: str
    title: str
    channel: str
    identity: str
    stage: CaseStage
    open_round: int | None = None
    policy: str | None = None
    instructed_round: int = 0  # the last round that was begun
    came_back: int = 0  # rounds after which the petitioner was not satisfied
    charge_proposed_at: datetime | None = None
    closings: int = 0
    closed_at: datetime | None = None
    close_reason: str | None = None
    closed_round: int | None = None  # the last round that the closing ended


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Why, by whom and when a case was closed and its dossier sealed; `number` counts, for a closed case may go on and be closed
    again. `by` is None when the petitioner did it.
    """

    case_id: UUID
    number: int
    reason: str
    round: int | None
    by: Person | None
    closed_at: datetime
    archived_at: datetime
    authority: str | None = None
    reasons: str | None = None


def not_asked(case: FollowedCase) -> FollowedCase:
    """The case while nothing is asked about it: it goes on, and its next conclusion is asked about again."""
    return replace(case, open_round=None)


def close(
    case: FollowedCase, *, reason: str, round_number: int | None, by: Person | None, now: datetime,
    authority: str | None = None, reasons: str | None = None,
) -> tuple[FollowedCase, Closing]:  # fmt: skip
    """The case closed and archived, with the record of it. Raises Conflict when it is archived already."""
    after = replace(
        case, stage=CASE.move(case.stage, "archive"), open_round=None, closings=case.closings + 1, closed_at=now, close_reason=reason,
        closed_round=round_number,
    )  # fmt: skip
    closing = Closing(
        case_id=case.id, number=after.closings, reason=reason, round=round_number, by=by, closed_at=now, archived_at=now,
        authority=authority, reasons=reasons,
    )  # fmt: skip
    return after, closing


def ended_with(case: FollowedCase, round_number: int) -> bool:
    """Whether nothing goes on in the case but the asking about this round, or it was closed over what was answered then.

    Only then a word about the round reopens it: not what a later round, a decision or the petitioner's withdrawal ended.
    """
    if case.stage is CaseStage.ARCHIVED:
        return case.close_reason == "satisfied" and case.closed_round == round_number
    return case.open_round == round_number


def may_be_redone(case: FollowedCase, round_number: int) -> bool:
    """Whether a review may have the case handled anew: one that was decided too, but none that its petitioner withdrew."""
    return case.close_reason != "withdrawn" if case.stage is CaseStage.ARCHIVED else case.open_round == round_number


def goes_on(case: FollowedCase) -> FollowedCase:
    """The case after a word that it is not settled: open again if it was closed."""
    stage = CASE.move(case.stage, "take_up_again") if case.stage is CaseStage.ARCHIVED else case.stage
    return replace(case, stage=stage, open_round=None, closed_at=None, close_reason=None, closed_round=None)


def come_back(case: FollowedCase, times: int = 1) -> FollowedCase:
    """Counted: a round after which the petitioner was not satisfied; -1: he corrects that."""
    return replace(case, came_back=max(0, case.came_back + times))


def propose_leader(case: FollowedCase, now: datetime) -> FollowedCase:
    """A leader was proposed."""
    return replace(case, charge_proposed_at=now)


def wants_leader(case: FollowedCase, policy: FollowPolicy) -> bool:
    """Whether a leader is to be proposed, because the case came back as often as the policy says; once for each case."""
    return case.charge_proposed_at is None and case.came_back >= policy.rounds


def may_go_on(case: FollowedCase, round_number: int, policy: FollowPolicy, now: datetime) -> bool:
    """Whether the petitioner may have a case go on that was closed over this round. Withdrawn is withdrawn, and against a decision
    there is the review.
    """
    if case.stage is not CaseStage.ARCHIVED or case.closed_at is None or not ended_with(case, round_number):
        return False
    return now < end_of_day(case.closed_at, policy.reopen_days) and policy.reopen_days > 0
