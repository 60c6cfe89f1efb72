"""The four people of the main path at their screens: clerk, first-in-command, unit, petitioner."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CLERK, SECRETARY, TOWN

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
PSB = "o-431023-psb-director"


def new_case(county: County, title: str) -> str:
    """A case that stands in the review queue, registered through the use case; its id."""
    from services.intake.domain.submission import Channel, Submission
    from services.intake.handlers.registration import register
    from services.intake.vault.crypto import open_vault

    given = Submission(channel=Channel.POST, title=title, text="详细情况如下。", category="traffic", place="431023100",
                       brief_title=title, brief=f"反映{title}。")  # fmt: skip
    with county.county.unit_of_work("intake") as uow:
        case_id = register(uow, open_vault(county.county.folder / "keys"), given, key=uuid.uuid4()).case_id
    county.driver.rest.wait()
    return str(case_id)


def test_a_clerk_registers_a_call_and_writes_the_brief(open_page: Open, shot: Shot, county: County) -> None:
    page = open_page(CLERK)
    page.goto("/intake/desk")
    page.locator("main").get_by_role("link", name="来电").first.click()
    page.get_by_label("对方说了什么").fill("东门桥栏杆断了三天，没有人管，晚上很危险。")
    page.locator("input[name=title]").fill("桥栏杆断了三天")
    page.get_by_label("姓名").fill("何水生")
    page.locator("input[name=phone]").fill("13907351234")
    shot(page, "clerk-register-call")
    page.locator("main").get_by_role("button", name="登记信访件").click()
    expect(page.locator(".page-title").get_by_role("heading", name="信访回执")).to_be_visible()
    number = page.locator("dd strong").first.inner_text()
    assert re.fullmatch(r"431023-2016-\d{6}", number)
    shot(page, "clerk-receipt")
    page.get_by_role("link", name="写交办摘要").click()
    expect(page.locator("form[action$='/brief'] textarea[name=brief]")).to_be_visible()  # the page that could show it is there
    assert "13907351234" not in page.content(), "identity is masked until a purpose is given"
    page.locator("form[action$='/brief'] input[name=title]").fill("东门桥栏杆损坏")
    page.locator("form[action$='/brief'] textarea[name=brief]").fill("反映东门桥栏杆断裂三天，夜间有危险。")
    page.locator("form[action$='/brief'] select[name=category]").select_option("traffic")
    page.get_by_role("button", name="保存摘要").click()
    expect(page.locator(".error-summary, .wrong")).to_have_count(0)
    shot(page, "clerk-petition")
    county.driver.rest.wait()
    rows = county.county.query("SELECT title FROM routing.case_record WHERE number = %s", number)
    assert rows == [("东门桥栏杆损坏",)]


def test_a_wrong_form_says_which_field_and_what_to_do_and_keeps_what_was_typed(open_page: Open, shot: Shot) -> None:
    page = open_page(CLERK)
    page.goto("/intake/register/letter")
    page.get_by_label("内容").fill("没有标题的来信")
    page.evaluate("document.querySelectorAll('form').forEach(f => f.noValidate = true)")
    page.locator("main").get_by_role("button", name="登记").click()
    summary = page.locator("[role=alert], .error-summary").first
    expect(summary).to_contain_text("标题")
    assert page.get_by_label("内容").input_value() == "没有标题的来信"
    shot(page, "clerk-error")


def test_the_secretary_reads_instructs_and_goes_on_by_keyboard_alone(open_page: Open, shot: Shot, county: County) -> None:
    first, second = new_case(county, "路口没有红绿灯"), new_case(county, "校车超载")
    page = open_page(SECRETARY)
    page.goto(f"/routing/review?case={first}")
    expect(page.get_by_text("详细情况如下。")).to_be_visible()  # intake's own view of the petition, fetched into the page
    shot(page, "secretary-review")
    page.keyboard.press("t")
    page.keyboard.type("公安局局长")
    page.keyboard.press("Enter")
    expect(page.locator("[data-picker-chosen]")).to_contain_text("许卫东")
    page.keyboard.type("请公安局局长一周内安装红绿灯。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: first not in url)
    expect(page.get_by_text("已交办：许卫东")).to_be_visible()
    shot(page, "secretary-next")
    county.driver.rest.wait()
    issued = county.county.query(
        "SELECT a.responsible ->> 'official', i.text, a.stage FROM routing.assignment a JOIN routing.instruction i ON i.id = a.instruction_id"
        " WHERE a.case_id = %s", first,
    )  # fmt: skip
    assert issued == [(PSB, "请公安局局长一周内安装红绿灯。", "issued")]
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-key-item].chosen")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    assert second


def test_a_units_head_receives_and_replies_over_his_own_name(open_page: Open, shot: Shot, county: County) -> None:
    case = new_case(county, "夜市占道")
    desk = county.desk(SECRETARY)
    desk.send(
        f"/routing/review?case={case}",
        f"/routing/review/{case}",
        text="请公安局局长处理。",
        addressees=[PSB],
        case_class="ordinary",
    )
    county.driver.rest.wait()
    page = open_page(PSB)
    page.goto("/desk")
    page.get_by_role("link", name=re.compile("待签收")).click()
    page.get_by_role("link", name=re.compile("夜市占道")).click()
    page.get_by_role("button", name="签收").click()
    page.get_by_label("调查情况").fill("经现场查看，夜市占道属实。")
    page.get_by_label("采取的措施").fill("划定夜市区域\n增加夜间巡查")
    page.get_by_label("给信访人的答复").fill("占道夜市已迁入划定区域。")
    page.get_by_text("支持", exact=True).first.click()
    page.get_by_role("button", name=re.compile("署名|提交|回复")).last.click()
    expect(page.locator("[role=alert], .error-summary, .wrong").first).to_be_visible()  # not signed: refused, nothing lost
    assert page.get_by_label("调查情况").input_value() == "经现场查看，夜市占道属实。"
    page.get_by_label(re.compile("本人署名")).check()
    page.get_by_label(re.compile("已看过以上缺项")).check()
    shot(page, "unit-reply")
    page.get_by_role("button", name=re.compile("署名|提交|回复")).last.click()
    expect(page.locator(".signature-block", has_text="许卫东").first).to_be_visible()
    shot(page, "unit-replied")
    county.driver.rest.wait()
    (signature,) = county.county.query("SELECT signature FROM routing.reply WHERE case_id = %s", case)[0]
    assert (signature["official"], signature["name"], len(signature["hash"])) == (PSB, "许卫东", 64)


def test_the_town_replies_in_its_own_system_on_a_telephone(open_page: Open, shot: Shot, county: County) -> None:
    case = new_case(county, "村道断头路")
    county.desk(SECRETARY).send(f"/routing/review?case={case}", f"/routing/review/{case}", text="请镇党委书记查明。", addressees=[TOWN],
                                case_class="ordinary")  # fmt: skip
    county.driver.rest.wait()
    page = open_page(TOWN, width=390, height=844)
    page.goto("/routing/assignments")
    page.get_by_role("link", name=re.compile("村道断头路")).first.click()
    page.get_by_role("button", name="签收").click()
    shot(page, "town-telephone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out sideways"
    county.driver.rest.wait()
    assert county.county.query("SELECT stage FROM routing.assignment WHERE case_id = %s", case) == [("received",)]


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_a_petitioner_submits_and_tracks_without_an_account(open_page: Open, shot: Shot, county: County, script: bool) -> None:
    page = open_page(java_script_enabled=script, width=390, height=844)
    page.goto("/")
    page.get_by_role("link", name="我要反映问题").click()
    page.get_by_label("标题").first.fill("井盖丢了")
    page.get_by_label("内容").fill("人民路井盖丢了两个，老人小孩容易掉下去。")
    page.locator("input[name=identity][value=anonymous]").check()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".page-title").get_by_role("heading", name="信访回执")).to_be_visible()
    number, code = page.locator("dd strong").nth(0).inner_text(), page.locator("dd code").inner_text()
    shot(page, f"petitioner-receipt-{'js' if script else 'nojs'}")
    county.driver.rest.wait()
    page.get_by_role("link", name="查询办理进度").click()
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill("0" * 26)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main")).not_to_contain_text("井盖丢了")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_contain_text(number)
    expect(page.locator("main")).to_contain_text("登记")
    shot(page, f"petitioner-track-{'js' if script else 'nojs'}")


def test_chinese_text_is_drawn_with_a_chinese_font(open_page: Open) -> None:
    page = open_page()
    page.goto("/")
    widths = page.evaluate(
        """() => ['信', '访', '㐀'].map(c => { const s = document.createElement('span'); s.textContent = c;
        s.style.cssText = 'font-size:40px;position:absolute'; document.body.append(s);
        const w = s.getBoundingClientRect().width; s.remove(); return w; })"""
    )
    assert widths[0] == widths[1] == 40, "a Chinese character is as wide as it is high; a missing one is drawn as a narrower box"


def test_english_is_the_second_language_everywhere_on_the_way(open_page: Open) -> None:
    page = open_page(SECRETARY)
    for path in (
        "/",
        "/submit",
        "/track",
        "/routing/review",
        "/routing/assignments",
        "/reporting/cases",
        "/reporting/statistics",
    ):
        page.goto(f"{path}?lang=en")
        navigation = page.locator("nav").first.inner_text()
        assert not re.search(r"[\u4e00-\u9fff]", navigation), f"{path}: {navigation}"
        assert page.locator("html").get_attribute("lang") == "en"
