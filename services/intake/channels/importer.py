"""The work on lists of old cases, for a process of its own: check, register, destroy in time.

One process at a time works on an import, by an advisory lock. What makes each row count once is another thing: the place in the
file is locked, compared and moved on in the transaction of the rows themselves.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from uuid import UUID

from services.intake.channels.alone import alone
from services.intake.channels.fetchers import Fetcher, Office
from services.intake.domain import imports as domain
from services.intake.domain.categories import Tree
from services.intake.domain.headings import Headings, plain, read_headings
from services.intake.domain.imports import HANDLED, ImportJob
from services.intake.domain.old_cases import Known, names_of
from services.intake.handlers.importing import MovedOn, SheetRow, Work, batches, refuse_row, take_batch
from services.intake.handlers.imports import destroy_old, key_of, pieces
from services.intake.metrics import record_import
from services.intake.sheets import Unreadable
from services.intake.sheets.reader import Reading, reading
from services.intake.site.categories import standard
from services.intake.store import IMPORT_JOBS, SQL
from services.intake.vault.crypto import Vault
from services.intake.workflow import IMPORT_AT_WORK, ImportStage
from shared.database import Database, UnitOfWork
from shared.errors import Unavailable

log = logging.getLogger(__name__)
_TAKEN_UP: set[UUID] = set()  # by this process: of what counts as an attempt it has died
POLL, SWEEP = 2.0, 3600.0  # seconds between two looks for work, and for what is to be destroyed
Say = Callable[[ImportJob], None]


def import_fetchers(office: Office) -> list[Fetcher]:
    """What works on the lists of old cases."""
    return [Fetcher(name="imports", run=lambda stopping: serve(office, stopping))]


def serve(office: Office, stopping: threading.Event) -> None:
    """Work on what there is, until stopped."""
    swept = -SWEEP
    while not stopping.is_set():
        if time.monotonic() - swept >= SWEEP:
            with office.database.unit_of_work() as uow:
                destroy_old(uow, office.site.imports.keep)
            swept = time.monotonic()
        with office.database.unit_of_work() as uow:
            waiting: list[UUID] = [row["id"] for row in uow.all(SQL["imports_at_work"])]
        if not sum(_try(office, job_id, stopping) for job_id in waiting):
            stopping.wait(POLL)


def _try(office: Office, job_id: UUID, stopping: threading.Event) -> bool:
    """Work on an import; a fault of one keeps no other waiting. Raises Unavailable."""
    try:
        return work_on(office.database, office.vault, job_id, stopping, tree=office.site.tree)
    except Unavailable:
        raise
    except Exception as fault:
        _log(job_id, fault, "stands still")
        return False


def _log(job_id: UUID, fault: Exception, what: str) -> None:
    """Where it happened, and not what the fault says: it may quote the row."""
    log.error("import %s: %s: %s\n%s", job_id, what, type(fault).__name__, "".join(traceback.format_tb(fault.__traceback__)))


def work_on(
    database: Database, vault: Vault, job_id: UUID, stopping: threading.Event, say: Say = lambda job: None, *, tree: Tree | None = None
) -> bool:  # fmt: skip
    """Check or register as far as the import stands. False when there was nothing to do, or another process does it.

    `tree`: what petitions are about in this county, if not the standard tree.
    """
    with alone(database, f"import {job_id}") as lock:
        return lock is not None and work_alone(database, vault, job_id, stopping, say, tree=tree)


def work_alone(
    database: Database, vault: Vault, job_id: UUID, stopping: threading.Event, say: Say, *, tree: Tree | None = None
) -> bool:
    """The same, for a caller that has the lock."""
    with database.unit_of_work() as uow:
        job = uow.rows(IMPORT_JOBS).get(job_id)
        if job is None or job.stage not in IMPORT_AT_WORK:
            return False
        job = uow.rows(IMPORT_JOBS).put(domain.take_up(job, uow.now, again=job_id in _TAKEN_UP))
        _TAKEN_UP.add(job_id)
        key, _ = key_of(uow, vault, job_id)
    if job.stage not in IMPORT_AT_WORK:
        log.error("import %s: given up after %d attempts", job_id, job.attempts)
        return True
    try:
        with reading(pieces(database, key), after=job.position) as found:
            work = _begin(database, vault, job, found, tree or standard())
            _pass(database, vault, work, job, found, stopping, say)
    except Unreadable as fault:
        why = f"{fault.code} {fault.row}".removesuffix(" 0")
        _change(database, job_id, say, lambda job, uow: domain.give_up(job, why, uow.now))
    except MovedOn:
        _change(database, job_id, say, lambda job, uow: domain.lay_down(job))
        log.info("import %s was paused, ended, or is in other hands", job_id)
    return True


def _begin(database: Database, vault: Vault, job: ImportJob, found: Reading, tree: Tree) -> Work:
    """Understand the headings and keep them. Raises Unreadable when the rows cannot be understood without others."""
    headings = read_headings(found.headings)
    if headings is None or headings.missing or headings.doubled:
        raise Unreadable(_wrong_headings(headings))
    with database.unit_of_work() as uow:
        key, _ = key_of(uow, vault, job.id)
        uow.all(SQL["keep_headings"], job_id=job.id, headings=key.seal_json("headings", found.headings))
        rows = uow.all(SQL["organisations"])
    places = {plain(row[name]): row["code"] for row in rows if row["code"].isdigit() for name in ("name", "name_en", "code")}
    return Work(
        job_id=job.id, source=job.source, headings=headings, known=Known(places=places, categories=names_of(tree)), key=key, by=job.started_by,
        registers=job.stage is ImportStage.RUNNING,
    )  # fmt: skip


def _wrong_headings(headings: Headings | None) -> str:
    if headings is None:
        return "no_headings"
    word, columns = ("missing", headings.missing) if headings.missing else ("doubled", headings.doubled)
    return f"{word} {','.join(columns)}"


def _pass(
    database: Database, vault: Vault, work: Work, job: ImportJob, found: Reading, stopping: threading.Event, say: Say
) -> None:
    """All rows of the file, batch by batch. Raises MovedOn when told to stop."""
    begun, first = time.monotonic(), job.handled
    for rows in batches(found.rows):
        if stopping.is_set():
            raise MovedOn
        rate = int((job.handled - first) / max(time.monotonic() - begun, 0.001))
        before = job.counts
        job = _take(database, vault, work, rows, job, rate)
        for name in HANDLED if work.registers else ():
            record_import(name, job.counts[name] - before.get(name, 0))
        say(job)
    end = domain.finish if work.registers else domain.end_check
    _change(database, work.job_id, say, lambda job, uow: end(job, uow.now))


def _take(database: Database, vault: Vault, work: Work, rows: Sequence[SheetRow], job: ImportJob, rate: int) -> ImportJob:
    """A batch in one transaction; when the database will not have it, each half, so that one row costs no other."""
    try:
        with database.unit_of_work() as uow:
            after = take_batch(uow, vault, work, rows, position=job.position, rate=rate)
        work.keep()
        return after
    except (Unavailable, MovedOn):
        raise
    except Exception as fault:
        _log(work.job_id, fault, f"{len(rows)} rows from row {rows[0][0]}")
    if len(rows) == 1:
        with database.unit_of_work() as uow:
            return refuse_row(uow, vault, work, rows[0], position=job.position, rate=rate)
    half = len(rows) // 2
    job = _take(database, vault, work, rows[:half], job, rate)
    return _take(database, vault, work, rows[half:], job, rate)


def _change(database: Database, job_id: UUID, say: Say, change: Callable[[ImportJob, UnitOfWork], ImportJob]) -> None:
    with database.unit_of_work() as uow:
        job = uow.rows(IMPORT_JOBS).get(job_id)
        if job is None or job.stage not in IMPORT_AT_WORK:
            return
        job = uow.rows(IMPORT_JOBS).put(change(job, uow))
    say(job)
