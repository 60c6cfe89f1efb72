"""What supervision counts."""

from prometheus_client import Counter, Gauge

_DAY = 86_400  # seconds

_FIRED = Counter(
    "zhida_deadlines_fired_total",
    "Deadlines told of as approaching or missed; late: delayed by an outage",
    ["kind", "late"],
)
_CALENDAR = Gauge(
    "zhida_calendar_left_seconds", "Until the end of the working calendar, in whole days; negative once it has passed"
)


def record_fired(kind: str, count: int, *, late: bool) -> None:
    """Deadlines that fired, as `approaching` or `missed`."""
    if count:
        _FIRED.labels(kind, "true" if late else "false").inc(count)


def record_calendar(left: int) -> None:
    """How far the working calendar reaches: `left` days."""
    _CALENDAR.set(left * _DAY)
