"""L1: suggestion of repeats among 20,000 made petitions: how many are found, how many are wrong, and how long a clerk waits.

Which petitions are about one matter is known from how they were made (bench/petitions.py), and used for nothing but the
count. A petition is asked about in the whole set, also about what came later. Found is a pair that is suggested as a repeat
or as joint; the same person's other matters are told apart and counted on neither side.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg2

from bench.figures import Line, Measure, Say, Spread, percentile
from bench.ground import Ground
from bench.petitions import Made, Maker
from deploy.dev.instance import Instance
from services.intake.domain.likeness import Guess
from services.intake.domain.viewing import Viewer
from services.intake.handlers.likeness import suggest, take_up
from services.intake.handlers.registration import register
from services.intake.store import read
from services.intake.vault.crypto import Vault, open_vault
from shared.contract.person import Person
from shared.database import Database

COUNT = 20_000
SEED = 2016  # the bars of domain/likeness.py were found with another one
GOAL_MS = 50
CLERK = Viewer(
    person=Person(official="o-bench", name="登记员", post="登记员", organisation="431023-xf"), roles=frozenset({"clerk"}), of_instance=True,
    codes=frozenset({"o-bench", "431023-xf"}),
)  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """The set: which case is about which matter."""

    matters: dict[UUID, int]
    cases: dict[int, list[UUID]]

    def truth(self, case_id: UUID) -> set[UUID]:
        return set(self.cases[self.matters[case_id]]) - {case_id}


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Register the set, take its words up, and ask about some of it."""
    asked = 4_000 if full else 1_500
    instance = ground.instance(services=("intake",))
    try:
        database, vault = instance.database("intake"), open_vault(instance.settings.keys)
        begun = time.perf_counter()
        known = _register(database, vault, list(Maker(SEED).petitions(COUNT)))
        registered = COUNT / (time.perf_counter() - begun)
        say(f"L1: {COUNT:,} petitions registered, {registered:,.0f}/s in transactions of 100")
        taken = _take_up(database, vault)
        say(f"L1: words taken up, {taken:,.0f}/s")
        _vacuum(instance)
        ground.settle()
        found = _ask(database, vault, known, _chosen(known, asked), say)
        return _measure(found, taken, registered, _size(instance), asked)
    finally:
        ground.drop(instance)


def _register(database: Database, vault: Vault, made: Sequence[Made]) -> _Known:
    matters: dict[UUID, int] = {}
    cases: dict[int, list[UUID]] = defaultdict(list)
    for first in range(0, len(made), 100):
        with database.unit_of_work() as uow:
            for each in made[first : first + 100]:
                case_id = register(uow, vault, each.given, key=uuid4()).case_id
                matters[case_id] = each.matter
                cases[each.matter].append(case_id)
    return _Known(matters, cases)


def _take_up(database: Database, vault: Vault) -> float:
    """Petitions a second, as the worker's timer does it."""
    begun, done = time.perf_counter(), 0
    while True:
        with database.unit_of_work() as uow:
            more = take_up(uow, vault)
        if not more:
            return done / (time.perf_counter() - begun)
        done += more


def _chosen(known: _Known, count: int) -> list[UUID]:
    """As many that have a repeat as have none, in no order."""
    shuffle = random.Random(SEED)
    sides = [[case_id for case_id in known.matters if bool(known.truth(case_id)) is repeated] for repeated in (True, False)]
    chosen = [case_id for side in sides for case_id in shuffle.sample(side, min(count // 2, len(side)))]
    shuffle.shuffle(chosen)
    return chosen


def _ask(database: Database, vault: Vault, known: _Known, chosen: Sequence[UUID], say: Say) -> dict[str, Any]:
    waits, right, wrong, wanted, false_alarms, alone = [], 0, 0, 0, 0, 0
    own = time.process_time()
    for case_id in chosen:
        begun = time.perf_counter()
        with database.unit_of_work() as uow:
            case = read(uow, case_id)
            assert case is not None
            suggested = suggest(uow, vault, case, CLERK, identifies=True)
        waits.append(time.perf_counter() - begun)
        truth = known.truth(case_id)
        found = {each.case_id for each in suggested if each.likeness.guess is not Guess.PERSON}
        right, wrong, wanted = right + len(found & truth), wrong + len(found - truth), wanted + len(truth)
        alone, false_alarms = alone + (not truth), false_alarms + (not truth and bool(found))
    say(f"L1: asked about {len(chosen):,}; {right:,} of {wanted:,} repeats found, {wrong:,} suggestions wrong")
    return {
        "waits": waits, "precision": right / (right + wrong), "recall": right / wanted,
        "alarms": false_alarms / alone, "processor_ms": (time.process_time() - own) * 1000 / len(chosen),
    }  # fmt: skip


def _vacuum(instance: Instance) -> None:
    """What the database does by itself within a minute after so many rows came."""
    connection = psycopg2.connect(instance.settings.database_url)
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE intake.shingle, intake.sealed, intake.petition")
    connection.close()


def _size(instance: Instance) -> int:
    """Bytes of labels and their indexes for each petition."""
    total = instance.query("SELECT pg_total_relation_size('intake.shingle') + pg_total_relation_size('intake.shingle_counts')")
    return int(total[0][0]) // COUNT


def _measure(found: dict[str, Any], taken: float, registered: float, size: int, asked: int) -> Measure:
    waits = [wait * 1000 for wait in found["waits"]]
    p50, p95, p99 = (percentile(waits, share) for share in (0.5, 0.95, 0.99))
    lines = [
        Line(what=f"a suggestion among {COUNT:,}; p50 {p50:.0f} ms, p99 {p99:.0f} ms", ours=Spread((p95,)), unit="ms p95",
             goal=f"≤ {GOAL_MS} ms", met=p95 <= GOAL_MS),
        Line(what="of the suggestions of a repeat, right (precision)", ours=Spread((found["precision"],)), unit=""),
        Line(what="of the repeats, suggested (recall)", ours=Spread((found["recall"],)), unit=""),
        Line(what="words taken up", ours=Spread((taken,)), unit="/s"),
    ]  # fmt: skip
    values = {
        "count": COUNT, "asked": asked, "p50_ms": round(p50, 2), "p95_ms": round(p95, 2), "p99_ms": round(p99, 2), "goal_ms": GOAL_MS,
        "precision": round(found["precision"], 4), "recall": round(found["recall"], 4),
        "asked_in_vain": round(found["alarms"], 4), "processor_ms": round(found["processor_ms"], 2), "taken_up_per_second": round(taken, 1),
        "registered_per_second": round(registered, 1), "bytes_of_a_petition": size,
    }  # fmt: skip
    return Measure(name="L1", title="suggestion of repeats", lines=lines, values=values)
