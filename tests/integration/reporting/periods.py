"""Periods of the office that end, and what is frozen of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.reporting.handlers import preparing
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.story import Bus, at


@dataclass(frozen=True)
class Ended:
    """A period as supervision tells of it."""

    kind: str
    first: date
    last: date
    number: int

    @property
    def until(self) -> datetime:
        return at(f"{self.last + timedelta(days=1)} 00:00")


WEEK = Ended("week", date(2016, 11, 7), date(2016, 11, 13), 45)
HALF_MONTH = Ended("half_month", date(2016, 11, 16), date(2016, 11, 30), 22)
TWO_MONTHS = Ended("two_months", date(2016, 11, 1), date(2016, 12, 31), 6)


def ended(bus: Bus, period: Ended) -> Event:
    """That it is over, a second after midnight."""
    told_at = period.until + timedelta(seconds=1)
    data = {
        "period": period.kind, "first": period.first.isoformat(), "last": period.last.isoformat(), "number": period.number,
        "until": instant(period.until), "ended_at": instant(told_at), "late": False,
    }  # fmt: skip
    event = bus.tell("period.ended", data, told_at, subject=f"{period.kind}/{period.first}")
    bus.sent.remove(event)
    return event


def frozen(reporting: Database, period: Ended) -> dict[str, Any]:
    """The latest report of a period."""
    with reporting.unit_of_work() as uow:
        row = uow.one(
            "SELECT id FROM report WHERE kind = %(kind)s AND first = %(first)s ORDER BY edition DESC LIMIT 1",
            kind=period.kind, first=period.first,
        )  # fmt: skip
        return (preparing.report(uow, id=row["id"]) if row else None) or {}


def remade(reporting: Database, period: Ended) -> bytes:
    """The same from the archive alone."""
    return preparing.again(reporting, frozen(reporting, period))
