"""What each does on the way up the ladder and down again, in the order of the article."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.walking import CLERK, FOLLOWUP, HEAD, LEADER, SECRETARY, SUPERVISOR, Walk, row, said

TITLE = "耕地被占建厂房"
DONE = {
    "包情况掌握": ("现场查看", "到现场查看被占地块，调阅用地手续"),
    "包案件化解": ("协调会商", "与县国土局、镇政府商定拆除和复耕的日期"),
    "包息访息诉": ("电话沟通", "告知拆除进度，听取意见"),
    "包人员稳控（关心帮扶）": ("帮扶救助", "联系农技站送去复耕的种苗"),
    "包接访处访": ("当面接待", "在接待室当面听取诉求"),
}


def registered(walk: Walk) -> None:
    """A visitor comes; the clerk registers, writes the brief and accepts on the spot."""
    page = walk.page_of(CLERK)
    page.goto("/intake/register/visit")
    for name, words in {
        "title": TITLE, "text": "村东的耕地被占，建了一座厂房，要求拆除、恢复耕种。", "name": "何水生", "phone": "13907351234",
        "brief_title": TITLE, "brief": "反映村东耕地被占用建厂房，要求拆除并恢复耕种。",
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(words)
    page.get_by_label("当场受理").check()
    page.locator("main").get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".page-title h1")).to_have_text("信访回执")
    walk.number = page.locator("dd strong").first.inner_text()
    walk.rest()


def instructed(walk: Walk) -> None:
    """The secretary reads it and names who is responsible."""
    page = walk.turn_to(SECRETARY, "批阅")
    page.get_by_label("交办对象").fill("黄志强")
    page.locator("[data-picker-option]:visible input").first.check()
    page.locator("[data-phrase-target]").fill("请国土资源局调查，十日内办结。")
    page.get_by_role("button", name="批示并交办").click()
    expect(page.get_by_text("已交办：黄志强")).to_be_visible()
    walk.rest()


def received(walk: Walk) -> None:
    """He signs for it the same day."""
    page = walk.turn_to(HEAD, "我的承办")
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_role("button", name="签收").click()
    said(page, "已签收")
    walk.rest()


def reminded(walk: Walk) -> None:
    """Ten days are over: the system reminds him, and he sees it wherever he is."""
    assert walk.waits(HEAD, "我的督办") == 2  # neither signed reply nor conclusion
    page = walk.turn_to(HEAD, "我的督办")
    for document in ("永催〔2016〕1号", "永催〔2016〕2号"):
        expect(row(page, document)).to_contain_text("2016-11-18")
    expect(page.locator("section", has_text="待您办理")).to_contain_text("超期 1 天")
    walk.look(page, "reminder")
    assert walk.waits(HEAD, "我的督办") == 0  # seen
    expect(walk.turn_to(HEAD, "我的承办").locator("main")).to_contain_text("催办 永催〔2016〕1号")


def noticed(walk: Walk) -> None:
    """The half month is over: the supervision office issues its notice, on paper too, and he finds it on his pages."""
    assert walk.waits(SUPERVISOR, "督办工作") == 1
    page = walk.turn_to(SUPERVISOR, "督办工作")
    walk.look(page, "due")
    page.get_by_role("button", name="全部签发（1 件）").click()
    said(page, "已签发 1 件")
    walk.look(page, "documents")
    page.get_by_role("link", name="永督〔2016〕1号").click()
    expect(page.get_by_role("heading", name="信访事项督办单")).to_be_visible()
    walk.look(page, "notice")
    paper = walk.printed(page, "notice")
    for words in ("永督〔2016〕1号", "2016-11-07", "2016-11-1724:00", "2016-12-06前办结", "廖志刚", "2016-12-01"):
        assert words in paper
    walk.rest()
    page = walk.turn_to(HEAD, "我的督办")
    expect(row(page, "永督〔2016〕1号")).to_contain_text("2016-12-06")
    walk.look(page, "mine")


def answered_without_an_end(walk: Walk) -> None:
    """He reports progress; that concludes nothing."""
    page = walk.turn_to(HEAD, "我的承办")
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator("main")).to_contain_text("督办单 永督〔2016〕1号")
    page.get_by_label("办理进展").fill("已发出责令停止建设通知，企业正在申辩。")
    page.get_by_role("button", name="上报进展").click()
    said(page, "办理进展已上报")
    walk.rest()


def called_in(walk: Walk) -> None:
    """Five days after the notice the secretary calls him in, and says where and when."""
    assert walk.waits(SECRETARY, "督办工作") == 1
    page = walk.turn_to(SECRETARY, "督办工作")
    walk.look(page, "call")
    page.get_by_role("button", name="通知约谈").click()
    page.get_by_label("时间", exact=True).fill("2016-12-08T15:00")
    page.get_by_label("地点", exact=True).fill("县委小会议室")
    walk.look(page, "appoint")
    page.get_by_role("button", name="确定并告知").click()
    said(page, "并已告知被约谈人")
    walk.rest()
    page = walk.turn_to(HEAD, "我的督办")
    expect(row(page, "永约〔2016〕1号")).to_contain_text("2016-12-08 15:00 县委小会议室")


def interviewed(walk: Walk) -> None:
    """It is held, recorded and printed; what was demanded stands on his page."""
    page = walk.turn_to(SECRETARY, "督办工作")
    page.get_by_role("link", name="约谈", exact=True).first.click()
    page.get_by_role("link", name=re.compile("黄志强")).click()
    for label, words in {
        "参加人": "县委书记赵宇\n县国土资源局局长黄志强\n县委督查室主任廖志刚", "谈话记录": "说明了未办结的原因，认领责任。",
        "整改要求": "十日内拆除厂房并报告。", "整改期限": "2016-12-18",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_role("button", name="保存约谈记录").click()
    said(page, "约谈记录已保存")
    walk.look(page, "held")
    page.get_by_role("link", name="约谈记录").click()
    walk.look(page, "record")
    assert "十日内拆除厂房并报告" in walk.printed(page, "record")
    page.go_back()
    walk.rest()
    expect(row(walk.turn_to(HEAD, "我的督办"), "永约〔2016〕1号")).to_contain_text("十日内拆除厂房并报告")


def circular_and_bundle(walk: Walk) -> None:
    """Two months are over: it is listed in the circular and comes under the four bundles. The case's page has every step with its date."""
    for step in ("通报", "四联四包"):
        page = walk.turn_to(SUPERVISOR, "督办工作")
        page.get_by_role("link", name=re.compile(f"^{step}")).first.click()
        page.get_by_role("button", name="全部签发（1 件）").click()
        said(page, "已签发 1 件")
    page = walk.turn_to(SUPERVISOR, "督办工作")
    page.get_by_role("link", name="已发文书").click()
    page.get_by_role("link", name=TITLE).first.click()
    steps = page.get_by_role("listitem").filter(has=page.locator("time"))
    for document, day in {
        "永督〔2016〕1号": "2016-12-01", "永约〔2016〕1号": "2016-12-07", "永通〔2017〕1号": "2017-01-01", "永包〔2017〕1号": "2017-01-01",
    }.items():  # fmt: skip
        expect(steps.filter(has_text=document)).to_contain_text(day)
    walk.look(page, "ladder")
    walk.rest()


