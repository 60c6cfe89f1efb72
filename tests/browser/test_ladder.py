"""The ladder of the article's case, walked by those who walk it: reminder, notice, interview held, charge proposed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.story import SECRETARY
from services.routing import handlers
from tests.browser.test_review import registered
from tests.integration.supervision.world import at

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
SUPERVISOR, HEAD = "o-431023-sup-director", "o-431023-lrb-director"
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """A county of its own, for its months pass."""
    running = County(
        server_folder / "ladder", broker, database, begin=at("2016-11-07 08:00"), label="ladder-", die_with_parent=True,
        extra=dict.fromkeys(("ZHIDA_RATE_LIMIT", "ZHIDA_PUBLIC_RATE_LIMIT", "ZHIDA_COSTLY_RATE_LIMIT"), "100000 per minute"),
    )  # fmt: skip
    running.prepare()
    _ = running.driver
    running.start()
    try:
        yield running
    finally:
        running.stop()


def advance(county: County, when: str) -> datetime:
    until = at(when)
    county.driver.advance(until)
    return until


@pytest.fixture
def overdue(county: County) -> str:
    """A case of the labour office that is overdue at the end of November; its id."""
    (number,) = registered(county, 1)
    case = county.county.query("SELECT id::text FROM routing.case_record WHERE number = %s", number)[0][0]
    with county.county.unit_of_work("routing") as uow:
        handlers.instruct(
            uow, uuid.UUID(case), SECRETARY, "请十日内办结。", [(HEAD, "handling")], "ordinary", instruction_id=uuid.uuid4()
        )
    advance(county, "2016-12-01 09:00")
    return str(case)


def clean(page: Page) -> None:
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert found == [], found


def look(page: Page, shot: Shot, name: str) -> None:
    """A picture at both widths; on the narrow one nothing runs out of the window."""
    clean(page)
    before = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 850})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} runs out at {width}"
        shot(page, f"ladder-{name}-{width}")
    assert before is not None
    page.set_viewport_size(before)


def noticed(office: Page, head: Page, shot: Shot) -> None:
    """The office issues the half month's round; whoever is responsible finds it on both of his pages."""
    office.goto("/supervision/ladder")
    look(office, shot, "due")
    office.get_by_role("button", name="全部签发（1 件）").click()
    expect(office.get_by_text("已签发 1 件")).to_be_visible()
    look(office, shot, "documents")
    office.get_by_role("link", name="永督〔2016〕1号").click()
    expect(office.get_by_role("heading", name="信访事项督办单")).to_be_visible()
    look(office, shot, "notice")
    head.goto("/routing/assignments")
    expect(head.get_by_text("督办单 永督〔2016〕1号")).to_be_visible()
    head.goto("/supervision/mine")
    expect(head.get_by_role("link", name="永督〔2016〕1号")).to_be_visible()
    look(head, shot, "mine")


def called_in(secretary: Page, shot: Shot) -> None:
    """The secretary calls him in, and says where and when."""
    secretary.goto("/supervision/ladder?step=interview")
    look(secretary, shot, "call")
    secretary.get_by_role("button", name="通知约谈").click()
    secretary.get_by_label("时间", exact=True).fill("2016-12-08T15:00")
    secretary.get_by_label("地点", exact=True).fill("县委小会议室")
    look(secretary, shot, "appoint")
    secretary.get_by_role("button", name="确定并告知").click()
    expect(secretary.get_by_text("并已告知被约谈人")).to_be_visible()


def held(secretary: Page, shot: Shot) -> None:
    """It is held, recorded and printed."""
    secretary.reload()
    secretary.get_by_label("参加人", exact=True).fill("县委书记\n单位负责人")
    secretary.get_by_label("谈话记录", exact=True).fill("说明了未办结的原因。")
    secretary.get_by_label("整改要求", exact=True).fill("十日内办结并报告。")
    secretary.get_by_label("整改期限", exact=True).fill("2016-12-18")
    secretary.get_by_role("button", name="保存约谈记录").click()
    expect(secretary.get_by_text("约谈记录已保存")).to_be_visible()
    look(secretary, shot, "held")
    secretary.get_by_role("link", name="约谈记录").click()
    look(secretary, shot, "record")


def test_the_ladder_is_climbed_step_by_step(county: County, overdue: str, open_page: Open, shot: Shot) -> None:
    office, secretary = open_page(SUPERVISOR), open_page(SECRETARY)
    noticed(office, open_page(HEAD), shot)
    advance(county, "2016-12-07 09:00")
    called_in(secretary, shot)
    advance(county, "2016-12-08 18:00")
    held(secretary, shot)
    advance(county, "2017-01-01 09:00")
    for step in ("circular", "bundle"):
        office.goto(f"/supervision/ladder?step={step}")
        office.get_by_role("button", name="全部签发（1 件）").click()
        expect(office.get_by_text("已签发 1 件")).to_be_visible()
    office.goto(f"/supervision/cases/{overdue}/ladder")
    for document in ("永督〔2016〕1号", "永约〔2016〕1号", "永通〔2017〕1号", "永包〔2017〕1号"):
        expect(office.get_by_role("link", name=document)).to_be_visible()
    look(office, shot, "case")
    office.goto("/supervision/policy")
    look(office, shot, "policy")
    told = county.county.query(
        "SELECT count(*) FROM supervision.event_log WHERE name = 'charge.proposed' AND subject = %s", overdue
    )
    assert told == [(1,)]
    ended = "SELECT count(*) FROM supervision.event_log WHERE name = 'period.ended'"
    assert county.county.query(ended) == [(7 + 4 + 1,)]  # weeks, half months, two months
