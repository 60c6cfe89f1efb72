"""A county's side of B8: a service of the least possible policy in routing's place, which takes in what its townships tell."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bench.hop import CASES, HopCase
from shared.bus.consumer import Batch, Bus, hears
from shared.contract import Event
from shared.database import UnitOfWork


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """All rows of the batch in one statement."""
    uow.rows(CASES).load(UUID(event.subject) for event in events)


def received(event: Event, uow: UnitOfWork) -> None:
    """assignment.received: change the state."""
    cases, case_id = uow.rows(CASES), UUID(event.subject)
    known = cases.get(case_id)
    cases.put(HopCase(id=case_id, stage="received", changed_at=uow.now, hops=known.hops + 1 if known else 1))


class Service:
    """The worker of the county."""

    name = "routing"
    bus = Bus()

    @hears({"assignment.received": received}, preload)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()
