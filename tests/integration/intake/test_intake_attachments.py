"""Files that come with petitions: taken in once, sealed, or refused with what to do."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from uuid import uuid4

import pytest

from services.intake.domain.attachment import MOST_FILES
from services.intake.files import showing
from services.intake.files.filestore import Folder
from services.intake.handlers import attachments
from services.intake.vault.crypto import DataKey
from services.intake.web import uploads
from tests import canaries
from tests.integration.intake.intake_attached import CANARY_NAME, FORM, case_of, kept, leaks, rows, sent, submit
from tests.integration.intake.intake_cases import post, receipt_of
from tests.unit.intake import intake_files as files


def test_a_petition_comes_with_its_files_and_the_same_form_again_brings_them_once(browse, intake, folder, told):
    client, key = browse(), str(uuid4())
    given = ((CANARY_NAME, files.photo()), ("录音.amr", files.ACCEPTED["amr"]), ("扫描.pdf", files.scanned_pdf(3)))
    first, again = submit(client, *given, key=key), submit(client, *given, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert receipt_of(first.text) == receipt_of(again.text)
    assert "收到 3 个附件" in first.text
    found = rows(intake)
    assert [(row["position"], row["kind"], row["form"], row["pages"], row["added_by"]) for row in found] == [
        (1, "photo", "jpeg", 1, None), (2, "recording", "amr", 0, None), (3, "document", "pdf", 3, None),
    ]  # fmt: skip
    assert {path.name for path in kept(folder)} == {row["stored"] for row in found}
    assert len(told()) == 1


def test_the_same_form_with_other_files_is_another_petition_and_refused(browse, intake, folder):
    client, key = browse(), str(uuid4())
    submit(client, ("a.jpg", files.photo()), key=key)
    assert submit(client, ("a.pdf", files.scanned_pdf()), key=key).status_code == 409
    assert submit(client, key=key).status_code == 409
    assert len(rows(intake)) == len(kept(folder)) == 1


def test_neither_the_disk_nor_any_table_shows_the_name_or_what_the_photo_tells(browse, settings, intake, folder):
    submit(browse(), (CANARY_NAME, files.photo()))
    assert len(kept(folder)) == 1
    assert leaks(settings, folder, CANARY_NAME, *canaries.WORDS, files.MARK) == []


def test_the_search_for_leaks_finds_one(browse, settings, intake, folder, monkeypatch):
    """The twin: with sealing left out the name stands in the table and the words on the disk. No canary: those are sought later."""
    seal = DataKey.seal
    monkeypatch.setattr(DataKey, "seal", lambda key, what, plain: plain if what.startswith("file") else seal(key, what, plain))
    submit(browse(), ("没有封口.txt", "没有封口的信".encode()))
    [row] = rows(intake)
    assert bytes(row["name"]).decode() == "没有封口.txt"
    assert str(kept(folder)[0]) in leaks(settings, folder, "没有封口的信")


def test_while_a_large_form_comes_in_its_files_stand_nowhere_in_the_clear():
    veiled = uploads.Veiled()
    veiled.write(files.CANARY.encode() * 1000)
    veiled.write(b"end")
    veiled._file.seek(0)
    on_disk = veiled._file.read()
    assert files.CANARY.encode() not in on_disk
    veiled.seek(0)
    assert veiled.read(6) + veiled.read() == files.CANARY.encode() * 1000 + b"end"
    veiled.seek(0)
    assert veiled.read()[-3:] == b"end"
    with pytest.raises(io.UnsupportedOperation):
        veiled.seek(5)
    veiled.close()
    assert veiled._file.closed


def test_a_large_form_is_taken_in_through_that_veil(browse, intake, folder):
    noise = files.photo((40, 30)) + bytes(range(256)) * 4000
    assert submit(browse(), ("大.jpg", noise)).status_code == 201
    assert rows(intake)[0]["size"] == len(noise)


@pytest.mark.parametrize("content", files.REFUSED.values(), ids=files.REFUSED)
def test_a_file_that_no_petition_may_bring_is_refused_and_nothing_is_stored(browse, intake, folder, told, content):
    answer = submit(browse(), ("好.jpg", files.photo()), ("坏的\u202egpj.exe", content))
    assert answer.status_code == 422
    assert 'href="#field-files"' in answer.text
    assert "坏的gpj.exe" in answer.text
    assert "请重新选择要交的文件" in answer.text
    assert "造纸厂夜里排污" in answer.text
    assert (told(), rows(intake), kept(folder)) == ([], [], [])


def test_too_many_files_and_too_large_ones_are_refused_with_the_limit(browse, site, intake, folder, monkeypatch):
    many = [(f"{n}.txt", f"第{n}页".encode()) for n in range(MOST_FILES + 1)]
    assert "一次最多交 20 个文件" in submit(browse(), *many).text
    browse().get("/submit")
    known = site.extensions["zhida.intake.cabinet"]
    small = replace(known, limits=replace(known.limits, largest=2**20, together=3 * 2**20))
    monkeypatch.setitem(site.extensions, "zhida.intake.cabinet", small)
    assert "超过 1 MB" in submit(browse(), ("大.txt", b"a" * (2**20 + 1))).text
    too_much = submit(browse(), *((f"{n}.txt", b"a" * 2**20) for n in range(5)))
    assert too_much.status_code == 413
    assert "提交的内容太大" in too_much.text
    assert (rows(intake), kept(folder)) == ([], [])


def test_names_that_lie_or_lead_elsewhere_are_only_names(browse, intake, folder):
    names = ("../../../../etc/cron.d/x.pdf", "a\u202egpj.exe", "C:\\x\\来信.pdf", "长" * 400 + ".pdf", "..")
    submit(browse(), *((name, files.scanned_pdf(1) + name.encode()) for name in names))
    case_id = case_of(intake)
    page = browse("clerk").get(f"/intake/petitions/{case_id}/attachments").text
    for shown in ("x.pdf", "agpj.exe", "来信.pdf", "长" * 196 + ".pdf"):
        assert shown in page
    assert "\u202e" not in page
    assert "etc/" not in page
    assert all(path.is_relative_to(folder) and re.fullmatch("[0-9a-f]{64}", path.name) for path in kept(folder))
    assert len(kept(folder)) == 5


def test_what_cannot_be_shown_is_kept_and_marked(browse, intake, folder):
    given = (
        ("炸弹.png", files.bomb()),
        ("断.jpg", files.photo()[:300]),
        ("压缩.zip", files.zip_bomb()),
        ("宏.docm", files.docx(macros=True)),
    )
    assert submit(browse(), *given).status_code == 201
    assert [(row["form"], row["pages"], row["unreadable"], row["macros"]) for row in rows(intake)] == [
        ("png", 0, True, False), ("jpeg", 0, True, False), ("zip", 0, False, False), ("docx", 0, False, True),
    ]  # fmt: skip
    page = browse("clerk").get(f"/intake/petitions/{case_of(intake)}/attachments").text
    assert page.count("不能显示") == 2
    assert "含宏" in page


def test_the_disk_is_full_so_nothing_is_stored_and_the_form_may_be_sent_again(
    browse, site, intake, folder, told, monkeypatch, tmp_path
):
    browse().get("/submit")
    (tmp_path / "full").write_text("a file where the folder should be")
    known, key = site.extensions["zhida.intake.cabinet"], str(uuid4())
    monkeypatch.setitem(site.extensions, "zhida.intake.cabinet", replace(known, store=Folder(tmp_path / "full")))
    answer = submit(browse(), ("a.jpg", files.photo()), key=key)
    assert (answer.status_code, told(), rows(intake)) == (503, [], [])
    monkeypatch.setitem(site.extensions, "zhida.intake.cabinet", known)
    assert submit(browse(), ("a.jpg", files.photo()), key=key).status_code == 201


def test_files_that_keep_the_site_busy_are_refused_and_while_it_is_busy_the_form_may_be_sent_again(
    browse, intake, folder, told, monkeypatch
):
    monkeypatch.setattr(attachments, "PATIENCE", 0.0)
    assert "请减小图片" in submit(browse(), ("a.jpg", files.photo()), ("b.jpg", files.photo((41, 30)))).text
    monkeypatch.undo()
    monkeypatch.setattr(showing, "PATIENCE", 0.05)
    with showing._gate, showing._gate:
        assert submit(browse(), ("a.jpg", files.photo())).status_code == 503
    assert (told(), rows(intake), kept(folder)) == ([], [], [])


def test_a_letter_s_pages_and_envelope_stand_in_their_order_and_a_clerk_changes_it(browse, intake, folder):
    clerk = browse("clerk")
    data = FORM | {
        "key": str(uuid4()), "scans": sent(("2.tif", files.fax(2)), ("1.jpg", files.photo())), "envelope": sent(("信封.png", files.screenshot())),
        "files": sent(("光盘.mp3", files.ACCEPTED["mp3"])),
    }  # fmt: skip
    assert post(clerk, "/intake/register/letter", data).status_code == 201
    found = rows(intake)
    assert [(row["form"], row["kind"]) for row in found] == [
        ("tiff", "scan"), ("jpeg", "scan"), ("png", "envelope"), ("mp3", "recording"),
    ]  # fmt: skip
    assert found[0]["added_by"]["name"] == "何文"
    path = f"/intake/petitions/{case_of(intake)}/attachments"
    ids = [str(row["id"]) for row in found]
    order = {"id": ids, "order": ["2", "1", "3", "4"], "kind": ["scan", "scan", "envelope", "other"]}
    assert post(clerk, f"{path}/arrange", order).status_code == 303
    assert [(row["form"], row["kind"]) for row in rows(intake)] == [
        ("jpeg", "scan"), ("tiff", "scan"), ("png", "envelope"), ("mp3", "other"),
    ]  # fmt: skip
    mistakes: list[dict[str, list[str]]] = [
        {"order": ["1", "", "3", "4"]}, {"order": ["x"] * 4}, {"kind": ["spy"] * 4}, {"id": [str(uuid4())] * 4}, {"id": []},
    ]  # fmt: skip
    for wrong in mistakes:
        assert post(clerk, f"{path}/arrange", order | wrong).status_code == 422
    assert [row["position"] for row in rows(intake)] == [1, 2, 3, 4]
