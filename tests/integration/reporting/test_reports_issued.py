"""Reports are issued by whoever may, under a number; read by the rest as far as they may see; corrected by a further one."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pypdfium2
import pytest
from docx import Document
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from services.reporting.documents.writing import write
from services.reporting.handlers import issuing, preparing
from services.reporting.handlers.seeing import Sight
from shared.database import Database
from tests.integration.reporting.periods import HALF_MONTH, TWO_MONTHS, WEEK, Ended, ended, frozen
from tests.integration.reporting.story import COUNTY, EPB, TOWN_HEAD, Bus, Case, article, at

OFFICE = {"official": "o-office", "name": "林主任", "post": "办公室主任", "organisation": COUNTY}
SUPERVISOR = {"official": "o-supervisor", "name": "谢主任", "post": "督查室主任", "organisation": COUNTY}
SECRETARY = {"official": "o-431023-secretary", "name": "赵宇", "post": "县委书记", "organisation": COUNTY}
NUMBERS = {"week": "4信周〔2016〕1号", "half_month": "4信督〔2016〕1号", "two_months": "4信通〔2016〕1号"}
Make = Any


@pytest.fixture
def prepared(reporting: Database, take: Any) -> Make:
    """`prepared(period)`: the article's story, told, and the period's report as a draft; its address."""

    def prepared(period: Ended = WEEK) -> str:
        bus = Bus()
        article(bus)
        take([*bus.sent, ended(bus, period)])
        with reporting.unit_of_work() as uow:
            assert preparing.prepare_owed(uow) == 1
        return f"/reporting/reports/{frozen(reporting, period)['id']}"

    return prepared


def post(client: FlaskClient, page: str, to: str, **form: str) -> Any:
    """Send a form as the page has it, with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    return client.post(to, data={"csrf_token": token[1] if token else "", **form})


ISSUERS = [(WEEK, OFFICE, "office"), (HALF_MONTH, SUPERVISOR, "supervision_office"), (TWO_MONTHS, SECRETARY, "first_in_command")]


@pytest.mark.parametrize(("period", "who", "role"), ISSUERS, ids=lambda value: getattr(value, "kind", ""))
def test_a_draft_is_issued_by_whoever_may_and_told(
    reporting: Database, prepared: Make, sign_in: Any, period: Ended, who: dict[str, str], role: str
) -> None:
    page, client = prepared(period), sign_in(who, role)
    assert "草稿" in client.get(page).text
    assert post(client, page, f"{page}/issue").status_code == 303
    text = client.get(page).text
    assert NUMBERS[period.kind] in text
    assert f"签发人：{who['name']}" in text
    report = frozen(reporting, period)
    assert report["issued_by"]["official"] == who["official"]
    with reporting.unit_of_work() as uow:
        (row,) = uow.all("SELECT name, subject FROM event_log WHERE name = 'report.issued'")
    assert row["subject"] == f"report/{NUMBERS[period.kind]}"
    assert post(client, page, f"{page}/issue").status_code == 303, "sent twice, it changes nothing"
    assert frozen(reporting, period)["issued_at"] == report["issued_at"]


def test_nobody_else_issues_it(reporting: Database, prepared: Make, sign_in: Any) -> None:
    page = prepared(TWO_MONTHS)
    office = sign_in(OFFICE, "office")
    assert "签发</button>" not in office.get(page).text
    assert post(office, page, f"{page}/issue").status_code == 403
    assert frozen(reporting, TWO_MONTHS)["number"] is None


def test_a_draft_is_not_for_units(prepared: Make, sign_in: Any) -> None:
    page = prepared(WEEK)
    unit = sign_in(EPB, "unit_head")
    assert unit.get(page).status_code == 404
    assert page not in unit.get("/reporting/reports").text
    assert page in sign_in(OFFICE, "office").get("/reporting/reports").text


def test_a_unit_reads_of_an_issued_report_the_cases_that_it_may_see(prepared: Make, sign_in: Any) -> None:
    page, office = prepared(WEEK), sign_in(OFFICE, "office")
    post(office, page, f"{page}/issue")
    assert "永信〔2016〕101号" in office.get(page).text
    read = sign_in(EPB, "unit_head").get(page).text
    assert "永信〔2016〕101号" in read, "the bureau joined later"
    other = sign_in({**EPB, "official": "o-other", "organisation": "431023-other"}, "unit_head").get(page).text
    assert "永信〔2016〕101号" not in other
    assert other.count("1件依规不逐件列出") == 2, "as what is not listed for anybody"


def test_whoever_is_barred_later_does_not_find_the_case_in_an_old_report(prepared: Make, sign_in: Any, take: Any) -> None:
    page, office = prepared(WEEK), sign_in(OFFICE, "office")
    post(office, page, f"{page}/issue")
    bus = Bus(seed=3)
    take([Case(bus).bar(at("2016-12-15 09:00"), officials=[OFFICE["official"]])])
    for form in ("", ".pdf", ".docx", ".xlsx"):
        assert "101号" not in words_of(office.get(f"{page}{form}").data, form)
    assert "101号" in sign_in(SUPERVISOR, "supervision_office").get(page).text


