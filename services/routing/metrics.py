"""What "zero time difference" comes to: seconds from registration to review, dispatch and receipt (M6); how officials are told."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

# From a second to a month: handled at once, within the hour, the day, the ten days.
BUCKETS = (1, 10, 60, 300, 900, 3600, 4 * 3600, 86400, 3 * 86400, 10 * 86400, 30 * 86400)
REVIEW = Histogram("zhida_routing_time_to_review_seconds", "From registration to the first reading", buckets=BUCKETS)
DISPATCH = Histogram("zhida_routing_time_to_dispatch_seconds", "From the reading to the first dispatch", buckets=BUCKETS)
RECEIPT = Histogram("zhida_routing_time_to_receipt_seconds", "From dispatch to the first receipt", buckets=BUCKETS)

ALERTS = Counter(
    "zhida_routing_alert_messages_total", "Tries to tell an official, by medium and what came of it", ["medium", "outcome"]
)
WAITING = Gauge("zhida_routing_cases_to_review", "Cases that wait for the first-in-command's instruction")
UNREAD = Gauge("zhida_routing_oldest_unreviewed_seconds", "For how long the oldest of them has waited that he has not read")
UNTOLD = Gauge("zhida_routing_oldest_alert_message_seconds", "For how long the oldest message to an official has waited")


def _observe(histogram: Histogram, begun: datetime | None, done: datetime | None) -> None:
    if begun is not None and done is not None:
        histogram.observe(max((done - begun).total_seconds(), 0))


def record_time_to_review(registered_at: datetime | None, reviewed_at: datetime | None) -> None:
    """A case was read for the first time. Called after the commit."""
    _observe(REVIEW, registered_at, reviewed_at)


def record_time_to_dispatch(reviewed_at: datetime | None, dispatched_at: datetime | None) -> None:
    """A case was handed out for the first time. Called after the commit."""
    _observe(DISPATCH, reviewed_at, dispatched_at)


def record_time_to_receipt(dispatched_at: datetime | None, receipted_at: datetime | None) -> None:
    """A case was received for the first time. Called after the commit."""
    _observe(RECEIPT, dispatched_at, receipted_at)


def record_alert(medium: str, outcome: str) -> None:
    """A message to an official was tried: sent, dropped, or why it was not taken."""
    ALERTS.labels(medium=medium, outcome=outcome).inc()


def record_waiting(cases: int, unread: float, message: float) -> None:
    """What waits now: cases for an instruction, the oldest unread of them, the oldest message to an official (seconds)."""
    WAITING.set(cases)
    UNREAD.set(unread)
    UNTOLD.set(message)
