"""How much waits, and for how long: the figures that say whether a service keeps up."""

from __future__ import annotations

from shared.database import Database
from shared.metrics import record_backlog

_OUTBOX = """
SELECT d.destination, max(extract(epoch FROM platform.now() - e.occurred_at)) AS age
FROM delivery d LEFT JOIN LATERAL (
    SELECT occurred_at FROM event_log WHERE stream = d.stream AND sequence = d.sequence + 1
) e ON true GROUP BY d.destination
UNION ALL
SELECT 'seal', extract(epoch FROM platform.now() - min(occurred_at)) FROM event_log WHERE sequence IS NULL
"""
_PARKED = "SELECT reason, count(*) FROM parked WHERE dismissed_at IS NULL GROUP BY reason"


def measure(database: Database) -> None:
    """State the outbox's age and the parked events as they are now. Raises Unavailable."""
    with database.unit_of_work() as uow:
        outbox = {row["destination"]: float(row["age"] or 0) for row in uow.all(_OUTBOX)}
        parked = {row["reason"]: row["count"] for row in uow.all(_PARKED)}
    record_backlog(database.service, outbox, parked)
