"""What reporting counts."""

from prometheus_client import Gauge

_FAILING = Gauge("zhida_reports_failing", "Reports that are owed and could not be drawn when they were last tried")


def record_failing(count: int) -> None:
    """How many reports fail as it stands now."""
    _FAILING.set(count)
