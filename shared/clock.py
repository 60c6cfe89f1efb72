"""The only source of business time. Sessions, rate limits and logs keep real time and do not ask here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from shared.errors import ZhidaError


class ClockMismatch(ZhidaError):
    """Stop: the settings and the database disagree on whether this instance's time is simulated."""


class Clock(Protocol):
    """Tells business time, in UTC."""

    def now(self, cursor: Any) -> datetime:
        """The instant, through a cursor of the caller's transaction where the clock lies in the database."""
        ...


class SystemClock:
    """Real time."""

    def now(self, cursor: Any) -> datetime:
        """The system's time; asks the database nothing."""
        return datetime.now(UTC)


class SimulatedClock:
    """The time that the driver has set: one row, which only instances created `--simulated` can hold."""

    def now(self, cursor: Any) -> datetime:
        """The row's instant."""
        cursor.execute("SELECT platform.now()")
        moment: datetime = cursor.fetchone()[0]
        return moment.astimezone(UTC)


def clock_of(cursor: Any, simulated: bool) -> Clock:
    """The instance's clock. Raises ClockMismatch unless the settings and the database say the same."""
    cursor.execute("SELECT simulated FROM platform.instance")
    row = cursor.fetchone()
    if row is None or row[0] != simulated:
        raise ClockMismatch(f"settings say simulated={simulated}, the database says {row and row[0]}")
    return SimulatedClock() if simulated else SystemClock()
