"""The lists behind figures, as addresses."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for

from services.reporting.domain.statistics import RATES
from services.reporting.handlers.seeing import Sight

NARROWS = {"unit": "owner"}  # a dimension whose argument of the list is not its own name
WHOLES = {
    "satisfied_by_petitioners": "answered_petitioner",
    "satisfied_by_record": "answered_staff",
}  # a rate's whole: two figures
NO_LIST = frozenset({"skip_level"})


def in_days(first: date, last: date) -> dict[str, Any]:
    """A period as the address says it."""
    return {"from": first.isoformat(), "to": last.isoformat()}


class Links:
    """The lists behind the figures of a period; none where the reader does not see the cases."""

    def __init__(self, sees: Sight, first: date, last: date, organisation: str | None) -> None:
        self._days = in_days(first, last)
        whose = organisation or sees.own
        self._of: dict[str, Any] = {"of": whose} if sees.everything else {}
        self._open = not sees.everything or whose == sees.own or not whose.startswith(sees.own)

    def to(self, figure: str, by: str | None = None, value: str = "") -> str | None:
        """The address of the list behind a figure, under one value of a dimension."""
        if not self._open or figure in NO_LIST:
            return None
        name = "instructed" if figure == "instructions" else figure
        return url_for(".cases", figure=name, **self._days, **self._of, **_narrowed(by, value))

    def of_rate(self, rate: str, by: str | None = None, value: str = "") -> tuple[str | None, str | None]:
        """The lists behind what was done and behind that of which it is a part."""
        done, of = RATES[rate]
        return self.to(done[0], by, value), self.to(WHOLES.get(rate, of[0]), by, value)

    def in_hand(self, by: str | None = None, value: str = "") -> str | None:
        """The list behind what is in hand now, whatever the period."""
        return url_for(".cases", queue="in_hand", **self._of, **_narrowed(by, value)) if self._open else None

    def interviews(self) -> str:
        """The cases that interviews were about, whoever's they are."""
        return url_for(".cases", figure="interviewed", **self._days)


def _narrowed(by: str | None, value: str) -> dict[str, Any]:
    return {NARROWS.get(by, by): value or "-"} if by else {}
