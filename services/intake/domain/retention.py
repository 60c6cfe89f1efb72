"""How long what petitioners wrote and are is kept: then its key is destroyed, wherever a copy of the ciphertext lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Whole years: of a petition from its archiving, of a mail that asked for nothing from its dismissal."""

    petitions: int = 10
    dismissed: int = 1


def years_before(now: datetime, years: int) -> datetime:
    """The same day and time some years ago; 29 February falls back to the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
