"""A county and a township, each with a database of its own, copied from one that was migrated once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from deploy.dev.database import Database as Server
from services.routing import handlers, passwords
from services.routing.handlers import accounts
from services.routing.site import Oidc, Site
from shared import keys
from shared.web.server import build
from tests.integration.routing.browser import NOW, PASSWORD, Browser
from tests.integration.routing.world import AT, EPB, OFFICE, Instance, instruct, registered
from tests.provider import SECRET, Provider
from tests.renewal import remember, renew

BACK = "http://localhost/sign-in/oidc/callback"


@pytest.fixture(scope="session")
def made_instances() -> dict[str, list[str]]:
    """Names of databases that nobody uses now, by organisation."""
    return {}


@pytest.fixture
def make(database: Server, made_instances: dict[str, list[str]], tmp_path: Path) -> Iterator[Callable[[str], Instance]]:
    """An instance with its directory imported, as new; its database is used again by the next test."""
    made: list[Instance] = []

    def instance(org: str) -> Instance:
        free = made_instances.setdefault(org, [])
        name = free.pop() if free else None
        if name:
            renew(database.url(name))
        found = Instance(database, org, tmp_path / org, name)
        if name is None:
            remember(database.url(found.name))
        made.append(found)
        return found

    yield instance
    for one in made:
        one.database.close()
        made_instances[one.org].append(one.name)


@pytest.fixture
def county(make: Callable[[str], Instance]) -> Instance:
    """The county's instance."""
    return make("431023")


@pytest.fixture
def township(make: Callable[[str], Instance]) -> Instance:
    """Bolin's own instance."""
    return make("431023104")


@pytest.fixture
def case_id(county: Instance) -> UUID:
    """A case that waits for its first instruction, at the time at which it was registered."""
    made = uuid4()
    county.set_clock(AT)
    county.hear(registered(made, AT))
    return made


@pytest.fixture
def site(county: Instance) -> Iterator[Flask]:
    """The county's pages."""
    keys.make(county.settings.keys)
    app = build(county.settings)
    yield app
    for database in app.extensions["zhida.databases"].values():
        database.close()


@pytest.fixture
def at(site: Flask):
    """Move real time as the pages see it."""

    def move(**span: float) -> datetime:
        now = NOW + timedelta(**span)
        site.extensions["zhida"].real_now = lambda: now
        return now

    move()
    return move


@pytest.fixture
def account(county: Instance) -> str:
    """An official with a password."""
    with county.work() as uow:
        accounts.set_password_hash(uow, OFFICE, passwords.make_hash(PASSWORD), NOW)
    return OFFICE


@pytest.fixture
def browser(site: Flask, county: Instance) -> Callable[..., Browser]:
    """A new browser, signed in when an official is named."""

    def make(official: str | None = None) -> Browser:
        one = Browser(site.test_client(), county)
        return one.sign_in(official) if official else one

    return make


@pytest.fixture
def owed(county: Instance, case_id: UUID) -> UUID:
    """An assignment of the bureau's head that waits for his reply."""
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
    return assignment


@pytest.fixture
def head(browser, county: Instance, owed: UUID) -> Browser:
    """He, with the reply's form before him."""
    with county.work() as uow:
        accounts.set_password_hash(uow, EPB, passwords.make_hash(PASSWORD), NOW)
    return browser(EPB).get(f"/routing/assignments/{owed}")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A real OpenID provider; a test that stops it or changes its keys starts it again."""
    one = Provider(tmp_path_factory.mktemp("provider"), BACK).start()
    yield one
    one.stop()


@pytest.fixture
def use(site, running: Provider, tmp_path: Path) -> Callable[..., None]:
    """Have the site use the provider."""
    (tmp_path / "secret").write_text(SECRET + "\n")

    def change(**more: Any) -> None:
        known = Oidc(
            issuer=running.issuer, client_id="zhida", client_secret_file=tmp_path / "secret", claim="employee_number", name="统一身份认证",
            name_en="sso", scopes=("openid", "profile"), skew_seconds=60, ca_file=None,
        )  # fmt: skip
        oidc = replace(known, **more)
        site.extensions["zhida.routing.site"] = Site(second_factor=frozenset(), oidc=oidc)
        site.extensions["zhida"].real_now = lambda: datetime.now(UTC)

    change()
    return change
