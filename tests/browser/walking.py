"""People of the county who walk one case through the pages: they sign in once, find their way by the menu, and look at both widths."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from deploy.dev.county import County
from tests.integration.supervision.world import at

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
CLERK, SECRETARY, SUPERVISOR = "o-431023-xf-clerk", "o-431023-secretary", "o-431023-sup-director"
HEAD, LEADER, FOLLOWUP = "o-431023-lrb-director", "o-431023-vice-land", "o-431023-followup"
WIDTHS = (390, 1280)
A4 = [595, 842]


def serious(page: Page) -> list[str]:
    """What axe finds serious on a page."""
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def turn_to(page: Page, entry: str) -> Page:
    """From his first page by an entry of the menu, behind 更多 where the bar has no room for it."""
    page.goto("/")
    menu = page.get_by_role("navigation", name="主导航")
    found = menu.locator(".bar").get_by_role("link", name=re.compile(f"^{entry}( |$)"))
    if not found.is_visible():
        menu.get_by_text("更多").click()
        found = menu.locator(".more").get_by_role("link", name=re.compile(f"^{entry}( |$)"))
    found.click()
    return page


@dataclass
class Walk:
    """One case on its way: whoever has his turn does it on his own page."""

    county: County
    open_page: Open
    shot: Shot
    folder: Path
    number: str = ""
    _pages: dict[str, Page] = field(default_factory=dict)

    def page_of(self, official: str) -> Page:
        """His browser, signed in."""
        if official not in self._pages:
            self._pages[official] = self.open_page(official, width=1280)
        return self._pages[official]

    def turn_to(self, official: str, entry: str) -> Page:
        """He finds a page by its entry in the menu."""
        page = self.page_of(official)
        return turn_to(page, entry)

    def waits(self, official: str, entry: str) -> int:
        """How many the menu says wait there."""
        page = self.page_of(official)
        page.goto("/")
        badge = page.locator("nav.menu .bar a", has_text=entry).locator(".badge")
        return int(re.findall(r"\d+", badge.inner_text())[0]) if badge.count() else 0

    def advance(self, when: str) -> None:
        """The county's clock moves, by way of everything that falls due."""
        self.county.driver.advance(at(when))

    def rest(self) -> None:
        """Whatever was told has arrived."""
        self.county.driver.rest.wait()

    def look(self, page: Page, name: str) -> None:
        """Accessible, and within its window at both widths; a picture of each."""
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 850})
            page.wait_for_function("wide => document.documentElement.scrollWidth <= wide", arg=width)  # once it is laid out anew
            self.shot(page, f"walk-{name}-{width}")
        assert serious(page) == [], name

    def printed(self, page: Page, name: str, most: int = 1) -> str:
        """The page on paper, at most so many sheets of A4: the text of the first without blanks, which a line's end may be."""
        file = self.folder / f"{name}.pdf"
        page.pdf(path=file, prefer_css_page_size=True)
        document = pypdfium2.PdfDocument(file)
        assert [round(side) for side in document[0].get_size()] == A4
        assert len(document) <= most, f"{name} takes {len(document)} sheets"
        document[0].render(scale=1.2).to_pil().save(file.with_suffix(".png"))
        return "".join(document[0].get_textpage().get_text_range().split())


def said(page: Page, words: str) -> None:
    """The page says so after a form was sent."""
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_visible()


def row(page: Page, words: str) -> Locator:
    """A row of a table."""
    return page.get_by_role("row").filter(has_text=words)
