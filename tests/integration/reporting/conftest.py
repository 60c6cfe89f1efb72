"""A reporting instance on a real database, migrated once and emptied for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from deploy.dev.database import Database as Server
from services.reporting.handlers import projecting
from shared.bus.inbox import Inbox, Incoming
from shared.bus.parked import listed
from shared.bus.retrying import retry_due
from shared.config import Settings
from shared.contract import Event
from shared.contract.envelope import CONTENT_TYPE
from shared.database import Database
from shared.migrate import migrate
from tests.integration.reporting.site import browser, build
from tests.integration.reporting.story import COUNTY, NOW
from tests.renewal import remember, renew

NAME = "reporting_tests"


@pytest.fixture(scope="session")
def settings(database: Server) -> Settings:
    """A county that runs reporting alone, under a role of its own; its clock stands at NOW."""
    url = database.create(NAME)
    own = database.url(NAME, user="reporting_tests", password="reporting")
    settings = Settings(
        org=COUNTY, name="永兴县", name_en="Yongxing County", services=("reporting",), amqp_uris={}, database_url=url,
        database_urls={"reporting": own}, simulated=True, secure_cookies=False,
    )  # fmt: skip
    migrate(settings)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO platform.simulated_clock (instant) VALUES (%s)", (NOW,))
    connection.close()
    remember(settings.database_url)
    return settings


@pytest.fixture
def reporting(settings: Settings) -> Iterator[Database]:
    """The service's database, empty."""
    renew(settings.database_url)
    database = Database(settings.service_url("reporting"), service="reporting", org=settings.org, simulated=True)
    yield database
    database.close()


Take = Callable[..., None]


@pytest.fixture
def take(reporting: Database) -> Take:
    """Take events in, in batches of `size`, as the bus's inbox does."""

    def take(events: Sequence[Event], size: int = 100, into: Database | None = None) -> None:
        for start in range(0, len(events), size):
            batch = events[start : start + size]
            with (into or reporting).unit_of_work() as uow:
                projecting.preload(batch, uow)
                for event in batch:
                    projecting.HEARS[event.contract.name](event, uow)

    return take


@pytest.fixture
def deliver(reporting: Database, settings: Settings) -> Take:
    """Take events in through the bus's own inbox: what waits for its cause or is refused is parked, and tried again."""
    inbox = Inbox(reporting, settings, projecting.HEARS, projecting.preload, user="broker")

    def deliver(events: Sequence[Event], size: int = 100) -> None:
        for start in range(0, len(events), size):
            inbox.take(
                "reporting",
                [
                    Incoming(
                        body=event.body, routing_key=f"{event.stream.rpartition(' ')[2]}.{event.contract.name}",
                        content_type=CONTENT_TYPE, user="broker", message_id=str(event.id), redelivered=False,
                    )
                    for event in events[start : start + size]
                ],
            )  # fmt: skip
            retry_due(inbox)

    return deliver


def reasons(database: Database) -> list[str]:
    """Why events are parked, in order."""
    with database.unit_of_work() as uow:
        return [row["reason"] for row in listed(uow)]


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def app(reporting: Database) -> Flask:
    """Reporting alone as a site."""
    return build(reporting)


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """`sign_in(who, *roles)`: a browser in which somebody is signed in."""
    return lambda who, *roles: browser(app, who, *roles)


@pytest.fixture
def office(sign_in: SignIn) -> FlaskClient:
    """A browser of the leading group's office, which sees all cases of the county."""
    return sign_in({"official": "o-office", "name": "林主任", "post": "办公室主任", "organisation": "431023-office"}, "office")
