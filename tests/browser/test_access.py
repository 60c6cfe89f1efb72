"""axe on the pages of the main path, at desk and telephone width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CLERK, FOLLOWUP, OFFICE, SECRETARY
from tests.browser.test_protocol import LRB, assignment, instructed, received

AUDITOR, ADMINISTRATOR = "o-431023-auditor", "o-431023-administrator"
PAGES = [
    (None, "/"), (None, "/submit"), (None, "/track"), (None, "/sign-in"), (SECRETARY, "/routing/review"), (CLERK, "/intake/desk"),
    (CLERK, "/intake/register/letter"), (CLERK, "/intake/drafts"), (CLERK, "/intake/imports"), (None, "/answers"),
    (CLERK, "/intake/calls"), (CLERK, "/intake/calls/new"), (OFFICE, "/intake/duty"), (OFFICE, "/reporting/cases"),
    (OFFICE, "/reporting/statistics"), (SECRETARY, "/reporting/dashboard"), (OFFICE, "/reporting/dashboard"), (OFFICE, "/reporting/reports"),
    (OFFICE, "/reporting/events"), (AUDITOR, "/reporting/exports"), (SECRETARY, "/routing/assignments"),
    ("o-431023-sup-director", "/supervision/deadlines"), ("o-431023-sup-director", "/supervision/calendar"),
    ("o-431023-sup-director", "/supervision/calendar/differences"), ("o-431023-sup-director", "/supervision/policy"), (FOLLOWUP, "/followup/tasks"),
    (None, "/reception"), (None, "/reception/booking"), (None, "/reception/screen?still=1"), (CLERK, "/intake/visits"), (CLERK, "/intake/boards"),
    (CLERK, "/intake/visits/walk-in"), (CLERK, "/intake/reception"), (CLERK, "/intake/reception/rule/rota"),
    (SECRETARY, "/intake/reception/mine"), (OFFICE, "/routing/rules"), (OFFICE, "/routing/rules/new"), (ADMINISTRATOR, "/routing/keys"),
    (SECRETARY, "/routing/unanswered"), (SECRETARY, "/routing/delegation"), (OFFICE, "/routing/replies"), (OFFICE, "/routing/decisions"),
    (OFFICE, "/routing/handovers"), (OFFICE, "/routing/refer-up"), (OFFICE, "/routing/times"), (OFFICE, "/routing/accountability"),
    (AUDITOR, "/routing/refused-tries"), (AUDITOR, "/routing/readings"), (ADMINISTRATOR, "/routing/sync"),
    (ADMINISTRATOR, "/routing/directory"), (ADMINISTRATOR, "/routing/directory/changes"), (ADMINISTRATOR, "/routing/directory/import"),
    (ADMINISTRATOR, "/routing/directory/announcements"), (ADMINISTRATOR, "/routing/directory/change/appoint"),
    (ADMINISTRATOR, "/routing/directory/change/transfer?official=o-431023-edu-director"),
    (ADMINISTRATOR, "/routing/directory/officials/o-431023-edu-director"), (ADMINISTRATOR, "/routing/directory/organisations/431023-edu"),
    (SECRETARY, "/sign-in/account"), (SECRETARY, "/sign-in/password"), (SECRETARY, "/routing/pin"),
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
    assert path.startswith("/sign-in") or "/sign-in" not in page.url
    check(page, width)


def check(page: Page, width: int) -> None:
    page.wait_for_load_state()  # with its style sheets
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1366, 360])
def test_axe_finds_nothing_serious_about_a_case_its_assignment_and_its_reply(
    open_page: Callable[..., Page], county: County, width: int
) -> None:
    case = instructed(county, f"路面塌陷{width}", addressees=[LRB])
    unit = open_page(LRB, width=width)
    unit.goto(assignment(county, case, LRB))
    check(unit, width)
    received(county, case, LRB, unit)
    check(unit, width)
    unit.get_by_label("解释说明").check()
    unit.get_by_label("调查情况").fill("已到现场。")
    unit.get_by_label("给信访人的答复").fill("正在修。")
    unit.get_by_role("button", name="核对").click()
    check(unit, width)
    office = open_page(OFFICE, width=width)
    office.goto(f"/routing/cases/{case}")
    check(office, width)
    expect(office.get_by_label("给信访人的答复")).to_be_hidden()  # the conclusion is folded: nobody's reply is approved yet
    office.get_by_text("撤回该项交办").click()
    office.get_by_role("button", name="确认撤回").click()
    expect(office.get_by_role("status").filter(has_text="交办已撤回")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("width", [1366, 360])
def test_every_page_of_a_long_menu_is_found(open_page: Callable[..., Page], width: int, script: bool) -> None:
    page = open_page(OFFICE, width=width, java_script_enabled=script)
    page.goto("/routing/decisions")
    menu = page.get_by_role("navigation", name="主导航")
    if width > 1000:
        expect(menu.get_by_role("link", name="待决事项")).to_have_attribute("aria-current", "page")
        assert page.evaluate(
            "document.querySelector('.menu .bar').scrollWidth <= document.querySelector('.menu .bar').clientWidth"
        )
    expect(menu.get_by_role("link", name="上下级核对")).to_be_hidden()
    menu.get_by_text("更多").click()
    if script:
        page.keyboard.press("Escape")
        expect(menu.get_by_role("link", name="上下级核对")).to_be_hidden()
        menu.get_by_text("更多").click()
    if width < 1000:
        expect(menu.locator(".more").get_by_role("link", name="待决事项")).to_be_visible()
    menu.get_by_role("link", name="上下级核对").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("上下级核对")
