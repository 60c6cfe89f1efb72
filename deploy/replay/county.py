"""A simulated county: an instance of the product, its worker processes, its clock, its people."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from psycopg2.errors import DeadlockDetected

from deploy.dev.broker import Broker
from deploy.dev.county import DATA
from deploy.dev.database import Database
from deploy.dev.existing import ExistingBroker, ExistingDatabase
from deploy.dev.instance import Instance
from deploy.dev.processes import Process
from deploy.dev.rest import Rest
from deploy.dev.waiting import until
from deploy.replay.people import People
from services.followup import store as followup
from services.intake import store as intake
from services.intake.vault.crypto import open_vault
from services.routing import store as routing
from services.routing.handlers.directory import import_directory
from services.supervision import handlers as timers
from services.supervision import store as supervision
from services.supervision.handlers.in_force import calendar_of
from services.supervision.working_calendar import ZONE, local_day
from shared.database import UnitOfWork
from shared.errors import Unavailable
from shared.rows import Table

TOGETHER = 50  # what people do in one unit of work, where not each does what he does alone
TRIES = 5
PATIENCE = 120.0
# The rows that are locks: those of a set are taken in one order, as the product's own batches take them.
LOCKS: dict[str, Table[Any]] = {
    "intake": intake.PETITIONS,
    "routing": routing.CASES,
    "supervision": supervision.CASES,
    "followup": followup.CASES,
}
Act = tuple[UUID, Callable[[UnitOfWork], object]]
TIMERS: Sequence[Callable[[UnitOfWork], int]] = (timers.end_periods, timers.fire_due, timers.climb_due, timers.keep_book)


class Place(NamedTuple):
    """Which county it is."""

    code: str
    name: str
    name_en: str

    def directory(self) -> str:
        """The demo's directory as this county's own; its town works in the county's instance here."""
        text = (DATA / "directory-431023.yaml").read_text(encoding="utf-8")
        text = text.replace('superior: "431023", has_instance: true', 'superior: "431023"')
        return text.replace(YONGXING.code, self.code).replace(YONGXING.name, self.name).replace(YONGXING.name_en, self.name_en)


YONGXING = Place("431023", "永兴县", "Yongxing County")


class County:
    """One county, everything of it at rest between two days. `workers` are the services of each worker process."""

    def __init__(
        self, folder: Path, broker: Broker | ExistingBroker, database: Database | ExistingDatabase, *, begin: date, place: Place = YONGXING,
        workers: Sequence[Sequence[str]] = (("intake", "followup", "reporting"), ("routing", "supervision")),
        together: int = TOGETHER, label: str | None = None, die_with_parent: bool = True, extra: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.instance = Instance(
            place.code, folder, broker=broker, database=database, label=f"y{uuid.uuid4().hex[:6]}-" if label is None else label,
            die_with_parent=die_with_parent, extra={"ZHIDA_SIMULATED": "1", **(extra or {})}, name=place.name, name_en=place.name_en,
        )  # fmt: skip
        self.people = People(place.code)
        self.instance.prepare()
        self.query = self.instance.query
        self.vault = open_vault(self.instance.settings.keys)
        self._rest = Rest([self.instance])
        self.at(begin, time(0, 0, 1))
        with self.instance.unit_of_work("routing") as uow:
            import_directory(uow, place.directory(), datetime.now(UTC))
        with self.instance.unit_of_work("supervision") as uow:
            timers.adopt_policy(uow)
            self.calendar = calendar_of(uow)
        self._together = together
        self._services, self._workers = tuple(workers), list[Process]()
        self._told_at_rest: tuple[int | None, ...] = ()

    def start(self) -> None:
        """Start the workers; returns when all is at rest."""
        self._workers = [self.instance.worker(*names, name=f"worker-{number}") for number, names in enumerate(self._services)]
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            worker.wait_http(f"{self.instance.address(worker.name)}/readyz", timeout=60)
        self.settle()

    def stop(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.stop()
        self.instance.disconnect()

    # -- time -----------------------------------------------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """The county's time."""
        moment: datetime = self.query("SELECT platform.now()")[0][0]
        return moment

    @property
    def today(self) -> date:
        """Its day, in China."""
        return local_day(self.now)

    def at(self, day: date, clock: time) -> None:
        """Move the clock."""
        self.query(
            "INSERT INTO platform.simulated_clock (instant) VALUES (%s) ON CONFLICT (single) DO UPDATE SET instant = excluded.instant",
            datetime.combine(day, clock, ZONE),
        )

    def fall_due(self) -> None:
        """What the scheduler does at this instant, until nothing is left; the workers' own timers are at it too."""
        until(self._nothing_due, timeout=PATIENCE, what="everything that is due")

    def settle(self) -> None:
        """Wait until every event has arrived and nothing is due. Where nothing was told since it last was so, one look is enough."""
        try:
            until(self._rests, timeout=PATIENCE, what="rest")
        except TimeoutError:
            self._rest.wait(1)  # says what is not at rest

    def _rests(self) -> bool:
        if not self._nothing_due():
            return False
        told = self._told()
        if told != self._told_at_rest:
            if next(self._rest.unrest(), None):
                return False
            self._told_at_rest = told
        return True

    def _told(self) -> tuple[int | None, ...]:
        """The last event of each service."""
        last = ", ".join(f"(SELECT max(id) FROM {service}.event_log)" for service in self.instance.services)
        return self.query(f"SELECT {last}")[0]

    def _nothing_due(self) -> bool:
        if not next(self._rest.due(self.instance), None):
            return True
        for timer in TIMERS:
            while self.work("supervision", timer):
                pass
        return not next(self._rest.due(self.instance), None)

    # -- work -----------------------------------------------------------------------------------------------------------
    def work(self, service: str, act: Callable[[UnitOfWork], Any]) -> Any:
        """Do something in one unit of work. Once more where two met who lock the same rows: as whoever is told 503 tries again."""
        for _ in range(TRIES):
            try:
                with self.instance.unit_of_work(service) as uow:
                    return act(uow)
            except Unavailable as fault:
                if not isinstance(fault.__cause__, DeadlockDetected):
                    raise
        raise Unavailable(f"{service}: {TRIES} deadlocks in a row")

    def do(self, service: str, acts: Sequence[Act]) -> None:
        """Do these acts, each on its case, as many in a unit of work as go together here."""
        for first in range(0, len(acts), self._together):
            self.work(service, functools.partial(_all, LOCKS[service], acts[first : first + self._together]))


def _all(locks: Table[Any], acts: Sequence[Act], uow: UnitOfWork) -> None:
    uow.rows(locks).load({case for case, _ in acts})
    for _, act in acts:
        act(uow)


def days_since(moment: datetime, today: date) -> int:
    """How many days ago something was, by the days of China."""
    return (today - local_day(moment)).days


def days(first: date, last: date) -> list[date]:
    """Every day, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
