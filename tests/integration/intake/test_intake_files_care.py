"""Care for files: the sweep, the check, and what is lost and found."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from deploy.dev.waiting import until
from services.intake.cli import commands
from services.intake.domain.retention import Retention
from services.intake.files.cabinet import open_cabinet
from services.intake.files.clamav import Scanner
from services.intake.files.filestore import Folder
from services.intake.handlers import attachments, filing
from services.intake.handlers.attachments import Upload
from services.intake.site import read_site
from services.intake.store import SQL
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_case
from tests.integration.intake.intake_kept import keep, scans
from tests.integration.intake.test_intake_retention import archive
from tests.unit.intake import intake_files as files


def old(folder: Path, *names: str) -> None:
    for path in folder.rglob("*"):
        if path.name in names:
            os.utime(path, (time.time() - 2 * filing.DAY,) * 2)


def test_a_file_that_the_store_has_lost_is_healed_by_handing_it_in_again(intake, vault, clamd, cabinet):
    given = [("a.jpg", files.photo()), ("b.txt", b"b")]
    case_id = keep(intake, vault, cabinet, *given)
    scanned = replace(cabinet, scanner=Scanner(clamd.address))
    with intake.unit_of_work() as uow:
        cabinet.store.remove(uow.one("SELECT stored FROM attachment ORDER BY position")["stored"])
    filing.scan_waiting(intake, scanned, vault, 10)
    assert [verdict for verdict, _ in scans(intake)] == ["failed", "clean"]
    prepared = attachments.prepare(scanned, [Upload(name=name, content=content) for name, content in given])
    with intake.unit_of_work() as uow:
        kept = attachments.add(uow, cabinet.store, vault, case_id, prepared, by=None)
    assert [row.position for row in kept] == [1, 2]
    assert [verdict for verdict, _ in scans(intake)] == ["clean", "clean"]
    assert list(filing.check(intake, cabinet.store, vault)) == [None, None]


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


def test_twin_whose_writer_says_nothing_loses_the_file(intake, vault, cabinet, tmp_path, monkeypatch):
    monkeypatch.setitem(SQL, "files_wanted", "SELECT 1")
    prepared = attachments.prepare(cabinet, [Upload(name="a.jpg", content=files.photo())])
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        attachments.add(uow, cabinet.store, vault, case_id, prepared, by=CLERK)
        old(tmp_path, *cabinet.store.names())
        assert filing.sweep(intake, cabinet.store) == 1
    assert [fault.what for fault in filing.check(intake, cabinet.store, vault) if fault] == ["missing"]


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
    kept = cabinet.store.get(good)
    cabinet.store.put(altered, kept[:-1] + bytes([kept[-1] ^ 1]))
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