def words_of(body: bytes, form: str) -> str:
    """Every word of a file."""
    if form == ".pdf":
        pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body))
        return "".join(re.sub(r"— \d+ —", "", page) for page in pages)
    if form == ".docx":
        made = Document(io.BytesIO(body))
        cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(paragraph.text for paragraph in made.paragraphs), *cells])
    if form == ".xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    return body.decode()


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00ad\ufffe]", "", text)


@pytest.mark.parametrize(("period", "who", "role"), ISSUERS, ids=lambda value: getattr(value, "kind", ""))
def test_every_file_says_what_the_page_says(
    reporting: Database, prepared: Make, sign_in: Any, period: Ended, who: dict[str, str], role: str
) -> None:
    page, client = prepared(period), sign_in(who, role)
    post(client, page, f"{page}/issue")
    with reporting.unit_of_work() as uow:
        report = issuing.found(uow, _sees(who), frozen(reporting, period)["id"])
    document = write(preparing.data_of(report), issuing.issue_of(report))
    for form in ("", ".pdf", ".docx"):
        words = squeezed(words_of(client.get(f"{page}{form}").data, form))
        for line in filter(None, re.split(r"[\n\t]", document.plain)):
            if line != "无。":
                assert squeezed(line) in words, (form, line)
    with zipfile.ZipFile(io.BytesIO(client.get(f"{page}.xlsx").data)) as book:
        assert b"<f>" not in b"".join(book.read(name) for name in book.namelist())


def _sees(who: dict[str, str]) -> Sight:
    return Sight(official=who["official"], own=COUNTY, everything=True, posts=(COUNTY,), units=())


def test_a_correction_is_a_further_report_that_names_the_one_it_corrects(
    reporting: Database, prepared: Make, sign_in: Any, take: Any
) -> None:
    page, office = prepared(WEEK), sign_in(OFFICE, "office")
    post(office, page, f"{page}/issue")
    before = office.get(page).text
    bus = Bus(seed=5)
    late = Case(bus, number="永信〔2016〕100号")
    late.id = late.id.__class__(int=late.id.int + 77)
    take([late.register(at("2016-11-08 08:00"))])
    assert "此后又收到本期内的 1 条记录" in office.get(page).text
    assert post(office, page, f"{page}/anew", reasons="").status_code == 422
    answer = post(office, page, f"{page}/anew", reasons="乡镇一件来信漏报")
    assert answer.status_code == 303
    anew = answer.location
    assert "永信〔2016〕100号" in office.get(anew).text
    post(office, anew, f"{anew}/issue")
    corrected = office.get(anew).text
    assert "本件更正4信周〔2016〕1号。更正原因：乡镇一件来信漏报" in corrected
    assert "4信周〔2016〕2号" in corrected
    assert "永信〔2016〕100号" not in before
    assert "永信〔2016〕100号" not in office.get(page).text, "what was issued stays as it was"
    assert post(office, page, f"{page}/anew", reasons="再来一次").status_code == 409


def test_a_replaced_draft_is_not_issued(prepared: Make, sign_in: Any) -> None:
    page, office = prepared(WEEK), sign_in(OFFICE, "office")
    assert post(office, page, f"{page}/anew", reasons="补录").status_code == 303
    assert post(office, page, f"{page}/issue").status_code == 422


def test_what_is_taken_away_is_noted(reporting: Database, prepared: Make, sign_in: Any) -> None:
    page, office = prepared(WEEK), sign_in(OFFICE, "office")
    office.get(f"{page}.xlsx")
    with reporting.unit_of_work() as uow:
        (row,) = uow.all("SELECT official, filter, cardinality(cases) AS n FROM export")
    assert (row["official"], row["filter"]["form"], row["n"]) == ("o-office", "xlsx", 1)
    assert "格式：xlsx" in sign_in({**OFFICE, "official": "o-audit"}, "auditor").get("/reporting/exports").text


def test_a_township_head_reads_the_circular_that_ranks_his_township(prepared: Make, sign_in: Any) -> None:
    page, secretary = prepared(TWO_MONTHS), sign_in(SECRETARY, "first_in_command")
    post(secretary, page, f"{page}/issue")
    read = sign_in(TOWN_HEAD, "first_in_command").get(page).text
    assert "各单位办理情况" in read
    assert "431023104" in read


@pytest.mark.parametrize(
    "address",
    ["/reporting/reports/99999999999999999999", "/reporting/reports/7", "/reporting/reports/7.pdf", "/reporting/reports/7.exe"],
)
def test_there_is_no_such_report(sign_in: Any, address: str, reporting: Database) -> None:
    assert sign_in(OFFICE, "office").get(address).status_code == 404
