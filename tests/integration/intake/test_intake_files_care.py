"""Care for files: the virus scanner, whether it is there or away; the sweep; the check."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from typer.testing import CliRunner

from deploy.dev.waiting import until
from services.intake.cli import commands
from services.intake.domain.attachment import Scan
from services.intake.domain.retention import Retention
from services.intake.files.cabinet import Cabinet, open_cabinet
from services.intake.files.clamav import Scanner
from services.intake.files.filestore import Folder
from services.intake.handlers import attachments, filing
from services.intake.handlers.attachments import Upload
from services.intake.site import read_site
from shared.errors import Unavailable
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_case, post
from tests.integration.intake.intake_clamd import Clamd, running
from tests.integration.intake.test_intake_retention import archive
from tests.unit.intake import intake_files as files


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with running() as scanner:
        yield scanner


@pytest.fixture
def cabinet(settings, tmp_path) -> Cabinet:
    """A cabinet of this test's own, without a scanner."""
    return open_cabinet(replace(read_site(settings).files, folder=tmp_path / "files"))


def keep(intake, vault, cabinet: Cabinet, *given: tuple[str, bytes]) -> UUID:
    prepared = attachments.prepare(cabinet, [Upload(name=name, content=content) for name, content in given])
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        attachments.add(uow, cabinet.store, vault, case_id, prepared, by=CLERK)
    return case_id


def scans(intake) -> list[tuple[str, str]]:
    with intake.unit_of_work() as uow:
        return [(row["scan"], row["finding"]) for row in uow.all("SELECT scan, finding FROM attachment ORDER BY position")]


def old(folder: Path, *names: str) -> None:
    for path in folder.rglob("*"):
        if path.name in names:
            os.utime(path, (time.time() - 2 * filing.DAY,) * 2)


def test_the_scanner_tells_a_virus_also_in_a_zip_and_what_is_too_large_for_it(clamd):
    scanner = Scanner(clamd.address)
    assert scanner.scan(b"").scan is Scan.CLEAN
    assert scanner.scan(files.photo()).scan is Scan.CLEAN
    for content in (files.EICAR, files.zipped(virus=files.EICAR)):
        verdict = scanner.scan(content)
        assert verdict.scan is Scan.INFECTED
        assert "Test.Eicar" in verdict.finding
    assert scanner.scan(b"\x00" * 3 * 2**20).scan is Scan.FAILED


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_a_scanner_that_is_away_is_unavailable(address):
    with pytest.raises(Unavailable, match="clamd"):
        Scanner(address).scan(b"x")


def test_a_file_with_a_virus_is_kept_shut_and_both_sides_are_told(
    browse, site: Flask, intake, vault, clamd, cabinet, monkeypatch
):
    monkeypatch.setitem(site.extensions, "zhida.intake.cabinet", replace(cabinet, scanner=Scanner(clamd.address)))
    data: dict[str, Any] = {
        "title": "井水发黑", "text": "请看附件。", "identity": "named", "name": "陈十里", "key": "01584000-0000-7000-8000-00000000000a",
        "files": [(io.BytesIO(files.zipped(virus=files.EICAR)), "证据.zip"), (io.BytesIO(files.photo()), "照片.jpg")],
    }  # fmt: skip
    receipt = post(browse(), "/submit", data)
    assert receipt.status_code == 201
    assert "附件“证据.zip”里发现了病毒" in receipt.text
    [(verdict, finding), clean] = scans(intake)
    assert (verdict, "Test.Eicar" in finding, clean) == ("infected", True, ("clean", ""))
    with intake.unit_of_work() as uow:
        row = uow.one("SELECT id, case_id FROM attachment ORDER BY position")
    clerk, path = browse("clerk"), f"/intake/petitions/{row['case_id']}/attachments"
    assert "有病毒，已隔离" in clerk.get(path).text
    opened = post(clerk, f"{path}/open", {"attachment": str(row["id"]), "open_purpose": "verify"})
    assert opened.status_code == 422
    assert "已经隔离" in opened.text
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT * FROM look WHERE what = 'original'") == []


def test_while_the_scanner_is_away_files_are_taken_and_scanned_when_it_is_back(intake, vault, clamd, cabinet):
    away = replace(cabinet, scanner=Scanner(clamd.address))
    clamd.stop()
    try:
        keep(intake, vault, away, ("a.zip", files.zipped(virus=files.EICAR)), ("b.jpg", files.photo()))
        assert scans(intake) == [("waiting", ""), ("waiting", "")]
        assert filing.scan_waiting(intake, away, vault, 10) == 0
    finally:
        clamd.start()
    assert filing.scan_waiting(intake, away, vault, 1) == 1
    assert filing.scan_waiting(intake, away, vault, 10) == 1
    assert filing.scan_waiting(intake, away, vault, 10) == 0
    assert [verdict for verdict, _ in scans(intake)] == ["infected", "clean"]


def test_what_was_taken_in_before_there_was_a_scanner_is_scanned_by_it(intake, vault, clamd, cabinet):
    keep(intake, vault, cabinet, ("a.jpg", files.photo()))
    assert scans(intake) == [("none", "")]
    assert filing.scan_waiting(intake, cabinet, vault, 10) == 0
    assert filing.scan_waiting(intake, replace(cabinet, scanner=Scanner(clamd.address)), vault, 10) == 1
    assert scans(intake) == [("clean", "")]


