"""A hundred cases are read and instructed by keys alone, and one after the other on a telephone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CHINA, SECRETARY
from deploy.dev.waiting import until
from tests.integration.routing.test_enclosures import photo
from tests.unit.routing.test_routing_enclosures import recording

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
OPEN = (  # what the queue shows: no case that is kept from him who reads it
    "SELECT count(*) FROM routing.case_record c WHERE stage IN ('registered', 'reviewed', 'reopened')"
    " AND NOT EXISTS (SELECT FROM routing.case_bar b WHERE b.case_id = c.id AND b.officials ? 'o-431023-secretary')"
)
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


def one_registered(county: County) -> tuple[str, str]:
    """The number of a case in the queue, and the page that shows it: the oldest one may be another test's, in its second round."""
    [number] = registered(county, 1)
    [[case]] = county.county.query("SELECT id FROM routing.case_record WHERE number = %s", number)
    return number, f"/routing/review?case={case}"


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
        expect(page.locator("button.phrase").first).to_be_visible()  # the keys are there now
        page.keyboard.press("t")
        page.keyboard.type("马田镇党委书记")
        page.keyboard.press("Enter")
        expect(page.locator("[data-phrase-target]")).to_be_focused()
        page.keyboard.type("请到现场查看。")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("已交办：段志勇")).to_be_visible()
    until(lambda: waiting(county) == before - count, timeout=20, what="the last one to be handed over")
    assert (waiting(county), county.county.query(ASSIGNED, MATIAN)) == (before - count, [(had + count,)])


def before_us(page: Page) -> tuple[str, str]:
    """Which case the page shows."""
    return page.url, page.locator("h1").first.inner_text()


def wait_for_another(page: Page, shown: tuple[str, str]) -> None:
    """Until the page shows another case than this one, or none."""
    until(lambda: before_us(page) != shown, timeout=20, what="the next case")


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
        shown = before_us(page)
        page.get_by_role("button", name="批示并交办").tap()
        wait_for_another(page, shown)
        expect(page.get_by_text("已交办：段志勇")).to_be_visible()
    assert waiting(county) == before - count


def test_the_queue_is_searched_with_nothing_but_keys_and_the_help_says_which(open_page: Open, county: County) -> None:
    numbers = registered(county, 5)
    page = open_page(SECRETARY)
    page.goto("/routing/review")
    title = page.locator(".page-title")
    shown = title.locator(".hint").inner_text()
    wanted, last = [number for number in numbers if number != shown][:2]
    page.keyboard.press("?")
    dialog = page.locator("dialog#keys")
    for words in ("搜索", "选交办对象", "推荐的交办对象", "插入常用语"):
        expect(dialog).to_contain_text(words)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("搜索待批阅的信访件")).to_be_focused()
    page.keyboard.type(wanted)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    expect(page.locator(".review-queue ol").first.locator("li")).to_have_count(1)
    expect(title).to_contain_text(shown)  # a search opens nothing by itself
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(title).to_contain_text(wanted)
    page.wait_for_load_state()  # with the script that listens to keys
    page.keyboard.press("t")
    page.keyboard.type("马田镇党委书记")
    page.keyboard.press("Enter")
    page.keyboard.type("请办理。")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(f"{wanted} 第1轮批示已交办：段志勇")).to_be_visible()
    expect(page.get_by_text("请从搜索结果中选择一件。")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type(last)
    page.keyboard.press("Enter")
    expect(page.locator(".review-queue ol").first.locator("li")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 390])
