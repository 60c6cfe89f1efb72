"""docs/for/clerk.md, task by task."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.guides.guide import Guide, refused, row, said

CLERK = "o-431023-xf-clerk"
WELL = "水井边堆放化工桶"


def registers_a_letter(guide: Guide) -> None:
    page = guide.menu(CLERK, "登记台")
    guide.picture(page, "desk", height=760)
    page.locator(".page-title").get_by_role("link", name="来信").click()
    page.get_by_label("内容", exact=True).fill("村口水井边堆了二十多个化工桶，下雨天有黄水流出来，请尽快运走。")
    page.locator("main").get_by_role("button", name="登记", exact=True).click()
    refused(page, "标题")
    guide.picture(page, "refused", height=620)
    page = guide.menu(CLERK, "登记")
    page.get_by_label("内容", exact=True).fill("村口水井边堆了二十多个化工桶，下雨天有黄水流出来，请尽快运走。")
    page.get_by_label("标题", exact=True).fill(WELL)
    page.get_by_label("问题类别").select_option(label="生态环境（不细分）")
    page.get_by_label(re.compile("^发生地")).select_option(label="马田镇")
    page.get_by_label(re.compile("^姓名")).fill("何水生")
    page.get_by_label(re.compile("^电话")).fill("13907351234")
    page.get_by_label(re.compile("^摘要标题")).fill(WELL)
    page.get_by_label(re.compile("^交办摘要")).fill("反映村口水井边堆放化工桶，雨天渗漏，要求运走。")
    page.get_by_label(re.compile("当场受理")).check()
    guide.picture(page, "register", height=900, top=page.get_by_role("heading", name="什么事"))
    page.locator("main").get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", name="信访回执").first).to_be_visible()
    guide.numbers[WELL] = page.locator("dd strong").first.inner_text()
    guide.picture(page, "receipt", height=760)
    page.get_by_role("link", name="打印登记凭条").click()
    expect(page.get_by_text(guide.numbers[WELL]).first).to_be_visible()
    guide.rest()


def writes_the_brief_and_accepts(guide: Guide) -> None:
    page = guide.menu(CLERK, "登记台")
    page.get_by_role("link", name=re.compile("^待写摘要")).click()
    row(page, "来贴").get_by_role("link").first.click()
    page.get_by_label("摘要标题").fill("希望公交车通到村里")
    page.get_by_label("交办摘要", exact=True).fill("反映村里没有公交车，老人孩子去镇上不方便，希望开通。")
    page.get_by_label("问题类别").select_option(label="交通运输（不细分）")
    guide.picture(page, "petition", height=900)
    page.get_by_role("button", name="保存摘要").click()
    said(page, "摘要已保存")
    page.get_by_role("button", name="受理", exact=True).click()
    page.get_by_role("link", name="受理告知书").click()
    expect(page.get_by_role("heading", name="信访事项受理告知书").first).to_be_visible()
    guide.rest()


def looks_who_it_is(guide: Guide) -> None:
    page = guide.menu(CLERK, "登记台")
    row(page, WELL).get_by_role("link").first.click()
    page.get_by_role("link", name="查看身份（须说明用途）").click()
    page.get_by_role("button", name="查看", exact=True).click()
    refused(page, "用途")
    page.get_by_label("送达告知书").check()
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_text("本次查看已记录")).to_be_visible()
    expect(page.get_by_text("何水生")).to_be_visible()


def names_the_accused(guide: Guide) -> None:
    page = guide.menu(CLERK, "登记台")
    row(page, "工伤赔偿").get_by_role("link").first.click()
    page.get_by_role("link", name="从名录中查找").click()
    page.get_by_label("查找单位或人员").fill("住房 局长")
    page.get_by_role("button", name="查找").click()
    page.locator("#field-officials").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="记录勾选的").click()
    expect(page.locator("#conflict")).to_contain_text("记录")
    guide.rest()


def rings_back(guide: Guide) -> None:
    page = guide.menu(CLERK, "来电处理")
    page.locator("tbody").get_by_role("link").first.click()
    page.get_by_role("button", name="为回电查看号码（会记录）").click()
    expect(page.get_by_text("本次查看已记录")).to_be_visible()
    page.get_by_role("radio", name="无人接听", exact=True).check()
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator("main")).to_contain_text("无人接听")


def receives_a_visitor(guide: Guide) -> None:
    page = guide.menu(CLERK, "接访")
    page.get_by_role("button", name="签到取号").first.click()
    page = guide.menu(CLERK, "接访")
    page.get_by_role("button", name="叫号", exact=True).first.click()
    guide.picture(page, "visits", height=620)
    page.get_by_role("button", name="开始接访").first.click()
    page.get_by_label("接访记录").fill("来访人反映村道积水，希望修好排水沟。")
    page.get_by_label("转为信访件").check()
    page.get_by_role("button", name="保存接访记录").click()
    expect(page.locator("main")).to_contain_text("431023-2016-")
    guide.rest()


def reads_the_boards(guide: Guide) -> None:
    page = guide.menu(CLERK, "网络来贴")
    page.get_by_role("link", name="城关镇人民路的路灯坏了半个月").click()
    guide.picture(page, "board", height=700)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("main")).to_contain_text("已登记")
    page = guide.menu(CLERK, "网络来贴")
    page.get_by_role("link", name="便江风光带拍到的晚霞").click()
    page.locator("input[name=aside]").first.check()
    page.get_by_role("button", name="搁置，看下一条").click()
    expect(page.locator("h1")).to_be_visible()
    guide.rest()


WALK = (
    registers_a_letter, writes_the_brief_and_accepts, looks_who_it_is, names_the_accused, rings_back, receives_a_visitor,
    reads_the_boards,
)  # fmt: skip
