"""B9: what a county takes: its memory, and the seconds until the demo shows a page.

Memory is the resident memory (RSS) of everything that an instance runs but broker and database: the worker with all five services and the
web process, after whole lives have gone through the one and registrations through the other. The demo is started as
`make demo` starts it, in a folder of its own with servers of its own, packages installed: schemas, county and town, the story, example
cases; up to the first page that answers.
"""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

from bench.figures import Line, Measure, Say, Spread
from bench.ground import Ground
from bench.lives import live_through
from bench.registrations import county, load
from deploy.dev import demo, procfs
from deploy.dev.processes import Process
from deploy.dev.steps import Steps

MOST_MB, MOST_SECONDS = 450, 90


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Memory after 300 lives and 2,000 registrations; with `full` ten times as many. The demo once."""
    parts = _memory(ground, 10 if full else 1)
    say(f"B9: {parts}")
    seconds = _demo(ground.folder / "demo")
    memory = sum(parts.values())
    lines = [
        Line(
            what="memory of a county: worker and web process", ours=Spread((memory,)), unit="MB", goal=f"≤ {MOST_MB} MB",
            met=memory <= MOST_MB,
        ),
        Line(what="demo to the first page", ours=Spread((seconds,)), unit="s", goal=f"≤ {MOST_SECONDS} s", met=seconds <= MOST_SECONDS),
    ]  # fmt: skip
    return Measure(name="B9", title="footprint", lines=lines, values={"memory_mb": parts, "demo_seconds": round(seconds, 1)})


def _memory(ground: Ground, times: int) -> dict[str, float]:
    """Resident megabytes of each process with its children."""
    with county(ground) as (instance, processes):
        live_through(instance, 300 * times)
        load(instance, "web", connections=8, count=2_000 * times)
        return {name: _resident(process) for name, process in processes.items()}


def _resident(process: Process) -> float:
    assert process.pid is not None, f"{process.name} ended"
    found = sum(_kilobytes(pid) for pid in (process.pid, *(stat.pid for stat in procfs.family(process.pid))))
    return round(found / 1024, 1)


def _kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _demo(local: Path) -> float:
    begun = time.perf_counter()
    try:
        started = demo.start(Steps(), local)
        with urllib.request.urlopen(f"{started.county.address()}/sign-in", timeout=60) as page:  # noqa: S310 - our own page
            assert page.status == 200
        return time.perf_counter() - begun
    finally:
        demo.stop(local, forget=True)
