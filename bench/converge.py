"""B8: 20 townships have told much while their links were down; how many of these events a second the county takes in when they are back.

Each township has a database and a virtual host of its own; its log is sealed beforehand, with the link switched off. Then the links are
switched on, all at once. Timed as B1 is: from the commit of the first batch to that of the last event, by PostgreSQL's record of commit
times. A run counts only if every event stands in the county's inbox, once, each stream is held to its end, and both ends state one digest.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Line, Measure, Say, Spread, ratio_of_pairs
from bench.ground import COUNTY, Ground, declare
from bench.hops import STATE, hop_once
from deploy.dev.instance import ROOT, Instance
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from shared.contract.envelope import instant, uuid7

GOAL = 0.7
TOWNSHIPS, RUNS = 20, 2
BY = {"official": "o-1", "name": "甲", "post": "书记", "organisation": COUNTY}
_PER_SECOND = """
WITH first AS (SELECT xmin AS batch, pg_xact_commit_timestamp(xmin) AS at FROM routing.inbox ORDER BY 2 LIMIT 1),
    last AS (SELECT max(pg_xact_commit_timestamp(xmin)) AS at FROM routing.inbox)
SELECT (%s - (SELECT count(*) FROM routing.inbox i WHERE i.xmin = first.batch)) / extract(epoch FROM last.at - first.at)::float8
FROM first, last
"""
_EVEN = "SELECT count(*) FROM platform.held WHERE sequence = %s AND agrees"


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """A hop and a convergence in turn."""
    each = 10_000 if full else 500
    hops, found, seconds = [], [], []
    for run in range(1, RUNS + 1):
        hops.append(hop_once(ground, 10_000))
        rate, until_even = converged_once(ground, each)
        found.append(rate)
        seconds.append(until_even)
        say(f"B8 run {run} of {RUNS}: hop {hops[-1]:,.0f}/s, {TOWNSHIPS} townships {rate:,.0f}/s, even after {until_even:.1f} s")
    ratio = ratio_of_pairs(found, hops)
    line = Line(
        what=f"{TOWNSHIPS} townships, {each:,} events each waiting; both digests agree after {Spread(tuple(seconds)).middle:.1f} s",
        ours=Spread(tuple(found)), unit="/s", against=Spread(tuple(hops)), ratio=ratio, goal=f"≥ {GOAL}", met=ratio >= GOAL,
    )  # fmt: skip
    values = {"ratio": round(ratio, 4), "goal": GOAL, "townships": TOWNSHIPS, "each": each, "converged": line.ours.as_data(),
              "hop": Spread(tuple(hops)).as_data(), "even_after_s": Spread(tuple(seconds)).as_data()}  # fmt: skip
    return Measure(name="B8", title="townships converge", lines=[line], values=values)


def converged_once(ground: Ground, each: int) -> tuple[float, float]:
    """Events a second, and seconds from the links' return until all digests agree, on fresh instances."""
    codes = [f"{COUNTY}{number}" for number in range(200, 200 + TOWNSHIPS)]
    county = ground.instance(("routing",), subordinates=codes)
    county.query(f"{STATE}; GRANT ALL ON routing.hop_case TO {county.role('routing')}")
    towns = _townships(ground, county, codes)
    worker = county.worker(name="gathering", command=("-m", "bench.hop_process", "bench.gathering"))
    try:
        for town in towns:
            _tell(town, each)
        _relayed(ground, towns, linked=False).stop()
        ground.settle()
        declare(county, "routing")
        worker.start()
        begun = time.monotonic()
        relays = _relayed(ground, towns, linked=True)
        try:
            total = each * TOWNSHIPS
            until(lambda: county.query(_EVEN, each) == [(TOWNSHIPS,)], timeout=60 + total / 200, what="all townships to be even")
            even = time.monotonic() - begun
        finally:
            relays.stop()
        assert county.query("SELECT count(*) FROM routing.inbox") == [(total,)], "not every event was taken in once"
        assert county.query("SELECT count(*) FROM routing.parked") == [(0,)], "some events were parked"
        return float(county.query(_PER_SECOND, total)[0][0]), even
    finally:
        worker.stop()
        for instance in (*towns, county):
            ground.drop(instance)


def _townships(ground: Ground, county: Instance, codes: Sequence[str]) -> list[Instance]:
    """The first is migrated, the others are copies of it under codes of their own."""
    towns: list[Instance] = []
    for code in codes:
        template = towns[0] if towns else None
        towns.append(ground.instance(("routing",), org=code, superior=county, copied=template))
    return towns


def _tell(town: Instance, count: int) -> None:
    """What its officials did while nobody could hear of it: receipts, each in a case of its own."""
    for first in range(0, count, 500):
        with town.unit_of_work("routing") as uow:
            for _ in range(min(500, count - first)):
                told = {"assignment_id": str(uuid7()), "by": BY, "received_at": instant(datetime.now(UTC))}
                uow.tell("assignment.received", uuid7(), told, addressee=COUNTY, first=True)
    town.database("routing").close()


def _relayed(ground: Ground, towns: Sequence[Instance], *, linked: bool) -> Process:
    """The townships' relays, running; without their links, only when everything is sealed."""
    environments = [{**town.environment(), **({} if linked else {"LINKS": ""})} for town in towns]
    file = Path(ground.folder) / f"townships-{linked}.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(environments))
    process = Process(
        f"townships-{linked}",
        [sys.executable, "-m", "bench.townships", str(file)],
        folder=ground.folder,
        cwd=ROOT,
        die_with_parent=True,
    )
    process.start()
    if not linked:
        unsealed = "SELECT count(*) FROM routing.event_log WHERE sequence IS NULL"
        until(lambda: all(town.query(unsealed) == [(0,)] for town in towns), timeout=300, what="the logs to be sealed")
    return process
