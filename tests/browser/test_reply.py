"""A unit's reply from its draft to the code on its print: looked over, signed with a PIN, verified by somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CHINA, OFFICE, SECRETARY, TOWN
from deploy.dev.waiting import until
from tests.browser.test_people import new_case

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
HEAD, FOLLOWUP, PIN = "o-431023-lrb-director", "o-431023-followup", "204817"
FINDINGS = (
    "11月6日到塘门口镇东风村现场勘查，走访村民9户，查阅规划图纸，占用耕地建房3间属实，占地0.4亩，未经批准，责任人为该村村民张某。"
)
ANSWER = "经查，占用耕地建房属实，违法建筑已于11月7日拆除，耕地本月底前恢复，欢迎您到现场查看，也可随时联系县国土资源局。"


def hand_over(county: County, title: str, official: str) -> str:
    """A case that this official has received; the address of his assignment."""
    case = new_case(county, title)
    county.desk(SECRETARY).send(
        f"/routing/review?case={case}", f"/routing/review/{case}", text="请查处。", addressees=[official], case_class="ordinary"
    )
    county.driver.rest.wait()
    instance = county.home(official)
    ((assignment,),) = instance.query("SELECT id::text FROM routing.assignment WHERE case_id = %s", case)
    county.desk(official).send(f"/routing/assignments/{assignment}", "/receive")
    return f"/routing/assignments/{assignment}"


def set_pin(page: Page) -> None:
    page.goto("/routing/pin")
    page.get_by_label("签名口令", exact=True).fill(PIN)
    page.get_by_label("再次输入签名口令").fill(PIN)
    page.get_by_role("button", name="设定签名口令").click()
    expect(page.get_by_text("签名口令已设定")).to_be_visible()


def serious(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:120]) for each in found if each["impact"] in ("serious", "critical")]


def fits(page: Page) -> None:
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth"), (
        "nothing sticks out sideways"
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_a_unit_writes_looks_over_and_signs_its_reply(
    open_page: Open, shot: Shot, county: County, tmp_path: Path, width: int
) -> None:
    address = hand_over(county, f"违法占地{width}", HEAD)
    page = open_page(HEAD, width=width, height=850)
    set_pin(page)
    fits(page)
    shot(page, f"pin-{width}")
    page.goto(address)
    write_carelessly(page)
    fits(page)
    shot(page, f"reply-checklist-{width}")
    write_with_care(page, tmp_path / "签字页.png")
    sign(page, "135791")
    expect(page.locator(".error-summary")).to_contain_text("签名口令不正确")
    expect(page.get_by_label("给信访人的答复")).to_have_value(ANSWER)
    shot(page, f"reply-wrong-pin-{width}")
    sign(page, PIN)
    expect(page.locator(".signature-block").first).to_contain_text("签名有效")
    fits(page)
    shot(page, f"reply-signed-{width}")


def write_carelessly(page: Page) -> None:
    """A draft that saves itself, survives a reload and is found wanting."""
    page.get_by_text("支持", exact=True).first.click()
    page.get_by_label("调查情况").fill("情况属实。")
    page.get_by_label("给信访人的答复").fill("已转交有关部门处理。")
    expect(page.locator("[data-draft-saved]")).to_be_visible(timeout=15_000)  # it saves itself while somebody types
    page.reload()
    expect(page.get_by_label("给信访人的答复")).to_have_value("已转交有关部门处理。")
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#checklist")).to_contain_text("答复只说已转办")


def write_with_care(page: Page, scan: Path) -> None:
    """What lacked is mended, and a scanned page is added."""
    page.get_by_label("调查情况").fill(FINDINGS)
    page.get_by_label("采取的措施").fill("11月7日拆除违法建筑\n11月底前恢复耕地，违法占地按期整改")
    page.get_by_label("证据材料").fill("现场勘查笔录\n照片6张")
    page.get_by_label("给信访人的答复").fill(ANSWER)
    Image.new("RGB", (60, 80), "white").save(scan)
    page.get_by_label("签字页扫描件").set_input_files(scan)
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#checklist")).to_contain_text("没有发现缺项")
    expect(page.get_by_label(re.compile("附上签字页"))).to_be_checked()


def sign(page: Page, pin: str) -> None:
    page.get_by_label(re.compile("本人署名")).check()
    page.get_by_label("签名口令").fill(pin)
    page.get_by_role("button", name="署名回复").click()


def signed_reply(county: County, open_page: Open, official: str, title: str) -> str:
    """A reply signed with a PIN in its signer's own system; its id."""
    address = hand_over(county, title, official)
    page = open_page(official)
    set_pin(page)
    page.goto(address)
    page.get_by_text("支持", exact=True).first.click()
    page.get_by_label("调查情况").fill(FINDINGS)
    page.get_by_label("采取的措施").fill("拆除违法建筑")
    page.get_by_label("给信访人的答复").fill(ANSWER)
    sign(page, PIN)
    page.get_by_label(re.compile("已看过以上缺项")).check()
    sign(page, PIN)
    expect(page.locator(".signature-block").first).to_contain_text("签名有效")
    county.driver.rest.wait()
    ((found,),) = county.home(official).query(
        "SELECT id::text FROM routing.reply WHERE assignment_id = %s", address.rpartition("/")[2]
    )
    return str(found)


