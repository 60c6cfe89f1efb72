"""What people do with a list of old cases: hand it in, start, pause, cancel, look at what was wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

from services.intake.domain import imports as domain
from services.intake.domain.imports import ImportJob, check_may_import
from services.intake.domain.viewing import Viewer
from services.intake.handlers.importing import old_key
from services.intake.handlers.looking import note_look
from services.intake.store import IMPORT_JOBS, SQL, page_of, read_import, sure
from services.intake.vault.crypto import DataKey, Vault
from services.intake.workflow import IMPORT_ALIVE, ImportStage
from shared.contract.person import Person
from shared.database import Database, UnitOfWork
from shared.errors import NotFound, Refused

PIECE = 2**20
# How the files begin that are certainly no tables: said at once, without a process to read them.
FORMATS = {b"PK\x03\x04": "workbook", b"\xd0\xcf\x11\xe0": "old workbook"}
NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"GIF8", b"\x1f\x8b", b"{\\rtf", b"MZ", b"\x7fELF")


@dataclass(frozen=True, kw_only=True, repr=False)
class Faulty:
    """A row that was not registered: its cells as the file has them, and what is wrong with it (field, rule, remedy, values)."""

    number: int
    cells: list[str]
    wrong: list[dict[str, Any]]


def hand_in(
    uow: UnitOfWork, vault: Vault, file: IO[bytes], *, job_id: UUID, source: str, largest: int, by: Person | None
) -> ImportJob:
    """Keep a file, sealed under a key of its own in pieces that keep their place, to be checked. The same id again changes nothing.

    Raises Refused when it is empty, too large, or certainly no table.
    """
    known = uow.rows(IMPORT_JOBS).get(job_id)
    if known:
        return known
    name = " ".join(source.split())
    if not name or len(name) > 60:
        raise Refused("source", "原系统名称必填，最多 60 个字。", "同一系统每次导入都要用同一个名称，否则会重复登记。")
    head = file.read(8)
    if head.startswith(NO_TABLES):
        raise Refused("file", "这不是表格文件。", "请选择 xlsx、xls、ods 或 csv 文件，可先下载模板。")
    if not head:
        raise Refused("file", "请选择文件，不能是空文件。", "请选择 xlsx、xls、ods 或 csv 文件，可先下载模板。")
    key = vault.new_key(job_id)
    uow.all(SQL["add_import_file"], job_id=job_id, data_key=key.wrapped)
    size = 0
    for part, piece in enumerate(_pieces(file, head)):
        size += len(piece)
        if size > largest:
            raise Refused("file", "文件不得超过 %(max)s MB。", "请分成几个文件，分别导入。", max=largest // 2**20)
        uow.all(SQL["add_import_chunk"], job_id=job_id, part=part, bytes=key.seal(f"piece {part}", piece))
    return uow.rows(IMPORT_JOBS).put(
        ImportJob(
            id=job_id, stage=ImportStage.WAITING, source=name, format=FORMATS.get(head[:4], "text"), size=size, created_at=uow.now,
            created_by=by,
        )
    )  # fmt: skip


def _pieces(file: IO[bytes], head: bytes) -> Iterator[bytes]:
    piece = head + file.read(PIECE - len(head))
    while piece:
        yield piece
        piece = file.read(PIECE)


def pieces(database: Database, key: DataKey) -> Iterator[bytes]:
    """The file, piece by piece, each in a transaction of its own."""
    part = 0
    while True:
        with database.unit_of_work() as uow:
            row = uow.one(SQL["import_chunk"], job_id=key.case_id, part=part)
        if row is None:
            return
        yield key.open(f"piece {part}", bytes(row["bytes"]))
        part += 1


def key_of(uow: UnitOfWork, vault: Vault, job_id: UUID) -> tuple[DataKey, list[str]]:
    """The file's key and its headings. Raises NotFound when it was destroyed in its time."""
    row = uow.one(SQL["import_key"], job_id=job_id)
    if row is None:
        raise NotFound("file", "文件已按期销毁。", "需要时请重新上传。")
    key = vault.open_key(job_id, bytes(row["data_key"]))
    return key, key.open_json("headings", bytes(row["headings"])) if row["headings"] else []


