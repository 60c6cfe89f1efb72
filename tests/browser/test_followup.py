"""Asking after the conclusion, in each manner, at a desk and on a telephone, in both languages; and what the petitioner may say."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.dev.county import County
from deploy.dev.story import CLERK, FOLLOWUP, OFFICE, SECRETARY
from services.intake.domain.submission import Channel, Identity, Petitioner, Submission
from services.intake.handlers import rating
from services.intake.handlers.registration import register
from services.intake.vault.crypto import open_vault
from tests.browser.test_public import axe, concluded, track

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
SUPERVISION, LEADER = "o-431023-sup-director", "o-431023-vice-env"
NUMBERS = itertools.count(1)
WORDS = {
    "zh": {"record": "记录", "note": "备注", "single": "选填", "not_reached": "未联系上", "not_satisfied": "不满意"},
    "en": {
        "record": "Record",
        "note": "Note",
        "single": "optional",
        "not_reached": "Not reached",
        "not_satisfied": "Not satisfied",
    },
}


def asked(county: County, channel: str, *, email: str = "") -> tuple[str, str, str]:
    """A petition by this channel that is concluded and asked about: its id, number and code."""
    given = Submission(
        channel=Channel(channel), title=f"回访{channel}{next(NUMBERS)}", text="人民路井盖丢了两个。", category="traffic", place="431023100",
        identity=Identity.NAMED, petitioner=Petitioner(name="何水生", phone="13907351234", email=email), brief_title="井盖丢失",
        brief="反映井盖丢失。",
    )  # fmt: skip
    with county.county.unit_of_work("intake") as uow:
        receipt = register(uow, open_vault(county.county.folder / "keys"), given, key=uuid.uuid4())
    county.driver.rest.wait()
    concluded(county, str(receipt.case_id))
    return str(receipt.case_id), receipt.number, receipt.code


def task_of(county: County, case_id: str) -> str:
    [(task,)] = county.county.query("SELECT id FROM followup.task WHERE case_id = %s ORDER BY round DESC LIMIT 1", case_id)
    return f"/followup/tasks/{task}"


def stage_of(county: County, case_id: str) -> str:
    county.driver.rest.wait()
    [(stage,)] = county.county.query("SELECT stage FROM routing.case_record WHERE id = %s", case_id)
    return str(stage)


def status(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer is not None
    return answer.status


def fits(page: Page, width: int) -> None:
    page.wait_for_function("wide => document.documentElement.scrollWidth <= wide", arg=width)  # once it is laid out anew
    assert axe(page) == []


def everywhere(page: Page, path: str, shot: Shot, name: str) -> None:
    """At a desk and on a telephone, in both languages: accessible, and within the window."""
    for language in ("zh", "en"):
        page.goto(f"{path}?lang={language}")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            fits(page, width)
            shot(page, f"{name}-{width}-{language}")


@pytest.mark.parametrize(
    ("channel", "manner"),
    [("visit", "visit"), ("call", "telephone"), ("letter", "letter"), ("post", "posted_answer"), ("email", "email")],
)
def test_staff_ask_in_the_manner_that_fits_the_channel_in_both_languages_at_a_desk_and_on_a_telephone(
    open_page: Open, shot: Shot, county: County, channel: str, manner: str
) -> None:
    case_id, number, _ = asked(county, channel, email="he@example.org" if channel == "email" else "")
    page, path = open_page(FOLLOWUP), task_of(county, case_id)
    everywhere(page, path, shot, f"followup-{manner}")
    for width, language, result in ((390, "zh", "not_reached"), (1280, "en", "not_satisfied")):
        words = WORDS[language]
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{path}?lang={language}")
        expect(page.locator("main")).to_contain_text(number)
        expect(page.locator("select[name=manner]")).to_have_value(manner)
        page.locator(f"input[name=result][value={result}]").check()
        page.locator("summary").filter(has_text=words["single"]).click()
        if result == "not_satisfied":
            page.locator("input[name=ask_speed][value=no]").check()
        page.get_by_label(words["note"]).fill("无人应答" if result == "not_reached" else "")
        page.get_by_role("button", name=words["record"], exact=True).click()
        expect(page.locator("main")).to_contain_text(words[result])
    expect(page.locator("#correction")).to_be_visible()
    everywhere(page, path, shot, f"followup-{manner}-done")
    assert stage_of(county, case_id) == "reopened"


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (1280, "en")])
def test_a_petitioner_answers_by_the_link_in_a_mail_without_script(
    open_page: Open, shot: Shot, county: County, width: int, language: str
) -> None:
    case_id, number, _ = asked(county, "email", email="he@example.org")
    with county.county.unit_of_work("intake") as uow:
        token = rating.make_link(uow, uuid.UUID(case_id), 1)
    everywhere(open_page(), f"/rate/{token}", shot, "rate-link")  # opened in another browser, and nothing is used up
    page = open_page(java_script_enabled=False, width=width, height=844)
    page.goto(f"/rate/{token}?lang={language}")
    expect(page.locator("main")).to_contain_text(number)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("main form button").click()
    expect(page.locator(".error-summary")).to_be_visible()  # nothing was chosen, and nothing is used up
    page.locator("input[name=settled][value=true]").check()
    page.locator("input[name=satisfied][value=false]").check()
    page.locator("input[name=ask_attitude][value=true]").check()
    page.get_by_label("Anything" if language == "en" else "您想说的话").fill("还差一个。")
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(number)
    shot(page, f"rated-{width}-{language}")
    assert stage_of(county, case_id) == "reopened"
    assert status(page, f"/rate/{token}") == 404
    assert status(page, f"/rate/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}") == 404


def test_a_link_of_one_case_leaves_another_of_the_same_petitioner_open(open_page: Open, county: County) -> None:
    mine, other = (asked(county, "email", email="he@example.org") for _ in range(2))
    with county.county.unit_of_work("intake") as uow:
        token = rating.make_link(uow, uuid.UUID(mine[0]), 1)
    page = open_page(width=390, height=844)
    page.goto(f"/rate/{token}")
    expect(page.locator("main")).not_to_contain_text(other[1])
    for name in ("settled", "satisfied"):
        page.locator(f"input[name={name}][value=true]").check()
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(mine[1])
    assert (stage_of(county, mine[0]), stage_of(county, other[0])) == ("archived", "concluded")
    assert status(page, f"/rate/{token}") == 404


def test_a_petitioner_contests_on_a_telephone_what_staff_wrote(open_page: Open, shot: Shot, county: County) -> None:
    case_id, number, code = asked(county, "visit")
    county.desk(FOLLOWUP).send(
        task_of(county, case_id), "/" + task_of(county, case_id).rpartition("/")[2], result="satisfied", manner="visit"
    )
    assert stage_of(county, case_id) == "archived"
    page = open_page(width=390, height=844)
    track(page, number, code)
    expect(page.locator("#contest")).to_contain_text("工作人员记录您表示满意")
    fits(page, 390)
    shot(page, "tracked-contest-390")
    page.get_by_label("您的说明").fill("没有人来过。")
    page.get_by_role("button", name="我不满意，提出异议").click()
    expect(page.locator("main")).to_contain_text("以您本人的意见为准")
    assert stage_of(county, case_id) == "reopened"
    track(page, number, code)
    expect(page.locator("main")).to_contain_text("您已提出异议")


def test_who_cannot_be_reached_is_closed_by_a_decision_alone_and_asks_for_a_review(
    open_page: Open, shot: Shot, county: County
) -> None:
    case_id, number, code = asked(county, "call")
    for _ in range(3):
        county.desk(FOLLOWUP).send(
            task_of(county, case_id), "/" + task_of(county, case_id).rpartition("/")[2], result="not_reached", manner="telephone"
        )
        county.driver.advance(county.driver.now + timedelta(days=1))
    page = open_page(FOLLOWUP, width=390, height=844)
    page.goto(task_of(county, case_id))
    expect(page.locator("main")).to_contain_text("本件不因此结案")
    shot(page, "followup-unreachable-390")
    page = open_page(OFFICE, width=1280)
    page.goto(f"/followup/closings/{case_id}")
    fits(page, 1280)
    page.get_by_label("决定的机关").fill("领导小组第5次会议")
    page.get_by_label("结案理由").fill("井盖已补齐并经现场核实，多次联系信访人未果。")
    shot(page, "closing-1280")
    page.get_by_role("button", name="决定结案").click()
    expect(page.locator("main")).to_contain_text("已决定结案")
    assert stage_of(county, case_id) == "archived"
    page = open_page(width=390, height=844)
    track(page, number, code)
    expect(page.locator("#decision")).to_contain_text("多次联系信访人未果")
    page.locator("#review summary").click()
    page.get_by_label("申请的理由").fill("没有人给我打过电话。")
    fits(page, 390)
    shot(page, "tracked-review-390")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("三十日内作出决定")
    county.driver.rest.wait()
    reviewed(open_page, shot, county, case_id)
    track(page, number, code)
    expect(page.locator("main")).to_contain_text("责令重新办理")
    assert stage_of(county, case_id) == "reopened"


def reviewed(open_page: Open, shot: Shot, county: County, case_id: str) -> None:
    """The office hands the review to a leader, who reads why it is asked for and decides on his telephone."""
    [(review,)] = county.county.query("SELECT id FROM followup.review WHERE case_id = %s", case_id)
    page = open_page(OFFICE, width=1280)
    page.goto(f"/followup/reviews/{review}")
    fits(page, 1280)
    shot(page, "review-assign-1280")
    page.get_by_label("复查人").select_option(LEADER)
    page.get_by_role("button", name="指定", exact=True).click()
    expect(page.locator("main")).to_contain_text("复查中")
    county.driver.rest.wait()
    page = open_page(LEADER, width=390, height=844)
    page.goto("/followup/reviews")
    page.locator("table.queue a").first.click()
    page.get_by_role("link", name="查看信访人的申请理由（须记录）").click()
    expect(page.locator("main")).to_contain_text("没有人给我打过电话。")
    fits(page, 390)
    shot(page, "remarks-390")
    page.go_back()
    page.locator("input[name=decision][value=redo]").check()
    page.get_by_label("给信访人的复查答复").fill("经复查，回访记录不实，责令重新办理。")
    fits(page, 390)
    shot(page, "review-decide-390")
    page.get_by_role("button", name="作出决定并告知信访人").click()
    expect(page.locator("main")).to_contain_text("已作出决定")
    county.driver.rest.wait()


def test_who_wrote_a_letter_contests_at_the_counter_what_staff_wrote(open_page: Open, shot: Shot, county: County) -> None:
    case_id, _, _ = asked(county, "letter")
    county.desk(FOLLOWUP).send(
        task_of(county, case_id), "/" + task_of(county, case_id).rpartition("/")[2], result="satisfied", manner="letter"
    )
    assert stage_of(county, case_id) == "archived"
    page = open_page(CLERK, width=390, height=844)
    page.goto(f"/intake/petitions/{case_id}")
    page.get_by_role("link", name="代信访人提出").click()
    fits(page, 390)
    assert axe(page) == []
    shot(page, "wish-390")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_label("对“满意”的记录提出异议").check()
    page.get_by_label("当面口头提出").check()
    page.get_by_label("信访人说的理由").fill("没有人来问过我。")
    shot(page, "wish-1280")
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator("main")).to_contain_text("效力相同")
    assert stage_of(county, case_id) == "reopened"


def test_the_supervision_office_asks_again_and_what_it_finds_counts(open_page: Open, shot: Shot, county: County) -> None:
    case_id, _, _ = asked(county, "letter")
    county.desk(FOLLOWUP).send(
        task_of(county, case_id), "/" + task_of(county, case_id).rpartition("/")[2], result="satisfied", manner="letter"
    )
    with county.county.unit_of_work("followup") as uow:
        uow.all("UPDATE task SET sampled = true WHERE case_id = %(case)s RETURNING 1 AS x", case=case_id)
    page = open_page(SUPERVISION, width=1280)
    page.goto("/followup/tasks?queue=recheck")
    fits(page, 1280)
    page.goto(task_of(county, case_id))
    fits(page, 1280)
    page.locator("input[name=found][value=not_satisfied]").check()
    shot(page, "followup-check-1280")
    page.get_by_role("button", name="记录复核").click()
    expect(page.locator("main")).to_contain_text("以复核为准")
    assert stage_of(county, case_id) == "reopened"


def test_nobody_who_handled_the_case_finds_what_its_petitioner_answered(open_page: Open, county: County) -> None:
    case_id, _, _ = asked(county, "visit")
    for official in (SECRETARY, "o-431023-psb-director"):
        page = open_page(official)
        assert status(page, task_of(county, case_id)) in (403, 404)
    assert status(page, f"/intake/petitions/{case_id}/remarks") in (403, 404)
