"""The case list, the dossier and the statistics through the real frame, for each kind of reader."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OKPKey

import services.reporting
import shared.web
from services.reporting import web
from shared.config import Settings
from shared.database import Database
from shared.web import session
from shared.web.app import create_app
from tests.integration.reporting.conftest import Take
from tests.integration.reporting.story import (
    CASE, CDI, COUNTY, EPB, SECRETARY, TOWN_HEAD, TOWNSHIP, VICE, Bus, Case, article, at, interleavings,
)  # fmt: skip

KEY = OKPKey.generate_key("Ed25519")
PRIVATE = KEY.as_pem(private=True).decode()
NOW = at("2016-12-20 10:00")
OTHER = UUID("01583a11-0000-7000-8000-000000000003")
TOWN = UUID("01583a11-0000-7000-8000-000000000004")
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def app(settings: Settings, reporting: Database) -> Flask:
    """Reporting alone as a site; business time stands still, refused tries are collected in `app.refused`."""
    frame = SimpleNamespace(
        org=COUNTY, org_name="永兴县", org_name_en="Yongxing County", secret_key="x" * 32, session_private_key=PRIVATE,
        session_public_key=KEY.as_pem(private=False).decode(), secure_cookies=False, demo=False, now=lambda: NOW,
    )  # fmt: skip
    app = create_app(frame, [web.blueprint, web.api])
    app.extensions["zhida.databases"] = {"reporting": reporting}
    app.refused = []  # type: ignore[attr-defined]
    app.extensions["zhida"].refused = lambda *what: app.refused.append(what)  # type: ignore[attr-defined]
    return app


@pytest.fixture(autouse=True)
def _business_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from services.reporting.web import cases, dossier, parts, statistics

    for module in (cases, dossier, parts, statistics):
        monkeypatch.setattr(module, "now", lambda uow: NOW)


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A browser in which `who` is signed in with these roles."""

    def sign_in(who: dict[str, str], *roles: str, org: str | None = None) -> FlaskClient:
        client, org = app.test_client(), org or who["organisation"]
        reader = session.Reader(
            official_id=who["official"], name=who["name"], org=org, posts=({"title": who["post"], "org": org},),
            roles=frozenset(roles), scope=frozenset({f"{COUNTY}*"}), sid="s-1",
        )  # fmt: skip
        client.set_cookie(session.COOKIE, session.issue(reader, PRIVATE, datetime.now(UTC)))
        return client

    return sign_in


@pytest.fixture
def office(sign_in: SignIn) -> FlaskClient:
    return sign_in({"official": "o-office", "name": "林主任", "post": "办公室主任", "organisation": "431023-office"}, "office")


def numbers(client: FlaskClient, query: str = "") -> list[str]:
    """The case numbers of a list, as a person sees them."""
    answer = client.get(f"/reporting/cases{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r"data-key-open>\s*<span>([^<]+)</span>", answer.text)


def two_cases() -> list[Any]:
    """The article's case (archived), one with the environment bureau (in hand, overdue), and one of the township's own."""
    bus = Bus()
    article(bus)
    case = Case(bus, OTHER, number="永信〔2016〕102号")
    case.title, case.brief, case.channel = "请求修复马田镇道路", "反映道路破损，出行不便。", "letter"
    case.register(at("2016-12-01 09:00"))
    case.instruct(at("2016-12-01 10:00"), 1, "请办理。", [EPB])
    key = case.assign(at("2016-12-01 10:00"), 1, EPB)
    case.receive(at("2016-12-01 11:00"), key, EPB)
    case.owe(at("2016-12-01 10:00"), at("2016-12-11 10:00"), "conclude")
    case.owe(at("2016-12-01 10:00"), at("2016-12-11 10:00"), "reply")
    Case(bus, TOWN, org=TOWNSHIP, number="柏信〔2016〕3号").register(at("2016-12-02 09:00"))
    return bus.sent


A, B = "永信〔2016〕101号", "永信〔2016〕102号"


# -- who sees what ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "roles", "org", "seen"),
    [
        ("o-office", ["office"], "431023-office", [B, A]),
        ("o-sup", ["supervision_office"], "431023-sup", [B, A]),
        ("o-audit", ["auditor"], COUNTY, [B, A]),
        ("o-clerk", ["clerk"], "431023-xf", [B, A]),
        ("o-431023-secretary", ["first_in_command"], COUNTY, [B, A]),
        (VICE["official"], ["leader"], "431023-gov", [A]),
        (CDI["official"], ["unit_head"], "431023-cdi", [A]),
        (EPB["official"], ["unit_head"], "431023-epb", [B, A]),
        ("o-epb-officer", ["officer"], "431023-epb", [B, A]),
        ("o-other-leader", ["leader"], "431023-gov", []),
        ("o-other-head", ["unit_head"], "431023-edu", []),
        (TOWN_HEAD["official"], ["first_in_command"], TOWNSHIP, []),  # withdrawn; and no head of the county
        ("o-town-clerk", ["clerk"], TOWNSHIP, []),
    ],
)
def test_each_reader_sees_what_is_his_to_see(
    take: Take, sign_in: SignIn, who: str, roles: list[str], org: str, seen: list[str]
) -> None:
    take(two_cases())
    client = sign_in({"official": who, "name": "某", "post": "某职", "organisation": org}, *roles)
    assert numbers(client) == seen
    assert _exported(client) == seen
    for number, case_id in ((A, CASE), (B, OTHER)):
        expected = 200 if number in seen else 404
        assert client.get(f"/reporting/cases/{case_id}").status_code == expected
        assert client.get(f"/api/reporting/cases/{case_id}/dossier").status_code == expected


