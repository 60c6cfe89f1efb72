"""A further round of instruction makes the misses of a case urgent: their notices wait for no half month any longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.supervision import store
from services.supervision.domain import ladder as rules
from services.supervision.handlers import ladder
from shared.contract.envelope import Event
from shared.database import UnitOfWork


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Nothing: a case with a further round and a miss is no frequent thing."""


def further_round(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued, case.escalated: of a further round."""
    if event.data["round"] < 2 or event.data.get("parent"):
        return
    climbs = uow.rows(store.LADDERS).where("case_id = %s AND next_step IS NOT NULL AND NOT urgent", event.subject)
    for miss in ladder.misses_of(uow, {climb.id: climb.case_id for climb in climbs}):
        if rules.is_urgent(miss.ladder, event.data["round"]):
            uow.rows(store.LADDERS).put(rules.urge(miss.climb, miss.ladder, miss.steps, miss.annulled))


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {"assignment.issued": further_round, "case.escalated": further_round}
