"""Messages to petitioners, and what came in that nobody could read: mails, and what other channels bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.intake.domain.petition import Petition
from services.intake.domain.submission import CHINA, Channel
from services.intake.workflow import MESSAGE, UNREAD_MAIL, MessageStage, UnreadStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something to tell a petitioner: shown on the tracking page at once, mailed when there is an address."""

    id: UUID
    case_id: UUID
    template: str
    params: dict[str, Any]
    requested_at: datetime
    stage: MessageStage
    attempts: int
    next_attempt_at: datetime | None
    ended_at: datetime | None = None


def message_went(message: Message, now: datetime, *, mailed: bool) -> Message:
    """Sent by mail, or only shown."""
    stage = MESSAGE.move(message.stage, "send" if mailed else "show")
    return replace(message, stage=stage, next_attempt_at=None, ended_at=now)


def message_stuck(message: Message, now: datetime, *, for_good: bool) -> Message:
    """Try again later, longer each time; give up when the server refused for good or after the last try."""
    if not for_good and message.attempts <= len(RETRIES):
        due = now + RETRIES[message.attempts - 1]
        return replace(message, stage=MESSAGE.move(message.stage, "try_again"), next_attempt_at=due)
    return replace(message, stage=MESSAGE.move(message.stage, "give_up"), next_attempt_at=None, ended_at=now)


def posted(case: Petition, *, id: UUID, posted_on: date, now: datetime) -> Message:
    """The answer on paper, as it was put into the post. Raises Conflict without an answer, Refused for a day that cannot be."""
    if case.concluded_at is None:
        raise Conflict("posted_on", "这件信访件还没有办结答复。", "请等办结以后再寄。")
    if not case.concluded_at.astimezone(CHINA).date() <= posted_on <= now.astimezone(CHINA).date():
        raise Refused("posted_on", "寄出日期不得早于办结，也不得晚于今天。", "请核对寄出的日期。")
    return Message(
        id=id, case_id=case.id, template="answer_letter", params={"posted_on": posted_on.isoformat(), "round": case.round},
        requested_at=now, stage=MessageStage.SENT, attempts=1, next_attempt_at=None, ended_at=now,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UnreadMail:
    """A mail, or what another channel brought, that was kept instead of registered; its bytes lie beside it, encrypted."""

    id: UUID
    stage: UnreadStage
    reason: str
    received_at: datetime
    size: int
    ended_at: datetime | None = None
    ended_by: Person | None = None
    dismissed_for: str = ""
    case_id: UUID | None = None
    channel: Channel = Channel.EMAIL


def register_unread(mail: UnreadMail, *, case_id: UUID, by: Person, now: datetime) -> UnreadMail:
    """A clerk read it and registered it by hand."""
    stage = UNREAD_MAIL.move(mail.stage, "register")
    return replace(mail, stage=stage, case_id=case_id, ended_by=by, ended_at=now)


def dismiss_unread(mail: UnreadMail, *, reason: str, by: Person, now: datetime) -> UnreadMail:
    """A clerk found that it asks for nothing."""
    stage = UNREAD_MAIL.move(mail.stage, "dismiss")
    return replace(mail, stage=stage, dismissed_for=reason, ended_by=by, ended_at=now)
