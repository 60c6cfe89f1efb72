"""S1: suggestion of the responsible unit: how often it is right among made cases, and how long a page waits for it.

3,000 cases over 25 units (bench/assignments.py) are put into routing's tables as first rounds; the county has 30 rules such as an
office would write. A training learns from four fifths and is told by the fifth that it has not seen. Then pages' own code suggests for
further cases, each in a unit of work of its own, with an official and a unit barred from one in ten.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import yaml
from psycopg2.extras import execute_values

from bench.assignments import CODE, COUNTY, TOWNS, UNITS, County, Handled
from bench.figures import Line, Measure, Say, Spread, percentile
from bench.ground import Ground
from deploy.dev.instance import Instance
from services.routing.domain.guard import Bars
from services.routing.domain.learning import Accuracy
from services.routing.domain.rules import Traits
from services.routing.handlers import learning, rule_file
from services.routing.handlers.directory import import_directory
from services.routing.handlers.suggesting import guide
from shared.contract.envelope import uuid7
from shared.database import Database

COUNT, SEED, GOAL_MS = 3_000, 431023, 20
RULES = Path(__file__).with_name("rules.yaml")
_CASES = "INSERT INTO routing.case_record (id, origin, stage, number, channel, category, title, brief, registered_at, round, place) VALUES %s"
_ASSIGNED = (
    "INSERT INTO routing.assignment (id, case_id, instruction_id, round, part, responsible, issued_by, issuer, instance, issued_at, stage)"
    " VALUES %s"
)
# A page's process after one suggestion, and one that would split words itself: the same libraries, so the difference is what each holds.
_MEMORY = {
    "page": "import services.routing.handlers.suggesting as s, sys; s.unpacked(sys.stdin.buffer.read(), {}).model.weights",
    "dictionary": "import services.routing.handlers.suggesting, sys, rjieba; sys.stdin.buffer.read(); list(rjieba.cut('污水'))",
    "bare": "import services.routing.handlers.suggesting, sys; sys.stdin.buffer.read()",
}  # fmt: skip


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Make the county, train, ask."""
    asked = 5_000 if full else 1_500
    instance = ground.instance(services=("routing",))
    try:
        database, made = instance.database("routing"), County(SEED)
        with database.unit_of_work() as uow:
            import_directory(uow, _directory(), uow.now)
        _assign(instance, list(made.handled(COUNT)))
        with database.unit_of_work() as uow:
            rule_file.load(uow, RULES.read_text(encoding="utf-8"))
        begun = time.perf_counter()
        trained = learning.train(database)
        seconds = time.perf_counter() - begun
        say(f"S1: {trained.cases:,} cases of {trained.units} units learnt in {seconds:.1f} s")
        ground.settle()
        waits = _ask(database, list(made.handled(asked)))
        say(f"S1: asked {asked:,} times")
        return _measure(trained.accuracy, trained.held_out, waits, seconds, _kept(instance))
    finally:
        ground.drop(instance)


def _directory() -> str:
    """The county's units, each with a head."""
    names = {f"{CODE}-{code}": name for code, name in COUNTY["bureaus"].items()} | {code: f"{code[6:]}镇" for code in TOWNS}
    organisations = [{"code": CODE, "name": "县", "name_en": "County", "has_instance": True}]
    organisations += [{"code": code, "name": name, "name_en": code, "superior": CODE} for code, name in names.items()]
    people = [(CODE, "first_in_command"), *((code, "unit_head") for code in names)]
    officials = [
        {"official": f"o-{code}", "name": "某某", "posts": [{"organisation": code, "title": "负责人", "roles": [role]}]}
        for code, role in people
    ]
    return yaml.safe_dump({"organisations": organisations, "officials": officials}, allow_unicode=True)


