"""Care for the files of petitions: late virus scans, the sweep of what no row knows, and the check that each file opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from services.intake.domain.attachment import Scan, after_scan, put_off
from services.intake.domain.retention import Retention
from services.intake.files.cabinet import Cabinet
from services.intake.files.clamav import Scanner, Verdict
from services.intake.files.filestore import FileStore
from services.intake.handlers.attachments import FILE
from services.intake.handlers.retention import erase_due
from services.intake.store import ATTACHMENTS, PETITIONS, SQL
from services.intake.vault.crypto import Broken, Vault
from shared.database import Database
from shared.errors import Unavailable

DAY = 86_400.0  # seconds; no transaction that takes a file in lasts a day
_SET = 500


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A row whose file does not open: `missing`, `altered` or of another `size`."""

    number: str
    attachment_id: UUID
    stored: str
    what: str


def scan_waiting(database: Database, cabinet: Cabinet, vault: Vault, limit: int) -> int:
    """Have up to `limit` files scanned whose turn has come; how many got a word. None while the scanner is away, or there is none.

    A file that it does not finish, or that cannot be read, steps back and lets the others go first.
    """
    if cabinet.scanner is None:
        return 0
    with database.unit_of_work() as uow:
        waiting = uow.all(SQL["attachments_to_scan"], now=uow.now, limit=limit)
    if waiting and not _answers(cabinet.scanner):
        return 0
    for done, row in enumerate(waiting):
        verdict = None
        try:
            verdict = _scanned(cabinet.scanner, cabinet.store, vault, row)
        except Unavailable:  # the scanner went away, perhaps of this very file: it is not the first one again
            return done
        finally:
            _note(database, row, verdict)
    return len(waiting)


def _note(database: Database, row: dict[str, Any], verdict: Verdict | None) -> None:
    with database.unit_of_work() as uow:
        uow.rows(PETITIONS).get(row["case_id"])
        if found := uow.rows(ATTACHMENTS).get(row["id"]):
            now = uow.now
            changed = after_scan(found, verdict.scan, verdict.finding, now=now) if verdict else put_off(found, now=now)
            uow.rows(ATTACHMENTS).put(changed)


def _answers(scanner: Scanner) -> bool:
    try:
        scanner.ping()
    except Unavailable:
        return False
    return True


def _scanned(scanner: Scanner, store: FileStore, vault: Vault, row: dict[str, Any]) -> Verdict | None:
    """The scanner's word on a file; None when the store does not hand it out now. `check` reports what is missing or altered."""
    try:
        content = vault.open_key(row["case_id"], bytes(row["data_key"])).open(FILE, store.get(row["stored"]))
    except (FileNotFoundError, Broken):
        return Verdict(scan=Scan.FAILED)
    except Unavailable:
        return None
    return scanner.scan(content)


def sweep(database: Database, store: FileStore, *, older_than: float = DAY) -> int:
    """Remove files that no row knows and that are older than so many seconds; how many. None that is being taken in."""
    swept = store.tidy(older_than=older_than)
    names = store.names(older_than=older_than)
    while batch := list(islice(names, _SET)):
        with database.unit_of_work() as uow:
            uow.all(SQL["files_swept"])
            unknown = uow.all(SQL["files_without_row"], names=batch)
            swept += sum(store.remove(row["stored"], older_than=older_than) for row in unknown)
    return swept


def erase(database: Database, store: FileStore, keep: Retention) -> int:
    """Destroy the keys whose time is over, and at once the files that they opened; of how many petitions."""
    erased = 0
    while done := _erase(database, keep):
        erased += done
    if erased:
        sweep(database, store)
    return erased


def _erase(database: Database, keep: Retention) -> int:
    with database.unit_of_work() as uow:
        return erase_due(uow, keep)


def check(database: Database, store: FileStore, vault: Vault) -> Iterator[Fault | None]:
    """Open every file that a row knows: None for a good one, else what is wrong."""
    after = UUID(int=0)
    while True:
        with database.unit_of_work() as uow:
            rows = uow.all(SQL["attachments_after"], after=after, limit=_SET)
        if not rows:
            return
        for row in rows:
            what = ""
            try:
                content = vault.open_key(row["case_id"], bytes(row["data_key"])).open(FILE, store.get(row["stored"]))
                what = "" if len(content) == row["size"] else "size"
            except FileNotFoundError:
                what = "missing"
            except Broken:
                what = "altered"
            yield Fault(number=row["number"], attachment_id=row["id"], stored=row["stored"], what=what) if what else None
        after = rows[-1]["id"]
