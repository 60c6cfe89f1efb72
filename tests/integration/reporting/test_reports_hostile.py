"""Titles that try to be something else: in every form of a report, a list and a dossier they are words, and nothing more."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import unescape
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from docx import Document
from flask.testing import FlaskClient
from jinja2 import Environment, FileSystemLoader

from services.reporting.documents import docx, pdf
from services.reporting.handlers import preparing
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.periods import WEEK, ended, frozen
from tests.integration.reporting.story import CASE, CLERK, Bus, Case, at
from tests.integration.reporting.test_reports_issued import OFFICE, squeezed, words_of

TITLES = {
    "markup": '<script>alert(1)</script><img src=x onerror=alert(1)></td></table><h1 id="planted">甲',
    "fetching": '<img src="http://127.0.0.1:9/a"><link rel=stylesheet href=http://127.0.0.1:9/b><img src="file:///etc/passwd">乙',
    "attaching": '<link rel=attachment href="file:///etc/passwd"><a rel=attachment href="file:///etc/passwd">丙</a>',
    "styled": "</style><style>@import url(http://127.0.0.1:9/c); body{background:url(http://127.0.0.1:9/d)}</style>丁",
    "template": "{{ 7 * 7 }}{% raw %}戊&lt;&amp;&#60;",
    "formula": "=cmd|' /C calc'!A0",
    "formula too": "+HYPERLINK(\"http://127.0.0.1:9/e\",\"己\")",
    "formula at last": "@SUM(1+1)*庚",
    "controls": "辛\x01\x0b壬\x0c癸\x1b\x7f\x85子\ufffe\uffff",
    "bidi": "丑\u202e寅\u2066卯\u200f\ufeff辰",
    "long": "Donaudampfschifffahrts" * 8,
    "quotes": "巳'\"><`午\\",
}  # fmt: skip
HIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u200a\u2010-\u2029\u2030-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
FORMS = ("", ".pdf", ".docx", ".xlsx")


def visible(text: str) -> str:
    """What is left of a text without what nobody sees: files and pages may leave it out."""
    return squeezed(HIDDEN.sub("", text)).replace("\xad", "")


@pytest.fixture
def site(reporting: Database, take: Take, sign_in: SignIn) -> tuple[FlaskClient, str]:
    """A browser of the office, and the address of a week's report that lists a case for each title."""
    bus = Bus()
    for count, title in enumerate(TITLES.values()):
        case = Case(bus, UUID(int=CASE.int + count), number=f"永信〔2016〕{101 + count}号")
        case.title = title
        case.register(at(f"2016-11-07 09:{10 + count}"))
        case.tell("case.accepted", at("2016-11-07 10:00"), accepted_at=instant(at("2016-11-07 10:00")), by=CLERK)
    take([*bus.sent, ended(bus, WEEK)])
    with reporting.unit_of_work() as uow:
        assert preparing.prepare_owed(uow) == 1
    return sign_in(OFFICE, "office"), f"/reporting/reports/{frozen(reporting, WEEK)['id']}"


def file(site: tuple[FlaskClient, str], form: str) -> bytes:
    client, page = site
    answer = client.get(f"{page}{form}")
    assert answer.status_code == 200, (form, answer.text[:500])
    return bytes(answer.data)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_every_title_as_it_is(site: tuple[FlaskClient, str], form: str) -> None:
    said = words_of(file(site, form), form)
    said = visible(unescape(re.sub("<[^>]*>", "", said)) if form == "" else said)
    plain = (
        re.sub(r"\\x..|\\u....", "", said).replace("\\'", "'").replace("\\\\", "\\")
    )  # a workbook's cells as Python writes them
    for name, title in TITLES.items():
        wanted = visible(title)
        if form == ".pdf" and name == "bidi":
            continue  # read back in the order in which it stands on the paper
        assert wanted in said or wanted in plain, name


