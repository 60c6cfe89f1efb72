"""docs/for/office.md, task by task; the last of them in the new year, when half a month, two months and a week are over."""

from __future__ import annotations

import re
from datetime import datetime

from playwright.sync_api import expect

from deploy.dev.story import CHINA
from tests.guides.guide import Guide, pick, refused, row, said

OFFICE, SECRETARY, SUPERVISOR = "o-431023-office-clerk", "o-431023-secretary", "o-431023-sup-director"
FOLLOWUP, AUDITOR, ADMINISTRATOR = "o-431023-followup", "o-431023-auditor", "o-431023-administrator"
ARTICLE = "十里洞村饮水安全"


def decides_an_objection(guide: Guide) -> None:
    page = guide.menu(OFFICE, "待决事项")
    page.get_by_role("link", name=re.compile("^异议与延期")).click()
    page.get_by_role("link", name="幼儿园收费没有票据").first.click()
    page.get_by_label("决定理由").fill("收费由教育局核查在先，票据问题再会同税务。")
    page.get_by_role("button", name="异议不成立").click()
    said(page, "异议")
    guide.rest()


def opens_a_dossier(guide: Guide) -> None:
    page = guide.menu(OFFICE, "信访件")
    page.get_by_role("searchbox").fill(ARTICLE)
    page.get_by_role("button", name="筛选").click()
    row(page, ARTICLE).get_by_role("link").first.click()
    guide.picture(page, "dossier", height=1000)
    with page.expect_download() as loading:
        page.get_by_role("link", name=re.compile("PDF")).first.click()
    assert loading.value.suggested_filename.endswith(".pdf")


def counts(guide: Guide) -> None:
    page = guide.menu(OFFICE, "统计")
    guide.picture(page, "statistics", height=900)
    page.locator("main table a").first.click()
    expect(page.locator("main table tbody tr").first).to_be_visible()


def asks_the_petitioner(guide: Guide) -> None:
    page = guide.menu(FOLLOWUP, "回访")
    page.get_by_role("link", name=re.compile("低保申请没有回音|431023-2016-000009")).first.click()
    guide.picture(page, "followup", height=1000)
    page.locator("main").get_by_role("button", name="记录", exact=True).click()
    refused(page, "回访结果")
    page.locator("input[name=result][value=satisfied]").check()
    page.locator("main").get_by_role("button", name="记录", exact=True).click()
    said(page, "满意。本件已结案存档")
    guide.rest()


def appoints(guide: Guide) -> None:
    page = guide.menu(ADMINISTRATOR, "通讯录")
    page.get_by_role("link", name="任命", exact=True).click()
    page.get_by_label("新人员代码").fill("o-431023-epb-li")
    page.get_by_label("新人员姓名").fill("李晓明")
    pick(page.get_by_label("单位", exact=True), "县环境保护局")
    page.get_by_label("职务", exact=True).fill("县环境保护局干部")
    page.get_by_label("承办人", exact=True).check()
    page.get_by_label("依据或事由").fill("永组干〔2016〕12号")
    page.get_by_role("button", name="任命", exact=True).click()
    expect(page.locator("main")).to_contain_text("李晓明")
    guide.rest()


def tries_a_rule(guide: Guide) -> None:
    page = guide.menu(OFFICE, "交办规则")
    form = page.locator("#try")
    form.get_by_label(re.compile("^标题")).fill("造纸厂夜里排污水")
    form.get_by_role("button", name="看看推荐谁").click()
    expect(page.locator("#try").get_by_role("status")).to_be_visible()


def looks_over_the_looks(guide: Guide) -> None:
    page = guide.menu(AUDITOR, "查阅记录")
    expect(page.locator("main")).to_contain_text("李秀英")
    guide.picture(page, "looks", height=620)


def proposes_a_leader(guide: Guide) -> None:
    page = guide.menu(SUPERVISOR, "领导包案")
    row(page, "学校门口路灯坏了半年").get_by_role("link", name="包案", exact=True).click()
    page.get_by_label("说明", exact=True).fill("拖过半年，街道一级难以协调。")
    page.get_by_role("button", name="提请包案").click()
    said(page, "提请")
    guide.rest()


def issues_the_notices(guide: Guide) -> None:
    guide.county.driver.advance(datetime(2017, 1, 2, 9, 0, tzinfo=CHINA))
    page = guide.menu(SUPERVISOR, "督办工作")
    guide.picture(page, "ladder", height=760)
    page.get_by_role("button", name=re.compile("^全部签发")).click()
    said(page, "已签发")
    page.locator("main").get_by_role("link", name=re.compile("^永督〔")).first.click()
    guide.picture(page, "notice", height=1000)
    guide.rest()


def calls_in(guide: Guide) -> None:
    guide.county.driver.advance(datetime(2017, 1, 9, 9, 0, tzinfo=CHINA))
    page = guide.menu(SECRETARY, "督办工作")
    page.get_by_role("button", name="通知约谈").first.click()
    page.get_by_label("时间", exact=True).fill("2017-01-10T15:00")
    page.get_by_label("地点", exact=True).fill("县委小会议室")
    page.get_by_role("button", name="确定并告知").click()
    said(page, "并已告知被约谈人")
    guide.rest()


def issues_a_report(guide: Guide) -> None:
    page = guide.menu(OFFICE, "报告")
    row(page, "2016-12-26").filter(has_text="信访工作周报").get_by_role("link").first.click()
    guide.picture(page, "report", height=1100)
    page.get_by_role("button", name="签发", exact=True).click()
    said(page, "签发")
    with page.expect_download() as loading:
        page.get_by_role("link", name="PDF").click()
    assert loading.value.suggested_filename.endswith(".pdf")
    guide.rest()


def looks_at_a_card(guide: Guide) -> None:
    page = guide.menu(SUPERVISOR, "计分")
    page.get_by_label("起", exact=True).fill("2016-11-01")
    page.get_by_role("button", name="筛选").click()
    page.locator("main").get_by_role("link", name="罗静").first.click()
    expect(page.locator(".page-title h1")).to_have_text("计分卡")
    guide.picture(page, "card", height=960)


WALK = (
    decides_an_objection, opens_a_dossier, counts, asks_the_petitioner, appoints, tries_a_rule, looks_over_the_looks,
    issues_the_notices, proposes_a_leader, issues_a_report, calls_in, looks_at_a_card,
)  # fmt: skip
