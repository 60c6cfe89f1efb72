"""Messages to petitioners, and what came in that nobody could read: mails, and what other channels bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.intake.domain.submission import Channel
from services.intake.workflow import MESSAGE, UNREAD_MAIL, MessageStage, UnreadStage
from shared.contract.person import Person

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
