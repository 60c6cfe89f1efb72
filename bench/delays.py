"""B4: zero time difference. How long after its 201 a petition stands in the review queue, and how long after its dispatch an
assignment stands in the list of a township with its own database and virtual host, across the link; idle and at 50 cases a second.

The queue and the list are read by the statements of the pages, from processes that do nothing else, as soon as routing has
taken something in (looked for every 5 ms); what a look takes, and the wait for it, counts as delay. One bare publish and consume
through a quorum queue is measured in the same run.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.bounce import bounce
from bench.figures import Line, Measure, Say, Spread, percentile
from bench.ground import Ground
from bench.registrations import UNLIMITED, start
from deploy.dev.instance import ROOT, Instance
from deploy.dev.rest import Rest
from services.intake.domain.viewing import Viewer
from services.intake.handlers.casework import supplement
from services.routing.handlers import instruct
from services.routing.handlers.directory import import_directory
from shared.contract.person import Person

TOWNSHIP = "431023104"
SECRETARY, HEAD = "o-431023-secretary", "o-431023104-secretary"
QUEUE_GOAL, LINK_GOAL = 250.0, 500.0  # milliseconds, p99 at 50 cases a second
IDLE, BUSY = 4.0, 50.0  # cases a second
PATIENCE, GLANCE = 150.0, 0.005  # seconds
CLERK = Viewer(
    person=Person(official="o-431023-xf-clerk", name="李秀英", post="信访接待室登记员", organisation="431023-xf"),
    roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({"o-431023-xf-clerk", "431023-xf"}),
)  # fmt: skip
BRIEF = "反映选矿厂废水影响饮水，要求查处并解决饮水问题。"
BRIEFED = "SELECT id FROM case_record WHERE id = ANY(%(cases)s::uuid[]) AND brief <> ''"
DIRECTORIES = Path(ROOT) / "deploy" / "dev" / "data"


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Idle first, then busy, on one county with one township."""
    with linked(ground) as (county, township):
        _round(county, township, rate=IDLE, count=12)  # the first cases pay for connections and compiled rules
        bare = [wait * 1000 for wait in bounce(ground, 300)]
        say(f"B4 bare publish and consume: p50 {percentile(bare, 0.5):.1f} ms, p99 {percentile(bare, 0.99):.1f} ms")
        found = {}
        for name, rate, seconds in (("idle", IDLE, 25 if full else 12), ("busy", BUSY, 60 if full else 12)):
            Rest([county, township]).wait(120)
            found[name] = _round(county, township, rate=rate, count=int(rate * seconds))
            say(f"B4 {name}: " + ", ".join(f"{leg} p99 {percentile(waits, 0.99):.0f} ms" for leg, waits in found[name].items()))
    return _measure(found, bare)


@contextmanager
def linked(ground: Ground) -> Iterator[tuple[Instance, Instance]]:
    """A county with its web process, its worker, and a township of its own that is linked to it."""
    county = ground.instance(subordinates=(TOWNSHIP,), extra=UNLIMITED)
    township = ground.instance(("routing",), org=TOWNSHIP, superior=county)
    processes = [(county, county.worker()), (county, county.web()), (township, township.worker())]
    try:
        for instance, process in processes:
            start(instance, process)
        for instance in (county, township):
            enrol(instance)
        Rest([county, township]).wait(60)
        yield county, township
    finally:
        for _, process in reversed(processes):
            process.stop()
        ground.drop(township)
        ground.drop(county)


def enrol(instance: Instance) -> None:
    """Import the demo's directory."""
    with instance.unit_of_work("routing") as uow:
        import_directory(uow, (DIRECTORIES / f"directory-{instance.org}.yaml").read_text(encoding="utf-8"), datetime.now(UTC))


def _round(county: Instance, township: Instance, *, rate: float, count: int) -> dict[str, list[float]]:
    """Milliseconds to the review queue, and over the link, of `count` cases that come `rate` to the second."""
    above, below = Watcher(county, "review", SECRETARY), Watcher(township, "assignments", HEAD)
    try:
        command = [sys.executable, "-m", "bench.load", county.address(), "8", str(count), "120", str(rate)]
        load = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        listed, dispatched = _dispatch(county, above, count)
        arrived = {case: at for _, case, at in (below.next() for _ in range(count))}
        answers: dict[str, Any] = json.loads(load.communicate(timeout=150)[0])
    finally:
        above.stop()
        below.stop()
    assert answers["errors"] == 0, f"{answers['errors']} errors, as {answers['first_errors']}"
    registered, handed = dict(answers["answered"]), sorted(dispatched.values())
    pace = (count - 1) / (handed[-1] - handed[0])
    assert pace >= 0.9 * rate, (
        f"{pace:.1f} cases a second were handed down, not {rate:.0f}: the delays are not those of that load"
    )
    return {
        "review queue": [max(0.0, listed[number] - at) * 1000 for number, at in registered.items()],
        "township": [max(0.0, arrived[case] - at) * 1000 for case, at in dispatched.items()],
    }


