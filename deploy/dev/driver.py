"""Moves simulated time: a step at a time, each time everything has come to rest, so that months pass in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from deploy.dev.instance import Instance
from deploy.dev.rest import Rest


class Driver:
    """The only one who moves the clocks of these instances, which were created simulated; together they keep one time."""

    def __init__(self, instances: Sequence[Instance], begin: datetime) -> None:
        self._instances = list(instances)
        self.rest = Rest(instances)
        self._set(begin)

    @property
    def now(self) -> datetime:
        """The instances' time."""
        moment: datetime = self._instances[0].query("SELECT platform.now()")[0][0]
        return moment

    def advance(self, until: datetime, *, timeout: float = 120) -> int:
        """Go to an instant by way of every instant at which something falls due; returns how many steps it took.

        Raises TimeoutError, saying what is not at rest.
        """
        steps = 0
        while True:
            self.rest.wait(timeout)
            if self.now >= until:
                return steps
            self._set(min(until, self._next_due() or until))
            steps += 1

    def _next_due(self) -> datetime | None:
        """The next instant at which a deadline is due, a warning is owed, a reminder goes out, a period ends or duties were owed."""
        found = [
            instance.query(
                "SELECT least((SELECT min(least(due_at, warn_at)) FROM supervision.deadline WHERE stage IN ('pending', 'approaching')),"
                " (SELECT min(next_due) FROM supervision.ladder WHERE next_step = 'reminder'),"
                " (SELECT min(until) FROM supervision.period WHERE ended_at IS NULL),"
                " (SELECT min(duties_by) FROM supervision.charge WHERE ended_at IS NULL AND lapsed_at IS NULL))"
            )[0][0]
            for instance in self._instances
            if "supervision" in instance.services
        ]
        return min((moment for moment in found if moment), default=None)

    def _set(self, moment: datetime) -> None:
        for instance in self._instances:
            instance.query(
                "INSERT INTO platform.simulated_clock (instant) VALUES (%s) ON CONFLICT (single) DO UPDATE SET instant = excluded.instant",
                moment,
            )
