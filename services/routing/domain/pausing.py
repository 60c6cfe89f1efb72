"""A pause: the clocks of a case stand still for a category, for reasons and on an authority. Nothing else stops them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.workflow import UNDER_WAY
from shared.contract.cases import PAUSES
from shared.contract.person import Person
from shared.errors import Conflict, Refused


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Since when, for what and on whose authority the clocks stand still, and who let them go on.

    `told` are the assignments whose instances were told, each of which is told of the end as well.
    """

    id: UUID
    case_id: UUID
    category: str
    reasons: str
    authority: Person
    paused_at: datetime
    told: tuple[str, ...]
    resumed_by: Person | None = None
    resume_reasons: str | None = None
    resumed_at: datetime | None = None


def _said(reasons: str) -> str:
    if not reasons.strip():
        raise Refused("pause_reasons", "须说明理由。", "请写明理由。")
    return reasons.strip()


def begin(
    case: Case, open_one: Pause | None, told: Collection[UUID], *, pause_id: UUID, category: str, reasons: str, by: Person,
    now: datetime,
) -> Pause:  # fmt: skip
    """The clocks stand still from now on. Raises Conflict, Refused."""
    if category not in PAUSES:
        raise Refused("category", "暂停期限的事由只能是听证、勘验鉴定、调解或司法程序。", "请选择一项。")
    if open_one is not None:
        raise Conflict("category", "本件的期限已经暂停。", "请先恢复计时。")
    if case.stage not in UNDER_WAY or not told:
        raise Conflict("category", "本件没有在办的交办，不需要暂停期限。", "请刷新页面，查看最新进展。")
    return Pause(
        id=pause_id,
        case_id=case.id,
        category=category,
        reasons=_said(reasons),
        authority=by,
        paused_at=now,
        told=tuple(map(str, told)),
    )


def end(pause: Pause | None, *, by: Person | None, reasons: str, now: datetime) -> Pause:
    """The clocks go on. Raises Conflict when they do, Refused."""
    if pause is None or pause.resumed_at is not None:
        raise Conflict("pause_reasons", "本件的期限没有暂停。", "请刷新页面，查看最新进展。")
    return replace(pause, resumed_by=by, resume_reasons=_said(reasons), resumed_at=now)
