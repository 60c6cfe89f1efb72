"""axe on the pages of the main path, at desk and telephone width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from deploy.dev.story import CLERK, FOLLOWUP, OFFICE, SECRETARY

PAGES = [
    (None, "/"), (None, "/submit"), (None, "/track"), (None, "/sign-in"), (SECRETARY, "/routing/review"), (CLERK, "/intake/desk"),
    (CLERK, "/intake/register/letter"), (CLERK, "/intake/drafts"), (CLERK, "/intake/imports"), (None, "/answers"),
    (CLERK, "/intake/calls"), (CLERK, "/intake/calls/new"), (OFFICE, "/intake/duty"), (OFFICE, "/reporting/cases"),
    (OFFICE, "/reporting/statistics"), (SECRETARY, "/routing/assignments"),
    ("o-431023-sup-director", "/supervision/deadlines"), ("o-431023-sup-director", "/supervision/calendar"),
    ("o-431023-sup-director", "/supervision/calendar/differences"), ("o-431023-sup-director", "/supervision/policy"), (FOLLOWUP, "/followup/tasks"),
    (None, "/reception"), (None, "/reception/booking"), (None, "/reception/screen?still=1"), (CLERK, "/intake/visits"), (CLERK, "/intake/boards"),
    (CLERK, "/intake/visits/walk-in"), (CLERK, "/intake/reception"), (CLERK, "/intake/reception/rule/rota"),
    (SECRETARY, "/intake/reception/mine"), (OFFICE, "/routing/rules"), (OFFICE, "/routing/rules/new"), ("o-431023-administrator", "/routing/keys"),
]  # fmt: skip


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """What a browser remembers of an official who signed in: links are good once, and 30 a minute."""
    return {}


def open_as(open_page: Callable[..., Page], sessions: dict[str, Any], official: str | None, width: int) -> Page:
    if official is None or official in sessions:
        return open_page(None, width=width, storage_state=sessions.get(official or ""))
    page = open_page(official, width=width)
    sessions[official] = page.context.storage_state()
    return page


@pytest.mark.parametrize("width", [1366, 360])
@pytest.mark.parametrize(("official", "path"), PAGES, ids=[path for _, path in PAGES])
def test_axe_finds_nothing_serious(
    open_page: Callable[..., Page], sessions: dict[str, Any], official: str | None, path: str, width: int
) -> None:
    page = open_as(open_page, sessions, official, width)
    page.goto(path)
    assert path == "/sign-in" or "/sign-in" not in page.url
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
