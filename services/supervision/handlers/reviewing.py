"""What is told of reviews changes in what is owed: one is asked for, somebody is to decide it, it is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.supervision import domain
from services.supervision.handlers.dockets import docket
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """The clocks have loaded the cases and what they owe."""


def requested(event: Event, uow: UnitOfWork) -> None:
    """review.requested: its days begin."""
    with docket(event, uow) as page:
        domain.owe_review(page, event.data["level"], at=datetime.fromisoformat(event.data["requested_at"]))


def assigned(event: Event, uow: UnitOfWork) -> None:
    """review.assigned: who decides; told again when a hearing was held, whose days do not count."""
    data, reviewer = event.data, event.data.get("reviewer")
    with docket(event, uow) as page:
        domain.assign_review(
            page, data["level"], Person.of(reviewer) if reviewer else None, hearing_days=data.get("hearing_days") or 0,
            by=Person.of(data["by"]), at=datetime.fromisoformat(data["at"]),
        )  # fmt: skip


def decided(event: Event, uow: UnitOfWork) -> None:
    """review.decided: the clock ends."""
    with docket(event, uow) as page:
        domain.review_decided(page, event.data["level"], at=datetime.fromisoformat(event.data["at"]))


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    "review.requested": requested, "review.assigned": assigned, "review.decided": decided,
}  # fmt: skip
