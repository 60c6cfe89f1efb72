"""A case as follow-up knows it, and the closing that ends it. Pure: `now` is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.followup.workflow import CASE, CaseStage
from shared.contract.person import Person


@dataclass(frozen=True, kw_only=True)
class FollowedCase:
    """A case as follow-up knows it. `open_round` is the round that is being asked about, if any."""

    id: UUID
    organisation: str
    number: str
    title: str
    channel: str
    identity: str
    stage: CaseStage
    open_round: int | None = None


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Why, by whom and when a case was closed and its dossier sealed. `by` is None when the petitioner did
    it.
    """

    case_id: UUID
    reason: str
    round: int | None
    by: Person | None
    closed_at: datetime
    archived_at: datetime


def not_asked(case: FollowedCase) -> FollowedCase:
    """The case while nothing is asked about it: it goes on, and its next conclusion is asked about again."""
    return replace(case, open_round=None)


def close(
    case: FollowedCase, *, reason: str, round_number: int | None, by: Person | None, now: datetime
) -> tuple[FollowedCase, Closing]:
    """The case closed and archived, with the record of it. Raises Conflict when it is archived already."""
    after = replace(case, stage=CASE.move(case.stage, "archive"), open_round=None)
    closing = Closing(case_id=case.id, reason=reason, round=round_number, by=by, closed_at=now, archived_at=now)
    return after, closing