def test_roles_count_by_post_as_the_directory_has_them(take: Take, sign_in: SignIn) -> None:
    bus = Bus()
    for code, own in ((COUNTY, True), (TOWNSHIP, True), ("431023104-office", False)):
        told = {"code": code, "name": code, "name_en": code, "superior": {"431023104-office": TOWNSHIP}.get(code, COUNTY if code != COUNTY else None),
                "has_instance": own}  # fmt: skip
        bus.tell("directory.organisation_recorded", told, at("2016-08-01 08:00"), subject=code)
    posts = [{"organisation": "431023104-office", "title": "镇办公室主任", "roles": ["office"]},
             {"organisation": "431023-epb", "title": "挂职副局长", "roles": ["officer"]}]  # fmt: skip
    bus.tell("directory.official_recorded", {"official": "o-two", "name": "双", "active": True, "posts": posts}, at("2016-08-01 08:00"), subject="o-two")
    take(bus.sent)
    take(two_cases())
    client = sign_in({"official": "o-two", "name": "双", "post": "x", "organisation": "431023104-office"}, "office", "officer")
    assert numbers(client) == [B, A]  # as an officer of the bureau, not as office of a township
    with_bureau_alone = sign_in({"official": "o-nobody", "name": "双", "post": "x", "organisation": TOWNSHIP}, "office")
    assert numbers(with_bureau_alone) == []


@pytest.mark.parametrize(
    ("who", "role", "org"),
    [("o-office", "office", "431023-office"), (EPB["official"], "unit_head", "431023-epb"), ("o-epb-officer", "officer", "431023-epb")],
)
@pytest.mark.parametrize("by", ["official", "organisation"])
def test_who_is_barred_finds_no_trace_of_the_case(
    app: Flask, take: Take, sign_in: SignIn, who: str, role: str, org: str, by: str
) -> None:
    events = two_cases()
    take(events)
    client = sign_in({"official": who, "name": "某", "post": "某职", "organisation": org}, role)
    assert numbers(client) == [B, A]
    bus = Bus()
    bus.sent, bus.versions["/431023/routing", str(OTHER)] = [], 90
    Case(bus, OTHER).bar(at("2016-12-05 09:00"), officials=[who] if by == "official" else [], organisations=[org] if by != "official" else [])
    take(bus.sent)
    assert numbers(client) == numbers(client, "?sort=due") == [A]
    assert numbers(client, "?q=马田") == []
    assert _exported(client) == [A]
    assert client.get(f"/reporting/cases/{OTHER}").status_code == 404
    assert client.get(f"/api/reporting/cases/{OTHER}/dossier").status_code == 404
    assert {endpoint for endpoint, official, _ in app.refused if official == who} == {"reporting.case", "reporting_api.case_dossier"}  # type: ignore[attr-defined]
    page = client.get("/reporting/statistics?from=2016-08-01&to=2017-02-28").text
    assert _figure(page, "登记") == 1


def test_after_the_withdrawal_of_his_assignment_an_official_sees_the_case_no_more(take: Take, sign_in: SignIn) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:00"))
    key = case.assign(at("2016-11-07 10:00"), 1, VICE)
    take(bus.sent)
    client = sign_in(VICE, "leader")
    assert numbers(client) == [A]
    take([case.withdraw(at("2016-11-08 10:00"), key, VICE)])
    assert numbers(client) == []
    assert client.get(f"/reporting/cases/{CASE}").status_code == 404


