"""Training: read what was assigned in the past, have it learnt, see how well, and keep it."""

from __future__ import annotations

import json
import time
import zlib
from typing import Any, NamedTuple

from services.routing import learner, store
from services.routing.domain import learning
from services.routing.domain.learning import Accuracy, Past, Record
from services.routing.domain.rules import Traits
from shared.contract.envelope import uuid7
from shared.database import Database, UnitOfWork

LONGEST = 4_000  # characters of a brief; what it is about is said by then


class Trained(NamedTuple):
    """A training: its number, the cases and units it rests on, how many were held out and how often which way was right there."""

    version: int
    cases: int
    units: int
    held_out: int
    accuracy: dict[str, Accuracy]


def train(database: Database) -> Trained:
    """Learn anew from all past assignments; pages take it up at once. Nothing is locked while it learns.

    Raises Refused when there is too little to learn from, Unavailable when it takes too much.
    """
    with database.unit_of_work() as uow:
        past, rules = past_assignments(uow), store.rules(uow)
    learning.check_enough(past)
    begun = time.perf_counter()
    taught = learner.teach(past)
    part, held = learning.divided(past)
    accuracy = learning.assess(part, held, rules, taught.part)
    told = {
        "cases": len(past), "units": len(taught.model.units), "words": sum(trait.startswith("w:") for trait in taught.model.counts),
        "held_out": len(held), "accuracy": json.dumps(accuracy), "records": json.dumps(learning.records(past, rules)),
        "seconds": time.perf_counter() - begun, "memory": taught.memory_mb,
    }  # fmt: skip
    with database.unit_of_work() as uow:
        version = _keep(uow, told, taught.model)
    return Trained(version, len(past), len(taught.model.units), len(held), accuracy)


def past_assignments(uow: UnitOfWork) -> list[Past]:
    """What first rounds were assigned to whom, the newest cases first."""
    rows = uow.all(store.SQL["past_assignments"], own=uow.org, limit=learning.MOST_CASES)
    return [Past(row["id"], _traits(row), tuple(row["units"])) for row in rows]


def _traits(row: dict[str, Any]) -> Traits:
    return Traits.of(row["title"], row["brief"][:LONGEST], row["category"], row["place"], row["channel"])


def _keep(uow: UnitOfWork, told: dict[str, Any], model: learning.Model) -> int:
    uow.all(store.SQL["lock_learned"])
    packed = zlib.compress(json.dumps(model.as_data(), ensure_ascii=False, separators=(",", ":")).encode())
    row = uow.one(store.SQL["add_learned"], id=uuid7(), now=uow.now, model=packed, **told)
    return int(row["version"]) if row else 0


class Learnt(NamedTuple):
    """What a training taught, and how each rule would have done."""

    model: learning.Model
    records: dict[str, Record]


def unpacked(model: bytes, records: dict[str, list[int]]) -> Learnt:
    """What was kept."""
    return Learnt(learning.Model.of(json.loads(zlib.decompress(model))), {key: Record(*found) for key, found in records.items()})
