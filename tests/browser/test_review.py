"""A hundred cases are read and instructed by keys alone, and one after the other on a telephone."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import SECRETARY
from deploy.dev.waiting import until

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
OPEN = "SELECT count(*) FROM routing.case_record WHERE stage IN ('registered', 'reviewed', 'reopened')"
ASSIGNED = "SELECT count(*) FROM routing.assignment WHERE responsible ->> 'official' = %s"
MATIAN = "o-431023101-secretary"


def registered(county: County, count: int) -> list[str]:
    """So many cases that stand in the queue, by their numbers."""
    from services.intake.domain.submission import Channel, Identity, Petitioner, Submission
    from services.intake.handlers.registration import register
    from services.intake.vault.crypto import open_vault

    vault, numbers = open_vault(county.county.folder / "keys"), []
    for number in range(count):
        given = Submission(
            channel=Channel.LETTER, title=f"第{number}处路灯", text=f"第{number}处路灯不亮。", identity=Identity.NAMED, place="431023101",
            petitioner=Petitioner(name="何水生", phone="13907351234"), brief_title=f"第{number}处路灯不亮", brief=f"反映第{number}处路灯不亮。",
        )  # fmt: skip
        with county.county.unit_of_work("intake") as uow:
            numbers.append(register(uow, vault, given, key=uuid.uuid4()).number)
    known = "SELECT count(*) FROM routing.case_record WHERE number = ANY(%s)"
    until(lambda: county.county.query(known, numbers) == [(count,)], timeout=60, what="the queue")
    return numbers


def waiting(county: County) -> int:
    [[count]] = county.county.query(OPEN)
    return int(count)


@pytest.mark.parametrize("count", [12, pytest.param(100, marks=pytest.mark.full)])
def test_case_after_case_is_instructed_with_nothing_but_keys(open_page: Open, county: County, count: int) -> None:
    registered(county, count)
    page = open_page(SECRETARY)
    page.goto("/routing/review")
    before, [[had]] = waiting(county), county.county.query(ASSIGNED, MATIAN)
    for number in range(count):
        expect(page.locator(".review-queue .count").first).to_have_text(str(before - number))
        page.keyboard.press("/")
        page.keyboard.type("马田镇党委书记")
        page.keyboard.press("Enter")
        expect(page.locator("[data-phrase-target]")).to_be_focused()
        page.keyboard.type("请到现场查看。")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("已交办：段志勇")).to_be_visible()
    assert (waiting(county), county.county.query(ASSIGNED, MATIAN)) == (before - count, [(had + count,)])


@pytest.mark.parametrize("count", [3, pytest.param(100, marks=pytest.mark.full)])
def test_case_after_case_is_instructed_on_a_telephone(open_page: Open, shot: Shot, county: County, count: int) -> None:
    registered(county, count)
    page = open_page(SECRETARY, width=390, height=844, has_touch=True)
    page.goto("/routing/review")
    before = waiting(county)
    shot(page, "review-390")
    for _ in range(count):
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_label("交办对象").fill("马田镇党委书记")
        page.locator("[data-picker-option]:visible input").first.check()
        page.locator("button.phrase:visible").first.tap()
        shown = page.url, page.locator(".page-title h1").first.inner_text()
        page.get_by_role("button", name="批示并交办").tap()
        page.wait_for_load_state()
        expect(page.get_by_text("已交办：段志勇")).to_be_visible()
        assert (page.url, page.locator("h1").first.inner_text()) != shown
    assert waiting(county) == before - count


@pytest.mark.parametrize("width", [1280, 390])
def test_a_deputy_is_named_and_the_times_are_shown(open_page: Open, shot: Shot, county: County, width: int) -> None:
    registered(county, 1)
    page = open_page(SECRETARY, width=width)
    page.goto("/routing/delegation")
    page.get_by_label("代阅人").select_option("o-431023-vice-env")
    page.get_by_label("开始日期").fill("2016-11-07")
    page.get_by_label("结束日期").fill("2016-11-11")
    page.get_by_label("事由").fill("外出学习")
    page.get_by_role("button", name="委托代阅").click()
    expect(page.get_by_text("已委托唐立新代为批阅。")).to_be_visible()
    shot(page, f"review-delegation-{width}")
    deputy = open_page("o-431023-vice-env", width=width)
    deputy.goto("/routing/review")
    expect(deputy.get_by_text("委托代为批阅")).to_be_visible()
    assert deputy.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="结束委托").click()
    expect(page.get_by_text("已提前结束").first).to_be_visible()
    page.goto("/routing/times")
    expect(page.locator("table.queue")).to_contain_text("半年合计")
    shot(page, f"review-times-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
