"""What supervision counts."""

from prometheus_client import Counter

_FIRED = Counter(
    "zhida_deadlines_fired_total",
    "Deadlines told of as approaching or missed; late: delayed by an outage",
    ["kind", "late"],
)


def record_fired(kind: str, *, late: bool) -> None:
    """One deadline fired, as `approaching` or `missed`."""
    _FIRED.labels(kind, "true" if late else "false").inc()
