"""The public pages, as anybody uses them: without script, by keyboard alone, on a telephone; and drafts that save themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CLERK, SECRETARY
from services.routing import handlers as routing

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
PSB = "o-431023-psb-director"
AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}  # 24 px: WCAG 2.2 AA, off by default


def submit(page: Page, title: str) -> tuple[str, str]:
    """Submit a petition as anybody would; its number and code."""
    page.goto("/submit")
    page.get_by_label("标题").first.fill(title)
    page.get_by_label("内容").fill("人民路井盖丢了两个，老人小孩容易掉下去。")
    page.get_by_label("问题类别").select_option("traffic.roads")
    page.locator("input[name=identity][value=anonymous]").check()
    page.get_by_role("button", name="提交").click()
    return page.locator("dd strong").nth(0).inner_text(), page.locator("dd code").inner_text()


def track(page: Page, number: str, code: str) -> None:
    page.goto("/track")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()


def case_of(county: County, number: str) -> str:
    return str(county.county.query("SELECT id FROM intake.petition WHERE number = %s", number)[0][0])


def accepted(county: County, number: str) -> str:
    """A clerk accepts it; its id."""
    case_id = case_of(county, number)
    county.desk(CLERK).send(f"/intake/petitions/{case_id}", "/accept")
    county.driver.rest.wait()
    return case_id


def concluded(county: County, case_id: str) -> None:
    """It is handed out, replied to, approved and concluded; the petitioner is asked what he thinks of it."""
    case = UUID(case_id)
    with county.county.unit_of_work("routing") as uow:
        routing.review(uow, case, SECRETARY)
        routing.instruct(uow, case, SECRETARY, "请公安局局长办理。", [(PSB, "handling")], "ordinary")
    county.driver.rest.wait()
    [(assignment,)] = county.county.query("SELECT id FROM routing.assignment WHERE case_id = %s", case_id)
    with county.county.unit_of_work("routing") as uow:
        routing.receive(uow, assignment, PSB)
        routing.reply(
            uow, assignment, PSB, outcome="supported", findings="丢了两个。", measures=["补齐"], answer="井盖已经补齐。"
        )
    [(reply,)] = county.county.query("SELECT id FROM routing.reply WHERE case_id = %s", case_id)
    with county.county.unit_of_work("routing") as uow:
        routing.approve(uow, reply, SECRETARY)
        routing.conclude(uow, case, SECRETARY, outcome="supported", summary="已补齐井盖", answer="井盖已经补齐。")
    county.driver.rest.wait()


def axe(page: Page) -> list[Any]:
    page.wait_for_load_state()  # with its style sheets
    found: list[Any] = Axe().run(page, options=AXE).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:160]) for each in found if each["impact"] in ("serious", "critical")]


def test_without_script_a_petition_is_submitted_added_to_answered_and_another_withdrawn(
    open_page: Open, county: County, shot: Shot
) -> None:
    page = open_page(java_script_enabled=False, width=390, height=844)
    number, code = submit(page, "井盖丢了两个")
    case_id = accepted(county, number)
    track(page, number, code)
    page.get_by_text("补充情况").click()
    page.get_by_label("补充内容").fill("今天又丢了一个。")
    page.get_by_role("button", name="提交补充").click()
    expect(page.locator("main")).to_contain_text("补充材料已收到")
    shot(page, "public-tracked-nojs")
    page.get_by_role("button", name="查看、打印告知书").click()
    expect(page.get_by_role("heading", name="信访事项受理告知书").last).to_be_visible()
    shot(page, "public-notice-nojs")
    concluded(county, case_id)
    track(page, number, code)
    expect(page.locator("main")).to_contain_text("井盖已经补齐。")
    page.get_by_label("解决了").check()
    page.locator("input[name=satisfied][value=true]").check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("main")).to_contain_text("您的评价已收到")
    number, code = submit(page, "写错了的一件")
    track(page, number, code)
    page.get_by_text("撤回这件信访件").click()
    page.get_by_label(re.compile("我要撤回")).check()
    page.get_by_role("button", name="撤回").click()
    expect(page.locator("main")).to_contain_text("已撤回")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_by_keyboard_alone_a_petition_is_submitted_and_tracked(open_page: Open) -> None:
    page = open_page(width=1280)
    page.goto("/submit")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    order = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.tagName")
        order.append(name)
        match name:
            case "title":
                page.keyboard.type("路灯不亮")
            case "text":
                page.keyboard.type("巷口路灯坏了一个月。")
            case "identity":
                page.keyboard.press("ArrowDown")
                page.keyboard.press("ArrowDown")
            case "BUTTON":
                page.keyboard.press("Enter")
                break
    fields = [name for name in order if name.islower()]
    assert fields == [
        "title", "text", "matter_type", "category", "place", "place_detail", "files", "identity", "name", "alias", "phone", "email",
        "address", "id_number", "group_size", "representatives",
    ]  # fmt: skip
    expect(page.get_by_role("heading", name="信访回执")).to_be_visible()
    number, code = page.locator("dd strong").nth(0).inner_text(), page.locator("dd code").inner_text()
    page.goto("/track")
    page.get_by_label("编号").focus()
    page.keyboard.type(number)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=number)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious_on_what_a_petitioner_sees_nor_a_target_too_small(
    open_page: Open, county: County, width: int
) -> None:
    page = open_page(width=width)
    for path in ("/", "/submit", "/answers", "/track"):
        page.goto(path)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.get_by_role("button", name="查询").click()
    assert axe(page) == [], "a form with errors"
    number, code = submit(page, f"窗口 {width}")
    assert axe(page) == [], "the receipt"
    accepted(county, number)
    track(page, number, code)
    for summary in page.locator("summary").all():
        summary.click()
    assert axe(page) == [], "the tracking page, all open"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="查看、打印告知书").click()
    assert axe(page) == [], "the notice"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_a_clerk_types_saves_itself_and_survives_the_end_of_the_browser(open_page: Open, county: County) -> None:
    page = open_page(CLERK)
    page.goto("/intake/register/call")
    page.get_by_label("对方说了什么").fill("来电人说桥断了")
    expect(page.locator("[data-draft-saved]")).to_be_visible(timeout=15_000)
    page.get_by_label("对方说了什么").fill("来电人说桥断了，正说到")
    page.goto("/")  # left before the next save was due: the page sends it on its way out
    other = open_page(CLERK)  # another browser, another session
    other.goto("/intake/drafts")
    mine = other.locator("tbody tr", has_text="来电")
    mine.get_by_role("link", name="（无标题）").click()
    expect(other.get_by_label("对方说了什么")).to_have_value("来电人说桥断了，正说到")
    assert axe(other) == []
    other.get_by_label("标题").first.fill("桥断了")
    other.locator("input[name=identity][value=anonymous]").check()
    other.locator("main").get_by_role("button", name="登记信访件").click()
    expect(other.get_by_role("heading", name="信访回执")).to_be_visible()
    other.goto("/intake/drafts")
    expect(other.get_by_role("heading", name="我的草稿")).to_be_visible()
    expect(mine).to_have_count(0)


def test_a_draft_that_could_not_be_saved_says_so_and_is_tried_again(open_page: Open, county: County) -> None:
    page = open_page(CLERK)
    page.goto("/intake/register/visit")
    page.route("**/draft", lambda route: route.fulfill(status=403))
    page.get_by_label("内容").fill("来访人说")
    expect(page.locator("[data-draft-failed]")).to_be_visible(timeout=15_000)
    page.unroute("**/draft")
    expect(page.locator("[data-draft-saved]")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-draft-failed]")).to_be_hidden()
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("草稿已保存。")).to_be_visible()
    county.desk(CLERK).send("/intake/drafts", "/discard")
