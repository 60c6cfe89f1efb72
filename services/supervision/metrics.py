"""What supervision counts."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

_DAY = 86_400  # seconds

_FIRED = Counter(
    "zhida_deadlines_fired_total",
    "Deadlines told of as approaching or missed; late: delayed by an outage",
    ["kind", "late"],
)
for _kind, _late in (("missed", "false"), ("missed", "true"), ("approaching", "false")):
    _FIRED.labels(_kind, _late)
_LATENESS = Histogram(
    "zhida_deadline_lateness_seconds", "From the instant at which a deadline was due to its miss; of a set the oldest one's",
    buckets=(1, 2, 5, 15, 60, 300, 3600, 6 * 3600, _DAY, 7 * _DAY),
)  # fmt: skip
_UNFIRED = Gauge("zhida_deadline_unfired_seconds", "For how long a deadline has been due that nobody was told of")
_OPEN = Gauge("zhida_cases_open", "Cases in which anybody owes something")
_OWING = Gauge("zhida_cases_owing", "Cases in which a unit owes something, by its code", ["unit"])
_OVERDUE = Gauge("zhida_limits_overdue", "Limits that are over and still owed, by the unit's code", ["unit"])
_units: set[str] = set()
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


def record_lateness(seconds: float) -> None:
    """How late a set of misses was told, by its oldest."""
    _LATENESS.observe(max(seconds, 0.0))


def record_owed(own: str, cases: int, units: Iterable[tuple[str, int, int]], unfired: float) -> None:
    """What is owed as it stands now: cases in all, and by unit its code, cases, limits that are over. The instance's own code
    stands there always, and a unit that owes nothing any more with 0."""
    _OPEN.set(cases)
    owed = {unit: (owing, overdue) for unit, owing, overdue in units}
    _units.update(owed, (own,))
    for unit in _units:
        owing, overdue = owed.get(unit, (0, 0))
        _OWING.labels(unit).set(owing)
        _OVERDUE.labels(unit).set(overdue)
    _UNFIRED.set(unfired)
