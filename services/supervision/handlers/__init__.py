"""Use cases of supervision as plain functions, and the table of what it hears. Modules by topic.

Several topics may hear one event: the clocks first, then the others in the order of TOPICS, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from services.supervision.handlers import carrying, clocks, following, received, reviewing, scoring, urging
from services.supervision.handlers.book import keep_book
from services.supervision.handlers.firing import fire_due
from services.supervision.handlers.in_force import adopt_policy
from services.supervision.handlers.ladder import climb_due
from services.supervision.handlers.periods import end_periods
from services.supervision.handlers.watching import Watch

if TYPE_CHECKING:
    from shared.contract.envelope import Event
    from shared.database import UnitOfWork

__all__ = ["HEARS", "Watch", "adopt_policy", "climb_due", "end_periods", "fire_due", "keep_book", "preload"]

TOPICS = (clocks, following, reviewing, received, carrying, scoring, urging)


def _each(handlers: Sequence[Callable[[Event, UnitOfWork], None]]) -> Callable[[Event, UnitOfWork], None]:
    def handle(event: Event, uow: UnitOfWork) -> None:
        for handler in handlers:
            handler(event, uow)

    return handlers[0] if len(handlers) == 1 else handle


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    name: _each([topic.HEARS[name] for topic in TOPICS if name in topic.HEARS])
    for name in dict.fromkeys(name for topic in TOPICS for name in topic.HEARS)
}


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load the rows of a batch in sets: a statement for each table, not for each event."""
    for topic in TOPICS:
        topic.preload(events, uow)
