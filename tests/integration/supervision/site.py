"""A service's pages on its database, opened by readers of every role."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared import keys
from shared.web import session
from shared.web.access import Role
from shared.web.server import build
from tests.integration.supervision.world import COUNTY, World, settings

READER = session.Reader(
    official_id="o-431023-reader", name="王建平", org="431023-sup", posts=({"title": "督查室主任", "org": "431023-sup"},),
    roles=frozenset(), scope=frozenset({"431023*"}), sid="s-1",
)  # fmt: skip


class Site:
    """The pages of a world's service."""

    def __init__(self, world: World, folder: Path) -> None:
        keys.make(folder / "keys")
        self.settings = replace(settings(world.server, world.name, world.service), keys=folder / "keys", secure_cookies=False)
        self.app = build(self.settings)
        self.app.config["PROPAGATE_EXCEPTIONS"] = False

    def close(self) -> None:
        """Close the database's connections."""
        for database in self.app.extensions["zhida.databases"].values():
            database.close()

    def token(self, *roles: str, **changes: object) -> str:
        """A session of a reader with these roles."""
        reader = replace(READER, roles=frozenset(roles), **changes)  # type: ignore[arg-type]
        key = keys.read(self.settings.keys, keys.SESSION)
        assert key is not None
        return session.issue(reader, key, datetime.now(UTC))

    def client(self, *roles: str, **changes: object) -> FlaskClient:
        """A browser in which that reader is signed in."""
        client = self.app.test_client()
        client.set_cookie(session.COOKIE, self.token(*roles, **changes))
        return client


def csrf(page: TestResponse) -> str:
    """The form's token."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def hidden(page: TestResponse, name: str) -> str:
    """A hidden field's value."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def refused(site: Site, path: str, allowed: Iterable[str]) -> dict[str, int]:
    """What every role that is not allowed gets at `path`."""
    others = {str(role) for role in Role} - set(map(str, allowed))
    return {role: site.client(role).get(path).status_code for role in others}


__all__ = ["COUNTY", "READER", "Site", "csrf", "hidden", "refused"]