def carried(walk: Walk) -> None:
    """A leader who carries none yet finds it proposed and takes it on."""
    page = walk.turn_to(SUPERVISOR, "领导包案")
    expect(page.locator("section", has_text="尚未包案的县级领导")).to_contain_text("罗静")
    walk.look(page, "charges")
    page = walk.turn_to(LEADER, "领导包案")
    row(page, TITLE).get_by_role("link", name="由我包案").click()
    walk.look(page, "take")
    page.get_by_role("button", name="由我包案").click()
    said(page, "已确定包案领导")
    walk.rest()
    page = walk.turn_to(SUPERVISOR, "领导包案")
    expect(page.locator("section", has_text="尚未包案的县级领导")).not_to_contain_text("罗静")


def five_duties(walk: Walk) -> None:
    """Each with its evidence; what looks like a name is asked about, and what watches a person is refused."""
    assert walk.waits(LEADER, "领导包案") == 1
    page = walk.turn_to(LEADER, "领导包案")
    page.get_by_role("link", name=TITLE).first.click()
    for place, (duty, (form, words)) in enumerate(DONE.items()):
        page.get_by_label("五包责任", exact=True).select_option(label=duty)
        page.get_by_label("落实形式").select_option(label=form)
        page.get_by_label("地点").fill("马田镇")
        if place == 0:
            _refused(walk, page)
        page.get_by_label("落实情况").fill(words)
        page.get_by_role("button", name="记入台账").click()
        said(page, "已记入五包台账")
    expect(page.get_by_text("待落实")).to_have_count(0)
    walk.look(page, "duties")
    walk.printed(page, "duties", most=2)
    assert walk.waits(LEADER, "领导包案") == 0


