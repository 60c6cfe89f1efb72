"""An accountability interview: called by the first-in-command, appointed, held and recorded, or cancelled (M15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.supervision.workflow import INTERVIEW, InterviewStage
from services.supervision.working_calendar import local_day
from shared.contract.person import Person
from shared.errors import Forbidden, Refused


@dataclass(frozen=True, kw_only=True)
class Interview:
    """Somebody is called in about what he has left undone; the steps of the ladder that name the interview say what that is."""

    id: UUID
    person: Person
    reasons: str
    called_by: Person
    called_at: datetime
    stage: InterviewStage = InterviewStage.CALLED
    place: str | None = None
    meets_at: datetime | None = None
    appointed_by: Person | None = None
    held_at: datetime | None = None
    attended: tuple[str, ...] = ()
    record: str | None = None
    demands: str | None = None
    until: date | None = None
    recorded_by: Person | None = None
    recorded_at: datetime | None = None
    cancelled_by: Person | None = None
    cancelled_at: datetime | None = None
    cancelled_for: str | None = None


def call(new_id: UUID, person: Person, by: Person, *, reasons: str, now: datetime) -> Interview:
    """Call somebody in. Raises Forbidden for oneself."""
    if person.official == by.official:
        raise Forbidden("by", "不得约谈本人。", "请由上级约谈。")
    return Interview(id=new_id, person=person, reasons=reasons, called_by=by, called_at=now)


def appoint(interview: Interview, by: Person, *, place: str, meets_at: datetime, now: datetime) -> Interview:
    """Say where and when, or another place or time. Raises Refused, Forbidden, Conflict."""
    _others(interview, by)
    if meets_at <= now:
        raise Refused("meets_at", "约谈时间须晚于现在。", "请改正时间。")
    stage = INTERVIEW.move(interview.stage, "appoint")
    return replace(interview, stage=stage, place=place, meets_at=meets_at, appointed_by=by)


def hold(
    interview: Interview, by: Person, *, held_at: datetime, attended: tuple[str, ...], record: str, demands: str, until: date,
    now: datetime,
) -> Interview:  # fmt: skip
    """Record that it was held: who attended, what was said, what was demanded until when. Raises Refused, Forbidden, Conflict."""
    _others(interview, by)
    stage = INTERVIEW.move(interview.stage, "hold")
    if not interview.called_at <= held_at <= now:
        raise Refused("held_at", "约谈时间须在通知之后、现在之前。", "请改正时间。")
    if not attended:
        raise Refused("attended", "没有写明参加人。", "请逐行填写参加人。")
    if until < local_day(held_at):
        raise Refused("until", "整改期限早于约谈日期。", "请核对日期。")
    return replace(
        interview, stage=stage, held_at=held_at, attended=attended, record=record, demands=demands, until=until,
        recorded_by=by, recorded_at=now,
    )  # fmt: skip


def cancel(interview: Interview, by: Person, *, reasons: str, now: datetime) -> Interview:
    """Call it off, with reasons. Raises Forbidden, Conflict."""
    _others(interview, by)
    stage = INTERVIEW.move(interview.stage, "cancel")
    return replace(interview, stage=stage, cancelled_by=by, cancelled_at=now, cancelled_for=reasons)


def _others(interview: Interview, by: Person) -> None:
    if by.official == interview.person.official:
        raise Forbidden("by", "不得由被约谈人本人办理。", "请由督查室其他同志办理。")
