"""A browser of one official, on Flask's test client."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from services.routing.handlers import accounts
from shared.web import session
from tests.integration.routing.world import Instance

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # what the pages take for real time where a test says so
PASSWORD = "长长的 password 1"


class Browser:
    """A browser of one official: it follows redirects and sends the page's own token with each form."""

    def __init__(self, client: FlaskClient, instance: Instance) -> None:
        self.client, self.instance = client, instance
        self.page = ""
        self.status = 0
        self.path = ""

    def sign_in(self, official: str) -> Browser:
        """By a one-time link."""
        with self.instance.work() as uow:
            token = accounts.make_link(uow, official, datetime.now(UTC))
        self.get(f"/sign-in/link/{token}")
        assert self.status == 200, self.page
        return self

    def _took(self, response: Any) -> Browser:
        self.page, self.status, self.path = response.get_data(as_text=True), response.status_code, response.request.path
        return self

    def get(self, path: str) -> Browser:
        """Open a page."""
        return self._took(self.client.get(path, follow_redirects=True))

    def post(self, path: str, **form: Any) -> Browser:
        """Send a form, with the token of the page that is open."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        data = {"csrf_token": token[1] if token else ""} | form
        return self._took(self.client.post(path, data=data, follow_redirects=True))

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page that is open."""
        found = re.search(rf'name="{name}" value="([^"]+)"', self.page)
        assert found, f"no hidden field {name}"
        return found[1]


def cookie(one: Browser) -> str:
    """The session's token."""
    found = one.client.get_cookie(session.COOKIE)
    assert found is not None
    return found.value


def sign_in(one: Browser, official: str, password: str, **more) -> Browser:
    one.get("/sign-in")
    return one.post("/sign-in", official=official, password=password, **more)


def from_address(one: Browser, address: str) -> Browser:
    """The same browser at another address."""
    one.client.environ_base["REMOTE_ADDR"] = address
    return one
