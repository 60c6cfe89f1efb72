"""An intake with a real database and a real key, and events as the bus would bring them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from deploy.dev.database import Database as Server
from services.intake import handlers
from services.intake.crypto import Vault, open_vault
from services.intake.domain.viewing import Viewer
from services.intake.site import read_site
from shared import keys
from shared.config import Settings
from shared.database import Database
from shared.migrate import migrate
from shared.web.app import limiter
from shared.web.server import build
from shared.web.session import COOKIE, issue
from tests.integration.intake.intake_bus import CLERK, ORG, a_reader, event_of


@pytest.fixture(scope="session")
def settings(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    url = database.create("intake_tests")
    own = urlsplit(url)._replace(netloc=f"intake:secret@{urlsplit(url).netloc.rpartition('@')[2]}").geturl()
    folder: Path = tmp_path_factory.mktemp("keys")
    keys.make(folder)
    found = Settings(
        org=ORG, name="永兴县", name_en="Yongxing County", services=("intake",), amqp_uris={}, database_url=url,
        database_urls={"intake": own}, keys=folder, secure_cookies=False,
    )  # fmt: skip
    migrate(found)
    return found


@pytest.fixture(scope="session")
def vault(settings: Settings) -> Vault:
    return open_vault(settings.keys)


@pytest.fixture
def intake(settings: Settings) -> Iterator[Database]:
    """Intake's database under its own role, emptied before each test."""
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(
            "TRUNCATE intake.attachment, intake.petition, intake.sealed, intake.original, intake.milestone, intake.follow_up, intake.access,"
            " intake.supplement, intake.draft, intake.published, intake.bar, intake.look, intake.message, intake.unread_mail, intake.unread_bytes, intake.event_log,"
            " intake.organisation, intake.official, intake.inbox, intake.erasure, intake.shingle, intake.shingle_counts, intake.unshingled,"
            " intake.link, intake.unlike"
        )
    found = Database(settings.service_url("intake"), service="intake", org=ORG)
    yield found
    found.close()


@pytest.fixture
def clerk() -> Viewer:
    return Viewer(person=CLERK, roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({"o-431023-clerk", "431023-xf"}))


@pytest.fixture
def hear(intake: Database) -> Callable[..., None]:
    """Hear an event as the worker would: made by its contract, read back, preloaded and handled in one transaction."""

    def hear(name: str, case_id: UUID, data: dict[str, Any], *, org: str = ORG) -> None:
        event = event_of(name, str(case_id), data, org)
        with intake.unit_of_work() as uow:
            handlers.preload([event], uow)
            handlers.HEARS[name](event, uow)

    return hear


@pytest.fixture
def told(intake: Database) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """The events told so far: (name, data), in order."""

    def told() -> list[tuple[str, dict[str, Any]]]:
        with intake.unit_of_work() as uow:
            rows = uow.all("SELECT name, draft FROM event_log ORDER BY id")
        return [(row["name"], json.loads(bytes(row["draft"]) + b"}")["data"]) for row in rows]

    return told


@pytest.fixture(scope="session")
def site(settings: Settings) -> Flask:
    """The real site, with intake's pages alone."""
    return build(settings)


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The folder of the site's files, emptied."""
    found = read_site(settings).files.folder
    for path in found.rglob("*"):
        if path.is_file():
            path.unlink()
    return found


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is limited is tested by itself; the limiter is the process's one, so it is put back after each test."""
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def browse(site: Flask, settings: Settings, intake: Database) -> Callable[..., FlaskClient]:
    """A browser, signed in as an official with these roles, or as nobody."""

    def browse(*roles: str, **who: Any) -> FlaskClient:
        client = site.test_client()
        if roles:
            token = issue(a_reader(*roles, **who), keys.read(settings.keys, keys.SESSION) or "", datetime.now(UTC))
            client.set_cookie(COOKIE, token)
        return client

    return browse
