"""Review and final review (arts. 35 and 36): asked for by the petitioner, decided by somebody else than whoever answered. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.followup.domain.case import ZONE, end_of_day
from services.followup.domain.policy import FollowPolicy
from services.followup.workflow import REVIEW, ReviewStage
from shared.contract.followup import DECISIONS
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

MOST_HEARING = 60  # days


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review of a case. Who reviews works here (`reviewer`), or in an organ whose decision the office writes down (`organ`)."""

    id: UUID
    case_id: UUID
    level: str
    stage: ReviewStage
    asked_at: datetime
    due_at: datetime
    reviewer: Person | None = None
    organ: str = ""
    assigned_by: Person | None = None
    assigned_at: datetime | None = None
    hearing_days: int = 0
    decision: str | None = None
    answer: str = ""
    document: str = ""
    decided_by: Person | None = None
    decided_at: datetime | None = None
    final_until: datetime | None = None


def ask(policy: FollowPolicy, *, id: UUID, case_id: UUID, level: str, at: datetime) -> Review:
    """A review that the petitioner asked for."""
    return Review(
        id=id, case_id=case_id, level=level, stage=ReviewStage.ASKED, asked_at=at, due_at=end_of_day(at, policy.decide_days)
    )


def assign(
    review: Review, *, reviewer: Person | None, organ: str, by: Person, involved: Collection[str], earlier: Collection[str], now: datetime
) -> Review:  # fmt: skip
    """The review with who is to decide it. `involved` answered or handled the case, `earlier` decided its review before.

    Raises Forbidden, Conflict, Refused.
    """
    if (reviewer is None) == (not organ.strip()):
        raise Refused("reviewer", "复查人和复查机关须且只能填一项。", "由本级人员复查的选人，由上级机关复查的写机关名称。")
    if reviewer is not None and reviewer.official in involved:
        raise Forbidden("reviewer", "办理过本件的人不得复查。", "请另选复查人。")
    if reviewer is not None and reviewer.official in earlier:
        raise Forbidden("reviewer", "作出复查决定的人不得再复核。", "请另选复核人。")
    stage = REVIEW.move(review.stage, "assign")
    return replace(review, stage=stage, reviewer=reviewer, organ=organ.strip(), assigned_by=by, assigned_at=now)


def hear(review: Review, *, begun: date, ended: date, now: datetime) -> Review:
    """A hearing was held; its days do not count (art. 36), as many as a review may spend on hearings. Raises Conflict, Refused."""
    if review.stage is ReviewStage.DECIDED:
        raise Conflict("ended", "复查已经作出决定。", "请刷新页面，查看决定。")
    if review.stage is ReviewStage.ASKED:
        raise Conflict("ended", "尚未指定由谁复查。", "请先指定复查人或者复查机关，再登记听证。")
    days = (ended - begun).days + 1
    first, today = (each.astimezone(ZONE).date() for each in (review.asked_at, now))
    if not first <= begun <= ended <= today or review.hearing_days + days > MOST_HEARING:
        raise Refused(
            "ended",
            "听证的起止日期不对，或合计超过 %(max)s 日。",
            "请填写申请复查之后、今天之前实际举行听证的日期。",
            max=MOST_HEARING,
        )
    return replace(review, hearing_days=review.hearing_days + days, due_at=review.due_at + timedelta(days=days))


def decide(
    review: Review, policy: FollowPolicy, *, decision: str, answer: str, document: str, by: Person, of_office: bool, now: datetime
) -> Review:  # fmt: skip
    """The review decided: by the reviewer himself, or written down by the office when an organ without an instance decided.

    Raises Forbidden, Conflict, Refused.
    """
    mine = review.reviewer is not None and review.reviewer.official == by.official
    if not mine and not (review.organ and of_office):
        raise Forbidden("decision", "复查决定由指定的复查人作出。", "由上级机关复查的，请领导小组办公室登记其决定。")
    if decision not in DECISIONS:
        raise Refused("decision", "没有这种复查决定。", "请从列表中选择。")
    if not answer.strip():
        raise Refused("answer", "给信访人的复查答复不能为空。", "请写明决定和理由。")
    until = end_of_day(now, policy.review_days) if review.level == "review" else None
    return replace(
        review, stage=REVIEW.move(review.stage, "decide"), decision=decision, answer=answer.strip(), document=document.strip(),
        decided_by=by, decided_at=now, final_until=until,
    )  # fmt: skip
