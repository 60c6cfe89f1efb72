"""After the ladder: a leader carries the case, does the five duties, it is settled, and his card says what that counts."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.story import FOLLOWUP, SECRETARY
from services.routing import handlers
from tests.browser.test_ladder import HEAD, SUPERVISOR, advance, clean
from tests.browser.test_review import registered
from tests.integration.routing.world import REPLY
from tests.integration.supervision.world import at

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
LEADER, MAYOR = "o-431023-vice-land", "o-431023-magistrate"
WIDTHS = (1280, 390)
DONE = {
    "包情况掌握": ("现场查看", "查看路灯线路，问明停电缘由"),
    "包案件化解": ("协调会商", "与供电所、村委商定三日内换灯"),
    "包息访息诉": ("电话沟通", "告知办理结果，听取意见"),
    "包人员稳控（关心帮扶）": ("帮扶救助", "送去应急灯，联系村医上门"),
    "包接访处访": ("当面接待", "在接待室当面听取诉求"),
}


@pytest.fixture(scope="module")
def county(server_folder: Path, broker: Broker, database: Database) -> Iterator[County]:
    """A county of its own, for its weeks pass."""
    running = County(
        server_folder / "charges", broker, database, begin=at("2016-11-07 08:00"), label="charges-", die_with_parent=True,
        extra=dict.fromkeys(("ZHIDA_RATE_LIMIT", "ZHIDA_PUBLIC_RATE_LIMIT", "ZHIDA_COSTLY_RATE_LIMIT"), "100000 per minute"),
    )  # fmt: skip
    running.prepare()
    _ = running.driver
    running.start()
    try:
        yield running
    finally:
        running.stop()


def look(page: Page, shot: Shot, name: str) -> None:
    """A picture at both widths; on the narrow one nothing runs out of the window."""
    clean(page)
    before = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 850})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} runs out at {width}"
        shot(page, f"charge-{name}-{width}")
    assert before is not None
    page.set_viewport_size(before)


def overdue(county: County) -> str:
    """A case of the land bureau that is overdue since the 18th; its id."""
    (number,) = registered(county, 1)
    case = county.county.query("SELECT id::text FROM routing.case_record WHERE number = %s", number)[0][0]
    with county.county.unit_of_work("routing") as uow:
        handlers.instruct(
            uow, uuid.UUID(case), SECRETARY, "请十日内办结。", [(HEAD, "handling")], "ordinary", instruction_id=uuid.uuid4()
        )
    advance(county, "2016-11-18 09:00")
    return str(case)


def proposed_and_decided(office: Page, secretary: Page, shot: Shot) -> None:
    """The supervision office proposes, the secretary says who; a leader without a case is shown until then."""
    office.goto("/supervision/charges")
    idle = office.locator("section", has_text="尚未包案的县级领导")
    expect(idle.get_by_text("罗静")).to_be_visible()
    look(office, shot, "list")
    office.get_by_role("link", name="包案", exact=True).click()
    office.get_by_label("说明", exact=True).fill("十日未办结，建议由分管领导包案。")
    look(office, shot, "propose")
    office.get_by_role("button", name="提请包案").click()
    expect(office.get_by_text("已提请包案，等待一把手决定。")).to_be_visible()
    secretary.goto("/supervision/charges")
    secretary.get_by_role("link", name="确定包案领导").click()
    look(secretary, shot, "decide")
    secretary.get_by_label("包案领导", exact=True).select_option(label="罗静 分管国土城建的副县长")
    secretary.get_by_role("button", name="确定", exact=True).click()
    expect(secretary.get_by_text("已确定包案领导。")).to_be_visible()
    office.goto("/supervision/charges")
    expect(office.locator("section", has_text="尚未包案的县级领导").get_by_text("罗静")).to_have_count(0)


def five_duties(leader: Page, shot: Shot) -> None:
    """Each with its evidence; what looks like a name is asked about, and what watches a person is refused."""
    leader.goto("/supervision/charges")
    leader.get_by_role("link", name="第0处路灯不亮").first.click()
    for place, (duty, (form, words)) in enumerate(DONE.items()):
        leader.get_by_label("五包责任", exact=True).select_option(label=duty)
        leader.get_by_label("落实形式").select_option(label=form)
        leader.get_by_label("地点").fill("马田镇")
        if place == 0:
            leader.get_by_label("落实情况").fill("派人看守，不让其出门")
            leader.get_by_role("button", name="记入台账").click()
            expect(leader.locator(".error-summary")).to_contain_text("不记录对人的看管、跟踪或拦阻")
            leader.get_by_label("落实情况").fill("与李大娘查看路灯线路，问明停电缘由")
            leader.get_by_role("button", name="记入台账").click()
            expect(leader.locator(".error-summary")).to_contain_text("像是信访人的姓名")
            expect(leader.get_by_label("上面的文字不是信访人的姓名")).to_be_visible()
            look(leader, shot, "asked")
        leader.get_by_label("落实情况").fill(words)
        leader.get_by_role("button", name="记入台账").click()
        expect(leader.get_by_text("已记入五包台账。")).to_be_visible()
    expect(leader.get_by_text("待落实")).to_have_count(0)
    look(leader, shot, "log")


def settled(county: County, case: str) -> None:
    """The unit answers, the case is concluded, and the petitioner says that it is settled."""
    assignment = county.county.query("SELECT id FROM routing.assignment WHERE case_id = %s", case)[0][0]
    with county.county.unit_of_work("routing") as uow:
        handlers.receive(uow, assignment, HEAD)
    with county.county.unit_of_work("routing") as uow:
        reply = handlers.reply(uow, assignment, HEAD, **REPLY)
    with county.county.unit_of_work("routing") as uow:
        handlers.approve(uow, reply.id, SECRETARY)
    with county.county.unit_of_work("routing") as uow:
        handlers.conclude(uow, uuid.UUID(case), SECRETARY, outcome="supported", summary="路灯已换。", answer="路灯已换好。")
    county.driver.rest.wait()
    task = county.county.query("SELECT id FROM followup.task WHERE case_id = %s AND stage = 'open'", case)[0][0]
    county.desk(FOLLOWUP).send(f"/followup/tasks/{task}", f"/{task}", result="satisfied", manner="visit", note="")
    county.driver.rest.wait()


def card(leader: Page, office: Page, shot: Shot) -> None:
    """Five duties and the settlement; the same address is the same card, and a table of it says the same."""
    leader.goto("/supervision/scores")
    look(leader, shot, "own")
    leader.get_by_role("link", name="罗静").click()
    expect(leader.locator(".points", has_text="+10").first).to_be_visible()
    expect(leader.get_by_text("所包信访案件化解息访")).to_be_visible()
    look(leader, shot, "card")
    address, shown = leader.url, leader.locator("main").inner_text()
    office.goto(address)
    expect(office.locator(".points", has_text="+10").first).to_be_visible()
    leader.goto(address)
    assert leader.locator("main").inner_text() == shown
    with leader.expect_download() as loading:
        leader.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(Path(str(loading.value.path())).read_text(encoding="utf-8-sig").splitlines()))
    assert rows[-1][3] == "10"


def test_a_case_is_carried_until_it_is_settled_and_the_card_says_what_that_counts(
    county: County, open_page: Open, shot: Shot
) -> None:
    case = overdue(county)
    office, secretary, leader = open_page(SUPERVISOR), open_page(SECRETARY), open_page(LEADER)
    proposed_and_decided(office, secretary, shot)
    advance(county, "2016-11-21 09:00")
    five_duties(leader, shot)
    settled(county, case)
    office.goto("/supervision/charges")
    expect(office.get_by_text("化解息访")).to_be_visible()
    card(leader, office, shot)
    office.goto("/supervision/scores")
    look(office, shot, "cards")
    office.goto("/supervision/skip-levels")
    look(office, shot, "skip-levels")
    open_page(MAYOR).goto("/supervision/charges")
    assert county.county.query("SELECT count(*) FROM supervision.score_occasion WHERE judged_at IS NULL") == [(0,)]
