"""A message that carries alerts: by mail or webhook, tried until it is taken, with one identity however often it is tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.workflow import ALERT_MESSAGE, AlertMessageStage
from shared.tries import again_at


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """What goes to one official by one medium; what it says is found when it goes, for bars may have been set since."""

    id: UUID
    official: str
    medium: str
    alerts: tuple[str, ...]
    made_at: datetime
    stage: AlertMessageStage
    attempts: int
    next_attempt_at: datetime | None
    ended_at: datetime | None = None
    failure: str = ""


def went(message: AlertMessage, now: datetime) -> AlertMessage:
    """It was taken."""
    return _ended(message, "send", now, "")


def dropped(message: AlertMessage, now: datetime) -> AlertMessage:
    """There was nothing left to say: read meanwhile, overtaken, or kept from him."""
    return _ended(message, "drop", now, "")


def stuck(message: AlertMessage, now: datetime, *, failure: str, for_good: bool) -> AlertMessage:
    """Try again later, longer each time; give up when it was refused for good or after the last try."""
    if due := again_at(message.attempts, now, for_good=for_good):
        return replace(message, stage=ALERT_MESSAGE.move(message.stage, "try_again"), next_attempt_at=due, failure=failure)
    return _ended(message, "give_up", now, failure)


def _ended(message: AlertMessage, move: str, now: datetime, failure: str) -> AlertMessage:
    return replace(message, stage=ALERT_MESSAGE.move(message.stage, move), next_attempt_at=None, ended_at=now, failure=failure)
