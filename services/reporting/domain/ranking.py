"""The circular's ranking of units, by rules that stand on it (M16). Pure.

1. Ranked are units of whose cases at least LEAST had fallen due for closing; below that a rate says nothing.
2. By the due-closing rate; where it is equal, by the due-reply rate; then by fewer cases overdue at the cut-off.
3. Units equal in all three share a place, and the next place is left free for each that shares.
Rates are compared as fractions, not as they are printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from services.reporting.domain.statistics import Figures, Rate

LEAST = 5
_Order = tuple[Fraction, Fraction, int]


def ranked(by_unit: Mapping[str, Figures], late: Mapping[str, int]) -> list[dict[str, Any]]:
    """A row for each unit of which a limit fell due or that is late: place (None: not ranked), due, done and overdue."""
    rows = []
    for unit in sorted({*by_unit, *late}):
        figures = by_unit.get(unit, Figures())
        reply, closing = figures.reply_rate, figures.closing_rate
        if reply.of or closing.of or late.get(unit):
            rows.append((unit, reply, closing, late.get(unit, 0)))
    orders = {unit: _order(reply, closing, n) for unit, reply, closing, n in rows if closing.of >= LEAST}
    found = [
        {
            "place": 1 + sum(other < orders[unit] for other in orders.values()) if unit in orders else None, "unit": unit,
            "reply": reply._asdict(), "closing": closing._asdict(), "overdue": n,
        }
        for unit, reply, closing, n in rows
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row["place"] is None, row["place"] or 0, row["unit"]))


def _order(reply: Rate, closing: Rate, late: int) -> _Order:
    """Small is good. Nothing due for reply hinders nobody: whatever is due for closing was due for reply before."""
    return -Fraction(closing.done, closing.of), -Fraction(reply.done, reply.of or 1), late
