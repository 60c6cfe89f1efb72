"""`python -m bench`: measure, print a table, write bench/results/<date>.json. `--full` takes the stated counts and its time."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from bench import (
    converge,
    deadlines,
    delays,
    footprint,
    hops,
    imports,
    likeness,
    lives,
    reading,
    readmodel,
    registrations,
    suggestions,
)
from bench.figures import Measure, Say, save, show
from bench.ground import Ground, ground
from bench.machine import facts

MEASURES: dict[str, Callable[..., Measure]] = {
    "B1": hops.measure,
    "B2": lives.measure,
    "B3": registrations.measure,
    "B4": delays.measure,
    "B5": deadlines.measure,
    "B6": reading.measure,
    "B7": readmodel.measure,
    "B8": converge.measure,
    "B9": footprint.measure,
    "L1": likeness.measure,
    "IMPORT": imports.measure,
    "S1": suggestions.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exits with 0 when every goal was met, 1 when one was not, 2 when a measure could not be taken."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="MEASURE", help=f"one or more of {' '.join(MEASURES)}; all by default")
    parser.add_argument("--full", action="store_true", help="the counts that the promises state")
    parser.add_argument("--dry-run", action="store_true", help="print the table, write no file")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.names) - set(MEASURES)
    if unknown:
        parser.error(f"no such measure: {' '.join(sorted(unknown))}")
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - begun:4.0f} s] {text}", file=sys.stderr, flush=True)

    with ground() as servers:
        machine = facts(servers)
        found, failed = _take(servers, chosen.names or list(MEASURES), full=chosen.full, say=say)
    show(found)
    if found and not chosen.dry_run:
        print(f"written to {save(machine, found, full=chosen.full)}")
    return 2 if failed else 0 if all(measure.met for measure in found) else 1


def _take(servers: Ground, names: Sequence[str], *, full: bool, say: Say) -> tuple[list[Measure], list[str]]:
    """Each measure in turn; one that fails is told and does not stop the others."""
    found, failed = [], []
    for name in names:
        say(f"{name}: {MEASURES[name].__module__}")
        try:
            found.append(MEASURES[name](servers, full=full, say=say))
        except Exception as fault:
            say(f"{name} could not be taken: {type(fault).__name__}: {fault}")
            failed.append(name)
    return found, failed


if __name__ == "__main__":
    sys.exit(main())
