"""docs/for/leader.md, task by task."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.guides.clerk import WELL
from tests.guides.guide import NARROW, Guide, pick, refused, row, said

SECRETARY, VICE, LAND = "o-431023-secretary", "o-431023-vice-env", "o-431023-vice-land"
HEAD, OFFICER, OBJECTOR = "o-431023-epb-director", "o-431023-epb-officer", "o-431023-edu-director"
PIN = "823756"
DOORS, LATE = "小区办证难拖了八年", "征地补偿款两年没有到账"


def reads_and_instructs(guide: Guide) -> None:
    page = guide.menu(SECRETARY, "批阅")
    page.locator(".review-queue").get_by_role("link", name=re.compile(WELL)).click()
    page.get_by_label("交办对象").fill("谭建国")
    page.locator("[data-picker-option]:visible").filter(has_text="谭建国").get_by_role("checkbox").check()
    page.locator("[data-phrase-target]").fill("请县环保局局长今天到现场，先运走、再查来源，三日内报结果。")
    page.get_by_label("批示期限（日）").fill("3")
    guide.picture(page, "review", height=850)
    page.get_by_role("button", name="批示并交办").click()
    expect(page.get_by_text("已交办：谭建国")).to_be_visible()
    guide.rest()


def reads_on_a_telephone(guide: Guide) -> None:
    page = guide.of(SECRETARY, width=NARROW)
    page.goto("/routing/review")
    guide.picture(page, "review-telephone", height=844)


def names_a_deputy(guide: Guide) -> None:
    page = guide.menu(SECRETARY, "代阅委托")
    page.get_by_label("代阅人").select_option("o-431023-vice-env")
    page.get_by_label("开始日期").fill("2016-12-20")
    page.get_by_label("结束日期").fill("2016-12-20")
    page.get_by_label("事由").fill("外出学习")
    page.get_by_role("button", name="委托代阅").click()
    expect(page.locator("main")).to_contain_text("代阅中")
    expect(guide.menu(VICE, "代为批阅").locator(".review-queue")).to_be_visible()
    page.get_by_role("button", name="结束委托").click()
    expect(page.locator("main")).to_contain_text("已提前结束")


def of_mine(guide: Guide, official: str, title: str) -> Page:
    """The assignment of that title, found as the person responsible finds it."""
    page = guide.menu(official, "我的承办")
    page.get_by_role("link", name=title).first.click()
    return page


def receives_and_reports(guide: Guide) -> None:
    page = of_mine(guide, HEAD, WELL)
    page.locator("#receive").get_by_role("button", name="签收").click()
    said(page, "已签收")
    page.get_by_label("办理进展").fill("已到现场，桶已封存，正在查来源。")
    page.get_by_role("button", name="上报进展").click()
    said(page, "办理进展已上报")
    guide.rest()


def sets_a_pin(guide: Guide) -> None:
    page = guide.of(HEAD)
    page.get_by_role("link", name="设定签名口令").click()
    page.get_by_label("签名口令", exact=True).fill("123456")
    page.get_by_label("再次输入签名口令").fill("123456")
    page.get_by_role("button", name="设定签名口令").click()
    refused(page, "签名口令")
    page.get_by_label("签名口令", exact=True).fill(PIN)
    page.get_by_label("再次输入签名口令").fill(PIN)
    page.get_by_role("button", name="设定签名口令").click()
    said(page, "签名口令")


def hands_a_part_on(guide: Guide) -> None:
    page = of_mine(guide, HEAD, WELL)
    page.get_by_text("分派给本单位人员").click()
    pick(page.get_by_label("分派给", exact=True), "刘思思")
    page.get_by_label("分派要求").fill("查清化工桶来源，明天上午报我。")
    page.get_by_role("button", name="分派", exact=True).click()
    guide.rest()
    page = of_mine(guide, OFFICER, WELL)
    page.locator("#receive").get_by_role("button", name="签收").click()
    said(page, "已签收")
    page.get_by_label("解释说明").check()
    page.get_by_label("调查情况").fill("12月20日现场查看，桶为某涂料厂所弃，共二十三个。")
    page.get_by_label("采取的措施").fill("二十三个桶已运走封存")
    page.get_by_label("给信访人的答复").fill("化工桶已运走，水样已送检。")
    sign(page)
    page.get_by_role("button", name="署名回复").click()
    expect(page.locator(".signature-block").first).to_contain_text("刘思思")
    guide.rest()
    page = of_mine(guide, HEAD, WELL)
    page.locator("#under").get_by_role("button", name="通过").click()
    expect(page.locator("#under")).to_contain_text("审核通过")
    guide.rest()


def sign(page: Page, pin: str = "") -> None:
    """Look over what may be lacking, then sign."""
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.locator("#checklist")).to_contain_text("核对")
    page.get_by_label(re.compile("本人署名")).check()
    if (doubted := page.get_by_label("已看过以上缺项，仍要署名")).count():
        doubted.check()
    if pin:
        page.get_by_label("签名口令").fill(pin)


def replies_over_his_name(guide: Guide) -> None:
    page = of_mine(guide, HEAD, WELL)
    page.get_by_role("radio", name="支持", exact=True).check()
    page.get_by_label("调查情况").fill("12月20日到现场查看，二十三个化工桶为某涂料厂所弃，依据《固体废物污染环境防治法》立案。")
    page.get_by_label("采取的措施").fill("二十三个桶已运走封存\n对涂料厂立案查处")
    page.get_by_label("证据材料").fill("现场检查笔录（县环保局，12月20日）")
    page.get_by_label("给信访人的答复").fill("化工桶已全部运走，弃桶的厂已立案查处；水样已送检，结果出来后告知您。")
    sign(page, PIN)
    guide.picture(page, "reply", height=900, top=page.locator("#reply textarea[name=answer]"))
    page.get_by_role("button", name="署名回复").click()
    expect(page.locator(".signature-block").first).to_contain_text("谭建国")
    guide.rest()


def objects(guide: Guide) -> None:
    page = of_mine(guide, OBJECTOR, "幼儿园收费没有票据")
    page.get_by_text("提出管辖异议").click()
    page.get_by_label("异议理由").fill("该园由民政部门登记，收费票据由税务部门管理。")
    page.get_by_role("button", name="提出异议").click()
    said(page, "异议")
    guide.rest()


def asks_for_time(guide: Guide) -> None:
    page = of_mine(guide, LAND, DOORS)
    page.locator("summary", has_text="申请延期").click()
    page.get_by_label("延期天数").fill("20")
    page.get_by_label("延期理由").fill("土地出让金清缴须与开发企业核账。")
    page.get_by_role("button", name="申请延期").click()
    said(page, "延期")
    guide.rest()


def decides(guide: Guide) -> None:
    page = guide.menu(SECRETARY, "待决事项")
    page.get_by_role("link", name=WELL).first.click()
    guide.picture(page, "decide", height=900, top=page.locator("li.entry-item.reply").first)
    page.get_by_role("button", name="通过").click()
    page.locator("#conclude").get_by_role("button", name="办结").click()
    said(page, "办结")
    guide.rest()


def carries_a_case(guide: Guide) -> None:
    page = guide.menu(VICE, "领导包案")
    row(page, LATE).get_by_role("link", name="包案", exact=True).click()
    page.get_by_role("button", name="由我包案").click()
    said(page, "已确定包案领导")
    guide.rest()
    page = guide.menu(VICE, "领导包案")
    page.get_by_role("link", name=LATE).first.click()
    page.get_by_label("五包责任", exact=True).select_option(label="包情况掌握")
    page.get_by_label("落实形式").select_option(label="现场查看")
    page.get_by_label("地点").fill("马田镇")
    page.get_by_label("落实情况").fill("到被征地块查看，核对补偿协议。")
    page.get_by_role("button", name="记入台账").click()
    said(page, "已记入五包台账")
    guide.picture(page, "duties", height=900)
    guide.picture(guide.menu(SECRETARY, "领导包案"), "charges", height=1000)


def sees_what_is_late(guide: Guide) -> None:
    guide.picture(guide.menu(SECRETARY, "总览"), "dashboard", height=1000)


WALK = (
    reads_and_instructs, reads_on_a_telephone, names_a_deputy, receives_and_reports, sets_a_pin, hands_a_part_on,
    replies_over_his_name, objects, asks_for_time, decides, carries_a_case, sees_what_is_late,
)  # fmt: skip
