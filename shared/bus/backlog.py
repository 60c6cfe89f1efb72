"""How much waits, and for how long: the figures that say whether a service keeps up."""

from __future__ import annotations

from typing import NamedTuple

from shared.database import Database, UnitOfWork
from shared.metrics import record_backlog

_OUTBOX = """
SELECT d.destination, sum(h.sequence - d.sequence) AS waiting, max(extract(epoch FROM platform.now() - e.occurred_at)) AS age
FROM delivery d JOIN stream_head h ON h.stream = d.stream LEFT JOIN LATERAL (
    SELECT occurred_at FROM event_log WHERE stream = d.stream AND sequence = d.sequence + 1
) e ON true GROUP BY d.destination
UNION ALL
SELECT 'seal', count(*), extract(epoch FROM platform.now() - min(occurred_at)) FROM event_log WHERE sequence IS NULL
"""
_PARKED = "SELECT reason, count(*) FROM parked WHERE dismissed_at IS NULL GROUP BY reason"


class Backlog(NamedTuple):
    """By destination how many events have not left (`seal`: are not sealed) and the age of the oldest in seconds; parked ones by reason."""

    waiting: dict[str, int]
    age: dict[str, float]
    parked: dict[str, int]


def backlog(uow: UnitOfWork) -> Backlog:
    """What waits now."""
    outbox = uow.all(_OUTBOX)
    return Backlog(
        {row["destination"]: int(row["waiting"]) for row in outbox},
        {row["destination"]: float(row["age"] or 0) for row in outbox},
        {row["reason"]: row["count"] for row in uow.all(_PARKED)},
    )


def measure(database: Database) -> None:
    """State the outbox's age and the parked events as they are now. Raises Unavailable."""
    with database.unit_of_work() as uow:
        found = backlog(uow)
    record_backlog(database.service, found.age, found.parked)
