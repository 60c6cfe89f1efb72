"""What the superior tells of the clocks of a case that it handed down: they stand still, they go on."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.routing import store
from services.routing.domain import Pause
from services.routing.handlers.events import Handler, moment
from services.routing.handlers.protocol import handed_down
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork


def paused(event: Event, uow: UnitOfWork) -> None:
    """assignment.paused: shown, for supervision alone moves limits."""
    if assignment := handed_down(event, uow):
        data, key = event.data, UUID(event.data["pause_id"])
        if uow.rows(store.PAUSES).get(key) is None:
            uow.rows(store.PAUSES).put(
                Pause(
                    id=key, case_id=assignment.case_id, category=data["category"], reasons=data["reasons"],
                    authority=Person.of(data["authority"]), paused_at=moment(data["at"]), told=(str(assignment.id),),
                )
            )  # fmt: skip


def resumed(event: Event, uow: UnitOfWork) -> None:
    """assignment.resumed."""
    if handed_down(event, uow):
        found = uow.rows(store.PAUSES).get(UUID(event.data["pause_id"]))
        if found is not None and found.resumed_at is None:
            by, at = Person.of(event.data["authority"]), moment(event.data["at"])
            uow.rows(store.PAUSES).put(replace(found, resumed_by=by, resume_reasons=event.data["reasons"], resumed_at=at))


HEARS: dict[str, Handler] = {"assignment.paused": paused, "assignment.resumed": resumed}
