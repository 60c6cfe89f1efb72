"""An intake with a real database and a real key, and events as the bus would bring them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deploy.dev.database import Database as Server
from services.intake import handlers
from services.intake.channels import fetchers as channels
from services.intake.channels import imap, mailboxes, sending
from services.intake.channels.boards import Feed
from services.intake.channels.composing import Writer
from services.intake.channels.taking import take
from services.intake.domain.viewing import Viewer
from services.intake.files.cabinet import Cabinet
from services.intake.handlers.board_items import read_item
from services.intake.site import Site, read_site
from services.intake.vault.crypto import Vault, open_vault
from shared import keys
from shared.config import Settings
from shared.database import Database
from shared.migrate import migrate
from shared.web.app import limiter
from shared.web.server import build
from shared.web.session import COOKIE, issue
from tests.integration.intake.board_cases import a_feed, board, write_site
from tests.integration.intake.board_server import OutsideBoard
from tests.integration.intake.dovecot import Dovecot, running_dovecot
from tests.integration.intake.intake_bus import CLERK, ORG, a_reader, event_of
from tests.integration.intake.intake_cases import a_mail
from tests.integration.intake.intake_clamd import Clamd, running
from tests.integration.intake.intake_kept import a_cabinet
from tests.integration.intake.mail_server import MailServer, post_to
from tests.integration.intake.mailbox_cases import Letters
from tests.integration.intake.thread_cases import SITE, Sent, one
from tests.renewal import remember, renew


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
    remember(found.database_url)
    return found


@pytest.fixture(scope="session")
def vault(settings: Settings) -> Vault:
    return open_vault(settings.keys)


@pytest.fixture
def intake(settings: Settings) -> Iterator[Database]:
    """Intake's database under its own role, emptied before each test."""
    renew(settings.database_url)
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


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as running:
        yield running


@pytest.fixture
def user() -> str:
    """A box of the test's own."""
    return f"u{uuid4().hex[:12]}"


@pytest.fixture
def letters(settings: Settings, intake: Database, vault: Vault, dovecot: Dovecot, user: str, tmp_path: Path) -> Letters:
    """The same box, with what reads it."""
    return Letters(settings=settings, intake=intake, vault=vault, dovecot=dovecot, user=user, folder=tmp_path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(channels, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(mailboxes, "STAND_BY", 0.05)
    monkeypatch.setattr(imap, "LOOK", 0.05)


@pytest.fixture
def send(intake: Database, vault: Vault) -> Callable[[], MailServer]:
    """Send what is due to a server of the outside world."""

    def send() -> MailServer:
        with MailServer() as server:
            sending.send_all(intake, 20, writer=Writer(vault=vault, mail=SITE), carrier=post_to(server.port))
        return server

    return send


@pytest.fixture
def sent(intake: Database, vault: Vault, send: Callable[[], MailServer]) -> Sent:
    number = take(intake, vault, a_mail(), site=SITE).number
    server = send()
    return Sent(one(intake, "SELECT id FROM petition")["id"], number, server.letters[0], server.returns_to[0])


# -- a board out there --------------------------------------------------------------------------------------------------


@pytest.fixture
def outside() -> Iterator[OutsideBoard]:
    """A board with five posts, answering."""
    made = OutsideBoard()
    made.start()
    made.posts = {str(n): f"第 {n} 件事，请书记过问。" for n in range(1, 6)}
    yield made
    made.stop()


@pytest.fixture
def named(settings: Settings, tmp_path: Path, outside: OutsideBoard) -> Site:
    """The site's file names it."""
    return read_site(replace(settings, service_files={"intake": write_site(tmp_path, outside.address)}))


@pytest.fixture
def feed(named: Site, intake: Database, vault: Vault) -> Feed:
    """What fetches it."""
    return a_feed(board(named), intake, vault)


@pytest.fixture
def texts(intake: Database, vault: Vault, clerk: Viewer) -> Callable[[], list[str]]:
    """Every text of every post that was taken in, sorted."""

    def texts() -> list[str]:
        with intake.unit_of_work() as uow:
            ids = [row["id"] for row in uow.all("SELECT id FROM board_item")]
            found = [read_item(uow, vault, item_id, clerk) for item_id in ids]
        return sorted(post.text.strip() for item in found for _, post in item.texts)

    return texts


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    """A real clamd with a small list of viruses."""
    with running() as scanner:
        yield scanner


@pytest.fixture
def cabinet(settings: Settings, tmp_path: Path) -> Cabinet:
    """Where files lie, without a scanner."""
    return a_cabinet(settings, tmp_path)
