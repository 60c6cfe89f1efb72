"""A period beside the one before it and the same of the year before, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.reporting.domain import comparing
from services.reporting.domain.statistics import RATES, Figures, Period
from services.reporting.handlers import counting
from services.reporting.handlers.seeing import Sight
from services.reporting.web import words
from services.reporting.web.links import Links
from shared.database import UnitOfWork
from shared.web.frame import local

FIGURES = ("registered", "accepted", "instructions", "replied", "concluded", "closed", "repeat", "skip_level")
Side = tuple[date, date, Figures, Links]


def compared(
    uow: UnitOfWork, sees: Sight, first: date, last: date, labels: Sequence[str], organisation: str | None = None
) -> dict[str, Any] | None:
    """`labels` of the three periods. Of a period that is not over its days so far stand beside as many; None where there is nothing to compare."""
    last = min(last, local(uow.now).date())
    if last < first:
        return None
    days = {labels[0]: (first, last), labels[1]: comparing.before(first, last), labels[2]: comparing.year_before(first, last)}
    if not days[labels[1]] and not days[labels[2]]:
        return None
    sides = {label: _side(uow, sees, *span, organisation) for label, span in days.items() if span}
    told = [name for name in FIGURES if sees.everything or name not in counting.NOT_OF_UNITS]
    rates = [name for name, parts in RATES.items() if sees.everything or not {*parts[0], *parts[1]} & {*counting.NOT_OF_UNITS}]
    now, *others = sides.values()
    return {
        "heads": [(label, start, end) for label, (start, end, _, _) in sides.items()],
        "rows": [
            *({"label": words.FIGURES[name][0], "cells": _counts(name, now, others)} for name in told),
            *({"label": words.RATES[name][0], "cells": _rates(name, now, others)} for name in rates),
        ],
    }  # fmt: skip


def _side(uow: UnitOfWork, sees: Sight, first: date, last: date, organisation: str | None) -> Side:
    found = counting.figures(uow, Period.of_days(first, last, uow.now), sees, organisation)
    return first, last, found, Links(sees, first, last, organisation)


def _counts(name: str, now: Side, others: list[Side]) -> list[dict[str, Any]]:
    count = getattr(now[2], name)
    return [
        {
            "text": str(getattr(figures, name)), "href": links.to(name) if getattr(figures, name) else None, "parts": (),
            "more": None if figures is now[2] else _signed(count - getattr(figures, name)), "points": False,
        }
        for _, _, figures, links in (now, *others)
    ]  # fmt: skip


def _rates(name: str, now: Side, others: list[Side]) -> list[dict[str, Any]]:
    cells = []
    for _, _, figures, links in (now, *others):
        rate = figures.rate(name)
        percent, points = comparing.percent(rate), comparing.points(now[2].rate(name), rate)
        cells.append(
            {
                "text": f"{percent}%" if percent is not None else "" if rate.of else "—", "href": None,
                "parts": tuple(zip(rate, links.of_rate(name), strict=True)) if rate.of else (),
                "more": None if figures is now[2] or points is None else _signed(points), "points": True,
            }
        )  # fmt: skip
    return cells


def _signed(difference: int | Decimal) -> str:
    """With its sign, a real minus; nothing changed is 0."""
    return "0" if not difference else f"{difference:+}".replace("-", "−")