def test_nobody_without_a_role_for_it_opens_anything(app: Flask, sign_in: SignIn) -> None:
    for role in ("administrator", "followup"):
        client = sign_in(SECRETARY, role)
        for page in ("cases", "cases.csv", f"cases/{CASE}", "statistics"):
            assert client.get(f"/reporting/{page}").status_code == 403
    assert app.test_client().get("/reporting/cases").status_code == 303
    assert app.test_client().get(f"/api/reporting/cases/{CASE}/dossier").status_code == 401


def test_who_opened_a_dossier_is_kept(take: Take, office: FlaskClient, reporting: Database) -> None:
    take(two_cases())
    for _ in range(2):
        office.get(f"/reporting/cases/{CASE}")
    office.get(f"/reporting/cases/{UUID(int=5)}")
    with reporting.unit_of_work() as uow:
        assert [(row["case_id"], row["official"]) for row in uow.all("SELECT * FROM reading")] == [(CASE, "o-office")]


# -- the list ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?stage=in_hand", [B]), ("?stage=archived", [A]), ("?stage=concluded", []), ("?channel=email", [A]),
        ("?class=ordinary", [B, A]), ("?class=complex", []), ("?unit=431023-epb", [B, A]), ("?unit=431023-cdi", [A]),
        ("?unit=431023104", []), ("?overdue=true", [B]), ("?queue=overdue", [B]), ("?queue=in_hand", [B]), ("?queue=closed", [A]),
        ("?queue=review", []), ("?from=2016-12-01&to=2016-12-01", [B]), ("?from=2016-12-02", []), ("?to=2016-11-30", [A]),
        ("?q=水", [A]), ("?q=健康", [A]), ("?q=造纸厂污水", [A]), ("?q=反映", [B, A]), ("?q=反映 道路", [B]), ("?q=102", [B]),
        ("?q=厂纸", []), ("?q=村民道路", []), ("?q=%25", []), ("?q=''", []), ("?sort=oldest", [A, B]), ("?sort=number", [A, B]),
        ("?sort=due", [B, A]), ("?figure=registered&from=2016-11-01&to=2016-11-30", [A]),
        ("?figure=due_closing&from=2016-12-01&to=2016-12-31", [B]), ("?figure=due_closing_done&from=2016-11-01&to=2016-12-31", [A]),
        ("?figure=instructed&from=2016-12-01&to=2016-12-02", [B]), ("?page=1000000", [B, A]), ("?unknown=1&lang=zh", [B, A]),
    ],
)  # fmt: skip
def test_a_filter_in_the_address_gives_exactly_its_cases(take: Take, office: FlaskClient, query: str, seen: list[str]) -> None:
    take(two_cases())
    assert numbers(office, query) == seen
    assert _exported(office, query) == seen


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?stage=nowhere", "阶段"), ("?from=yesterday", "从"), ("?from=2016-12-02&to=2016-12-01", "到"), ("?page=0", "页码"),
        ("?page=x", "页码"), ("?q=" + "水" * 101, "搜索"), ("?figure=registered", "从"), ("?sort=;drop", "排序"), ("?overdue=perhaps", "超期"),
    ],
)  # fmt: skip
def test_a_bad_address_is_answered_with_field_and_rule(office: FlaskClient, query: str, field: str) -> None:
    answer = office.get(f"/reporting/cases{query}")
    assert answer.status_code == 422
    assert field in answer.text


def test_the_counts_on_top_are_the_lengths_of_the_lists(take: Take, office: FlaskClient) -> None:
    take(two_cases())
    page = office.get("/reporting/cases").text
    tabs = dict(re.findall(r'href="/reporting/cases\?queue=(\w+)"[^>]*>[^<]*<span class="count[^"]*">(\d+)', page))
    assert len(tabs) == 7
    assert {queue: int(count) for queue, count in tabs.items()} == {queue: len(numbers(office, f"?queue={queue}")) for queue in tabs}


