"""Debian's Chromium, headless, talking to nobody but the county under test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from deploy.dev.county import County

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
# A page may be slow where other tests run beside it; what never comes is still noticed.
expect.set_options(timeout=20_000)
SHOTS = Path(__file__).parents[2] / ".local" / "screenshots"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that the distribution ships; `make setup-tests` installs it."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    assert binary, "no Chromium here: run `make setup-tests`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, county: County) -> Iterator[Callable[..., Page]]:
    """Open a page as an official (signed in by link) or as anybody; every page fails the test on a script error."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_as(official: str | None = None, *, width: int = 1366, height: int = 850, **options: Any) -> Page:
        home = county.home(official) if official else county.county
        context = chromium.new_context(
            base_url=home.address(),
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if message.type == "error" and "status of 4" not in message.text else None
            ),
        )
        if official:
            page.goto(county.link(official))
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a picture of the page, to be looked at."""

    def keep(page: Page, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    return keep
