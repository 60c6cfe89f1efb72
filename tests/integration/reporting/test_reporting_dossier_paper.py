"""The dossier as PDF says what the page says to the same reader, has a table of contents, and is held against the archive."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from typer.testing import CliRunner

from services.reporting import cli
from services.reporting.domain import chain
from shared.database import Database
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.story import CASE, EPB, Bus, Case, article, at

PAPER = f"/reporting/cases/{CASE}/dossier.pdf"


def paper(client: FlaskClient) -> bytes:
    answer = client.get(PAPER)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text
    return answer.data


def text_of(body: bytes) -> str:
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body)))


def record_of(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(pypdfium2.PdfDocument(body).get_attachment(0).get_data()))
    return found


def check(reporting: Database, monkeypatch: pytest.MonkeyPatch, file: Path) -> Any:
    monkeypatch.setattr(cli, "_database", lambda: reporting)
    return CliRunner().invoke(cli.commands, ["verify", str(file)])


def test_it_holds_every_step_and_says_where_each_stands(take: Take, office: FlaskClient) -> None:
    events = article()
    take(events)
    body = paper(office)
    text = text_of(body)
    for said in (
        "反映造纸厂污水乱排",
        "大事化小、敷衍塞责",
        "2016年第30次",
        "水质检测合格",
        "目录",
        "附件清单",
        "记录校验",
        "批示没有附件",
    ):
        assert said in text, said
    assert re.search(r"目录概况\.+(\d)期限\.+\1办理过程\.+\1", text), text[:200]
    record = record_of(body)
    assert len(record["entries"]) == len(events)
    assert record["head"] in text
    assert all(each["sha256"] in text for each in record["entries"])


def test_it_is_held_against_the_archive(
    reporting: Database, take: Take, office: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take(article())
    whole, altered = tmp_path / "whole.pdf", tmp_path / "altered.json"
    whole.write_bytes(paper(office))
    done = check(reporting, monkeypatch, whole)
    assert done.exit_code == 0, done.output
    assert "as the archive holds them" in done.output
    record = record_of(whole.read_bytes())
    reply = next(each for each in record["entries"] if each["name"] == "assignment.replied")
    reply["data"]["findings"] = "一切正常。"
    altered.write_text(json.dumps(record))
    done = check(reporting, monkeypatch, altered)
    assert (done.exit_code, done.output.strip()) == (1, f"{reply['event_id']}: its words are not those of the event")
    del record["entries"][3]
    altered.write_text(json.dumps(record))
    assert "the head does not stand for these entries" in check(reporting, monkeypatch, altered).output


def test_whoever_sees_less_gets_less_and_a_chain_of_it(
    reporting: Database, take: Take, sign_in: SignIn, office: FlaskClient
) -> None:
    take(article())
    unit, whole = record_of(paper(sign_in(EPB, "unit_head"))), record_of(paper(office))
    names = {each["name"] for each in unit["entries"]}
    assert "followup.recorded" not in names
    assert len(unit["entries"]) < len(whole["entries"])
    assert unit["head"] == chain.head([each["sha256"] for each in unit["entries"]]) != whole["head"]


def test_the_accused_and_strangers_get_none(take: Take, sign_in: SignIn) -> None:
    bus = Bus()
    article(bus)
    Case(bus).bar(at("2016-12-11 09:00"), officials=[EPB["official"]])
    take(bus.sent)
    assert sign_in(EPB, "unit_head").get(PAPER).status_code == 404
    stranger = {**EPB, "official": "o-x", "organisation": "431023-x"}
    assert sign_in(stranger, "unit_head").get(PAPER).status_code == 404


def test_that_it_was_taken_is_noted(reporting: Database, take: Take, office: FlaskClient) -> None:
    take(article())
    paper(office)
    with reporting.unit_of_work() as uow:
        assert [row["official"] for row in uow.all("SELECT official FROM reading")] == ["o-office"]


def test_a_file_without_a_record_is_refused(reporting: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "x.pdf"
    for body in (b"%PDF-1.7 nothing", b"[]", b"{}", b"\xff"):
        file.write_bytes(body)
        assert "no dossier's record" in str(check(reporting, monkeypatch, file).exception)
