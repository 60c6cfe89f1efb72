"""B7: the read model made anew from the archive, held against the COPY that fills the archive.

The archive holds whole lives of ordinary cases (bench/course.py). COPY is measured first: it is what the database alone needs to
store the same rows with their indexes. Then the read model is made from nothing.
"""

from __future__ import annotations

import time

from bench.course import archive, copy
from bench.figures import Line, Measure, Say, Spread, ratio_of_pairs
from bench.ground import Ground
from services.reporting.handlers.rebuilding import differences, rebuild
from shared.connection import connect

PART = 1 / 15.8  # cases for each event
GOAL = 0.2


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Three times 30,000 events, or 1,000,000 once."""
    events, times = (1_000_000, 1) if full else (30_000, 3)
    copied, rebuilt = [], []
    for _ in range(times):
        instance = ground.instance(("reporting",))
        try:
            database = instance.database("reporting")
            rows = list(archive(round(events * PART)))
            ground.settle()
            begun = time.perf_counter()
            connection = connect(database.url, "reporting")
            copy(connection, rows)
            connection.close()
            copied.append(len(rows) / (time.perf_counter() - begun))
            instance.query("ANALYZE reporting.received")  # which the database does by itself within a minute
            begun = time.perf_counter()
            made = rebuild(database)
            rebuilt.append(made / (time.perf_counter() - begun))
            say(f"B7: {made:,} events, COPY {copied[-1]:,.0f}/s, rebuilt {rebuilt[-1]:,.0f}/s")
            if not full and any(differences(database).values()):
                raise RuntimeError("a rebuilt read model differs from itself")
        finally:
            ground.drop(instance)
    ratio = ratio_of_pairs(rebuilt, copied)
    line = Line(
        what=f"read model rebuilt from {events:,} events", ours=Spread(tuple(rebuilt)), unit="/s", against=Spread(tuple(copied)),
        ratio=ratio, goal=f"≥ {GOAL}", met=ratio >= GOAL,
    )  # fmt: skip
    return Measure(name="B7", title="rebuild", lines=[line], values={"ratio": round(ratio, 4), "events": events})