def test_a_file_that_cannot_be_read_does_not_hold_up_the_others(intake, vault, clamd, cabinet, tmp_path):
    keep(intake, vault, cabinet, ("a.jpg", files.photo()), ("b.pdf", files.scanned_pdf()))
    with intake.unit_of_work() as uow:
        first = uow.one("SELECT stored FROM attachment ORDER BY position")["stored"]
    cabinet.store.remove(first)
    assert filing.scan_waiting(intake, replace(cabinet, scanner=Scanner(clamd.address)), vault, 10) == 2
    assert [verdict for verdict, _ in scans(intake)] == ["failed", "clean"]


def test_the_sweep_takes_what_no_row_knows_and_is_old_and_nothing_else(intake, vault, cabinet, tmp_path):
    keep(intake, vault, cabinet, ("a.jpg", files.photo()))
    known = next(cabinet.store.names())
    left, fresh = "ab" * 32, "cd" * 32
    for name in (left, fresh):
        cabinet.store.put(name, b"sealed")
    old(tmp_path, left, known)
    assert filing.sweep(intake, cabinet.store) == 1
    assert set(cabinet.store.names()) == {known, fresh}


def test_the_sweep_waits_for_whoever_writes_a_file_that_has_no_row_yet(intake, vault, cabinet, tmp_path):
    """However old the file looks: its row is on its way."""
    prepared = attachments.prepare(cabinet, [Upload(name="a.jpg", content=files.photo())])
    case_id = a_case(intake, vault)
    swept: list[int] = []
    sweeper = threading.Thread(target=lambda: swept.append(filing.sweep(intake, cabinet.store)))
    with intake.unit_of_work() as uow:
        attachments.add(uow, cabinet.store, vault, case_id, prepared, by=CLERK)
        [name] = cabinet.store.names()
        old(tmp_path, name)
        sweeper.start()
        until(lambda: held_up(intake) == 1, timeout=30, what="the sweep to wait")
    sweeper.join()
    assert swept == [0]
    assert cabinet.store.exists(name)


def held_up(intake) -> int:
    with intake.unit_of_work() as uow:
        return len(uow.all("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


def test_what_was_put_again_since_it_looked_old_is_not_swept(cabinet, tmp_path):
    name = "ab" * 32
    cabinet.store.put(name, b"sealed")
    old(tmp_path, name)
    assert list(cabinet.store.names(older_than=filing.DAY)) == [name]
    cabinet.store.put(name, b"sealed again")
    assert not cabinet.store.remove(name, older_than=filing.DAY)


def test_the_check_names_files_that_are_missing_or_altered(intake, vault, cabinet, tmp_path):
    keep(intake, vault, cabinet, ("a.jpg", files.photo()), ("b.pdf", files.scanned_pdf()), ("c.txt", b"c"))
    with intake.unit_of_work() as uow:
        missing, altered, good = (row["stored"] for row in uow.all("SELECT stored FROM attachment ORDER BY position"))
    assert list(filing.check(intake, cabinet.store, vault)) == [None, None, None]
    cabinet.store.remove(missing)
    cabinet.store.put(altered, cabinet.store.get(good))  # a file of the same case under another's name
    found = {fault.stored: fault.what for fault in filing.check(intake, cabinet.store, vault) if fault}
    assert found == {missing: "missing", altered: "size"}
    cabinet.store.put(altered, cabinet.store.get(good)[:-1] + b"\x00")
    assert {fault.what for fault in filing.check(intake, cabinet.store, vault) if fault} == {"missing", "altered"}


def test_both_are_commands(settings, intake, vault, monkeypatch, tmp_path):
    own = replace(settings, service_files={"intake": tmp_path / "intake.yaml"})
    (tmp_path / "intake.yaml").write_text("files: {folder: kept}\n")
    monkeypatch.setattr("shared.config.load", lambda: own)
    cabinet = open_cabinet(read_site(own).files)
    keep(intake, vault, cabinet, ("a.jpg", files.photo()))
    run = CliRunner()
    assert run.invoke(commands, ["files", "check"]).exit_code == 0
    name = next(cabinet.store.names())
    assert isinstance(cabinet.store, Folder)
    cabinet.store.remove(name)
    cabinet.store.put("ab" * 32, b"x")
    old(tmp_path, "ab" * 32)
    checked = run.invoke(commands, ["files", "check"])
    assert checked.exit_code == 1
    assert f"{name} missing" in checked.output
    assert "1 swept" in run.invoke(commands, ["files", "sweep"]).output


def test_the_files_of_a_petition_are_removed_as_soon_as_its_key_is_destroyed(intake, vault, settings, cabinet, tmp_path):
    gone, kept = (keep(intake, vault, cabinet, (f"{name}.jpg", files.photo())) for name in ("a", "b"))
    archive(settings, gone, 11)
    with intake.unit_of_work() as uow:
        stored = {row["case_id"]: row["stored"] for row in uow.all("SELECT case_id, stored FROM attachment")}
    old(tmp_path / "files", *stored.values())
    assert filing.erase(intake, cabinet.store, Retention()) == 1
    assert list(cabinet.store.names(older_than=0)) == [stored[kept]]
    assert filing.erase(intake, cabinet.store, Retention()) == 0
