"""How often, and how long apart, what goes out to somebody else's server is tried."""

from __future__ import annotations

from datetime import datetime, timedelta

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))


def again_at(tries: int, now: datetime, *, for_good: bool) -> datetime | None:
    """When to try once more after so many tries, later each time; None when it was refused for good, or after the last try."""
    return None if for_good or tries > len(RETRIES) else now + RETRIES[tries - 1]
