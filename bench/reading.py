"""B6: reports, overview and search with ever more cases. A county has more cases by having more days, 100 a day.

The read model is filled by COPY (bench/course.py). Each reading is taken as the page takes it, by the office, which sees everything; what
grows with the cases shows as a ratio to the smallest county.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from bench.course import LAST, WORDS, fill
from bench.figures import Line, Measure, Say, Spread, percentile
from bench.ground import COUNTY, Ground
from services.reporting.domain.statistics import Period
from services.reporting.handlers import counting, listing
from services.reporting.handlers.seeing import Sight
from shared.connection import connect
from shared.database import UnitOfWork

OFFICE = Sight(official="o-office", own=COUNTY, everything=True, posts=("431023-office",), units=())
GROWTH, SEARCH_MS = 1.5, 100


def _report(uow: UnitOfWork) -> None:
    period = Period.of_days(LAST - timedelta(days=6), LAST, uow.now)
    counting.figures(uow, period, OFFICE)
    counting.counts(uow, period, OFFICE, "unit")
    counting.times(uow, OFFICE, period)


def _overview(uow: UnitOfWork) -> None:
    counting.queues(uow, OFFICE, now=uow.now)
    counting.late(uow, OFFICE, now=uow.now)
    counting.trend(uow, OFFICE, LAST - timedelta(days=83), LAST, ["registered", "closed"])
    counting.counts(uow, Period.of_days(LAST - timedelta(days=50), LAST, uow.now), OFFICE, "unit")


def _search(uow: UnitOfWork) -> None:
    only = listing.Filter(text="".join(random.choices(WORDS, k=2)))
    listing.count(uow, OFFICE, only, now=uow.now)
    listing.cases(uow, OFFICE, only, now=uow.now)


READINGS: dict[str, Callable[[UnitOfWork], None]] = {"report": _report, "overview": _overview, "search": _search}


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """10,000, 100,000 and 1,000,000 cases; without `full` 10,000 and 30,000."""
    sizes = (10_000, 100_000, 1_000_000) if full else (10_000, 30_000)
    taken = {size: _taken(ground, size, say) for size in sizes}
    lines = [line for size in sizes for line in _lines(size, taken[size], taken[sizes[0]])]
    values = {f"{name}_{size}": round(median(waits), 2) for size in sizes for name, waits in taken[size].items()}
    return Measure(name="B6", title="reading", lines=lines, values=values)


def _taken(ground: Ground, size: int, say: Say) -> dict[str, list[float]]:
    """Milliseconds of each reading, after a first one that nobody waits for."""
    instance = ground.instance(("reporting",))
    try:
        database = instance.database("reporting")
        connection = connect(database.url, "reporting")
        fill(connection, size)
        connection.close()
        instance.query("VACUUM ANALYZE")
        ground.settle()
        found: dict[str, list[float]] = {}
        for name, reading in READINGS.items():
            for _ in range(41):
                begun = time.perf_counter()
                with database.unit_of_work() as uow:
                    reading(uow)
                found.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
            say(f"B6: {size:,} cases, {name} {median(found[name][1:]):.1f} ms")
        return {name: waits[1:] for name, waits in found.items()}
    finally:
        ground.drop(instance)


def _lines(size: int, taken: dict[str, list[float]], smallest: dict[str, list[float]]) -> list[Line]:
    lines: list[Any] = []
    for name in ("report", "overview"):
        ratio = median(taken[name]) / median(smallest[name])
        against = None if taken is smallest else Spread((median(smallest[name]),))
        lines.append(
            Line(
                what=f"{name}, {size:,} cases", ours=Spread((median(taken[name]),)), unit="ms", against=against,
                ratio=None if against is None else ratio, goal="" if against is None else f"≤ {GROWTH}",
                met=None if against is None else ratio <= GROWTH,
            )
        )  # fmt: skip
    slowest = percentile(taken["search"], 0.95)
    return [
        *lines,
        Line(
            what=f"search, {size:,} cases",
            ours=Spread((slowest,)),
            unit="ms p95",
            goal=f"≤ {SEARCH_MS} ms",
            met=slowest <= SEARCH_MS,
        ),
    ]
