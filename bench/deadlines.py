"""B5: as many deadlines as a province has, due within one second, fired by two schedulers; beside one statement that does as much.

Ours is the whole way of a deadline: claimed under its case's lock, marked missed, told: an event checked against its contract, numbered
in its case, written to the log, in transactions of a thousand, by two processes that compete for the same rows. The statement marks
the same rows and inserts as many rows of the same size into the same log, all at once in one transaction: no lock of a case, no
contract, no version in the case. Both are timed by PostgreSQL's own record of commit times, ours from the instant of the first limit.

A run counts only if every deadline was missed and told once, and none before its instant.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta

import psycopg2

from bench.figures import Line, Measure, Say, Spread, ratio_of_pairs
from bench.ground import Ground
from deploy.dev.instance import ROOT, Instance
from deploy.dev.processes import Process
from deploy.dev.waiting import until

GOAL = 3.0
PAIRS = 3
SCHEDULERS = 2
A_SECOND = 100_000  # deadlines that fall due in a second; fewer of them in as much less
SEEDED = 2_500  # a second at least; what is seeded before its limit has come lies that far ahead
STARTED = 4.0  # seconds within which the schedulers are at work
SEED = """
WITH made AS (
    INSERT INTO supervision.supervised_case (id, number, title, case_class, ours, clock, responsible_since, led, concluded_round, owed)
    SELECT gen_random_uuid(), n::text, '洞村饮水', 'ordinary', true, 'first_dispatch', 1, false, 0, '[]'
    FROM generate_series(1, %(count)s) n RETURNING id
)
INSERT INTO supervision.deadline (id, case_id, obligation, round, responsible, organisation, policy, rule, started_at, due_at, set_at,
                                  late_after, warnings, stage, warned, warn_at)
SELECT gen_random_uuid(), id, 'conclude', 1,
       '{"official": "o-431023104-secretary", "name": "何立新", "post": "柏林镇党委书记", "organisation": "431023104"}',
       '431023104', 'yongxing/3', 'conclude-ordinary-10', %(first)s::timestamptz - interval '10 days',
       %(first)s::timestamptz + random() * %(spread)s * interval '1 second', %(first)s::timestamptz - interval '10 days',
       600, '[50, 75, 90]', 'pending', 90, NULL
FROM made
"""
# Nothing but what a database must do for as many rows: the marks and the log, in one statement.
BULK = """
WITH fired AS (
    UPDATE supervision.deadline SET stage = 'missed', missed_at = now(), warn_at = NULL
    WHERE stage IN ('pending', 'approaching') AND due_at <= now()
    RETURNING *
)
INSERT INTO supervision.event_log (event_id, name, addressee, stream, subject, caseversion, occurred_at, draft)
SELECT gen_random_uuid(), 'deadline.missed', '431023', '/431023/supervision 431023', case_id::text, 1, now(),
       convert_to(rpad(to_jsonb(fired)::text, %s, ' '), 'UTF8')
FROM fired
"""
# What the invariants ask, in one row: told, told of different deadlines, early ones, seconds from the first limit to the last commit.
FOUND = """
SELECT count(*), count(DISTINCT data ->> 'deadline_id'),
       count(*) FILTER (WHERE (data ->> 'fired_at')::timestamptz < (data ->> 'due_at')::timestamptz),
       extract(epoch FROM max(committed) - %s)::float8, avg(length(body))::integer
FROM (SELECT draft AS body, (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data, pg_xact_commit_timestamp(xmin) AS committed
      FROM supervision.event_log WHERE name = 'deadline.missed') told
"""

LAST = "SELECT coalesce(max(id), 0) FROM supervision.event_log"  # a look that costs nothing, before the one that does
WAITING = "SELECT EXISTS (SELECT FROM supervision.deadline WHERE stage IN ('pending', 'approaching'))"


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Pairs of two schedulers and the statement."""
    count = 100_000 if full else 20_000
    fired, bulk = [], []
    for pair in range(1, PAIRS + 1):
        seconds, size = fired_once(ground, count)
        fired.append(seconds)
        bulk.append(bulk_once(ground, count, size))
        say(f"B5 pair {pair} of {PAIRS}: two schedulers {fired[-1]:.2f} s, one statement {bulk[-1]:.2f} s")
    ratio = ratio_of_pairs(fired, bulk)
    line = Line(
        what=f"{count:,} deadlines due in {count / A_SECOND:g} s, none missed or doubled", ours=Spread(tuple(fired)), unit="s",
        against=Spread(tuple(bulk)), ratio=ratio, goal=f"≤ {GOAL:.0f}", met=ratio <= GOAL,
    )  # fmt: skip
    values = {
        "ratio": round(ratio, 4), "goal": GOAL, "count": count, "schedulers": SCHEDULERS, "fired": line.ours.as_data(),
        "bulk": Spread(tuple(bulk)).as_data(),
    }  # fmt: skip
    return Measure(name="B5", title="deadlines due at once", lines=[line], values=values)


def fired_once(ground: Ground, count: int) -> tuple[float, int]:
    """Seconds that two schedulers take on a fresh county, and the bytes of what they told of one deadline."""
    instance = ground.instance(("supervision",))
    schedulers = [
        Process(
            f"scheduler-{number}", [sys.executable, "-m", "bench.scheduler_process"], folder=instance.folder, cwd=ROOT,
            env=instance.environment(), die_with_parent=True,
        )
        for number in range(SCHEDULERS)
    ]  # fmt: skip
    try:
        first = _seeded(ground, instance, count, timedelta(seconds=STARTED + count / SEEDED))
        for scheduler in schedulers:
            scheduler.start()
        assert instance.query("SELECT now() < %s", first)[0][0], "the first limit came before the schedulers"
        patience = STARTED + count / SEEDED + 60 + count / 1000
        until(
            lambda: instance.query(LAST)[0][0] >= count and not instance.query(WAITING)[0][0],
            timeout=patience,
            what="the last deadline to fire",
        )
        told, different, early, seconds, size = instance.query(FOUND, first)[0]
        missed = instance.query("SELECT count(*) FROM supervision.deadline WHERE stage = 'missed'")[0][0]
        assert (told, different, missed, early) == (count, count, count, 0), (
            f"{told} told of {different}, {missed} missed, {early} early"
        )
        return float(seconds), int(size)
    finally:
        for scheduler in schedulers:
            scheduler.stop()
        ground.drop(instance)


def bulk_once(ground: Ground, count: int, size: int) -> float:
    """Seconds that one statement takes for the same marks and as many rows of the same size."""
    instance = ground.instance(("supervision",))
    try:
        _seeded(ground, instance, count, timedelta(seconds=-2))
        instance.query("SET search_path = supervision, platform")
        begun = time.perf_counter()
        instance.query(BULK, size)
        seconds = time.perf_counter() - begun
        told = instance.query("SELECT count(*) FROM supervision.event_log")[0][0]
        assert told == count, f"{told} rows of {count}"
        return seconds
    finally:
        ground.drop(instance)


def _seeded(ground: Ground, instance: Instance, count: int, ahead: timedelta) -> datetime:
    """Fill the county; the instant of the first limit."""
    first: datetime = instance.query("SELECT now() + %s", ahead)[0][0]
    connection = psycopg2.connect(instance.settings.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(SEED, {"count": count, "first": first, "spread": count / A_SECOND})
    connection.autocommit = True
    connection.cursor().execute("ANALYZE supervision.deadline; ANALYZE supervision.supervised_case")
    connection.close()
    ground.settle()
    return first
