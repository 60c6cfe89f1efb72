"""The dossier and the page of figures, as a person reads them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.contract import Event
from shared.contract.cases import FAILURES, MEDIA, TEMPLATES, WITHDRAWALS
from shared.contract.envelope import instant
from shared.contract.supervision import ENDINGS
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.site import compile_english, figure, numbers, two_cases
from tests.integration.reporting.story import CASE, COUNTY, EPB, TOWN_HEAD, VICE, Bus, Case, article, at, interleavings


def signed_hash(events: list[Event]) -> str:
    """The hash of the first signed reply."""
    found: str = next(e for e in events if e.contract.name == "assignment.replied").data["signature"]["hash"]
    return found


def test_the_articles_case_has_every_step_with_name_and_time(take: Take, office: FlaskClient) -> None:
    events = article()
    take(events)
    page = office.get(f"/reporting/cases/{CASE}").text
    assert page.count('class="entry-item') == len(events)
    for said in (
        "反映造纸厂污水乱排", "请柏林镇党委书记李志强同志立即调查办理", "水质基本正常", "大事化小、敷衍塞责",
        "由王建平同志牵头", "污水乱排已多次发生", "建议问责", "党内警告",
        "县委常委会", "2016年第30次", "水质检测合格", "2016-11-22 11:00",
        "逾期办理", signed_hash(events), "第 4 轮", "不满意",
        "信访人本人",
    ):  # fmt: skip
        assert said in page
    for event in events:
        assert str(event.id) in page
        assert event.source in page
    assert all(f'id="round-{number}"' in page and f'href="#round-{number}"' in page for number in (1, 2, 3, 4))


def test_the_dossier_as_a_resource_is_in_time_order_and_complete(deliver: Take, office: FlaskClient) -> None:
    events = article()
    deliver(next(interleavings(events, 0)))
    got = office.get(f"/api/reporting/cases/{CASE}/dossier").get_json()
    assert [entry["event_id"] for entry in got["entries"]] == [str(event.id) for event in events]
    assert [entry["at"] for entry in got["entries"]] == sorted(entry["at"] for entry in got["entries"])
    assert got["case"]["stage"] == "archived"
    reply = next(entry for entry in got["entries"] if entry["name"] == "assignment.replied")
    assert (reply["by"]["name"], reply["by"]["post"], reply["data"]["signature"]["hash"]) == (
        "李志强", "镇党委书记", signed_hash(events),
    )  # fmt: skip


def test_units_never_see_what_the_petitioner_answered(take: Take, sign_in: SignIn) -> None:
    take(article())
    client = sign_in(EPB, "unit_head")
    got = client.get(f"/api/reporting/cases/{CASE}/dossier").get_json()["entries"]
    names = {entry["name"] for entry in got}
    assert not names & {"followup.recorded", "case.satisfied", "case.dissatisfied"}
    assert {entry["data"].get("reason") for entry in got if entry["name"] == "case.closed"} == {None}
    assert {entry["data"].get("cause") for entry in got if entry["name"] == "case.reopened"} == {None}
    page = client.get(f"/reporting/cases/{CASE}").text
    assert "满意" not in page


def test_who_is_barred_is_not_told_to_those_who_may_see(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    events = article(bus)
    Case(bus).bar(at("2016-11-07 09:31"), officials=["o-canary"], organisations=["431023-canary"])
    take(bus.sent)
    assert len(events) + 1 == len(bus.sent)
    for path in (f"/reporting/cases/{CASE}", f"/api/reporting/cases/{CASE}/dossier"):
        assert "canary" not in office.get(path).text


@pytest.mark.parametrize(
    ("who", "role", "knows"),
    [
        ("o-office", "office", True), ("o-clerk", "clerk", True), ("o-431023-secretary", "first_in_command", True),
        ("o-sup", "supervision_office", False), ("o-audit", "auditor", False),
        (EPB["official"], "unit_head", False), (VICE["official"], "leader", False),
    ],
)  # fmt: skip
def test_that_somebody_lost_a_case_for_being_barred_is_read_by_those_alone_who_manage_it(
    take: Take, sign_in: SignIn, who: str, role: str, knows: bool
) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, VICE)
    case.assign(at("2016-11-07 10:00"), 1, EPB)
    owed = case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "reply")
    case.withdraw(at("2016-11-08 10:00"), case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD), TOWN_HEAD, "conflict")
    case.tell(
        "deadline.withdrawn", at("2016-11-08 10:00"), **owed, withdrawn_at=instant(at("2016-11-08 10:00")), reason="conflict"
    )
    take(bus.sent)
    client = sign_in({"official": who, "name": "某", "post": "某职", "organisation": COUNTY}, role)
    page = client.get(f"/reporting/cases/{CASE}")
    told = client.get(f"/api/reporting/cases/{CASE}/dossier").get_json()["entries"]
    assert page.status_code == 200
    assert "李志强" in page.text
    assert ("回避" in page.text) is knows
    assert [entry["data"]["reason"] for entry in told if "reason" in entry["data"]] == ["conflict" if knows else None] * 2


def test_every_code_that_an_event_tells_stands_in_the_dossier_as_a_word(
    take: Take, office: FlaskClient, app: Flask, tmp_path: Path
) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    when = at("2016-11-08 09:00")
    for template in TEMPLATES:
        for medium in MEDIA:
            case.tell("message.sent", when, message_id=bus.identifier(), template=template, medium=medium, at=instant(when))
    for reason in FAILURES:
        told = {"message_id": bus.identifier(), "template": "registered", "medium": "email", "reason": reason}
        case.tell("message.failed", when, **told, at=instant(when))
    for reason in WITHDRAWALS:
        case.withdraw(when, case.assign(at("2016-11-07 10:00"), 1, EPB), EPB, reason)
    for reason in ENDINGS:
        owed = case.owe(when, at("2016-11-17 10:00"), "follow_up")
        case.tell("deadline.withdrawn", when, **owed, withdrawn_at=instant(when), reason=reason)
    take(bus.sent)
    compile_english(app, tmp_path)
    for language, foreign in (("zh", r"[a-z]+_[a-z_]+"), ("en", r"[a-z]+_[a-z_]+|登记回执|应当回避|件别变更|对方拒收")):
        page = office.get(f"/reporting/cases/{CASE}?lang={language}").text
        bodies = re.findall(r'<div class="body">(.*?)<p class="trace" id="event-', page, re.DOTALL)
        assert len(bodies) == len(bus.sent)
        words = " ".join(re.sub(r"<[^>]+>", " ", body) for body in bodies)
        assert re.findall(foreign, words) == []
        if language == "zh":  # in English some codes are words too
            assert not set(words.split()) & {*TEMPLATES, *MEDIA, *FAILURES, *ENDINGS}


def test_a_unit_does_not_read_from_a_limit_what_the_petitioner_answered(take: Take, sign_in: SignIn, office: FlaskClient) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, EPB)
    owed = case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "receive")
    case.tell(
        "deadline.withdrawn", at("2016-11-08 10:00"), **owed, withdrawn_at=instant(at("2016-11-08 10:00")), reason="satisfied"
    )
    take(bus.sent)
    assert "满意" in office.get(f"/reporting/cases/{CASE}").text
    assert "满意" not in sign_in(EPB, "unit_head").get(f"/reporting/cases/{CASE}").text


def test_a_limit_at_midnight_is_shown_as_the_day_that_it_ends(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    case.owe(at("2016-11-07 10:00"), at("2016-11-18 00:00"), "conclude")
    case.tell("followup.due", at("2016-11-07 10:00"), task_id=bus.identifier(), round=1, manner="email",
              due_at=instant(at("2016-11-25 00:00")))  # fmt: skip
    take(bus.sent)
    page = office.get(f"/reporting/cases/{CASE}").text
    assert page.count("2016-11-17 24:00") == 4  # two chips' titles, the list of limits, the timeline
    assert "应于 2016-11-24 24:00 前" in page
    assert "2016-11-18" not in re.sub(r'datetime="[^"]*"', "", page)
    assert "超期 33 天" in page  # since the 17th; it is the 20th of December
    row = next(csv.DictReader(io.StringIO(office.get("/reporting/cases.csv").data.decode("utf-8-sig"), newline="")))
    assert row["期限"] == "2016-11-17 24:00"


def test_the_page_of_figures_defines_each_and_leads_to_its_cases(take: Take, office: FlaskClient) -> None:
    take(two_cases())
    page = office.get("/reporting/statistics?from=2016-08-01&to=2017-02-28").text
    assert (figure(page, "登记"), figure(page, "批示"), figure(page, "到期应结案"), figure(page, "其中已结案")) == (
        2,
        5,
        2,
        1,
    )
    assert "50.0%" in page
    links = re.findall(r'<td class="number"><a href="/reporting/cases([^"]+)">(\d+)</a>', page)
    assert len(links) > 20  # those defined, of each unit, and of the periods before
    for query, value in links:
        found = numbers(office, query.replace("&amp;", "&"))
        assert len(found) == (2 if "figure=instructed" in query else int(value))


def test_without_anything_due_there_is_no_rate(take: Take, office: FlaskClient) -> None:
    take(two_cases())
    page = office.get("/reporting/statistics?from=2015-01-01&to=2015-12-31").text
    assert "不计算比率" in page
    assert "0.0%" not in page
    assert office.get("/reporting/statistics").status_code == 200
    assert office.get("/reporting/statistics?from=2017-01-01&to=2016-01-01").status_code == 422


def test_the_pages_speak_english_too(take: Take, office: FlaskClient, app: Flask, tmp_path: Path) -> None:
    take(two_cases())
    compile_english(app, tmp_path)
    for path in ("cases", f"cases/{CASE}", "statistics"):
        text = office.get(f"/reporting/{path}?lang=en").text
        main = text[text.index("<main") : text.index("</main>")]
        assert "Regis" in main
        if path == "statistics":
            assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"永信[^<]*|<option.*?</option>", "", main))
