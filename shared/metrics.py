"""Figures of the mechanism, behind functions that say what happened. Services keep theirs in their own metrics.py."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SEALED = Counter("zhida_events_sealed", "Events sealed into the log.", ["service"])
_PUBLISHED = Counter("zhida_events_published", "Events sent and answered by the broker.", ["service", "destination"])
_RELAY = Counter("zhida_relay_faults", "Times the relay had to back off.", ["service", "fault"])
_STALLED = Counter(
    "zhida_streams_stalled", "Times a stream stood still at an event that no queue took.", ["service", "destination"]
)
_HANDLED = Counter("zhida_events_handled", "Events taken from the queue, by what became of them.", ["service", "outcome"])
_BATCH = Histogram(
    "zhida_batch_seconds", "Time to handle and commit one batch of events.", ["service"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)  # fmt: skip
_LAG = Histogram(
    "zhida_event_lag_seconds", "Time from an event's change to its effect, business time.", ["service"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
)  # fmt: skip
_TICK = Counter("zhida_timer_runs", "Runs of a service's timer, by result.", ["service", "timer", "result"])
_UNBOUND = Counter("zhida_bindings_missing", "Bindings that were found missing and made again.", ["service"])
_OUTBOX = Gauge("zhida_outbox_age_seconds", "Age of the oldest event that has not left yet.", ["service", "destination"])
_PARKED = Gauge("zhida_parked_events", "Events that wait in the table, by reason.", ["service", "reason"])


def record_sealed(service: str, count: int) -> None:
    """Count sealed events."""
    if count:
        _SEALED.labels(service).inc(count)


def record_published(service: str, destination: str, count: int) -> None:
    """Count events that the broker answered for."""
    _PUBLISHED.labels(service, destination).inc(count)


def record_relay(service: str, fault: str) -> None:
    """Count a back-off of the relay."""
    _RELAY.labels(service, fault).inc()


def record_stalled(service: str, destination: str) -> None:
    """Count a stream that stands still."""
    _STALLED.labels(service, destination).inc()


def record_handled(service: str, outcome: str, count: int = 1) -> None:
    """Count events by outcome: handled, repeated, parked, not_ours."""
    if count:
        _HANDLED.labels(service, outcome).inc(count)


def record_batch(service: str, seconds: float) -> None:
    """Time of one batch."""
    _BATCH.labels(service).observe(seconds)


def record_lag(service: str, seconds: float) -> None:
    """Time from change to effect."""
    _LAG.labels(service).observe(max(seconds, 0.0))


def record_tick(service: str, timer: str, result: str) -> None:
    """Count a timer's run."""
    _TICK.labels(service, timer, result).inc()


def record_unbound(service: str, count: int) -> None:
    """Count bindings that had gone missing."""
    _UNBOUND.labels(service).inc(count)


def record_backlog(service: str, outbox: dict[str, float], parked: dict[str, int]) -> None:
    """State the outbox's age by destination (seconds) and the parked events by reason."""
    for destination, age in outbox.items():
        _OUTBOX.labels(service, destination).set(age)
    for reason in ("failed", "waiting", "not_yet", "unreadable", "poison"):
        _PARKED.labels(service, reason).set(parked.get(reason, 0))
