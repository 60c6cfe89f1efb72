"""Suggested addressees at the screen: the office makes a rule, the first-in-command takes the suggestion with one key."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import OFFICE, SECRETARY
from tests.browser.test_people import new_case

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
PSB = "o-431023-psb-director"


@pytest.fixture
def ruled(county: County) -> str:
    """A word that leads to the police by a rule, and to nobody else."""
    from services.routing.domain.rules import Rule
    from services.routing.handlers import rules

    word = f"夜市{uuid4().hex[:6]}"
    with county.county.unit_of_work("routing") as uow:
        rules.save(uow, OFFICE, Rule(id=uuid4(), position=0, organisation="431023-psb", keywords=(word,)), 1)
    return word


def test_the_office_makes_a_rule_and_sees_whom_a_text_would_be_suggested_to(open_page: Open, shot: Shot, county: County) -> None:
    page = open_page(OFFICE, width=1280)
    page.goto("/routing/rules")
    page.get_by_role("link", name="新增规则").click()
    page.get_by_label("类别").fill("environment.water")
    page.locator("textarea[name=keywords]").fill("污水、废水\n断面")
    page.get_by_label("排在第几条").fill("1")
    page.get_by_label("推荐单位").select_option("431023-epb")
    page.locator("input[name=note]").fill("水污染由环保局牵头")
    shot(page, "rule-form")
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator("table.queue")).to_contain_text("类别属生态环境（environment.water），且含“污水”“废水”“断面”")
    page.locator("#try").get_by_label("标题").fill("造纸厂排污水")
    page.locator("#try").get_by_label("类别").fill("environment.water")
    page.get_by_role("button", name="看看推荐谁").click()
    expect(page.locator(".tried")).to_contain_text("谭建国")
    shot(page, "rules")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out sideways"
    shot(page, "rules-telephone")
    page.goto("/routing/rules/new")
    shot(page, "rule-form-telephone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [1280, 390])
def test_one_key_takes_the_suggestion_and_leaves_it_again(
    open_page: Open, shot: Shot, county: County, ruled: str, width: int
) -> None:
    case = new_case(county, f"{ruled}占道经营")
    page = open_page(SECRETARY, width=width, height=844)
    page.goto(f"/routing/review?case={case}")
    box = page.locator(".suggested input").first
    expect(page.locator(".suggested")).to_contain_text(f"条规则：含“{ruled}”")
    page.keyboard.press("a")
    expect(box).to_be_checked()
    expect(page.locator("[data-picker-chosen]")).to_contain_text("许卫东")
    shot(page, f"suggested-{width}")
    page.keyboard.press("a")
    expect(page.locator("[data-picker-chosen]")).to_be_empty()
    box.check()
    page.locator("[data-picker-chosen] button").click()  # what is taken back there is taken back here
    expect(box).not_to_be_checked()
    page.locator("h1").click()
    page.keyboard.press("a")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("textarea[name=text]").fill("请公安局局长处理。a")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已交办：许卫东")).to_be_visible()
    county.driver.rest.wait()
    assert county.county.query("SELECT responsible ->> 'official' FROM routing.assignment WHERE case_id = %s", case) == [(PSB,)]


def test_without_a_script_the_suggestion_is_a_box_like_any_other(open_page: Open, county: County, ruled: str) -> None:
    case = new_case(county, f"{ruled}噪声")
    page = open_page(SECRETARY, java_script_enabled=False)
    page.goto(f"/routing/review?case={case}")
    page.locator(".suggested input").first.check()
    page.locator("textarea[name=text]").fill("请处理。")
    page.get_by_role("button", name=re.compile("批示并交办")).click()
    expect(page.get_by_text("已交办：许卫东")).to_be_visible()
    county.driver.rest.wait()
    assert county.county.query("SELECT responsible ->> 'official' FROM routing.assignment WHERE case_id = %s", case) == [(PSB,)]