def _refused(walk: Walk, page: Page) -> None:
    page.get_by_label("落实情况").fill("派人看守，不让其出门")
    page.get_by_role("button", name="记入台账").click()
    expect(page.locator(".error-summary")).to_contain_text("不记录对人的看管、跟踪或拦阻")
    page.get_by_label("落实情况").fill("与李大娘查看地块，问明经过")
    page.get_by_role("button", name="记入台账").click()
    expect(page.locator(".error-summary")).to_contain_text("像是信访人的姓名")
    expect(page.get_by_label("上面的文字不是信访人的姓名")).to_be_visible()
    walk.look(page, "asked")


def replied(walk: Walk) -> None:
    """The person responsible replies over his own name."""
    page = walk.turn_to(HEAD, "我的承办")
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_text("支持", exact=True).first.click()
    page.get_by_label("调查情况").fill("2016年11月20日现场勘测，企业未经批准占用耕地3亩建厂房，违反《土地管理法》第四十三条。")
    page.get_by_label("采取的措施").fill("2017年1月4日拆除厂房\n2017年3月前恢复耕种条件")
    page.get_by_label("证据材料").fill("现场勘测笔录")
    page.get_by_label("给信访人的答复").fill("占用耕地的厂房已于1月4日拆除，土地在3月前恢复耕种。")
    for _ in range(2):  # once more, where something seemed to lack
        page.get_by_label(re.compile("本人署名")).check()
        if (doubted := page.get_by_label("已看过以上缺项")).count():
            doubted.check()
        with page.expect_navigation():
            page.get_by_role("button", name="署名回复").click()
        if page.locator(".error-summary").count() == 0:
            break
    expect(page.locator(".signature-block").first).to_contain_text("黄志强")
    walk.rest()


def concluded(walk: Walk) -> None:
    """The secretary approves the reply and concludes the case with it."""
    page = walk.turn_to(SECRETARY, "待决事项")
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_role("button", name="通过").click()
    page.locator("#conclude").get_by_role("button", name="办结").click()
    said(page, "办结")
    walk.rest()


def followed_up(walk: Walk) -> None:
    """Staff see the visitor again: satisfied, closed, archived; with that the charge is over."""
    page = walk.turn_to(FOLLOWUP, "回访")
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator("select[name=manner]")).to_have_value("visit")
    walk.look(page, "followup")
    page.locator("input[name=result][value=satisfied]").check()
    page.get_by_role("button", name="记录", exact=True).click()
    said(page, "满意。本件已结案存档")
    walk.rest()
    page = walk.turn_to(LEADER, "领导包案")
    expect(row(page, TITLE)).to_contain_text("化解息访")
    walk.look(page, "ended")


def card_of(walk: Walk, official: str, whose: str, name: str) -> list[list[str]]:
    """A card as he whom it measures finds it; on paper, as a table (which is returned), and the same for the supervision office."""
    page = walk.turn_to(official, "计分")
    page.get_by_label("起", exact=True).fill("2016-11-01")
    with page.expect_navigation():
        page.get_by_role("button", name="筛选").click()
    page.locator("main").get_by_role("link", name=whose).first.click()
    expect(page.locator(".page-title h1")).to_have_text("计分卡")
    walk.look(page, name)
    assert "信访工作计分卡" in walk.printed(page, name, most=2)
    with page.expect_download() as loading:
        page.get_by_role("link", name="CSV").click()
    table = list(csv.reader(Path(str(loading.value.path())).read_text(encoding="utf-8-sig").splitlines()))
    office = walk.page_of(SUPERVISOR)
    office.goto(page.url)
    assert [one.inner_text() for one in office.locator(".points").all()] == [
        one.inner_text() for one in page.locator(".points").all()
    ]
    return table


def entries_point_at_their_case(walk: Walk, official: str, count: int) -> None:
    """Each entry of the card names its case, and leads to it."""
    page = walk.page_of(official)
    entries = page.locator("tbody tr")
    expect(entries).to_have_count(count)
    for entry in entries.all():
        expect(entry.get_by_role("link", name=TITLE)).to_be_visible()
        expect(entry).to_contain_text(walk.number)
    entries.first.get_by_role("link", name=TITLE).click()
    expect(page.locator(".page-title h1")).to_contain_text(TITLE)


def looked_over(walk: Walk) -> None:
    """What the supervision office keeps beside it: everybody's points, petitions taken to a higher level, the rules."""
    page = walk.turn_to(SUPERVISOR, "计分")
    expect(row(page, "罗静")).to_contain_text("+10")
    walk.look(page, "scores")
    page.get_by_role("link", name="越级上访记录").click()
    walk.look(page, "skip-levels")
    page = walk.turn_to(SUPERVISOR, "期限规定")
    walk.look(page, "policy")
