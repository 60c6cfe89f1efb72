"""The assignment protocol at the screens of those who work by it: objection, time, parts handed on, joint units. Nothing needs a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import OFFICE, SECRETARY, VICE
from tests.browser.test_people import new_case

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
LRB, EPB, EPB_OFFICER = "o-431023-lrb-director", "o-431023-epb-director", "o-431023-epb-officer"


def instructed(county: County, title: str, **parts: object) -> str:
    """A case with the secretary's instruction, dispatched; its id."""
    case = new_case(county, title)
    said = {"text": "请查明办理。", "case_class": "ordinary"} | parts
    county.desk(SECRETARY).send(f"/routing/review?case={case}", f"/routing/review/{case}", **said)
    county.driver.rest.wait()
    return case


def assignment(county: County, case: str, official: str) -> str:
    rows = county.county.query(
        "SELECT id FROM routing.assignment WHERE case_id = %s AND responsible ->> 'official' = %s ORDER BY issued_at DESC",
        case,
        official,
    )
    return f"/routing/assignments/{rows[0][0]}"


def received(county: County, case: str, official: str, page: Page) -> None:
    page.goto(assignment(county, case, official))
    page.get_by_role("button", name="签收").click()
    county.driver.rest.wait()
    page.goto(page.url)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth"), (
        "nothing sticks out sideways"
    )


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)], ids=["desktop", "telephone-without-script"])
def test_an_objection_is_made_in_time_decided_in_the_queue_and_answered_to_the_unit(
    open_page: Open, shot: Shot, county: County, width: int, script: bool
) -> None:
    case = instructed(county, f"采石场越界{width}", addressees=[LRB])
    unit = open_page(LRB, width=width, java_script_enabled=script)
    received(county, case, LRB, unit)
    unit.get_by_text("提出管辖异议").click()
    expect(unit.get_by_text(re.compile("可在 .* 前提出"))).to_be_visible()  # supervision's limit, from the receipt on
    unit.get_by_label("异议理由").fill("采石许可属应急管理部门。")
    shot(unit, f"protocol-object-{width}")
    unit.get_by_role("button", name="提出异议").click()
    office = open_page(OFFICE, width=width, java_script_enabled=script)
    office.goto("/routing/decisions")
    expect(office.get_by_text("采石许可属应急管理部门。")).to_be_visible()
    shot(office, f"protocol-decisions-{width}")
    office.get_by_role("link", name=re.compile(f"采石场越界{width}")).click()
    decision = office.locator(".judge", has_text="对异议的决定")
    decision.get_by_role("button", name="异议不成立").click()
    expect(office.locator(".error-summary")).to_contain_text("决定理由")
    decision = office.locator(".judge", has_text="对异议的决定")
    decision.get_by_label("决定理由").fill("界址由国土局核定，请办理。")
    shot(office, f"protocol-decide-{width}")
    decision.get_by_role("button", name="异议不成立").click()
    expect(office.locator(".note-line", has_text="界址由国土局核定")).to_be_visible()
    unit.goto(assignment(county, case, LRB))
    expect(unit.get_by_text("界址由国土局核定，请办理。")).to_be_visible()
    expect(unit.get_by_text("提出管辖异议")).to_have_count(0)
    fits(unit)
    fits(office)


