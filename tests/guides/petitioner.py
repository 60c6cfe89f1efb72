"""What the guides tell clerks to tell petitioners: the public pages, on a telephone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.guides.guide import NARROW, Guide


def submits_and_tracks(guide: Guide) -> None:
    page = guide.of("", width=NARROW)
    page.goto("/")
    guide.picture(page, "public-telephone", height=844)
    page.get_by_role("link", name=re.compile("我要信访|提交|写信")).first.click()
    page.get_by_label("标题", exact=True).fill("桥栏杆断了")
    page.get_by_label("内容", exact=True).fill("村口石桥的栏杆断了两米，孩子上学要走这座桥。")
    page.get_by_role("radio", name=re.compile("匿名")).check()
    page.locator("main").get_by_role("button", name="提交").click()
    number, code = (page.locator("dd strong").nth(place).inner_text() for place in (0, 1))
    page.get_by_role("link", name="查询办理进度").click()
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.locator("main").get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_contain_text(number)
    guide.picture(page, "tracked-telephone", height=844)
    guide.rest()


WALK = (submits_and_tracks,)