def _assign(instance: Instance, made: Sequence[Handled]) -> None:
    """The past, as first rounds in routing's tables."""
    r, cases, assigned = random.Random(SEED), [], []
    author = json.dumps({"official": f"o-{CODE}", "name": "某某", "post": "书记", "organisation": CODE})
    for number, one in enumerate(made):
        case = str(UUID(int=r.getrandbits(128), version=4))
        at = "2016-01-01T00:00:00Z"
        cases.append((case, CODE, "in_hand", f"S{number}", "letter", one.category, one.title, one.brief, at, 1, one.place))
        person = json.dumps({"official": f"o-{one.unit}", "name": "某某", "post": "负责人", "organisation": one.unit})
        assigned.append((str(uuid7()), case, str(uuid7()), 1, "handling", person, author, CODE, CODE, at, "issued"))
    with psycopg2.connect(instance.settings.database_url) as connection, connection.cursor() as cursor:
        execute_values(cursor, _CASES, cases)
        execute_values(cursor, _ASSIGNED, assigned)
    connection.close()


def _ask(database: Database, made: Sequence[Handled]) -> list[float]:
    """Milliseconds of each suggestion, as the page asks for it: rules, directory and bars are read anew."""
    r, waits = random.Random(SEED), []
    for one in made:
        bars = Bars(case_id=UUID(int=1), organisations=frozenset({r.choice(UNITS)})) if r.random() < 0.1 else None
        begun = time.perf_counter()
        with database.unit_of_work() as uow:
            guide(uow, bars, f"o-{CODE}").suggest(Traits.of(one.title, one.brief, one.category, one.place, "letter"))
        waits.append((time.perf_counter() - begun) * 1000)
    return waits


def _kept(instance: Instance) -> dict[str, Any]:
    """What a training takes: the learner's memory, the row, and what a page's process holds of it."""
    memory, model = instance.query("SELECT memory_mb, model FROM routing.learned ORDER BY version DESC LIMIT 1")[0]
    found = {name: _resident(code, bytes(model)) for name, code in _MEMORY.items()}
    return {
        "learner_mb": memory, "model_bytes": len(bytes(model)), "page_mb": round(found["page"] - found["bare"], 1),
        "dictionary_mb": round(found["dictionary"] - found["bare"], 1),
    }  # fmt: skip


def _resident(code: str, given: bytes) -> float:
    """Megabytes that a process holds in the end."""
    code += "\nprint(open('/proc/self/statm').read().split()[1])"
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)
    return int(done.stdout) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _measure(accuracy: dict[str, Accuracy], held: int, waits: Sequence[float], seconds: float, kept: dict[str, Any]) -> Measure:
    p50, p95, p99 = (percentile(waits, share) for share in (0.5, 0.95, 0.99))
    words = {"rules": "rules alone", "learning": "learning alone", "together": "rules, then learning"}
    lines = [
        Line(what=f"a suggestion; p50 {p50:.1f} ms, p99 {p99:.1f} ms", ours=Spread((p95,)), unit="ms p95", goal=f"≤ {GOAL_MS} ms",
        met=p95 <= GOAL_MS),
        *(Line(what=f"{words[way]}: the first is right", ours=Spread((found.first,)), unit="") for way, found in accuracy.items()),
        *(Line(what=f"{words[way]}: one of three is right", ours=Spread((found.among_three,)), unit="") for way,
        found in accuracy.items() if way != "rules"),
        Line(what=f"learning from {COUNT:,} cases", ours=Spread((seconds,)), unit="s"),
    ]  # fmt: skip
    values = {
        "cases": COUNT, "units": len(UNITS), "held_out": held, "p50_ms": round(p50, 2), "p95_ms": round(p95, 2), "p99_ms": round(p99, 2),
        "goal_ms": GOAL_MS, "accuracy": {way: [round(share, 4) for share in found] for way, found in accuracy.items()},
        "training_seconds": round(seconds, 2), **kept,
    }  # fmt: skip
    return Measure(name="S1", title="suggestion of the responsible unit", lines=lines, values=values)
