"""Figures of the mechanism, behind functions that say what happened. Services keep theirs in their own metrics.py.

What has not happened yet is stated as 0 by `expect_*`: a counter that appears with its first fault shows no increase, and no alert.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from prometheus_client import Counter, Gauge, Histogram

_SEALED = Counter("zhida_events_sealed", "Events sealed into the log.", ["service"])
_PUBLISHED = Counter("zhida_events_published", "Events sent, by what the broker answered.", ["service", "destination", "outcome"])
_CONFIRM = Histogram(
    "zhida_confirm_seconds", "Time from sending a batch until the broker has answered for all of it.", ["service", "destination"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15),
)  # fmt: skip
_LEADS = Gauge("zhida_relay_leads", "Whether this process holds the relay of the service: one does.", ["service"])
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
_TICKED = Gauge("zhida_timer_last_run_timestamp_seconds", "When a service's timer last ran, real time.", ["service", "timer"])
_PERIOD = Gauge("zhida_timer_period_seconds", "How long a service's timer rests between two runs.", ["service", "timer"])
_UNBOUND = Counter("zhida_bindings_missing", "Bindings that were found missing and made again.", ["service"])
_OUTBOX = Gauge("zhida_outbox_age_seconds", "Age of the oldest event that has not left yet.", ["service", "destination"])
_PARKED = Gauge("zhida_parked_events", "Events that wait in the table, by reason.", ["service", "reason"])
_MEASURED = Gauge("zhida_backlog_measured_timestamp_seconds", "When outbox and parked events were last looked at.", ["service"])
_QUEUED = Gauge("zhida_queue_messages", "Messages that lay in a queue of ours when it was last looked at.", ["service", "queue"])
_PART = Gauge("zhida_part_up", "Whether a part of the process that it needs to be ready is up.", ["part"])
_POOL_SIZE = Gauge("zhida_pool_connections", "Connections to the database that a service may have in this process.", ["service"])
_POOL_BUSY = Gauge("zhida_pool_connections_busy", "Those that are in use.", ["service"])
_POOL_WAITED = Counter("zhida_pool_wait_seconds", "Time waited for a free connection.", ["service"])
_POOL_EMPTY = Counter("zhida_pool_exhausted", "Times that none became free in time.", ["service"])
EVERY = 15.0  # seconds between two looks at what a service counts in its tables; Prometheus asks as often
REASONS = ("failed", "waiting", "not_yet", "unreadable", "poison")


class Seldom:
    """Says once in `EVERY` seconds of real time that it is time to measure: for timers that run far more often."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def due(self) -> bool:
        """Whether it is time; then not again for a while."""
        now = time.monotonic()
        if now < self._again_at:
            return False
        self._again_at = now + EVERY
        return True


def expect_service(service: str) -> None:
    """A worker of the service begins."""
    _SEALED.labels(service)
    _UNBOUND.labels(service)
    _LEADS.labels(service)
    for fault in ("unavailable", "link_queue", "link_unavailable", "link_failed"):
        _RELAY.labels(service, fault)
    for outcome in ("handled", "repeated", "parked", "not_ours", "early", "unreadable", "retried"):
        _HANDLED.labels(service, outcome)
    _BATCH.labels(service)
    _LAG.labels(service)


def expect_destination(service: str, destination: str, outcomes: tuple[str, ...]) -> None:
    """Something will be sent there."""
    for outcome in outcomes:
        _PUBLISHED.labels(service, destination, outcome)
    _STALLED.labels(service, destination)
    _CONFIRM.labels(service, destination)


def expect_timer(service: str, timer: str, seconds: float) -> None:
    """A timer begins, which rests so long."""
    _PERIOD.labels(service, timer).set(seconds)
    _TICKED.labels(service, timer).set_to_current_time()
    for result in ("done", "failed"):
        _TICK.labels(service, timer, result)


def expect_pool(service: str, size: int, busy: Callable[[], int]) -> None:
    """A pool of connections is there; `busy` says how many are in use."""
    _POOL_SIZE.labels(service).set(size)
    _POOL_BUSY.labels(service).set_function(busy)
    _POOL_WAITED.labels(service)
    _POOL_EMPTY.labels(service)


def record_sealed(service: str, count: int) -> None:
    """Count sealed events."""
    if count:
        _SEALED.labels(service).inc(count)


def record_published(service: str, destination: str, outcomes: Mapping[str, int], seconds: float) -> None:
    """Count events by the broker's answer (confirmed, unroutable, refused), and the time until it had answered for all."""
    for outcome, count in outcomes.items():
        _PUBLISHED.labels(service, destination, outcome).inc(count)
    _CONFIRM.labels(service, destination).observe(seconds)


def record_leading(service: str, leads: bool) -> None:
    """This process took or lost the relay."""
    _LEADS.labels(service).set(leads)


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
    _TICKED.labels(service, timer).set_to_current_time()


def record_unbound(service: str, count: int) -> None:
    """Count bindings that had gone missing."""
    _UNBOUND.labels(service).inc(count)


def record_backlog(service: str, outbox: dict[str, float], parked: dict[str, int]) -> None:
    """State the outbox's age by destination (seconds) and the parked events by reason."""
    for destination, age in outbox.items():
        _OUTBOX.labels(service, destination).set(age)
    for reason in REASONS:
        _PARKED.labels(service, reason).set(parked.get(reason, 0))
    _MEASURED.labels(service).set_to_current_time()


def record_queue(service: str, queue: str, messages: int) -> None:
    """State how many messages lie in a queue."""
    _QUEUED.labels(service, queue).set(messages)


def record_part(part: str, up: bool) -> None:
    """State whether a part of the process is up."""
    _PART.labels(part).set(up)


def record_waited(service: str, begun: float, *, exhausted: bool) -> None:
    """Count the time waited for a connection since `begun` (monotonic), and whether it was in vain."""
    _POOL_WAITED.labels(service).inc(time.monotonic() - begun)
    if exhausted:
        _POOL_EMPTY.labels(service).inc()
