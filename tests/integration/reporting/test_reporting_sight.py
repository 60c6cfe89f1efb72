"""Who sees which cases, in lists, exports, dossiers and figures alike."""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.contract.envelope import instant
from shared.database import Database
from shared.web import server
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.site import OTHER, A, B, exported, figure, numbers, two_cases
from tests.integration.reporting.story import CASE, CDI, COUNTY, EPB, SECRETARY, TOWN_HEAD, TOWNSHIP, VICE, Bus, Case, at


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
    assert exported(client) == seen
    for number, case_id in ((A, CASE), (B, OTHER)):
        expected = 200 if number in seen else 404
        assert client.get(f"/reporting/cases/{case_id}").status_code == expected
        assert client.get(f"/api/reporting/cases/{case_id}/dossier").status_code == expected


def test_roles_count_by_post_as_the_directory_has_them(take: Take, sign_in: SignIn) -> None:
    bus = Bus()
    for code, own in ((COUNTY, True), (TOWNSHIP, True), ("431023104-office", False)):
        superior = {COUNTY: None, TOWNSHIP: COUNTY}.get(code, TOWNSHIP)
        told = {"code": code, "name": code, "name_en": code, "superior": superior,
                "has_instance": own}  # fmt: skip
        bus.tell("directory.organisation_recorded", told, at("2016-08-01 08:00"), subject=code)
    posts = [{"organisation": "431023104-office", "title": "镇办公室主任", "roles": ["office"]},
             {"organisation": "431023-epb", "title": "挂职副局长", "roles": ["officer"]}]  # fmt: skip
    bus.tell(
        "directory.official_recorded",
        {"official": "o-two", "name": "双", "active": True, "posts": posts},
        at("2016-08-01 08:00"),
        subject="o-two",
    )
    take(bus.sent)
    take(two_cases())
    client = sign_in({"official": "o-two", "name": "双", "post": "x", "organisation": "431023104-office"}, "office", "officer")
    assert numbers(client) == [B, A]  # as an officer of the bureau, not as office of a township
    with_bureau_alone = sign_in({"official": "o-nobody", "name": "双", "post": "x", "organisation": TOWNSHIP}, "office")
    assert numbers(with_bureau_alone) == []


@pytest.mark.parametrize(
    ("who", "role", "org"),
    [
        ("o-office", "office", "431023-office"),
        (EPB["official"], "unit_head", "431023-epb"),
        ("o-epb-officer", "officer", "431023-epb"),
    ],
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
    Case(bus, OTHER).bar(
        at("2016-12-05 09:00"), officials=[who] if by == "official" else [], organisations=[org] if by != "official" else []
    )
    take(bus.sent)
    assert numbers(client) == numbers(client, "?sort=due") == [A]
    assert numbers(client, "?q=马田") == []
    assert exported(client) == [A]
    assert client.get(f"/reporting/cases/{OTHER}").status_code == 404
    assert client.get(f"/api/reporting/cases/{OTHER}/dossier").status_code == 404
    assert {endpoint for endpoint, official, _ in app.extensions["refused"] if official == who} == {
        "reporting.case",
        "reporting_api.case_dossier",
    }
    page = client.get("/reporting/statistics?from=2016-08-01&to=2017-02-28").text
    assert figure(page, "登记") == 1


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


def test_a_session_that_routing_ended_is_over_here_and_another_is_not(
    app: Flask, take: Take, office: FlaskClient, sign_in: SignIn, reporting: Database
) -> None:
    app.extensions["zhida"].session_ended = partial(server.is_over, {"reporting": reporting})
    other = sign_in(AUDITOR, "auditor")
    assert office.get("/reporting/cases").status_code == 200
    bus = Bus()
    ended = {"session": "s-1", "official": "o-office", "before": instant(at("2016-12-20 09:00"))}
    bus.tell("directory.session_ended", ended, at("2016-12-20 09:00"), subject="o-office")
    take(bus.sent)
    assert office.get("/reporting/cases").status_code == 303
    assert other.get("/reporting/cases").status_code == 200


AUDITOR = {"official": "o-audit", "name": "何审", "post": "审计员", "organisation": "431023-cdi"}


def test_an_export_is_noted_among_what_was_read_and_shown_to_the_auditor(
    take: Take, sign_in: SignIn, office: FlaskClient, reporting: Database
) -> None:
    take(two_cases())
    assert exported(office, "?stage=in_hand&q=马田&page=7") == [B]
    assert exported(office, "?overdue=true&class=complex") == []
    with reporting.unit_of_work() as uow:
        assert [(row["case_id"], row["official"]) for row in uow.all("SELECT * FROM reading")] == [(OTHER, "o-office")]
    page = sign_in(AUDITOR, "auditor").get("/reporting/exports")
    assert page.status_code == 200
    rows = [re.sub(r"<[^>]+>|\s", "", row) for row in re.findall(r"<tr data-key-item>.*?</tr>", page.text, re.DOTALL)]
    assert rows == [
        "2016-12-2010:00林主任办公室主任431023-office件别：复杂件；超期：只看超期；排序：最近登记在前；格式：csv0",
        "2016-12-2010:00林主任办公室主任431023-office阶段：办理中；搜索：马田；排序：最近登记在前；格式：csv1",
    ]
    assert "没有导出记录" in sign_in(AUDITOR, "auditor").get("/reporting/exports?who=o-nobody").text


def test_a_refused_export_notes_nothing(
    take: Take, office: FlaskClient, reporting: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(two_cases())
    monkeypatch.setattr("services.reporting.web.cases.MOST_EXPORTED", 1)
    assert office.get("/reporting/cases.csv").status_code == 422
    with reporting.unit_of_work() as uow:
        assert uow.all("SELECT * FROM reading") == uow.all("SELECT * FROM export") == []


def test_an_auditor_does_not_read_from_a_filter_what_he_is_barred_from(take: Take, sign_in: SignIn, office: FlaskClient) -> None:
    take(two_cases())
    exported(office, "?q=马田")
    bus = Bus()
    bus.versions["/431023/routing", str(OTHER)] = 90
    Case(bus, OTHER).bar(at("2016-12-05 09:00"), officials=["o-audit"])
    take(bus.sent)
    page = sign_in(AUDITOR, "auditor").get("/reporting/exports").text
    assert "林主任" in page
    assert "马田" not in page


def test_the_log_of_exports_is_open_to_the_auditor_alone_and_cannot_be_altered(
    take: Take, sign_in: SignIn, office: FlaskClient, reporting: Database
) -> None:
    take(two_cases())
    exported(office)
    assert office.get("/reporting/exports").status_code == 403
    assert 'href="/reporting/exports"' in sign_in(AUDITOR, "auditor").get("/reporting/cases").text
    for statement in ("UPDATE export SET name = 'x'", "DELETE FROM export"):
        with pytest.raises(psycopg2.errors.RaiseException, match="not altered"), reporting.unit_of_work() as uow:
            uow.all(statement)
