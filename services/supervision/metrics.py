"""What supervision counts."""

from prometheus_client import Counter, Gauge

_FIRED = Counter(
    "zhida_deadlines_fired_total",
    "Deadlines told of as approaching or missed; late: delayed by an outage",
    ["kind", "late"],
)
_CALENDAR = Gauge("zhida_calendar_days_left", "Days until the end of the working calendar; negative once it has passed")


def record_fired(kind: str, count: int, *, late: bool) -> None:
    """Deadlines that fired, as `approaching` or `missed`."""
    if count:
        _FIRED.labels(kind, "true" if late else "false").inc(count)


def record_calendar(left: int) -> None:
    """How far the working calendar reaches."""
    _CALENDAR.set(left)
