"""B6: reports, ranking, overview, search and dossier with ever more cases. A county has more cases by having more days, 100 a day.

The read model is filled by COPY, and with it the archive of the last cases' events, a million at most (bench/course.py). Each reading
is taken as its page takes it, by the office, which sees everything; what grows with the cases shows as a ratio to the smallest county.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from bench.course import A_DAY, LAST, WORDS, archive, case_of, copy, fill
from bench.figures import Line, Measure, Say, Spread, percentile
from bench.ground import COUNTY, Ground
from services.reporting.domain import dossier, reports
from services.reporting.domain.reports import Cut
from services.reporting.domain.statistics import ZONE, Period
from services.reporting.handlers import counting, cutting, listing
from services.reporting.handlers.archive import read
from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from shared.connection import Connection, connect
from shared.database import UnitOfWork

OFFICE = Sight(official="o-office", own=COUNTY, everything=True, posts=("431023-office",), units=())
# One of 21 units: what he sees grows with the county.
HEAD = Sight(official="o-431023104", own=COUNTY, everything=False, posts=("431023104",), units=("431023104",))
GROWTH, SEARCH_MS, DOSSIER_MS = 1.5, 100, 50
KEPT = 60_000  # cases of which the archive holds the events, near a million
TIMES, SECONDS = 41, 10  # the first is for nobody; a reading that takes long is taken until so long is over


def _cut(uow: UnitOfWork, kind: str, first: date, last: date) -> reports.Data:
    """What `preparing.freeze` draws of a period."""
    end = uow.one(SQL["last_received"]) or {}
    until = datetime(last.year, last.month, last.day, tzinfo=ZONE) + timedelta(days=1)
    cut = Cut(kind, first, last, 1, until.astimezone(UTC), end["id"])
    rows = cutting.standing(uow, cut)
    return reports.draw(cut, uow.org, rows, cutting.told_beside(uow, cut, rows))


def _weekly(uow: UnitOfWork) -> None:
    assert _cut(uow, reports.WEEK, date(2016, 12, 12), date(2016, 12, 18))["figures"]


def _ranking(uow: UnitOfWork) -> None:
    assert _cut(uow, reports.TWO_MONTHS, date(2016, 10, 1), date(2016, 11, 30))["ranking"]


def _figures(uow: UnitOfWork) -> None:
    period = Period.of_days(LAST - timedelta(days=6), LAST, uow.now)
    counting.figures(uow, period, OFFICE)
    counting.counts(uow, period, OFFICE, "unit")
    counting.times(uow, OFFICE, period)


def _overview(uow: UnitOfWork, sees: Sight = OFFICE) -> None:
    counting.queues(uow, sees, now=uow.now)
    counting.late(uow, sees, now=uow.now)
    if sees.everything:
        counting.trend(uow, sees, LAST - timedelta(days=83), LAST, ["registered", "closed"])
    counting.counts(uow, Period.of_days(LAST - timedelta(days=50), LAST, uow.now), sees, "unit")


def _search(uow: UnitOfWork) -> None:
    only = listing.Filter(text="".join(random.choices(WORDS, k=2)))
    listing.count(uow, OFFICE, only, now=uow.now)
    listing.cases(uow, OFFICE, only, now=uow.now)


def _dossier(uow: UnitOfWork, size: int) -> None:
    case = case_of(size - 1 - A_DAY - random.randrange(min(size, KEPT) - A_DAY))
    assert listing.one(uow, OFFICE, case)
    events = [read(kept["stream"], bytes(kept["body"])) for kept in uow.all(SQL["archive"], case=str(case))]
    assert dossier.entries(events, answers=True, recusals=True, seen=set())


GROWING: dict[str, Callable[[UnitOfWork], None]] = {
    "weekly report": _weekly, "circular with ranking": _ranking, "figures of a week": _figures, "overview": _overview,
}  # fmt: skip


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
    readings = GROWING | {
        "search": _search, "dossier": lambda uow: _dossier(uow, size), "overview of a unit's head": lambda uow: _overview(uow, HEAD),
    }  # fmt: skip
    try:
        database = instance.database("reporting")
        connection = connect(database.url, "reporting")
        _fill(connection, size)
        connection.close()
        instance.query("VACUUM ANALYZE")
        ground.settle()
        found: dict[str, list[float]] = {}
        for name, reading in readings.items():
            until = time.perf_counter() + SECONDS
            while len(found.get(name, ())) < TIMES and (len(found.get(name, ())) < 3 or time.perf_counter() < until):
                begun = time.perf_counter()
                with database.unit_of_work() as uow:
                    reading(uow)
                found.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
            say(f"B6: {size:,} cases, {name} {median(found[name][1:]):.1f} ms")
        return {name: waits[1:] for name, waits in found.items()}
    finally:
        ground.drop(instance)


def _fill(connection: Connection, size: int) -> None:
    fill(connection, size)
    now = datetime(LAST.year, LAST.month, LAST.day, 2, tzinfo=UTC)
    told: list[tuple[Any, ...]] = []
    for row in archive(min(size, KEPT), size):
        if row[5] <= now:
            told.append(row)
        if len(told) == 20_000:
            copy(connection, told)
            told.clear()
    copy(connection, told)


def _lines(size: int, taken: dict[str, list[float]], smallest: dict[str, list[float]]) -> list[Line]:
    lines: list[Line] = []
    for name in GROWING:
        ratio = median(taken[name]) / median(smallest[name])
        against = None if taken is smallest else Spread((median(smallest[name]),))
        lines.append(
            Line(
                what=f"{name}, {size:,} cases", ours=Spread((median(taken[name]),)), unit="ms", against=against,
                ratio=None if against is None else ratio, goal="" if against is None else f"≤ {GROWTH}",
                met=None if against is None else ratio <= GROWTH,
            )
        )  # fmt: skip
    for name, most in (("search", SEARCH_MS), ("dossier", DOSSIER_MS)):
        slowest = percentile(taken[name], 0.95)
        lines.append(
            Line(what=f"{name}, {size:,} cases", ours=Spread((slowest,)), unit="ms p95", goal=f"≤ {most} ms", met=slowest <= most)
        )
    head = "overview of a unit's head"
    return [*lines, Line(what=f"{head}, {size // 21:,} of {size:,} cases", ours=Spread((median(taken[head]),)), unit="ms")]
