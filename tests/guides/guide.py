"""A county in which the guides are tried: who signs in, what the page answers, and the pictures of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from deploy.dev import demo
from deploy.dev.county import County
from deploy.dev.steps import Steps
from tests.browser.conftest import FLAGS
from tests.browser.walking import turn_to

WIDE, NARROW = 1280, 390
COLOURS = 128  # enough for pages of a few tints; a picture then weighs a third


@dataclass
class Guide:
    """The demo's county, whose time stands where a task left it."""

    county: County
    browser: Browser
    pictures: Path
    taken: list[str] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    _pages: dict[tuple[str, int], Page] = field(default_factory=dict)

    def of(self, official: str, *, width: int = WIDE) -> Page:
        """The official's browser, signed in; nobody's for ""."""
        if (official, width) not in self._pages:
            home = self.county.home(official) if official else self.county.county
            context = self.browser.new_context(
                base_url=home.address(),
                viewport={"width": width, "height": 850},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",  # a picture of a page that glides shows neither end
            )
            context.set_default_timeout(60_000)  # a dossier is set as PDF; beside other tests it takes its time
            self._pages[official, width] = context.new_page()
        page = self._pages[official, width]
        if official:
            page.goto("/sign-in/account")
            if page.url != f"{self.county.home(official).address()}/sign-in/account":  # the first time, or his session is over
                page.goto(self.county.link(official))
        return page

    def menu(self, official: str, entry: str, *, width: int = WIDE) -> Page:
        """The page that an entry of the official's menu opens."""
        return turn_to(self.of(official, width=width), entry)

    def picture(self, page: Page, name: str, *, height: int = 850, top: Locator | None = None) -> None:
        """Keep what a reader would see: the window, its upper edge at `top` or at the page's head."""
        width = page.viewport_size["width"] if page.viewport_size else WIDE
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_load_state("networkidle")  # with what the page fetches for itself
        page.evaluate("document.activeElement.blur(); for (const one of document.querySelectorAll('*')) one.scrollTop = 0")
        if top:
            top.evaluate("one => scrollTo(0, one.getBoundingClientRect().top - 16)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than its window"
        self.pictures.mkdir(parents=True, exist_ok=True)
        image = Image.open(BytesIO(page.screenshot())).convert("RGB")
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(self.pictures / f"{name}.png", optimize=True)
        page.set_viewport_size({"width": width, "height": 850})
        self.taken.append(name)

    def rest(self) -> None:
        """Whatever was told has arrived."""
        self.county.driver.rest.wait()


def said(page: Page, words: str) -> None:
    """The page answers so."""
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_visible()


def refused(page: Page, words: str) -> None:
    """The page says what is wrong, and has changed nothing."""
    expect(page.locator(".error-summary")).to_contain_text(words)


def pick(field: Locator, words: str) -> None:
    """Choose what says so in a list."""
    field.select_option(field.locator("option").filter(has_text=words).first.get_attribute("value"))


def row(page: Page, words: str) -> Locator:
    """A row of a table."""
    return page.get_by_role("row").filter(has_text=words)


@contextmanager
def opened(folder: Path, pictures: Path, steps: Steps) -> Iterator[Guide]:
    """A demo of its own under `folder`, whose time does not flow; gone with everything in it afterwards."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    assert binary, "no Chromium here: run `make setup-tests`"
    try:
        county = demo.start(steps, folder)
        demo.flow(county, folder).stop()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
            yield Guide(county, browser, pictures)
            browser.close()
    finally:
        demo.stop(folder, forget=True)
