"""What follow-up's events change in what is owed: the petitioner is to be asked, and was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.supervision import domain
from services.supervision.handlers.dockets import docket
from shared.contract.envelope import Event
from shared.database import UnitOfWork


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """The clocks have loaded the cases and what they owe."""


def due(event: Event, uow: UnitOfWork) -> None:
    """followup.due: the petitioner of a concluded case is to be asked."""
    with docket(event, uow) as page:
        domain.owe_follow_up(page, round_number=event.data["round"], at=event.time)


def recorded(event: Event, uow: UnitOfWork) -> None:
    """followup.recorded: a result ends the clock; that nobody answered this time is none."""
    if event.data["result"] != "not_reached":
        with docket(event, uow) as page:
            domain.followed_up(page, round_number=event.data["round"], at=datetime.fromisoformat(event.data["recorded_at"]))


def unreachable(event: Event, uow: UnitOfWork) -> None:
    """followup.unreachable: a result of its own."""
    with docket(event, uow) as page:
        domain.followed_up(page, round_number=event.data["round"], at=datetime.fromisoformat(event.data["at"]))


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    "followup.due": due,
    "followup.recorded": recorded,
    "followup.unreachable": unreachable,
}
