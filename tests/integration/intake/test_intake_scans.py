"""The virus scanner, whether it is there, away or stuck; and what it found."""

from __future__ import annotations

import io
import socket
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from typer.testing import CliRunner

from services.intake.cli import commands
from services.intake.domain.attachment import Scan
from services.intake.files.cabinet import Cabinet, open_cabinet
from services.intake.files.clamav import Scanner
from services.intake.handlers import filing
from services.intake.site import read_site
from shared.errors import Unavailable
from tests.integration.intake.intake_cases import post
from tests.integration.intake.intake_kept import keep, scans
from tests.unit.intake import intake_files as files


def test_the_scanner_tells_a_virus_also_in_a_zip_and_what_is_too_large_for_it(clamd):
    scanner = Scanner(clamd.address)
    assert scanner.scan(b"").scan is Scan.CLEAN
    assert scanner.scan(files.photo()).scan is Scan.CLEAN
    for content in (files.EICAR, files.zipped(virus=files.EICAR)):
        verdict = scanner.scan(content)
        assert verdict.scan is Scan.INFECTED
        assert "Test.Eicar" in verdict.finding
    assert scanner.scan(b"\x00" * 3 * 2**20).scan is Scan.OVERSIZE  # than what it lets in
    assert scanner.scan(b"\x00" * 3 * 2**19).scan is Scan.OVERSIZE  # than what it looks into


class Wedged(threading.Thread):
    """A scanner that says no word on one file and answers on others; that breaks off; that dies of it."""

    def __init__(self, folder: Path, *, on: bytes, breaks: bool = False, dies: bool = False) -> None:
        super().__init__(daemon=True)
        self.address, self._on, self._breaks, self._dies = str(folder / "s"), on, breaks, dies
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.address)
        self._listener.listen()
        self._held: list[socket.socket] = []

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._held.append(connection)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        said = b""
        while not said.endswith((b"zPING\x00", b"\x00\x00\x00\x00")):
            said += connection.recv(2**16)
        if said == b"zPING\x00":
            connection.sendall(b"PONG\x00")
        elif self._on not in said:
            connection.sendall(b"stream: OK\x00")
        elif self._dies:
            self._listener.close()
            connection.close()
        elif self._breaks:
            connection.close()

    def stop(self) -> None:
        for one in (*self._held, self._listener):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.join()


@pytest.mark.parametrize("breaks", [False, True])
def test_one_file_that_the_scanner_does_not_finish_lets_the_others_go_first(intake, vault, cabinet, breaks):
    """And comes back later: here as if ten minutes were over."""
    case_id = keep(intake, vault, cabinet, ("a.txt", "慢慢来".encode()), ("b.txt", b"b"), ("c.txt", b"c"))
    with tempfile.TemporaryDirectory(prefix="zhida-") as folder:  # short: a socket's address has room for a hundred characters
        wedged = Wedged(Path(folder), on="慢慢来".encode(), breaks=breaks)
        wedged.start()
        slow = replace(cabinet, scanner=Scanner(wedged.address, patience=2))
        assert filing.scan_waiting(intake, slow, vault, 10) == 3
        assert [verdict for verdict, _ in scans(intake)] == ["failed", "clean", "clean"]
        assert filing.scan_waiting(intake, slow, vault, 10) == 0
        with intake.unit_of_work() as uow:
            uow.all(
                "UPDATE attachment SET scan_at = scan_at - interval '10 minutes' WHERE case_id = %(id)s RETURNING 1", id=case_id
            )
        assert filing.scan_waiting(intake, slow, vault, 10) == 1
        wedged.stop()
    with intake.unit_of_work() as uow:
        row = uow.one("SELECT scan_tries, scan_at - now() AS wait FROM attachment ORDER BY position")
    assert row["scan_tries"] == 2
    assert timedelta(minutes=50) < row["wait"] <= timedelta(hours=1)


def test_a_file_at_which_the_scanner_dies_is_not_the_first_one_again(intake, vault, cabinet):
    keep(intake, vault, cabinet, ("a.txt", "慢慢来".encode()), ("b.txt", b"b"))
    with tempfile.TemporaryDirectory(prefix="zhida-") as folder:
        first = Wedged(Path(folder), on="慢慢来".encode(), dies=True)
        first.start()
        assert filing.scan_waiting(intake, replace(cabinet, scanner=Scanner(first.address)), vault, 10) == 0
        first.stop()
        Path(first.address).unlink()
        second = Wedged(Path(folder), on="慢慢来".encode(), dies=True)
        second.start()
        assert filing.scan_waiting(intake, replace(cabinet, scanner=Scanner(second.address)), vault, 10) == 1
        second.stop()
    assert [verdict for verdict, _ in scans(intake)] == ["none", "clean"]