def test_an_objection_that_is_upheld_leads_on_to_a_new_instruction(open_page: Open, shot: Shot, county: County) -> None:
    case = instructed(county, "河道采砂", addressees=[LRB])
    received(county, case, LRB, unit := open_page(LRB))
    unit.get_by_text("提出管辖异议").click()
    unit.get_by_label("异议理由").fill("属水利部门。")
    unit.get_by_role("button", name="提出异议").click()
    page = open_page(SECRETARY)
    page.goto(f"/routing/cases/{case}")
    decision = page.locator(".judge", has_text="对异议的决定")
    decision.get_by_label("决定理由").fill("同意，另行交办。")
    decision.get_by_role("button", name="异议成立，撤回交办").click()
    page.wait_for_url(re.compile(f"/routing/review\\?case={case}"))
    page.goto("/routing/decisions")
    expect(page.get_by_text("河道采砂")).to_be_visible()
    shot(page, "protocol-nobody-responsible")
    instruct = {"text": "请副县长牵头。", "lead": VICE, "case_class": "ordinary"}
    county.desk(SECRETARY).send(f"/routing/review?case={case}", f"/routing/review/{case}", **instruct)
    page.goto(page.url)
    expect(page.get_by_text("河道采砂")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_more_time_is_asked_for_given_and_told_to_the_petitioner(open_page: Open, shot: Shot, county: County, width: int) -> None:
    case = instructed(county, f"水质检测{width}", addressees=[EPB])
    unit = open_page(EPB, width=width)
    received(county, case, EPB, unit)
    (before,) = county.county.query("SELECT due_at FROM routing.deadline WHERE case_id = %s AND obligation = 'conclude'", case)[0]
    unit.get_by_text("申请延期").first.click()
    unit.get_by_label("延期天数").fill("31")
    unit.get_by_label("延期理由").fill("送检须二十日。")
    unit.get_by_role("button", name="申请延期").click()
    expect(unit.locator(".error-summary")).to_contain_text("1至30日")
    unit.get_by_label("延期天数").fill("20")
    shot(unit, f"protocol-ask-{width}")
    unit.get_by_role("button", name="申请延期").click()
    expect(unit.get_by_text("等待决定")).to_be_visible()
    head = open_page(SECRETARY, width=width)
    head.goto("/routing/decisions")
    head.get_by_role("link", name=re.compile(f"水质检测{width}")).click()
    time = head.locator("#time")
    time.get_by_label("延期天数").fill("15")
    time.get_by_label("理由", exact=True).fill("水质送检需要时间。")
    shot(head, f"protocol-grant-{width}")
    time.get_by_role("button", name="准予延期").click()
    county.driver.rest.wait()
    (after,) = county.county.query("SELECT due_at FROM routing.deadline WHERE case_id = %s AND obligation = 'conclude'", case)[0]
    assert after - before == timedelta(days=15)
    assert county.county.query("SELECT template FROM intake.message WHERE case_id = %s AND template = 'case_extended'", case)
    fits(head)
    fits(unit)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_pause_stops_the_clock_for_both_sides_until_it_is_let_go_on(
    open_page: Open, shot: Shot, county: County, width: int
) -> None:
    case = instructed(county, f"听证{width}", addressees=[EPB])
    unit, head = open_page(EPB, width=width), open_page(SECRETARY, width=width)
    received(county, case, EPB, unit)
    head.goto(f"/routing/cases/{case}")
    head.get_by_text("暂停期限").first.click()
    head.get_by_label("暂停事由").select_option("hearing")
    head.get_by_label("暂停理由").fill("依法举行听证。")
    head.get_by_role("button", name="暂停期限").click()
    county.driver.rest.wait()
    head.goto(head.url)
    expect(head.locator(".page-title .chip.paused")).to_contain_text("期限暂停")
    shot(head, f"protocol-paused-{width}")
    unit.goto(assignment(county, case, EPB))
    expect(unit.locator(".page-title .chip.paused")).to_be_visible()
    head.get_by_label("恢复计时的理由").fill("听证结束。")
    head.get_by_role("button", name="恢复计时").click()
    county.driver.rest.wait()
    head.goto(head.url)
    expect(head.locator(".page-title .chip.paused")).to_have_count(0)
    fits(head)
    fits(unit)


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)], ids=["desktop", "telephone-without-script"])
def test_a_lead_hands_a_part_on_cites_it_and_says_why_he_does_not_wait(
    open_page: Open, shot: Shot, county: County, width: int, script: bool
) -> None:
    case = instructed(county, f"养殖污染{width}", addressees=[], lead=VICE, joint=[EPB], case_class="complex")
    lead = open_page(VICE, width=width, java_script_enabled=script)
    received(county, case, VICE, lead)
    joint = open_page(EPB, width=width, java_script_enabled=script)
    received(county, case, EPB, joint)
    joint.get_by_text("分派给本单位人员").click()
    joint.get_by_label("分派给", exact=True).select_option(EPB_OFFICER)
    joint.get_by_label("分派要求").fill("请取样检测，三日内报我。")
    joint.get_by_role("button", name="分派", exact=True).click()
    expect(joint.get_by_text("请取样检测，三日内报我。")).to_be_visible()
    officer = open_page(EPB_OFFICER, width=width, java_script_enabled=script)
    received(county, case, EPB_OFFICER, officer)
    shot(officer, f"protocol-part-{width}")
    county.desk(EPB_OFFICER).send(assignment(county, case, EPB_OFFICER), "/reply", do="sign", warned="yes", sign="yes", outcome="supported",
                                  findings="11月9日到场取样，氨氮超标三倍。", measures="责令停产", evidence="检测报告", answer="已责令停产整改。")  # fmt: skip
    joint.goto(joint.url)
    shot(joint, f"protocol-under-{width}")
    joint.get_by_role("button", name="通过").click()
    joint.get_by_role("button", name="引用刘思思的回复").click()
    assert "氨氮超标三倍" in joint.get_by_label("调查情况").input_value()
    assert "责令停产" in joint.get_by_label("采取的措施").input_value()
    lead.goto(lead.url)
    lead.get_by_text("不再等待其回复").click()
    lead.get_by_role("button", name="不再等待").click()
    expect(lead.locator(".error-summary")).to_contain_text("不再等待的理由")
    lead.get_by_label("不再等待的理由").fill("检测结果已由本人掌握。")
    shot(lead, f"protocol-release-{width}")
    lead.get_by_role("button", name="不再等待").click()
    expect(lead.locator("#under")).to_contain_text("检测结果已由本人掌握。")
    fits(lead)
    fits(joint)
    fits(officer)
