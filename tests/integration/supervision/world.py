"""One service on a real database: events go in through its handlers, what it told comes out of its log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from deploy.dev.database import Database as Server
from shared.config import Settings, load
from shared.contract import EVENTS
from shared.contract.envelope import CONTENT_TYPE, Event, decode, draft, instant, seal_suffix
from shared.database import Database, UnitOfWork
from shared.migrate import migrate
from tests.renewal import remember, renew

COUNTY, TOWNSHIP = "431023", "431023104"
ZONE = ZoneInfo("Asia/Shanghai")
TOWNSHIP_SECRETARY = {
    "official": "o-431023104-secretary", "name": "何立新", "post": "柏林镇党委书记", "organisation": TOWNSHIP,
}  # fmt: skip
SECRETARY = {"official": "o-431023-secretary", "name": "赵明", "post": "县委书记", "organisation": COUNTY}
COUNTY_LEADER = {
    "official": "o-431023-deputy", "name": "廖志平", "post": "副县长", "organisation": "431023-gov",
}  # fmt: skip
TELLER = {"case.registered": "intake", "case.withdrawn": "intake", "petitioner.answered": "intake"}


def at(text: str) -> datetime:
    """An instant given as the wall clock of Shanghai shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def moment(text: str) -> str:
    """The same as an event has it."""
    return instant(at(text))


def settings(server: Server, name: str, service: str) -> Settings:
    """An instance with simulated time that has this service alone, in a database of its own."""
    return load(
        {
            "ZHIDA_ORG": COUNTY, "ZHIDA_NAME": "永兴县", "ZHIDA_NAME_EN": "Yongxing County", "ZHIDA_SERVICES": service,
            "DATABASE_URL": server.url(name), "ZHIDA_SIMULATED": "true",
        }
    )  # fmt: skip


def migrated(server: Server, service: str) -> str:
    """A database with that service's schema, used by one test after another; its name."""
    name = f"only_{service}"
    server.create(name)
    migrate(settings(server, name, service))
    remember(server.url(name))
    return name


class World:
    """A service on its emptied database, at a time that the test sets."""

    def __init__(self, server: Server, name: str, service: str, hears: Mapping[str, Callable], preload: Callable) -> None:
        self.server, self.name, self.service = server, name, service
        self.database = Database(server.url(name), service=service, org=COUNTY, simulated=True)
        self._hears, self._preload, self._sequence = hears, preload, 0
        renew(server.url(name))

    def close(self) -> None:
        """Close the connections."""
        self.database.close()

    def clock(self, text: str) -> None:
        """Set the time, as the wall clock of Shanghai shows it."""
        with self.database.unit_of_work() as uow:
            uow.all(
                "INSERT INTO platform.simulated_clock (instant) VALUES (%(at)s)"
                " ON CONFLICT (single) DO UPDATE SET instant = excluded.instant",
                at=at(text),
            )

    def event(
        self, name: str, subject: UUID, data: Mapping[str, Any], *, org: str = COUNTY, teller: str | None = None, to: str = COUNTY,
        time: str | None = None,
    ) -> Event:  # fmt: skip
        """An event as it would arrive, addressed to `to`, told at `time` as the wall clock of Shanghai shows it."""
        self._sequence += 1
        contract = EVENTS[name]
        teller = teller or TELLER.get(name) or sorted(contract.told_by)[0]
        body = draft(
            contract, event_id=uuid4(), source=f"/{org}/{teller}", subject=str(subject), time=at(time) if time else datetime.now(UTC),
            data=data,
            caseversion=1, correlation_id="test", causation_id=None, traceparent="",
        )  # fmt: skip
        return decode(body + seal_suffix(self._sequence), content_type=CONTENT_TYPE, stream_key=to)

    def hear(self, *events: Event) -> None:
        """Handle a batch in one transaction, as the worker does."""
        with self.database.unit_of_work() as uow:
            self._preload(events, uow)
            for event in events:
                uow.cause = event
                self._hears[event.contract.name](event, uow)

    def do(self, action: Callable[[UnitOfWork], Any]) -> Any:
        """Run something in a unit of work."""
        with self.database.unit_of_work() as uow:
            return action(uow)

    def rows(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        """Read."""
        with self.database.unit_of_work() as uow:
            return uow.all(statement, **params)

    def told(self, *names: str, subject: UUID | None = None) -> list[tuple[str, dict[str, Any]]]:
        """What the service told, in order: names and data."""
        found = self.rows(
            "SELECT name, draft FROM event_log WHERE (%(names)s = '{}' OR name = ANY(%(names)s))"
            " AND (%(subject)s IS NULL OR subject = %(subject)s) ORDER BY id",
            names=list(names), subject=str(subject) if subject else None,
        )  # fmt: skip
        return [(row["name"], json.loads(bytes(row["draft"]) + b"}")["data"]) for row in found]


def names(told: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """The names alone."""
    return [name for name, _ in told]