def test_a_file_that_the_store_does_not_hand_out_is_put_off_and_said_nothing_of(intake, vault, clamd, cabinet, tmp_path):
    keep(intake, vault, cabinet, ("a.jpg", files.photo()), ("b.txt", b"b"))
    with intake.unit_of_work() as uow:
        first = uow.one("SELECT stored FROM attachment ORDER BY position")["stored"]
    path = next(tmp_path.rglob(first))
    path.unlink()
    path.mkdir()  # reading it is an error of the disk
    assert filing.scan_waiting(intake, replace(cabinet, scanner=Scanner(clamd.address)), vault, 10) == 2
    assert [verdict for verdict, _ in scans(intake)] == ["none", "clean"]
    assert filing.scan_waiting(intake, replace(cabinet, scanner=Scanner(clamd.address)), vault, 10) == 0


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


class Shut:
    """A case with a photo and a file with a virus, and the command that takes it out."""

    def __init__(self, intake, vault, cabinet: Cabinet, folder: Path) -> None:
        self.virus, self._folder = files.zipped(virus=files.EICAR), folder
        self.case_id = keep(intake, vault, cabinet, ("a.jpg", files.photo()), ("b.zip", self.virus))
        with intake.unit_of_work() as uow:
            self.clean, self.locked = (str(row["id"]) for row in uow.all("SELECT id FROM attachment ORDER BY position"))

    def take_out(self, attachment: str, official: str = "o-office", purpose: str = "investigate") -> int:
        order = ["files", "take-out", attachment, str(self._folder), "--by", official, "--purpose", purpose]
        return CliRunner().invoke(commands, order).exit_code

    def taken(self) -> list[Path]:
        return list(self._folder.glob("*.virus"))


@pytest.fixture
def shut(settings, intake, vault, hear, clamd, monkeypatch, tmp_path) -> Shut:
    own = replace(settings, service_files={"intake": tmp_path / "intake.yaml"})
    (tmp_path / "intake.yaml").write_text("files: {folder: kept}\n")
    monkeypatch.setattr("shared.config.load", lambda: own)
    for official, organisation in (("o-office", "431023-ldb"), ("o-away", "431023104")):
        held = {"organisation": organisation, "title": "办公室副主任", "roles": ["office"]}
        hear("directory.official_recorded", uuid4(), {"official": official, "name": "周岚", "active": True, "posts": [held]})
    return Shut(intake, vault, replace(open_cabinet(read_site(own).files), scanner=Scanner(clamd.address)), tmp_path)


def test_a_file_with_a_virus_is_taken_out_by_whoever_answers_for_it_and_the_look_is_noted(shut, intake, browse):
    assert shut.take_out(shut.locked) == 0
    [place] = shut.taken()
    assert place.read_bytes() == shut.virus
    assert place.stat().st_mode & 0o777 == 0o600
    with intake.unit_of_work() as uow:
        looks = uow.all("SELECT official, what, purpose FROM look WHERE case_id = %(id)s", id=shut.case_id)
    assert looks == [{"official": "o-office", "what": "quarantined", "purpose": "investigate"}]
    assert "隔离的文件" in browse("auditor").get("/intake/looks").text
    opened = {"attachment": shut.locked, "open_purpose": "verify"}
    assert post(browse("clerk"), f"/intake/petitions/{shut.case_id}/attachments/open", opened).status_code == 422


def test_nothing_else_and_for_nobody_else_is_taken_out(shut):
    listed = CliRunner().invoke(commands, ["files", "locked"]).output
    assert shut.locked in listed
    assert shut.clean not in listed
    assert shut.take_out(shut.clean) == 1
    assert shut.take_out(str(uuid4())) == 1
    assert shut.take_out(shut.locked, official="o-away") == 1
    assert shut.take_out(shut.locked, official="o-nobody") == 1
    assert shut.take_out(shut.locked, purpose="curiosity") == 2
    assert shut.taken() == []


def test_the_accused_takes_no_file_out(shut, hear):
    hear("case.barred", shut.case_id, {"organisations": [], "officials": ["o-office"], "barred_at": "2016-11-07T00:00:00Z"})
    assert shut.take_out(shut.locked) == 1
    assert shut.taken() == []