def test_ones_own_phrases_take_the_first_digits_and_their_placeholders_are_filled(
    open_page: Open, shot: Shot, county: County, width: int
) -> None:
    _, shown = one_registered(county)
    page = open_page(SECRETARY, width=width)
    page.goto("/routing/phrases")
    for text in ("请{unit}在{days}日内办结。", "请{name}阅处。"):
        page.get_by_label("常用语", exact=True).fill(text)
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_text("常用语已保存。")).to_be_visible()
    shot(page, f"phrases-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="上移：请{name}阅处。").last.click()
    page.goto(shown)
    page.keyboard.press("t")
    page.keyboard.type("马田镇党委书记")
    page.keyboard.press("Enter")
    page.get_by_label("批示期限（日）").fill("3")
    page.locator("h1").first.click()
    page.keyboard.press("1")
    page.locator("h1").first.click()
    page.keyboard.press("2")
    expect(page.get_by_role("textbox", name="批示", exact=True)).to_have_value("请段志勇阅处。请马田镇在3日内办结。")
    shot(page, f"review-phrases-{width}")
    page.get_by_role("textbox", name="批示", exact=True).press("Control+Enter")
    expect(page.get_by_text("已交办：段志勇")).to_be_visible()
    page.goto("/routing/phrases")
    for _ in range(2):
        page.get_by_role("button", name="删除").first.click()
        expect(page.get_by_text("常用语已删除。")).to_be_visible()


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, True), (390, False)])
def test_handwriting_and_dictation_go_with_a_confidential_instruction(
    open_page: Open, shot: Shot, county: County, width: int, script: bool
) -> None:
    number, shown = one_registered(county)
    page = open_page(SECRETARY, width=width, java_script_enabled=script)
    page.goto(shown)
    page.get_by_text("附手写批示的照片或口述的录音").click()
    camera = page.get_by_label("拍照")
    assert camera.get_attribute("capture") == "environment"
    camera.set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo((900, 600), colour="ivory")})
    page.get_by_label("录音", exact=True).set_input_files({"name": "voice.m4a", "mimeType": "audio/mp4", "buffer": recording()})
    page.get_by_label("保密件").check()
    page.get_by_label("批示期限（日）").fill("3")
    page.locator("input[name=addressees][value=o-431023101-secretary]").first.check()
    page.get_by_role("button", name="批示并交办").click()
    expect(page.get_by_text("手写或口述的批示，也须打上至少一行字。").first).to_be_visible()
    shot(page, f"review-enclosed-{width}-{script}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width if script else True
    page.get_by_role("textbox", name="批示", exact=True).fill("请按附件办理。")
    page.get_by_role("button", name="批示并交办").click()
    expect(page.get_by_text("已交办：段志勇")).to_be_visible()
    [[case]] = county.county.query("SELECT id FROM routing.case_record WHERE number = %s", number)
    page.goto(f"/routing/cases/{case}")
    expect(page.get_by_text("保密件").first).to_be_visible()
    picture = page.get_by_role("img", name="手写批示1.jpg")
    picture.scroll_into_view_if_needed()
    if script:
        until(lambda: bool(picture.evaluate("one => one.complete && one.naturalWidth > 0")), timeout=20, what="the picture")
    expect(page.get_by_label("口述批示1.m4a")).to_be_visible()
    shot(page, f"case-enclosed-{width}-{script}")
    page.get_by_role("link", name="打印批示单").first.click()
    expect(page.get_by_text("自交办之日起 3 日内回复")).to_be_visible()
    shot(page, f"instruction-print-{width}-{script}")
    assert number in page.content()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_deputy_is_named_and_the_times_are_shown(open_page: Open, shot: Shot, county: County, width: int) -> None:
    registered(county, 1)
    page = open_page(SECRETARY, width=width)
    page.goto("/routing/delegation")
    page.get_by_label("代阅人").select_option("o-431023-vice-env")
    today = county.driver.now.astimezone(CHINA).date()
    page.get_by_label("开始日期").fill(today.isoformat())
    page.get_by_label("结束日期").fill((today + timedelta(days=4)).isoformat())
    page.get_by_label("事由").fill("外出学习")
    page.get_by_role("button", name="委托代阅").click()
    expect(page.get_by_text("已委托唐立新代为批阅。")).to_be_visible()
    shot(page, f"review-delegation-{width}")
    deputy = open_page("o-431023-vice-env", width=width)
    deputy.goto("/routing/review")
    expect(deputy.get_by_text("委托代为批阅")).to_be_visible()
    expect(deputy.get_by_text("代阅人看交办摘要")).to_be_visible()
    assert deputy.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="结束委托").click()
    expect(page.get_by_role("button", name="结束委托")).to_have_count(0)
    expect(page.get_by_text("已提前结束").first).to_be_visible()
    page.goto("/routing/times")
    expect(page.locator("table.queue")).to_contain_text("半年合计")
    shot(page, f"review-times-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