def test_a_long_list_is_paged_without_losing_or_repeating_a_case(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    for number in range(120):
        Case(bus, UUID(int=(1 << 100) + number), number=f"号{number:03}").register(at("2016-11-08 09:00") + timedelta(hours=number // 7))
    take(bus.sent)
    pages = [numbers(office, f"?page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({number for page in pages for number in page}) == 120


def test_the_export_is_safe_in_a_spreadsheet(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    case = Case(bus)
    case.title, case.brief = '=HYPERLINK("http://x","点")', "+1\n第二行, \"引号\""
    case.register(at("2016-11-08 09:00"))
    take(bus.sent)
    answer = office.get("/reporting/cases.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert head[:3] == ["编号", "标题", "交办摘要"]
    assert row[1] == """'=HYPERLINK("http://x","点")"""
    assert row[2] == "'+1\n第二行, \"引号\""


def test_a_list_too_long_to_export_is_refused_and_not_cut(take: Take, office: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    take(two_cases())
    monkeypatch.setattr("services.reporting.web.cases.MOST_EXPORTED", 1)
    answer = office.get("/reporting/cases.csv")
    assert answer.status_code == 422
    assert "不能一次导出" in answer.text


# -- the dossier --------------------------------------------------------------------------------------------------------
def test_the_articles_case_has_every_step_with_name_and_time(take: Take, office: FlaskClient) -> None:
    events = article()
    take(events)
    page = office.get(f"/reporting/cases/{CASE}").text
    assert page.count('class="entry-item') == len(events)
    for said in (
        "反映造纸厂污水乱排", "请柏林镇党委书记李志强同志立即调查办理", "水质基本正常", "大事化小、敷衍塞责", "由王建平同志牵头",
        "污水乱排已多次发生", "建议问责", "党内警告", "县委常委会", "2016年第30次", "水质检测合格", "2016-11-22 11:00", "逾期办理",
        "ab" * 32, "第 4 轮", "不满意", "信访人本人",
    ):  # fmt: skip
        assert said in page
    for event in events:
        assert str(event.id) in page
        assert event.source in page
    assert all(f'id="round-{number}"' in page and f'href="#round-{number}"' in page for number in (1, 2, 3, 4))


def test_the_dossier_as_a_resource_is_in_time_order_and_complete(take: Take, office: FlaskClient) -> None:
    events = article()
    take(next(interleavings(events, 0)))
    got = office.get(f"/api/reporting/cases/{CASE}/dossier").get_json()
    assert [entry["event_id"] for entry in got["entries"]] == [str(event.id) for event in events]
    assert [entry["at"] for entry in got["entries"]] == sorted(entry["at"] for entry in got["entries"])
    assert got["case"]["stage"] == "archived"
    reply = next(entry for entry in got["entries"] if entry["name"] == "assignment.replied")
    assert (reply["by"]["name"], reply["by"]["post"], reply["data"]["signature"]["hash"]) == ("李志强", "镇党委书记", "ab" * 32)


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


# -- the figures --------------------------------------------------------------------------------------------------------
def test_the_page_of_figures_defines_each_and_leads_to_its_cases(take: Take, office: FlaskClient) -> None:
    take(two_cases())
    page = office.get("/reporting/statistics?from=2016-08-01&to=2017-02-28").text
    assert (_figure(page, "登记"), _figure(page, "批示"), _figure(page, "到期应结案"), _figure(page, "其中已结案")) == (2, 5, 2, 1)
    assert "50.0%" in page
    links = re.findall(r'<td class="number"><a href="/reporting/cases([^"]+)">(\d+)</a>', page)
    assert len(links) == 9
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
    _compile(app, tmp_path)
    for path in ("cases", f"cases/{CASE}", "statistics"):
        text = office.get(f"/reporting/{path}?lang=en").text
        main = text[text.index('<main') : text.index("</main>")]
        assert "Regis" in main
        if path == "statistics":
            assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"永信[^<]*|<option.*?</option>", "", main))


def _compile(app: Flask, folder: Path) -> None:
    """What set-up does with pybabel, without writing into the source tree."""
    for package in (services.reporting, shared.web):
        po = Path(str(package.__file__)).parent / "translations/en/LC_MESSAGES/messages.po"
        mo = folder / package.__name__ / "en/LC_MESSAGES/messages.mo"
        mo.parent.mkdir(parents=True)
        with po.open("rb") as source, mo.open("wb") as target:
            write_mo(target, read_po(source, locale="en"))
        app.extensions["babel"].translation_directories.append(str(folder / package.__name__))


def _exported(client: FlaskClient, query: str = "") -> list[str]:
    rows = csv.reader(io.StringIO(client.get(f"/reporting/cases.csv{query}").data.decode("utf-8-sig"), newline=""))
    return [row[0] for row in rows][1:]


def _figure(page: str, label: str) -> int:
    found = re.search(rf'<th scope="row">{label}</th><td class="number"><a [^>]*>(\d+)', page)
    assert found, label
    return int(found[1])
