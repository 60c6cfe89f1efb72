"""The working calendar at the supervision office's screen, and why a limit falls when it does at the screen of who has to meet it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CHINA
from tests.browser.test_protocol import EPB, fits, instructed, received

SUPERVISOR = "o-431023-sup-director"
WEEK = "一二三四五六日"


def next_working_day(county: County) -> date:
    """The first day from Monday to Friday after the county's today; November and December have no holidays."""
    today = county.driver.now.astimezone(CHINA).date()
    return next(day for day in (today + timedelta(days=ahead) for ahead in range(1, 4)) if day.weekday() < 5)


def enter(page: Page, day: date, mark: str, name: str) -> None:
    page.goto(f"/supervision/calendar?year={day.year}")
    form = page.locator("section", has=page.get_by_role("heading", name="录入放假或调休"))
    form.get_by_label("首日").fill(day.isoformat())
    form.get_by_label(mark).check()
    form.get_by_label("节假日名称").fill(name)
    form.get_by_label("依据和理由").fill("县政府通知〔2016〕31 号")
    form.get_by_role("button", name="录入").click()


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)], ids=["desktop", "telephone-without-script"])
def test_a_holiday_is_entered_moves_nothing_and_is_followed_by_a_decision_that_everybody_can_retrace(
    open_page: Callable[..., Page], shot: Callable[[Page, str], None], county: County, width: int, script: bool
) -> None:
    case = instructed(county, f"河道采砂{width}", addressees=[EPB])
    unit = open_page(EPB, width=width, java_script_enabled=script)
    received(county, case, EPB, unit)
    office = open_page(SUPERVISOR, width=width, java_script_enabled=script)
    day = next_working_day(county)
    enter(office, day, "放假", f"临时放假{width}")
    expect(office.get_by_text("已录入 1 天。")).to_be_visible()
    shot(office, f"calendar-{width}")
    fits(office)
    office.get_by_role("link", name="查看并决定").click()
    row = office.locator("tr", has_text=f"河道采砂{width}")
    expect(row).to_contain_text("提出异议")
    row.get_by_role("checkbox").check()
    office.get_by_label("决定的理由").fill("临时放假一天，期限顺延。")
    shot(office, f"calendar-differences-{width}")
    fits(office)
    office.get_by_role("button", name="按现在的日历重新计算").click()
    expect(office.get_by_text("已重新计算 1 项期限")).to_be_visible()
    county.driver.rest.wait()
    unit.goto(unit.url)
    unit.get_by_role("link", name="期限是怎样算出来的").click()
    objection = unit.locator("section", has=unit.get_by_role("heading", name="提出异议"))
    expect(objection).to_contain_text("重算：工作日历改动后")
    expect(objection).to_contain_text("临时放假一天，期限顺延。")
    objection.get_by_text("逐日计数").click()
    shot(unit, f"limits-{width}")
    fits(unit)
    enter(office, day, "取消录入，恢复平常", "")
    expect(
        office.get_by_text(f"取消录入，恢复平常：{day} 周{WEEK[day.weekday()]} 原为放假 临时放假{width}").first
    ).to_be_visible()
