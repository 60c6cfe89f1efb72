"""The counter, by keyboard and mouse: a visitor without a booking is found, asked about before an end, received and recorded."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from deploy.dev.story import CLERK

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]


def a_ticket(page: Page, name: str) -> str:
    """A ticket for whoever is at the counter; its text."""
    page.goto("/intake/visits/walk-in")
    page.get_by_label("来访事由").fill("低保没有发")
    page.get_by_label("姓名").fill(name)
    page.get_by_role("button", name="取号").click()
    return page.locator(".ticket").inner_text().strip()


def test_a_visitor_is_found_by_name_and_an_end_asks_first_and_is_taken_back(open_page: Open, shot: Shot) -> None:
    page = open_page(CLERK)
    ticket = a_ticket(page, "欧阳寻人")
    page.goto("/intake/visits")
    expect(page.locator("main")).not_to_contain_text("欧阳寻人")
    page.get_by_label("查找来访人").fill("欧阳寻人")
    page.keyboard.press("Enter")
    found = page.locator("#found")
    expect(found).to_contain_text("欧***")
    found.get_by_role("link", name="到队列中的位置").click()
    row = page.locator(".queue-row", has_text=ticket)
    expect(row.locator("xpath=self::*[@id]")).to_be_in_viewport()
    row.locator("summary", has_text="已离开").click()
    row.get_by_label("原因").select_option(label="等候太久")
    shot(page, "visits-ending")
    row.get_by_role("button", name="确认").click()
    page.locator("summary", has_text="已结束").first.click()
    over = page.locator("li", has_text=ticket)
    expect(over).to_contain_text("等候太久")
    over.get_by_role("button", name="撤销").click()
    expect(page.locator(".queue-row", has_text=ticket)).to_contain_text("候访")


def test_the_record_asks_for_what_its_outcome_needs(open_page: Open, shot: Shot) -> None:
    page = open_page(CLERK)
    ticket = a_ticket(page, "欧阳记录")
    page.goto("/intake/visits")
    page.locator(".queue-row", has_text=ticket).get_by_role("button", name="叫号").click()
    page.locator(".queue-row", has_text=ticket).get_by_role("button", name="开始接访").click()
    fields = {name: page.locator(f"#field-{name}") for name in ("spot_answer", "title", "case_number")}

    def seen() -> set[str]:
        return {name for name, field in fields.items() if field.is_visible()}

    page.wait_for_load_state()  # with the script that hides fields
    assert seen() == {"spot_answer", "title", "case_number"}
    for outcome, needed in (
        ("当场答复", "spot_answer"),
        ("转为信访件", "title"),
        ("并入已有信访件", "case_number"),
        ("未予接访", "spot_answer"),
    ):
        page.get_by_label(outcome, exact=True).check()
        assert seen() == {needed}
    shot(page, "visit-record")