def _dispatch(county: Instance, above: Watcher, count: int) -> tuple[dict[str, float], dict[str, float]]:
    """The clerk writes the brief of each case that appears; the secretary hands it down as soon as routing has the brief.

    A township sees nothing but the brief, so routing refuses to hand a case down without one. Gives the instants at which each
    number stood in the queue and each case was handed down.
    """
    listed: dict[str, float] = {}
    dispatched: dict[str, float] = {}
    waiting: set[str] = set()
    end = time.monotonic() + PATIENCE
    while len(dispatched) < count:
        assert time.monotonic() < end, f"{len(dispatched)} of {count} cases were handed down within {PATIENCE:.0f} s"
        for number, case, at in above.ready(wait=not waiting):
            with county.unit_of_work("intake") as uow:
                supplement(uow, UUID(case), CLERK, title="洞村饮水", brief=BRIEF, category="environment", place=TOWNSHIP)
            listed[number] = at
            waiting.add(case)
        with county.unit_of_work("routing") as uow:
            briefed = [str(row["id"]) for row in uow.all(BRIEFED, cases=sorted(waiting))]
        for case in briefed:
            with county.unit_of_work("routing") as uow:
                instruct(uow, UUID(case), SECRETARY, "请调查办理，结果报我。", [(HEAD, "handling")], "ordinary")
            dispatched[case] = time.perf_counter()
            waiting.remove(case)
        if not briefed:
            time.sleep(GLANCE)  # the bus is at work; what it brings is looked for again
    return listed, dispatched


class Watcher:
    """A process that looks at one list; its lines are taken off its hands at once, so that it never waits for a reader."""

    def __init__(self, instance: Instance, kind: str, official: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.watch", kind, instance.org, official], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={**os.environ, "DATABASE_URL": instance.settings.service_url("routing")},
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._drain, daemon=True).start()
        assert self._lines.get(timeout=30).strip() == "ready", "the watcher did not start"

    def next(self) -> tuple[str, str, float]:
        """Number, case and instant of the next row that became visible. Raises queue.Empty after half a minute without one."""
        number, case, at = self._lines.get(timeout=30).split()
        return number, case, float(at)

    def ready(self, *, wait: bool) -> list[tuple[str, str, float]]:
        """The rows that have become visible so far; with `wait` at least one. Raises as `next`."""
        found = [self.next()] if wait else []
        while not self._lines.empty():
            found.append(self.next())
        return found

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def _drain(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)


def _measure(found: dict[str, dict[str, list[float]]], bare: list[float]) -> Measure:
    against = Spread((percentile(bare, 0.99),))
    lines: list[Line] = []
    values: dict[str, Any] = {"bare_ms": _shares(bare)}
    for name, legs in found.items():
        for leg, waits in legs.items():
            goal = (QUEUE_GOAL if leg == "review queue" else LINK_GOAL) if name == "busy" else None
            p99 = percentile(waits, 0.99)
            lines.append(
                Line(
                    what=f"to {leg}, {name}; p50 {percentile(waits, 0.5):.0f} ms", ours=Spread((p99,)), unit="ms p99", against=against,
                    ratio=p99 / against.middle, goal=f"≤ {goal:.0f} ms" if goal else "", met=p99 <= goal if goal else None,
                )
            )  # fmt: skip
            values.setdefault(name, {})[leg.replace(" ", "_")] = _shares(waits)
    busy = percentile(found["busy"]["review queue"], 0.99)
    return Measure(
        name="B4", title="zero time difference", lines=lines, values={"ratio": round(busy / against.middle, 2), **values}
    )


def _shares(waits: list[float]) -> dict[str, float]:
    return {"count": len(waits)} | {f"p{share}": round(percentile(waits, share / 100), 1) for share in (50, 95, 99)}
