"""Messages to petitioners, and what came in that nobody could read: mails, and what other channels bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.domain.petition import Petition
from services.intake.domain.submission import CHINA, Channel
from services.intake.workflow import MESSAGE, UNREAD_MAIL, MessageStage, UnreadStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused
from shared.tries import again_at

DELAYED = "delayed"  # the petitioner's server still tries


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
    failure: str = ""  # why it did not arrive, or not yet
    status: str = ""  # the code of the petitioner's server, as 5.1.1


def message_went(message: Message, now: datetime, *, mailed: bool) -> Message:
    """Sent by mail, or only shown. What had kept it is over; a report that it is late may have come before our own record."""
    stage = MESSAGE.move(message.stage, "send" if mailed else "show")
    failure = message.failure if message.failure == DELAYED else ""
    return replace(message, stage=stage, next_attempt_at=None, ended_at=now, failure=failure)


def message_stuck(message: Message, now: datetime, *, failure: str, for_good: bool) -> Message:
    """Try again later, longer each time; give up when the server refused for good or after the last try."""
    if due := again_at(message.attempts, now, for_good=for_good):
        return replace(message, stage=MESSAGE.move(message.stage, "try_again"), next_attempt_at=due, failure=failure)
    stage = MESSAGE.move(message.stage, "give_up")
    return replace(message, stage=stage, next_attempt_at=None, ended_at=now, failure=failure)


def message_returned(message: Message, now: datetime, *, final: bool, status: str) -> Message:
    """The petitioner's server says that it could not deliver it: for good, or not yet.

    A status that begins with 4 (full, away) after the server gave up may be otherwise next time, one with 5 will not.
    """
    if message.stage in (MessageStage.SHOWN, MessageStage.FAILED):
        return message  # it bounced before, or nothing was mailed
    if not final:
        return replace(message, failure=DELAYED, status=status)
    failure = "expired" if status.startswith("4") else "bounced"
    stage = MESSAGE.move(message.stage, "bounce")
    return replace(message, stage=stage, next_attempt_at=None, ended_at=now, failure=failure, status=status)


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
    whereabouts: str = ""  # where the whole of it lies, if only its headers are kept


def register_unread(mail: UnreadMail, *, case_id: UUID, by: Person, now: datetime) -> UnreadMail:
    """A clerk read it and registered it by hand."""
    stage = UNREAD_MAIL.move(mail.stage, "register")
    return replace(mail, stage=stage, case_id=case_id, ended_by=by, ended_at=now)


def dismiss_unread(mail: UnreadMail, *, reason: str, by: Person, now: datetime) -> UnreadMail:
    """A clerk found that it asks for nothing."""
    stage = UNREAD_MAIL.move(mail.stage, "dismiss")
    return replace(mail, stage=stage, dismissed_for=reason, ended_by=by, ended_at=now)
