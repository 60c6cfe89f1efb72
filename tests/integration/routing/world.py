"""Instances of routing on a real database, with events carried by hand from one log to another's handlers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg2

from deploy.dev.database import Database as Server
from services.routing import handlers
from services.routing.domain import Instruction
from services.routing.handlers.directory import import_directory
from shared.config import SERVICES, Settings
from shared.contract import EVENTS, Event, decode, draft, seal_suffix
from shared.contract.envelope import CONTENT_TYPE, instant, uuid7
from shared.database import Database, UnitOfWork
from shared.migrate import migrate

DATA = Path(__file__).parents[3] / "deploy/dev/data"
SECRETARY, VICE, CDI = "o-431023-secretary", "o-431023-vice-env", "o-431023-cdi-secretary"
EPB, OFFICE, TOWN, MATIAN = (
    "o-431023-epb-director",
    "o-431023-office-clerk",
    "o-431023104-secretary",
    "o-431023101-secretary",
)


def beijing(text: str) -> datetime:
    """An instant given as Beijing's clock shows it."""
    return datetime.fromisoformat(f"{text}+08:00")


class Instance:
    """One organisation's routing, with its own database and a clock that the test moves."""

    def __init__(
        self, server: Server, org: str, folder: Path, made: str | None = None, services: Sequence[str] = ("routing",), **more: Any
    ) -> None:  # fmt: skip
        name = made or f"routing_{uuid4().hex[:12]}"
        if made is None:
            server.create(name)
        owner, logins = server.url(name), {one: server.url(name, user=f"zhida_{one}", password="secret") for one in SERVICES}
        self.settings = Settings(
            org=org, name=org, name_en=org, services=tuple(services), amqp_uris={}, database_url=owner, simulated=True,
            database_urls=logins, keys=folder, demo=True, secure_cookies=False, **more,
        )  # fmt: skip
        self.org, self.owner, self.name = org, owner, name
        self.database = Database(logins["routing"], service="routing", org=org, simulated=True)
        self._taken: dict[str, int] = {}
        if made is None:
            migrate(self.settings)
            self.at("2016-11-01 08:00")
            with self.database.unit_of_work() as uow:
                import_directory(uow, (DATA / f"directory-{org}.yaml").read_text(encoding="utf-8"), datetime.now(UTC))

    def at(self, text: str) -> datetime:
        """Move the clock to this moment in Beijing."""
        return self.set_clock(beijing(text))

    def set_clock(self, now: datetime) -> datetime:
        """Move the clock to this instant."""
        with psycopg2.connect(self.owner) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO platform.simulated_clock (instant) VALUES (%s)"
                " ON CONFLICT (single) DO UPDATE SET instant = excluded.instant",
                (now,),
            )
        connection.close()
        return now

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """A unit of work."""
        with self.database.unit_of_work() as uow:
            yield uow

    def hear(self, *events: Event) -> None:
        """Take events in as the consumer does: a batch in one unit of work, rows loaded in sets."""
        with self.work() as uow:
            handlers.preload(events, uow)
            for event in events:
                uow.cause = event
                handlers.HEARS[event.contract.name](event, uow)

    def told(self, name: str | None = None) -> list[Event]:
        """Every event that this instance has told, decoded from its log as a receiver would."""
        with self.work() as uow:
            rows = uow.all("SELECT id, name, addressee, draft FROM event_log ORDER BY id")
        return [
            decode(bytes(row["draft"]) + seal_suffix(row["id"]), content_type=CONTENT_TYPE, stream_key=row["addressee"])
            for row in rows
            if name in (None, row["name"])
        ]

    def carry_to(self, other: Instance) -> list[str]:
        """Hand to another instance (or to itself) what it has not had yet and is addressed to it. Gives the names.

        Time passes in both: what arrives does not come from the receiver's future.
        """
        rest = self.told()[self._taken.get(other.org, 0) :]
        self._taken[other.org] = self._taken.get(other.org, 0) + len(rest)
        for_it = [
            event for event in rest
            if "routing" in event.contract.heard_by
            and (other is self or event.stream.split(" ")[1] == other.org)
        ]  # fmt: skip
        if for_it:
            with self.work() as here, other.work() as there:
                late = here.now if here.now > there.now else None
            if late:
                other.set_clock(late)
            other.hear(*for_it)
        return [event.contract.name for event in for_it]

    def query(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of this instance."""
        with self.work() as uow:
            return uow.all(statement, **params)

    def waiting(self) -> int:
        """How many connections of this database wait for a lock."""
        with psycopg2.connect(self.owner) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'", (self.name,))
            (found,) = cursor.fetchone() or (0,)
        connection.close()
        return int(found)

    def assignments(self, case_id: UUID) -> list[dict[str, Any]]:
        """The assignments of a case by their person responsible, in the order of issue."""
        return self.query(
            "SELECT *, responsible ->> 'official' AS official FROM assignment WHERE case_id = %(case)s ORDER BY issued_at, round",
            case=case_id,
        )

    def assignment(self, case_id: UUID, official: str) -> UUID:
        """The latest assignment of an official in a case."""
        found = [row["id"] for row in self.assignments(case_id) if row["official"] == official]
        assert found, f"{official} has no assignment"
        return found[-1]

    def stage(self, case_id: UUID) -> str:
        """Where a case stands."""
        return str(self.query("SELECT stage FROM case_record WHERE id = %(id)s", id=case_id)[0]["stage"])


def event(name: str, subject: UUID | str, data: dict[str, Any], *, source: str, at: datetime, key: str | None = None) -> Event:
    """An event of another service or instance, through the real envelope and its contract."""
    contract, organisation = EVENTS[name], source.split("/")[1]
    body = draft(
        contract, event_id=uuid7(), source=source, subject=str(subject), time=at, data=data, caseversion=1,
        correlation_id="test", causation_id=None, traceparent="",
    )  # fmt: skip
    return decode(body + seal_suffix(1), content_type=CONTENT_TYPE, stream_key=key or organisation)


def registered(case_id: UUID, at: datetime, org: str = "431023", **changes: Any) -> Event:
    """intake told of the article's petition."""
    data = {
        "number": "XF20161107-0001", "channel": "email", "matter_type": "appeal", "category": "water",
        "place": "431023104", "title": "十里洞村饮水污染", "brief": "反映造纸厂污水直排，村民饮水困难。",
        "identity": "anonymous", "group_size": 1, "received_at": instant(at), "registered_at": instant(at),
        "registered_by": None,
    }  # fmt: skip
    return event("case.registered", case_id, data | changes, source=f"/{org}/intake", at=at)


def conflict(case_id: UUID, at: datetime, organisations: Sequence[str] = (), officials: Sequence[str] = ()) -> Event:
    """intake told who is complained of."""
    data = {"organisations": list(organisations), "officials": list(officials), "by": None}
    return event("case.conflict_set", case_id, data, source="/431023/intake", at=at)


REPLY: dict[str, Any] = {
    "outcome": "supported",
    "findings": "污水直排已多次发生。",
    "measures": ["取缔造纸厂", "行政拘留"],
    "answer": "已依法取缔。",
}
AT = beijing("2016-11-07 09:30")


def instruct(county: Instance, case_id: UUID, *addressees: str, **more: Any) -> Instruction:
    """The secretary's instruction to these officials, each to handle the case."""
    with county.work() as uow:
        return handlers.instruct(
            uow, case_id, SECRETARY, "请办理。", [(one, "handling") for one in addressees], "ordinary", **more
        )