def read_job(uow: UnitOfWork, job_id: UUID, viewer: Viewer) -> ImportJob:
    """An import, for reading. Raises NotFound, Forbidden."""
    check_may_import(viewer)
    return _there(read_import(uow, job_id))


def _there(job: ImportJob | None) -> ImportJob:
    if job is None:
        raise NotFound("job", "没有这次导入。", "请返回列表。")
    return job


def act(uow: UnitOfWork, job_id: UUID, viewer: Viewer, change: str) -> ImportJob:
    """`start`, `pause`, `go_on` or `cancel` an import; a second time changes nothing. Raises NotFound, Forbidden, Conflict, Refused."""
    check_may_import(viewer)
    job = _there(uow.rows(IMPORT_JOBS).get(job_id))
    acts: dict[str, Callable[[], ImportJob]] = {
        "start": lambda: domain.start(job, viewer.person, uow.now), "pause": lambda: domain.pause(job),
        "go_on": lambda: domain.go_on(job, uow.now), "cancel": lambda: domain.cancel(job, uow.now),
    }  # fmt: skip
    changed = acts[change]()
    return uow.rows(IMPORT_JOBS).put(changed) if changed is not job else job


def jobs(uow: UnitOfWork, viewer: Viewer, *, page: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """A page of the imports, the latest first, and how many there are."""
    check_may_import(viewer)
    return page_of(uow, "import_jobs", page=page, size=size)


def sources(uow: UnitOfWork) -> list[str]:
    """The systems that were imported from, to be named alike again."""
    return [row["source"] for row in uow.all(SQL["import_sources"])]


def faulty(
    uow: UnitOfWork, vault: Vault, job_id: UUID, viewer: Viewer, *, limit: int = 50, after: int = 0
) -> tuple[list[str], list[Faulty]]:
    """The file's headings, and rows after a row that were not registered, in their order. The caller logs the look."""
    check_may_import(viewer)
    key, headings = key_of(uow, vault, job_id)
    found = uow.all(SQL["import_faults"], job_id=job_id, codes=list(viewer.codes), limit=limit, after=after)
    return headings, [
        Faulty(number=row["at_row"], cells=key.open_json(f"row {row['at_row']}", bytes(row["cells"])), wrong=row["wrong"])
        for row in found
    ]


def faulty_parts(uow: UnitOfWork, job_id: UUID, viewer: Viewer, size: int) -> tuple[int, list[int]]:
    """How many rows were not registered, and for each part of so many of them the row that it comes after."""
    check_may_import(viewer)
    found = sure(uow, "import_fault_parts", job_id=job_id, codes=list(viewer.codes), size=size)
    return found["total"], [0, *found["ends"]][: -(-found["total"] // size)]


def log_download(uow: UnitOfWork, job_id: UUID, viewer: Viewer) -> None:
    """Rows of an old list name petitioners: whoever takes them home is in the log of looks."""
    note_look(uow, viewer, job_id, "original", "import")


def find_old(uow: UnitOfWork, vault: Vault, viewer: Viewer, number: str) -> UUID | None:
    """The case that had this number in one of the old systems; None also when the reader is barred from it."""
    check_may_import(viewer)
    keys = [old_key(vault, source, number) for source in sources(uow)]
    found = uow.one(SQL["cases_of_keys"], keys=keys, codes=list(viewer.codes)) if keys else None
    return found["id"] if found else None


def destroy_old(uow: UnitOfWork, keep: timedelta) -> int:
    """Destroy files, with their keys and faulty rows, that nobody has touched for so long. What was registered stays. How many."""
    over = uow.all(SQL["imports_over"], before=uow.now - keep)
    for row in over:
        job = uow.rows(IMPORT_JOBS).get(row["id"])
        if job:
            ended = domain.cancel(job, uow.now) if job.stage in IMPORT_ALIVE else job
            uow.rows(IMPORT_JOBS).put(domain.purge(ended, uow.now))
            uow.all(SQL["destroy_import"], job_id=job.id)
    return len(over)