def planted(page: str) -> list[str]:
    """Elements that titles brought along."""
    return re.findall(r"<(?:script>alert|img src|h1 id=.planted|link rel=attachment|a rel=attachment|style>@import)[^>]*", page)


def test_a_page_and_its_paper_hold_no_element_of_a_title(site: tuple[FlaskClient, str], monkeypatch: pytest.MonkeyPatch) -> None:
    client, page = site
    papers: list[str] = []

    def kept(paper: str, enclosed: object = None) -> bytes:
        papers.append(paper)
        return b"%PDF"

    monkeypatch.setattr(pdf, "pdf_of", kept)
    client.get(f"{page}.pdf")
    addresses = (page, "/reporting/cases", f"/reporting/cases/{CASE}", f"/reporting/cases/{CASE}/dossier")
    papers += [client.get(address, follow_redirects=True).text for address in addresses]
    assert [planted(paper) for paper in papers] == [[]] * 5
    careless = Environment(loader=FileSystemLoader(pdf._ROOM / "templates"), autoescape=False)  # noqa: S701 - the twin
    monkeypatch.setattr(pdf, "_pages", lambda: careless)
    client.get(f"{page}.pdf")
    assert len(planted(papers[-1])) > 5, "written as it is, it would be markup"


def test_nothing_on_paper_runs_over_its_edge_leads_anywhere_or_hangs_on_it(site: tuple[FlaskClient, str]) -> None:
    made = pypdfium2.PdfDocument(file(site, ".pdf"))
    assert made.count_attachments() == 0
    for page in made:
        width, text = page.get_width(), page.get_textpage()
        boxes = [text.get_charbox(n) for n in range(text.count_chars())]
        assert max(right for _, _, right, _ in boxes) <= width - 26 / 25.4 * 72 + 2, "the margin of the standard: 26 mm"
        assert b"/URI" not in file(site, ".pdf")


def test_a_workbook_and_a_list_run_nothing(site: tuple[FlaskClient, str]) -> None:
    client, _ = site
    for body in (file(site, ".xlsx"), client.get("/reporting/cases.xlsx").data):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        assert not any(b"<f>" in part or b"<hyperlink" in part or b"External" in part for part in parts.values())
        assert "/C calc'!A0" in words_of(body, ".xlsx")
    rows = list(csv.reader(io.StringIO(client.get("/reporting/cases.csv").data.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(TITLES) + 1
    cells = [cell for row in rows for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_text_document_is_opened_and_leads_nowhere(site: tuple[FlaskClient, str], monkeypatch: pytest.MonkeyPatch) -> None:
    body = file(site, ".docx")
    assert Document(io.BytesIO(body)).paragraphs
    with zipfile.ZipFile(io.BytesIO(body)) as made:
        assert not any(b'TargetMode="External"' in made.read(name) for name in made.namelist())
    monkeypatch.setattr(docx, "writable", str)  # the twin: what XML does not take is left in
    client, page = site
    client.application.testing, client.application.config["PROPAGATE_EXCEPTIONS"] = False, False
    assert client.get(f"{page}.docx").status_code == 500


def test_the_dossier_is_set_with_each_of_them(site: tuple[FlaskClient, str]) -> None:
    client, _ = site
    for count, name in enumerate(TITLES):
        if name in ("attaching", "controls"):
            answer: Any = client.get(f"/reporting/cases/{UUID(int=CASE.int + count)}/dossier.pdf")
            assert answer.status_code == 200, name
            assert pypdfium2.PdfDocument(answer.data).count_attachments() == 1, "its own record"


def test_whoever_comes_when_too_many_are_being_set_is_told_so(
    site: tuple[FlaskClient, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = site
    monkeypatch.setattr(pdf, "PATIENCE", 0.1)
    with pdf._gate, pdf._gate:
        answer = client.get(f"{page}.pdf")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "15")
    assert "同时制作PDF的人太多" in answer.text
    assert "请过一会儿再点一次" in answer.text
