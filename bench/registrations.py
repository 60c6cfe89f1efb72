"""B3: registrations by HTTP at 8 and 32 connections, everything else running, against a bare view with the same INSERTs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import bare
from bench.figures import Line, Measure, Say, Spread, percentile, ratio_of_pairs
from bench.ground import Ground
from bench.processor import Processor
from deploy.dev.instance import ROOT, Instance
from deploy.dev.processes import Process
from deploy.dev.rest import Rest

GOAL, GOAL_PER_SECOND = 0.5, 280
PAIRS = 5
CONNECTIONS = (8, 32)
LIMIT = 120.0  # seconds that one load may take
UNLIMITED = {"ZHIDA_PUBLIC_RATE_LIMIT": "10000000 per minute"}  # all the load comes from one address


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Bare view and product, alternating, on one instance whose worker runs all the time."""
    count = 10_000 if full else 3_000
    with county(ground) as (instance, processes):
        instance.query(bare.tables())
        view = instance.web(name="bare", command=("-m", "bench.bare"))
        view.start()
        try:
            view.wait_http(f"{instance.address('bare')}/livez")
            return _compare(ground, instance, {**processes, "bare": view}, count, say)
        finally:
            view.stop()


@contextmanager
def county(ground: Ground) -> Iterator[tuple[Instance, dict[str, Process]]]:
    """A county with its web process and one worker for all five services."""
    instance = ground.instance(extra=UNLIMITED)
    processes = {"worker": instance.worker(), "web": instance.web()}
    try:
        start(instance, *processes.values())
        yield instance, processes
    finally:
        for process in processes.values():
            process.stop()
        ground.drop(instance)


def start(instance: Instance, *processes: Process) -> None:
    """Start processes and wait until each answers that it is ready."""
    for process in processes:
        process.start()
    for process in processes:
        process.wait_http(f"{instance.address(process.name)}/readyz", timeout=60)


def _compare(ground: Ground, instance: Instance, processes: dict[str, Process], count: int, say: Say) -> Measure:
    lines, values = [], {}
    rest = Rest([instance])
    for name in ("bare", "web"):  # the first requests pay for connections and compiled rules
        load(instance, name, connections=8, count=100)
    for connections in CONNECTIONS:
        runs: dict[str, list[dict[str, Any]]] = {"bare": [], "web": []}
        for pair in range(1, PAIRS + 1):
            for name, schema in (("bare", "bare"), ("web", "intake")):
                rest.wait(LIMIT)
                ground.settle()
                processor = Processor(ground, processes)
                run = _checked(instance, name, schema, connections, count)
                runs[name].append(run | {"processor": processor.spent()})
            ours, theirs = runs["web"][-1], runs["bare"][-1]
            say(
                f"B3 {connections} connections, pair {pair} of {PAIRS}: bare {theirs['rate']:,.0f}/s, product {ours['rate']:,.0f}/s"
            )
        line, found = _line(connections, runs)
        lines.append(line)
        values[f"connections_{connections}"] = found
    values["bytes_of_a_registration"] = {schema: _size(instance, schema) for schema in ("bare", "intake")}
    ratio = min(line.ratio or 0.0 for line in lines)
    least = {"ratio": round(ratio, 4), "goal": GOAL, "goal_per_second": GOAL_PER_SECOND, "count": count}
    return Measure(name="B3", title="registrations by HTTP", lines=lines, values=least | values)


def _line(connections: int, runs: dict[str, list[dict[str, Any]]]) -> tuple[Line, dict[str, Any]]:
    ours, theirs = (Spread(tuple(run["rate"] for run in runs[name])) for name in ("web", "bare"))
    ratio = ratio_of_pairs(ours.values, theirs.values)
    waits = {name: [wait for run in runs[name] for wait in run["latencies"]] for name in runs}
    shares = {
        f"p{share}_ms": {name: round(percentile(waits[name], share / 100) * 1000, 1) for name in waits} for share in (50, 95, 99)
    }
    line = Line(
        what=f"registrations, {connections} connections; p99 {shares['p99_ms']['web']:.0f} ms", ours=ours, unit="/s", against=theirs,
        ratio=ratio, goal=f"≥ {GOAL}, ≥ {GOAL_PER_SECOND}/s", met=ratio >= GOAL and ours.middle >= GOAL_PER_SECOND,
    )  # fmt: skip
    found = {"ratio": round(ratio, 4), "product": ours.as_data(), "bare": theirs.as_data(), "errors": 0, **shares}
    return line, found | {"processor_ms": {name: _processor(runs[name]) for name in runs}}


def _processor(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Milliseconds of processor time that one registration takes in each process: what takes the rest."""
    count = sum(len(run["latencies"]) for run in runs)
    return {name: round(sum(run["processor"][name] for run in runs) * 1000 / count, 3) for name in runs[0]["processor"]}


def load(instance: Instance, name: str, *, connections: int, count: int, rate: float = 0.0) -> dict[str, Any]:
    """Run the load generator against one of the instance's processes; what it found."""
    command = [sys.executable, "-m", "bench.load", instance.address(name), str(connections), str(count), str(LIMIT), str(rate)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT + 60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _checked(instance: Instance, name: str, schema: str, connections: int, count: int) -> dict[str, Any]:
    """A load that counts only if everything was answered, without an error, and everything answered is stored once."""
    before = _stored(instance, schema)
    found = load(instance, name, connections=connections, count=count)
    numbers = {number for number, _ in found["answered"]}
    assert found["errors"] == 0, f"{name}: {found['errors']} errors, as {found['first_errors']}"
    assert len(numbers) == count, f"{name}: {len(numbers)} numbers for {count} petitions"
    stored = _stored(instance, schema) - before
    assert stored == count, f"{name}: {stored} stored, {count} answered"
    return found | {"rate": count / found["seconds"]}


def _stored(instance: Instance, schema: str) -> int:
    statement = (
        f"SELECT count(*) FROM {schema}.petition p JOIN {schema}.sealed s ON s.case_id = p.id"
        f" JOIN {schema}.event_log e ON e.subject = p.id::text AND e.caseversion = 1"
    )
    return int(instance.query(statement)[0][0])


def _size(instance: Instance, schema: str) -> int:
    """Bytes of the rows that one registration writes: the two sides must write alike."""
    parts = "pg_column_size(p.*) + pg_column_size(s.*) + length(e.draft)"
    return int(
        instance.query(
            f"SELECT avg({parts})::int FROM {schema}.petition p JOIN {schema}.sealed s ON case_id = p.id"
            f" JOIN {schema}.event_log e ON e.subject = p.id::text WHERE e.caseversion = 1"
        )[0][0]
    )
