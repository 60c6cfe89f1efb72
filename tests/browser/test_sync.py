"""The page of agreement in a browser: a county and its town that have talked to each other, then one that has lost something."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import COUNTY, TOWN, County
from deploy.dev.waiting import until
from services.routing.domain.agreement import Verdict
from services.routing.handlers import sync
from shared.contract.envelope import instant

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
ADMINISTRATOR = "o-431023-administrator"


def verdict(county: County) -> Verdict | None:
    with county.county.unit_of_work("routing") as uow:
        return next((one.verdict for one in sync.neighbours(uow) if one.org == TOWN), None)


def spoken(county: County) -> None:
    """The town's signing key or one of its facts goes up, so that there is something to compare."""
    with county.town.unit_of_work("routing") as uow:
        if not uow.all("SELECT 1 FROM event_log WHERE stream = %(stream)s", stream=f"/{TOWN}/routing {COUNTY}"):
            told = {
                "code": TOWN,
                "name": "柏林镇",
                "name_en": "Bolin Town",
                "heads": [],
                "reason": "例行",
                "at": instant(uow.now),
            }
            uow.tell("directory.unit_announced", TOWN, told, addressee=COUNTY)
    county.driver.rest.wait()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_administrator_sees_how_it_stands_with_the_town_and_has_it_counted_anew(
    open_page: Open, shot: Shot, county: County, width: int
) -> None:
    spoken(county)
    until(lambda: verdict(county) is Verdict.AGREES, timeout=90, what="county and town to agree")
    page = open_page(ADMINISTRATOR, width=width)
    page.goto("/routing/sync")
    expect(page.get_by_role("heading", name="上下级核对", exact=True)).to_be_visible()
    expect(page.locator("main")).to_contain_text("柏林镇")
    expect(page.locator("main table").first).to_contain_text("一致")
    expect(page.locator("main table").first).not_to_contain_text("不一致")
    page.locator("summary").first.click()
    shot(page, f"sync-agrees-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    county.county.query("UPDATE platform.held SET agrees = false, chain = %s WHERE split_part(stream, '/', 2) = %s", b"x", TOWN)
    county.county.query("INSERT INTO platform.difference (consumer, stream, sequence, subject, what, ours)"
                        " SELECT 'routing', %s, %s, coalesce((SELECT min(id::text) FROM routing.case_record), '431023104'), 'altered',"
                        " gen_random_uuid()",
                        f"/{TOWN}/routing {COUNTY}", width)  # fmt: skip
    page.goto("/routing/sync")
    expect(page.locator("main table").first).to_contain_text("不一致")
    shot(page, f"sync-differs-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="重新核对").click()
    expect(page.locator("body")).to_contain_text("已请对方重发")
    until(lambda: verdict(county) is Verdict.AGREES, timeout=90, what="county and town to agree again")
    county.county.query("DELETE FROM platform.difference")  # the run's county is everybody's
