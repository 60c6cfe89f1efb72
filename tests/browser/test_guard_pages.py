"""The guard's pages as the office, the first-in-command and the auditor see them, on a desk and on a telephone."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CLERK, SECRETARY
from services.routing import handlers
from shared.contract.person import Person
from tests.browser.test_people import new_case

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
OFFICE, AUDITOR, EPB = "o-431023-office-clerk", "o-431023-auditor", "o-431023-epb-director"


def against_the_head(county: County) -> str:
    """A case that nobody in the county may instruct."""
    from services.intake.domain.viewing import Viewer
    from services.intake.handlers.casework import set_conflict

    case = new_case(county, "书记亲属承包工程")
    clerk = Person(official=CLERK, name="李秀英", post="登记员", organisation="431023-xf")
    viewer = Viewer(person=clerk, roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({CLERK, "431023-xf"}))
    with county.county.unit_of_work("intake") as uow:
        set_conflict(uow, uuid.UUID(case), viewer, organisations=[], officials=[SECRETARY])
    county.driver.rest.wait()
    return case


@pytest.mark.parametrize("width", [1280, 390])
def test_a_recusal_is_recorded_a_try_refused_and_the_auditor_reads_of_it(
    open_page: Open, shot: Shot, county: County, width: int
) -> None:
    case = new_case(county, "河道采砂")
    office, head, auditor = (open_page(who, width=width) for who in (OFFICE, SECRETARY, AUDITOR))
    head.goto(f"/routing/review?case={case}")  # the form stands open while somebody recuses himself
    office.goto(f"/routing/cases/{case}")
    office.locator("summary", has_text="记录回避").click()
    office.get_by_label("回避人员").select_option(EPB)
    office.get_by_label("回避事由").select_option("kin")
    office.get_by_label("情况说明").fill("其弟参与采砂")
    shot(office, f"guard-recusal-form-{width}")
    office.get_by_role("button", name="记录回避").click()
    expect(office.locator("#recusals")).to_contain_text("其弟参与采砂")
    shot(office, f"guard-recusals-{width}")
    head.locator("[data-picker-filter]").fill("环境保护局局长")
    head.locator("[data-picker-option]:visible input").first.check()
    head.locator("[data-phrase-target]").fill("请查处。")
    head.get_by_role("button", name="批示并交办").click()
    expect(head.locator(".error-summary")).to_contain_text("第二十八条")
    shot(head, f"guard-refused-{width}")
    auditor.goto("/routing/refused-tries")
    expect(auditor.locator("table.queue")).to_contain_text("条例第28条")
    shot(auditor, f"guard-tries-{width}")
    auditor.goto("/routing/readings")
    shot(auditor, f"guard-readings-{width}")
    for page in (office, head, auditor):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    head.goto(f"/routing/cases/{case}")
    head.locator("summary", has_text="解除回避").click()
    head.get_by_label("解除理由").fill("其弟已转让")
    head.get_by_role("button", name="解除回避").click()
    expect(head.locator("#recusals")).to_contain_text("其弟已转让")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_office_refers_up_what_is_said_of_the_head(open_page: Open, shot: Shot, county: County, width: int) -> None:
    case = against_the_head(county)
    page = open_page(OFFICE, width=width)
    page.goto("/routing/refer-up")
    page.locator(f"a[href$='{case}']").click()
    page.get_by_label("报送机关和文号").fill("市委信访局 永办〔2016〕3号")
    shot(page, f"guard-refer-{width}")
    page.get_by_role("button", name="报上级").click()
    row = page.locator("tr", has=page.locator(f"a[href$='{case}']"))
    expect(row).to_contain_text("市委信访局 永办〔2016〕3号")
    shot(page, f"guard-referred-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with county.county.unit_of_work("routing") as uow:
        handlers.conclude_referred(uow, uuid.UUID(case), OFFICE, outcome="supported", summary="市纪委已处理", answer="已依纪处理")
