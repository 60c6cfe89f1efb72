"""The case list: filters in the address, queues, pages, export."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shared.database import Database
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.site import OTHER, A, B, exported, numbers, two_cases, workbook
from tests.integration.reporting.story import CASE, EPB, Bus, Case, at


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?stage=in_hand", [B]), ("?stage=archived", [A]), ("?stage=concluded", []), ("?channel=email", [A]),
        ("?class=ordinary", [B, A]), ("?class=complex", []), ("?unit=431023-epb", [B, A]), ("?unit=431023-cdi", [A]),
        ("?unit=431023104", []), ("?overdue=true", [B]), ("?queue=overdue", [B]), ("?queue=in_hand", [B]), ("?queue=closed", [A]),
        ("?queue=review", []), ("?from=2016-12-01&to=2016-12-01", [B]), ("?from=2016-12-02", []), ("?to=2016-11-30", [A]),
        ("?q=水", [A]), ("?q=健康", [A]), ("?q=造纸厂污水", [A]), ("?q=反映", [B, A]), ("?q=反映 道路", [B]), ("?q=102", [B]),
        ("?q=厂纸", []), ("?q=村民道路", []), ("?q=%25", []), ("?q=''", []), ("?sort=oldest", [A, B]), ("?sort=number", [A, B]),
        ("?sort=due", [B, A]), ("?q=永信(2016)101号", [A]), ("?q=［2016］102", [B]), ("?q=号", [B, A]), ("?q=道 损", [B]),
        ("?endpoint=x&_external=1&_method=POST", [B, A]), ("?figure=registered&from=2016-11-01&to=2016-11-30", [A]),
        ("?figure=due_closing&from=2016-12-01&to=2016-12-31", [B]),
        ("?figure=due_closing_done&from=2016-11-01&to=2016-12-31", [A]),
        ("?figure=instructed&from=2016-12-01&to=2016-12-02", [B]), ("?page=1000000", [B, A]), ("?unknown=1&lang=zh", [B, A]),
    ],
)  # fmt: skip
def test_a_filter_in_the_address_gives_exactly_its_cases(take: Take, office: FlaskClient, query: str, seen: list[str]) -> None:
    take(two_cases())
    assert numbers(office, query) == seen
    assert exported(office, query) == seen
    assert [row[0] for row in workbook(office, query)[1:]] == seen


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?stage=nowhere", "阶段"), ("?from=yesterday", "从"), ("?from=2016-12-02&to=2016-12-01", "到"), ("?page=0", "页码"),
        ("?page=x", "页码"), ("?q=" + "水" * 101, "搜索"), ("?figure=registered", "从"), ("?sort=;drop", "排序"),
        ("?overdue=perhaps", "超期"),
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
    assert len(tabs) == 8
    assert {queue: int(count) for queue, count in tabs.items()} == {
        queue: len(numbers(office, f"?queue={queue}")) for queue in tabs
    }


def test_a_long_list_is_paged_without_losing_or_repeating_a_case(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    for number in range(120):
        Case(bus, UUID(int=(1 << 100) + number), number=f"号{number:03}").register(
            at("2016-11-08 09:00") + timedelta(hours=number // 7)
        )
    take(bus.sent)
    pages = [numbers(office, f"?page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({number for page in pages for number in page}) == 120


def test_the_export_is_safe_in_a_spreadsheet(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    case = Case(bus)
    case.title, case.brief = '=HYPERLINK("http://x","点")', '+1\n第二行, "引号"'
    case.register(at("2016-11-08 09:00"))
    take(bus.sent)
    answer = office.get("/reporting/cases.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert head[:3] == ["编号", "标题", "交办摘要"]
    assert row[1] == """'=HYPERLINK("http://x","点")"""
    assert row[2] == '\'+1\n第二行, "引号"'


def test_the_workbook_says_what_the_csv_says_and_holds_no_formula(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    case = Case(bus, UUID(int=1 << 100), number="永信〔2016〕90号")
    case.title, case.brief = '=HYPERLINK("http://x","点")', "@SUM(A1)"
    case.register(at("2016-11-08 09:00"))
    take([*bus.sent, *two_cases()])
    body = office.get("/reporting/cases.xlsx").data
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert b"<f>" not in b"".join(parts.values())
    assert b'quotePrefix="1"' in parts["xl/styles.xml"], "going into the cell would make a formula of it"
    head, *rows = csv.reader(io.StringIO(office.get("/reporting/cases.csv").data.decode("utf-8-sig"), newline=""))
    told = workbook(office)
    assert told[0] == head
    assert [[said.removeprefix("'") for said in row] for row in rows] == [
        [str(int(cell)) if isinstance(cell, float) else cell for cell in row] for row in told[1:]
    ]
    assert len(rows) == 3


def test_there_is_no_other_form(office: FlaskClient) -> None:
    assert office.get("/reporting/cases.pdf").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_taken_away_is_noted_with_its_filter_and_form(
    reporting: Database, take: Take, office: FlaskClient, sign_in: SignIn, form: str
) -> None:
    take(two_cases())
    office.get(f"/reporting/cases.{form}?stage=in_hand&unit={EPB['organisation']}")
    with reporting.unit_of_work() as uow:
        (row,) = uow.all("SELECT official, filter, cases FROM export")
        read = uow.all("SELECT case_id FROM reading WHERE official = 'o-office'")
    asked = {"stage": "in_hand", "unit": EPB["organisation"], "sort": "newest", "form": form}
    assert (row["official"], row["filter"], row["cases"]) == ("o-office", asked, [OTHER])
    assert [each["case_id"] for each in read] == [OTHER]
    auditor = sign_in({"official": "o-audit", "name": "钟明", "post": "审计员", "organisation": "431023-office"}, "auditor")
    assert (
        f"阶段：办理中；承办单位：{EPB['organisation']}；排序：最近登记在前；格式：{form}"
        in auditor.get("/reporting/exports").text
    )


def test_an_export_holds_what_its_reader_sees_and_no_more(take: Take, sign_in: SignIn) -> None:
    take(two_cases())
    stranger = sign_in({"official": "o-none", "name": "路人", "post": "科员", "organisation": "431023-none"}, "officer")
    assert exported(stranger) == []
    assert workbook(stranger)[1:] == []
    assert [row[0] for row in workbook(sign_in(EPB, "unit_head"), "?stage=in_hand")[1:]] == [B]


def test_a_list_too_long_to_export_is_refused_and_not_cut(
    take: Take, office: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(two_cases())
    monkeypatch.setattr("services.reporting.web.cases.MOST_EXPORTED", 1)
    answer = office.get("/reporting/cases.csv")
    assert answer.status_code == 422
    assert "不能一次导出" in answer.text


def test_a_case_without_a_brief_says_so_where_its_title_would_stand(take: Take, office: FlaskClient) -> None:
    case = Case(Bus())
    case.title = case.brief = ""
    case.register(at("2016-11-07 09:30"))
    take(case.bus.sent)
    for page in ("/reporting/cases", f"/reporting/cases/{CASE}"):
        assert "（待写摘要）" in office.get(page).text


@pytest.mark.parametrize(
    ("query", "said"), [("?q=13800138000", True), ("?q=王某某", True), ("?q=健康", False), ("?stage=concluded", False)]
)
def test_who_looks_for_a_person_is_told_where_people_are_found(take: Take, office: FlaskClient, query: str, said: bool) -> None:
    take(two_cases())
    assert ("须说明用途并留下记录" in office.get(f"/reporting/cases{query}").text) is said
