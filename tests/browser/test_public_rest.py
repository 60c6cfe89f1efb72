"""What else the public uses, without script and on a telephone: a place with a leader, and the answer that everybody may read."""

from __future__ import annotations

from datetime import time
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.channels import OFFICE as OFFICE_PERSON
from deploy.dev.county import County
from deploy.dev.story import OFFICE, SECRETARY
from services.intake.domain.planning import day_of, rule_order
from services.intake.domain.reception import RuleKind
from services.intake.handlers import reception
from tests.browser.test_public import Open, Shot, accepted, axe, concluded, submit, track

RULE = UUID(int=7, version=4)
both = pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])


@pytest.fixture(scope="module")
def _calendar(county: County) -> None:
    """The secretary receives every Wednesday."""
    with county.county.unit_of_work("intake") as uow:
        rule = rule_order(
            RuleKind.FIXED, [SECRETARY], [3], id=RULE, room="一号接访室", starts=time(9), ends=time(10), from_on=day_of(uow.now)
        )
        reception.set_plan(uow, [rule], OFFICE_PERSON)


def fits(page: Page, what: str, *, script: bool) -> None:
    """Nothing wider than the screen, and nothing serious for axe, which is a script itself."""
    page.wait_for_load_state()  # with its style sheets
    assert not script or axe(page) == [], what
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], what


@pytest.mark.usefixtures("_calendar")
@both
def test_a_place_is_booked_changed_and_cancelled_on_a_telephone(open_page: Open, shot: Shot, script: bool) -> None:
    page = open_page(java_script_enabled=script, width=390, height=844)
    page.goto("/reception")
    fits(page, "the calendar", script=script)
    page.locator("td a", has_text="预约").first.click()
    fits(page, "the form", script=script)
    page.get_by_label("来访事由").fill("低保没有发")
    page.get_by_label("姓名").fill("欧阳预约")
    page.get_by_label("电话").fill("不知道")
    page.get_by_role("button", name="预约").click()
    fits(page, "the form with errors", script=script)
    expect(page.get_by_label("来访事由")).to_have_value("低保没有发")
    page.get_by_label("电话").fill(f"139{uuid4().int % 10**8:08}")
    page.get_by_role("button", name="预约").click()
    expect(page.get_by_role("heading", name="预约回执").last).to_be_visible()
    fits(page, "the receipt", script=script)
    number, code = page.locator("dd strong").nth(0).inner_text(), page.locator("dd code").inner_text()
    page.goto("/reception/booking")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    fits(page, "the booking", script=script)
    shot(page, "public-booking" if script else "public-booking-nojs")
    page.get_by_role("button", name="改约").click()
    expect(page.locator("main")).to_contain_text("预约已改")
    page.locator("summary", has_text="取消预约").click()
    page.get_by_label("我不来了").check()
    fits(page, "the booking, all open", script=script)
    page.get_by_role("button", name="取消预约").click()
    expect(page.locator("main")).to_contain_text("预约已取消")
    fits(page, "the cancelled booking", script=script)


@both
def test_an_answer_is_published_and_read_by_everybody(open_page: Open, county: County, shot: Shot, script: bool) -> None:
    page = open_page(java_script_enabled=script, width=390, height=844)
    number, code = submit(page, "井盖又丢了")
    case_id = accepted(county, number)
    concluded(county, case_id)
    track(page, number, code)
    fits(page, "the tracking page that asks to be rated", script=script)
    title = f"人民路井盖{'一' if script else '二'}"
    county.desk(OFFICE).send(
        f"/intake/petitions/{case_id}/publish", "/publish", consent="office", reread="1", published_title=title,
        published_brief="人民路丢了两个井盖。", answer="井盖已经补齐。",
    )  # fmt: skip
    page.goto("/answers?q=井盖")
    fits(page, "the list of answers", script=script)
    page.get_by_role("link", name=title).click()
    expect(page.locator("main")).to_contain_text("井盖已经补齐。")
    fits(page, "an answer", script=script)
    shot(page, "public-answer" if script else "public-answer-nojs")
    page.goto(f"/answers/{uuid4()}")
    fits(page, "a page that is not there", script=script)
