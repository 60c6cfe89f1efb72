"""The notice of acceptance (art. 23): when it is due, and what it promises. Pure: `now` is handed in."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from services.intake.domain.petition import Petition
from services.intake.domain.submission import CHINA, Channel

DAYS_TO_TELL = 15  # art. 23: calendar days from the day of receipt, which does not count


def due(received_at: datetime) -> datetime:
    """The instant by which the petitioner must know whether the petition is accepted: the end of the fifteenth day."""
    day = received_at.astimezone(CHINA).date()
    return datetime.combine(day + timedelta(days=DAYS_TO_TELL + 1), time(), CHINA)


def on_the_spot(channel: Channel, received_at: datetime, now: datetime) -> bool:
    """Whether the petitioner is still in the reception room, so to say: who comes in person is told at once where that can be."""
    return channel is Channel.VISIT and received_at.astimezone(CHINA).date() == now.astimezone(CHINA).date()


def owed(case: Petition) -> datetime | None:
    """When the notice of this petition is due; None when nothing is owed: it was accepted, or the petitioner withdrew it."""
    return None if case.accepted_at or case.withdrawn_at or case.concluded_at else due(case.received_at)
