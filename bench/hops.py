"""B1: hops through the bus per second, against the floor, in pairs.

Both sides carry the same events, which wait in the queue beforehand, on an instance of the same make, alone. Both are timed in
the same way: from the commit of the first batch to the commit that notes the last confirmed publish, by PostgreSQL's own
record of commit times; messages of the first batch are not counted.
"""

from __future__ import annotations

import sys

from bench import floor
from bench.feed import feed
from bench.figures import Line, Measure, Say, Spread, ratio_of_pairs
from bench.ground import Ground, declare, waiting
from deploy.dev.instance import ROOT, Instance
from deploy.dev.processes import Process
from deploy.dev.waiting import until

GOAL = 0.7
PAIRS = 3
SERVICES = ("intake", "routing", "supervision")  # intake's user feeds, supervision's queue hears; neither runs
STATE = "CREATE TABLE routing.hop_case (id uuid PRIMARY KEY, stage text NOT NULL, changed_at timestamptz NOT NULL, hops integer NOT NULL)"
_PER_SECOND = """
WITH first AS (
    SELECT xmin AS batch, pg_xact_commit_timestamp(xmin) AS at FROM {schema}.inbox ORDER BY 2 LIMIT 1
)
SELECT (%s - (SELECT count(*) FROM {schema}.inbox i WHERE i.xmin = first.batch))
       / extract(epoch FROM pg_xact_commit_timestamp(d.xmin) - first.at)::float8
FROM first, {schema}.delivery d WHERE d.stream = %s
"""


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Floor and hop, alternating."""
    count = 100_000 if full else 10_000
    floors, hops = [], []
    for pair in range(1, PAIRS + 1):
        floors.append(floor_once(ground, count))
        hops.append(hop_once(ground, count))
        say(f"B1 pair {pair} of {PAIRS}: floor {floors[-1]:,.0f}/s, hop {hops[-1]:,.0f}/s")
    ratio = ratio_of_pairs(hops, floors)
    line = Line(
        what=f"hops, {count:,} events", ours=Spread(tuple(hops)), unit="/s", against=Spread(tuple(floors)), ratio=ratio,
        goal=f"≥ {GOAL}", met=ratio >= GOAL,
    )  # fmt: skip
    values = {
        "ratio": round(ratio, 4), "goal": GOAL, "count": count, "hop": line.ours.as_data(), "floor": Spread(tuple(floors)).as_data(),
    }  # fmt: skip
    return Measure(name="B1", title="hop through the bus", lines=[line], values=values)


def floor_once(ground: Ground, count: int) -> float:
    """Messages per second of the floor on a fresh instance."""
    instance = _prepared(ground, count)
    instance.query(floor.tables("routing"))
    key = f"{instance.org}.case.classified"
    process = Process(
        "floor", [sys.executable, "-m", "bench.floor", f"{instance.org}.routing", key, str(count)], folder=instance.folder, cwd=ROOT,
        env={"AMQP_URI": instance.settings.amqp_uri("routing"), "DATABASE_URL": instance.settings.database_url}, die_with_parent=True,
    )  # fmt: skip
    return _timed(ground, instance, process, "floor", count)


def hop_once(ground: Ground, count: int) -> float:
    """Messages per second of the product's bus on a fresh instance."""
    instance = _prepared(ground, count)
    process = instance.worker(name="hop", command=("-m", "bench.hop_process"))
    return _timed(ground, instance, process, "routing", count)


def _prepared(ground: Ground, count: int) -> Instance:
    instance = ground.instance(SERVICES)
    instance.query(f"{STATE}; GRANT ALL ON routing.hop_case TO {instance.role('routing')}")
    declare(instance, "routing", "supervision")
    feed(instance, count)
    ground.settle()
    return instance


def _timed(ground: Ground, instance: Instance, process: Process, schema: str, count: int) -> float:
    process.start()
    try:
        done = f"SELECT coalesce(max(sequence), 0) FROM {schema}.delivery WHERE stream = %s"
        until(
            lambda: instance.query(done, floor.STREAM)[0][0] >= count or not process.alive(),
            timeout=60 + count / 100, what=f"{process.name} to note the last confirmed publish",
        )  # fmt: skip
        _check(instance, schema, count)
        return float(instance.query(_PER_SECOND.format(schema=schema), count, floor.STREAM)[0][0])
    finally:
        process.stop()
        ground.drop(instance)


def _check(instance: Instance, schema: str, count: int) -> None:
    """Refuse to time work that was not done: every row of every table, and every message in the hearer's queue."""
    for table in ("inbox", "hop_case", "event_log WHERE sequence IS NOT NULL AND chain IS NOT NULL"):
        found = instance.query(f"SELECT count(*) FROM {schema}.{table}")[0][0]
        assert found == count, f"{schema}.{table}: {found} rows of {count}"
    heard = waiting(instance, "supervision")
    assert heard == count, f"{heard} messages of {count} reached the hearer's queue"
