"""A repeat on the telephone: the clerk sees it while the caller is on the line, compares, links; the secretary sees the count."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CLERK, SECRETARY
from deploy.dev.waiting import until

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
TEXT = "东门桥的栏杆断了三天没有人管，晚上骑摩托车的老王差点掉进便江，孩子上学都绕路走。"
AGAIN = "我又来反映东门桥的栏杆，还是没有人管，骑摩托车的老王差点掉进便江。孩子上学都绕路走，请快点派人修。"


def a_letter(county: County) -> str:
    """A petition whose words have been taken up; its number."""
    from services.intake.domain.submission import Channel, Identity, Petitioner, Submission
    from services.intake.handlers.registration import register
    from services.intake.vault.crypto import open_vault

    given = Submission(channel=Channel.LETTER, title="东门桥栏杆断了", text=TEXT, identity=Identity.NAMED, place="431023100",
                       petitioner=Petitioner(name="何水生", phone="13907351234"), brief_title="东门桥栏杆损坏", brief="反映东门桥栏杆损坏。")  # fmt: skip
    with county.county.unit_of_work("intake") as uow:
        number = register(uow, open_vault(county.county.folder / "keys"), given, key=uuid.uuid4()).number
    until(lambda: county.county.query("SELECT count(*) FROM intake.unshingled") == [(0,)], timeout=30, what="the words")
    return number


def test_a_repeat_is_suggested_compared_linked_and_counted(open_page: Open, shot: Shot, county: County) -> None:
    number = a_letter(county)
    page = open_page(CLERK)
    page.goto("/intake/register/call")
    page.get_by_label("对方说了什么").fill(AGAIN)
    page.locator("input[name=title]").fill("东门桥栏杆还没有修")
    page.get_by_label("姓名").fill("何水生")
    page.locator("input[name=phone]").fill("139 0735 1234")
    page.locator("main").get_by_role("button", name="登记信访件").click()
    panel = page.locator("#likeness")
    expect(panel).to_contain_text(number)
    expect(panel).to_contain_text("同一电话")
    shot(page, "linking-receipt")
    panel.get_by_role("link", name="对照").first.click()
    expect(page.locator(".pair")).to_contain_text("我又来反映东门桥的栏杆")
    expect(page.locator(".pair")).to_contain_text("栏杆断了三天没有人管")
    page.get_by_label("经核对是同一信访人").check()
    shot(page, "linking-compare")
    page.get_by_role("button", name="确认关联").click()
    expect(page.locator("#likeness")).to_contain_text("重复信访：第 2 次")
    shot(page, "linking-petition")
    case_id = page.url.rpartition("/")[2]
    county.driver.rest.wait()
    head = open_page(SECRETARY)
    head.goto(f"/routing/review?case={case_id}")
    expect(head.locator("#linked")).to_contain_text("重复信访：第 2 次")
    expect(head.locator("#linked")).to_contain_text(number)
    shot(head, "linking-review")


def test_the_pages_of_links_fit_a_telephone(open_page: Open, shot: Shot, county: County) -> None:
    number = a_letter(county)
    [[case_id]] = county.county.query("SELECT id FROM intake.petition WHERE number = %s", number)
    page = open_page(CLERK, width=390, height=800)
    other = a_letter(county)
    for name, path in {
        "petition": f"/intake/petitions/{case_id}",
        "compare": f"/intake/petitions/{case_id}/link?other={other}&relation=repeat_of",
        "ask": f"/intake/petitions/{case_id}/link",
        "split": f"/intake/petitions/{case_id}/split",
    }.items():
        page.goto(path)
        shot(page, f"linking-{name}-390")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
