"""One hop through the bus, with the product's own parts: consume, inbox + state + log, commit, acknowledge, relay, confirm.

A service of the least possible policy, so that what is measured is the bus. It stands in for routing: it hears
case.registered, writes one row of state and tells case.classified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.bus.consumer import Batch, Bus, hears
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import UnitOfWork
from shared.rows import Table

BY = {"official": "o-1", "name": "甲", "post": "科员", "organisation": "431023"}


@dataclass(frozen=True, kw_only=True)
class HopCase:
    """The least case: a stage and how often it was changed."""

    id: UUID
    stage: str
    changed_at: Any
    hops: int


CASES = Table("hop_case", HopCase)


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """All rows of the batch in one statement."""
    uow.rows(CASES).load(UUID(event.subject) for event in events)


def classify(event: Event, uow: UnitOfWork) -> None:
    """case.registered: change the state and tell it on."""
    cases = uow.rows(CASES)
    case_id = UUID(event.subject)
    known = cases.get(case_id)
    cases.put(HopCase(id=case_id, stage="classified", changed_at=uow.now, hops=known.hops + 1 if known else 1))
    uow.tell("case.classified", case_id, {"case_class": "ordinary", "by": BY, "at": instant(uow.now)})


class Service:
    """The worker of the hop."""

    name = "routing"
    bus = Bus()

    @hears({"case.registered": classify}, preload)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()
