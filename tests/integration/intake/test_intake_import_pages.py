"""The pages of imports, through the real site: hand in, look at what is wrong, confirm, correct, find again."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.handlers.imports import destroy_old
from services.intake.sheets.reader import reading
from services.intake.store import PETITIONS, SQL
from tests.corpus.intake.tables import bomb
from tests.integration.intake.import_lists import HEADINGS, OPEN, SOURCE, a_csv, a_row, an_xlsx, imported, worked_on
from tests.integration.intake.intake_cases import post


def upload(client: FlaskClient, content: bytes, *, name: str = "旧件.xlsx", **form: Any) -> TestResponse:
    data = {"key": str(uuid4()), "source": SOURCE} | form | {"file": (io.BytesIO(content), name)}
    return post(client, "/intake/imports", data, content_type="multipart/form-data")


def job_of(answer: TestResponse) -> UUID:
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["Location"].rpartition("/")[2])


def table(content: bytes) -> list[list[str]]:
    with reading([content]) as found:
        return [found.headings, *(cells for _, cells in found.rows)]


def test_a_clerk_hands_a_list_in_looks_confirms_and_finds_the_cases(browse, intake, vault, told):
    clerk = browse("clerk")
    job_id = job_of(upload(clerk, an_xlsx([a_row("17"), a_row("18", **OPEN), a_row("", 电话="1.38E+10")])))
    page = f"/intake/imports/{job_id}"
    assert "等待检查" in clerk.get(page).text
    worked_on(intake, vault, job_id)
    shown = clerk.get(page).text
    for words in ("检查完毕，待确认", "2 行可以登记", "其中 1 件没有办结", "第 4 行", "科学记数法", "必填。", "备注"):
        assert words in shown, words
    assert told() == []
    for _ in range(2):
        assert post(clerk, page, {"act": "start"}).status_code == 303
    assert "http-equiv" in clerk.get(page).text  # without a script it looks again by itself
    assert 'hx-trigger="every 2s"' in clerk.get(f"{page}/progress").text
    worked_on(intake, vault, job_id)
    moved = clerk.get(f"{page}/progress")
    assert (moved.headers["HX-Refresh"], "hx-trigger" in moved.text) == ("true", False)
    assert "已完成" in clerk.get(page).text
    assert SOURCE in clerk.get("/intake/imports").text
    found = post(clerk, "/intake/imports/find", {"old_number": "17"})
    petition = clerk.get(found.headers["Location"]).text
    assert "已办结，只供查阅" in petition
    assert "造纸厂已取缔。" in petition
    assert "导入</span>" in clerk.get("/intake/desk").text
    assert post(clerk, "/intake/imports/find", {"old_number": "19"}).status_code == 422


def test_the_same_form_twice_is_one_import(browse):
    clerk, key = browse("clerk"), str(uuid4())
    assert job_of(upload(clerk, a_csv([a_row()]), key=key)) == job_of(upload(clerk, a_csv([a_row()]), key=key)) == UUID(key)


@pytest.mark.parametrize(
    ("content", "form", "field"),
    [(b"", {}, "file"), (b"%PDF-1.4", {}, "file"), (a_csv([a_row()]), {"source": ""}, "source"), (a_csv([a_row()]), {"key": "x"}, "key"),
     (a_csv([a_row()]), {"source": "系" * 61}, "source")],
)  # fmt: skip
def test_what_is_certainly_wrong_is_refused_at_once(browse, intake, content, form, field):
    answer = upload(browse("office"), content, **form)
    assert (answer.status_code, f"#field-{field}" in answer.text) == (422, True)
    assert post(browse("office"), "/intake/imports", {"key": str(uuid4()), "source": "旧"}).status_code == 422
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT FROM import_chunk") == []


def test_a_list_may_be_larger_than_other_uploads_and_not_larger_than_said(browse, site, monkeypatch):
    clerk = browse("clerk")
    monkeypatch.setitem(site.config, "MAX_CONTENT_LENGTH", 1000)
    assert upload(clerk, a_csv([a_row()] * 100)).status_code == 303
    kept = site.extensions["zhida.intake.site"]
    monkeypatch.setitem(site.extensions, "zhida.intake.site", replace(kept, imports=replace(kept.imports, largest=2**20)))
    assert upload(clerk, b"x" * (2**20 + 1)).status_code == 422
    assert upload(clerk, b"x" * (2**20 + 2**17)).status_code == 413


def test_a_file_that_cannot_be_read_is_explained(browse, intake, vault):
    clerk = browse("clerk")
    job_id = job_of(upload(clerk, bomb()))
    worked_on(intake, vault, job_id)
    assert "展开后过大" in clerk.get(f"/intake/imports/{job_id}").text
    job_id = job_of(upload(clerk, a_csv([], ("原编号", "渠道"))))
    worked_on(intake, vault, job_id)
    assert "请补上这些列：收到日期、标题、内容" in clerk.get(f"/intake/imports/{job_id}").text


def test_the_template_is_a_list_that_can_be_filled_in(browse, intake, vault):
    for language, heading in (("zh", "原编号"), ("en", "Old number")):
        content = browse("clerk").get(f"/intake/imports/template.xlsx?lang={language}").data
        headings = table(content)[0]
        assert headings[0] == heading
    filled = a_csv([["17", "letter", "2024-08-01", *[""] * 12, "Black water", "The mill."]], headings[:17])
    assert imported(intake, vault, filled).counts["open"] == 1


def test_faulty_rows_go_home_harmless_and_come_back_corrected(browse, intake, vault):
    clerk, formula = browse("clerk"), '=HYPERLINK("http://x")'
    faulty = [a_row("1", 标题="", 备注=formula, 电话="+8613873512345", 内容="-开头，\n第二行"), a_row("@2", 渠道="")]
    job = imported(intake, vault, a_csv([*faulty, a_row("3")]))
    page = f"/intake/imports/{job.id}"
    taken = post(clerk, f"{page}/faults", {"after": "0"})
    rows = table(taken.data)
    assert rows[0][-2:] == ["行号", "错误"]
    assert "标题" in rows[1][-1]
    flat = [cell for row in rows[1:] for cell in row]
    assert [cell for cell in flat if cell.startswith(("=", "+", "-", "@"))] == []
    assert f"'{formula}" in flat
    text = list(csv.reader(io.StringIO(post(clerk, f"{page}/faults", {}).data.decode("utf-8-sig"))))
    assert text == [*rows[:1], *([*row, *[""] * (len(rows[0]) - len(row))] for row in rows[1:])]
    rows[1][HEADINGS.index("标题")], rows[2][HEADINGS.index("渠道")] = "补上的标题", "来电"
    done = imported(intake, vault, a_csv(rows[1:], rows[0]))
    assert (done.counts["finished"], done.counts["failed"]) == (2, 0)
    again = imported(intake, vault, a_csv([a_row("@2", 渠道="来电")]))
    assert again.expected["again"] == 1  # nothing of what was beside the row has come along
    with intake.unit_of_work() as uow:
        looks = uow.all(SQL["looks"], number="", official="", what="original", codes=[], limit=9, offset=0)
    assert [look["purpose"] for look in looks] == ["import", "import"]
    for after in ("x", "-1", "9" * 20):
        assert post(clerk, f"{page}/faults", {"after": after}).status_code == 422


def test_faulty_rows_are_shown_and_taken_home_in_parts_each_once(browse, intake, vault, monkeypatch):
    monkeypatch.setattr("services.intake.web.imports.PAGE", 3)
    monkeypatch.setattr("services.intake.web.imports.PART", 4)
    monkeypatch.setattr("services.intake.web.imports.AT_ONCE", 3)
    job = imported(intake, vault, a_csv([a_row(str(number), 标题="" if number % 2 else "好") for number in range(16)]))
    clerk, page, shown, after = browse("clerk"), f"/intake/imports/{job.id}", [], "?after=0"
    while after:
        text = clerk.get(page + after).text
        shown.append(re.findall(r'<th scope="row" data-label="行号"[^>]*><span>(\d+)', text))
        after = "".join(re.findall(r'href="[^"]*(\?after=[0-9]+)" rel="next"', text))
    assert shown == [["3", "5", "7"], ["9", "11", "13"], ["15", "17"]]
    parts = re.findall(r'name="after" value="(\d+)"', text)
    homes = [[row[-2] for row in table(post(clerk, f"{page}/faults", {"after": part}).data)[1:]] for part in parts]
    assert homes == [["3", "5", "7", "9"], ["11", "13", "15", "17"]]
    assert "没有登记的行" in clerk.get(f"{page}?after=9999").text  # past the end: they are still there to be taken home


def test_the_petitioner_sees_what_was_done_in_the_old_system(browse, intake, vault):
    imported(intake, vault, a_csv([a_row("17"), a_row("18", 处理结果="", 答复="")]))
    for number, words in (("17", ("支持", "造纸厂已取缔。")), ("18", ("原系统没有记录答复内容",))):
        with intake.unit_of_work() as uow:
            rows = uow.all(
                "SELECT p.number, s.case_id, s.data_key, s.identity FROM petition p JOIN sealed s ON s.case_id = p.id ORDER BY p.number"
            )
            row = rows[int(number) - 17]
            code = vault.open_key(row["case_id"], bytes(row["data_key"])).open_json("identity", bytes(row["identity"]))["code"]
        shown = post(browse(), "/track", {"number": row["number"], "code": code}).text
        steps = re.findall(r"<h2>([^<]+)</h2>\s*<p class=\"meta\"", shown.replace("</h2>\n", "</h2>"))
        assert steps == ["您的信访件已登记", "已办结，答复见上", "已结案", "从原系统转入"]
        assert all(word in shown for word in words)


def test_what_the_list_says_besides_stands_on_the_page_of_the_identity_alone(browse, intake, vault):
    imported(intake, vault, a_csv([a_row("17", 备注="弟弟电话13900001111")]))
    with intake.unit_of_work() as uow:
        case_id = uow.rows(PETITIONS).where("true")[0].id
    office = browse("office")
    assert "13900001111" not in office.get(f"/intake/petitions/{case_id}").text
    assert "13900001111" in post(office, f"/intake/petitions/{case_id}/identity", {"purpose": "verify"}).text


def test_only_clerks_and_the_office_of_the_instance_see_imports(browse, intake, vault):
    job = imported(intake, vault, a_csv([a_row("17"), a_row("")]))
    page = f"/intake/imports/{job.id}"
    for reader in (browse("leader"), browse("auditor"), browse("clerk", scope=("431023104",))):
        for path in ("/intake/imports", page, f"{page}/progress"):
            assert reader.get(path).status_code == 403, path
        for path, form in ((page, {"act": "cancel"}), (f"{page}/faults", {}), ("/intake/imports/find", {"old_number": "17"})):
            assert post(reader, path, form).status_code == 403, path
    assert browse("clerk").get(f"/intake/imports/{uuid4()}").status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999", "after=-1", "after=x", "after=99999999999"])
def test_a_strange_page_is_no_fault_of_ours(browse, intake, vault, query):
    job = imported(intake, vault, a_csv([a_row("17"), a_row("")]))
    for path in ("/intake/imports", f"/intake/imports/{job.id}"):
        assert browse("clerk").get(f"{path}?{query}", follow_redirects=True).status_code in (200, 422)


def test_acts_out_of_turn_are_refused_and_a_destroyed_file_leaves_its_figures(browse, intake, vault):
    from datetime import timedelta

    job = imported(intake, vault, a_csv([a_row("17"), a_row("")]))
    clerk, page = browse("clerk"), f"/intake/imports/{job.id}"
    for act, status in (("pause", 409), ("cancel", 409), ("explode", 422), ("start", 303)):
        assert post(clerk, page, {"act": act}).status_code == status, act
    with intake.unit_of_work() as uow:
        destroy_old(uow, timedelta(seconds=-1))
    shown = clerk.get(page).text
    assert "按期销毁" in shown
    assert "没有登记的行</h2>" not in shown
    assert post(clerk, f"{page}/faults", {"after": "0"}).status_code == 404