def test_the_countys_office_verifies_on_a_telephone_without_script_what_the_town_signed_in_its_own_system(
    open_page: Open, shot: Shot, county: County
) -> None:
    reply = signed_reply(county, open_page, TOWN, "村口违建")
    known = "SELECT count(*) FROM routing.reply WHERE id = %s"
    until(lambda: county.county.query(known, reply) == [(1,)], timeout=30, what="the county has the reply")
    for script in (True, False):
        page = open_page(FOLLOWUP, width=390, height=844, java_script_enabled=script)
        page.goto(f"/routing/verify/{reply}")
        expect(page.locator(".verdict")).to_contain_text("签名有效")
        expect(page.locator("main")).to_contain_text("雷卫华")
        expect(page.locator("main")).not_to_contain_text("村口违建")
        if script:
            fits(page)
    shot(page, "verify-390")
    wide = open_page(OFFICE, width=1280)
    wide.goto(f"/routing/verify/{reply}")
    fits(wide)
    shot(wide, "verify-1280")


def test_the_print_is_one_sheet_of_a4_with_a_code_that_leads_to_the_verification(
    open_page: Open, shot: Shot, county: County, tmp_path: Path
) -> None:
    reply = signed_reply(county, open_page, "o-431023-edu-director", "校车超载")
    page = open_page(OFFICE, width=390, height=844)
    page.goto(f"/routing/replies/{reply}/print")
    fits(page)
    shot(page, "print-390")
    page.set_viewport_size({"width": 1280, "height": 900})
    shot(page, "print-1280")
    file = tmp_path / "reply.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(file)
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    assert len(document) == 1
    (Path(__file__).parents[2] / ".local/screenshots").mkdir(parents=True, exist_ok=True)
    document[0].render(scale=1.5).to_pil().save(Path(__file__).parents[2] / ".local/screenshots/print-a4.png")
    assert page.locator("svg.qr").count() == 1
    expect(page.locator(".sheet-foot").first).to_contain_text(f"/routing/verify/{reply}")


def test_the_office_follows_up_what_a_decision_leads_to(open_page: Open, shot: Shot, county: County) -> None:
    case = new_case(county, "处理不力")
    page = open_page(OFFICE, width=1280)
    page.goto(f"/routing/cases/{case}")
    page.get_by_text("记录问责").first.click()
    form = page.locator("form[action$='/accountability']")
    form.get_by_label("被问责人").fill("王某")
    form.get_by_label("所在单位").select_option("431023-lrb")
    form.get_by_label("问责措施").fill("通报批评")
    form.get_by_label("决定机关").fill("县委常委会")
    today = county.driver.now.astimezone(CHINA).date()
    form.get_by_label("决定日期").fill(today.isoformat())
    form.locator("[name=follow_person_1]").fill("王某")
    form.locator("[name=follow_measure_1]").fill("书面检查")
    form.locator("[name=follow_until_1]").fill((today + timedelta(days=13)).isoformat())
    form.get_by_role("button", name="记录问责").click()
    expect(page.locator("#accountability")).to_contain_text("书面检查")
    shot(page, "case-accountability-1280")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto("/routing/accountability")
        expect(page.locator("main")).to_contain_text("书面检查")
        fits(page)
        shot(page, f"accountability-{width}")
    page.get_by_label("完成日期").first.fill(today.isoformat())
    page.get_by_role("button", name="登记完成").first.click()
    expect(page.get_by_text("已登记完成")).to_be_visible()
