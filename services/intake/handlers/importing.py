"""A batch of rows of an old list: looked at, or registered in sets; the place in the file is committed with what was done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from services.intake.domain import imports as domain
from services.intake.domain.cells import Row, row_of
from services.intake.domain.headings import Column, Headings
from services.intake.domain.imports import ImportJob, Tally
from services.intake.domain.old_cases import Known, OldCase, read_row, typed
from services.intake.handlers.registration import Ready, enter, fingerprint_of, told
from services.intake.store import IMPORT_JOBS, SQL
from services.intake.vault.crypto import DataKey, Vault
from services.intake.workflow import ImportStage, Stage
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused

BATCH, MOST_IN_BATCH = 500, 4_000_000  # rows, and characters: they are in memory side by side
STORED = (
    "id", "key", "fingerprint", "code_hash", "data_key", "words", "identity", "prefix", "channel", "matter_type", "category", "place",
    "kind", "group_size", "language", "has_email", "received_at", "registered_at", "by", "title", "brief", "revision", "phone_index",
    "email_index", "id_number_index", "stage", "concluded_at", "outcome", "answer", "closed_at", "archived_at", "imported_at", "imported_from",
)  # fmt: skip
SheetRow = tuple[int, list[str]]


class MovedOn(Exception):
    """Somebody paused or ended the import, or another process is further on: leave it."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Work:
    """What the rows of one pass over a file have in common.

    `seen`: in a check, each old number's row and content so far; `batch`: those of the batch at hand, until that is committed.
    """

    job_id: UUID
    source: str
    headings: Headings
    known: Known
    key: DataKey
    by: Person | None
    registers: bool
    seen: dict[UUID, tuple[int, bytes]] = field(default_factory=dict)
    batch: dict[UUID, tuple[int, bytes]] = field(default_factory=dict)

    def keep(self) -> None:
        """The batch is committed."""
        self.seen.update(self.batch)


@dataclass(kw_only=True, repr=False)
class _Line:
    """One row on its way through a batch."""

    number: int
    cells: list[str]
    row: Row
    old: OldCase | None
    key: UUID | None = None
    content: bytes = b""
    again: bool = False
    case_id: UUID | None = None


def take_batch(uow: UnitOfWork, vault: Vault, work: Work, rows: Sequence[SheetRow], *, position: int, rate: int) -> ImportJob:
    """Take the rows after `position`: register them, or only look at them. Raises MovedOn, and then nothing is changed."""
    job = at_work(uow, work, position)
    lines = [_read(uow, vault, work, number, cells) for number, cells in rows]
    _compare(uow, work, lines)
    if work.registers:
        _register(uow, vault, work, [line for line in lines if line.old and not line.again])
    work.batch.clear()
    if not work.registers:
        work.batch.update((line.key, (line.number, line.content)) for line in lines if line.key and line.old and not line.again)
    failed = [line for line in lines if line.old is None]
    _keep_faults(uow, work, failed, first=position + 1, last=rows[-1][0])
    counts = Counter(
        "failed" if not line.old else "again" if line.again else "finished" if line.old.finished else "open" for line in lines
    )
    counts["warned"] = sum(bool(line.row.warnings) for line in lines)
    changed = domain.advance(job, position=rows[-1][0], counts=counts, found=_tallies(lines), rate=rate, now=uow.now)
    return uow.rows(IMPORT_JOBS).put(changed)


def refuse_row(uow: UnitOfWork, vault: Vault, work: Work, row: SheetRow, *, position: int, rate: int) -> ImportJob:
    """Keep a row that the database will not take, whatever the reason, so that it holds up no other. Raises MovedOn."""
    job = at_work(uow, work, position)
    line = _read(uow, vault, work, *row)
    line.row.faults.append(Refused("row", "系统无法登记这一行。", "请人工登记，并把行号告诉系统管理员。"))
    line.old = None
    _keep_faults(uow, work, [line], first=position + 1, last=line.number)
    changed = domain.advance(job, position=line.number, counts={"failed": 1}, found=_tallies([line]), rate=rate, now=uow.now)
    return uow.rows(IMPORT_JOBS).put(changed)


def at_work(uow: UnitOfWork, work: Work, position: int) -> ImportJob:
    """The job, locked, if it stands where this process thinks that it stands. Raises MovedOn."""
    job = uow.rows(IMPORT_JOBS).get(work.job_id)
    stage = ImportStage.RUNNING if work.registers else ImportStage.CHECKING
    if job is None or job.stage is not stage or job.position != position:
        raise MovedOn
    return job


def batches(rows: Iterable[SheetRow], size: int = BATCH, most: int = MOST_IN_BATCH) -> Iterator[list[SheetRow]]:
    """The rows in lists of at most `size` rows and `most` characters, or of one row that has more."""
    batch: list[SheetRow] = []
    held = 0
    for row in rows:
        weight = sum(map(len, row[1]))
        if batch and (len(batch) == size or held + weight > most):
            yield batch
            batch, held = [], 0
        batch.append(row)
        held += weight
    if batch:
        yield batch


def old_key(vault: Vault, source: str, number: str) -> UUID:
    """The key of an old case: the same number of the same system is the same case, however either was typed. Keyed, as numbers tell."""
    return UUID(bytes=vault.fingerprint(f"import\n{typed(source).replace(' ', '')}\n{typed(number)}".encode())[:16])


def _read(uow: UnitOfWork, vault: Vault, work: Work, number: int, cells: list[str]) -> _Line:
    row = row_of(work.headings, cells)
    old = read_row(row, source=work.source, known=work.known, now=uow.now)
    if old is None:
        return _Line(number=number, cells=cells, row=row, old=None)
    # What the file says, not what is made of it: a place that the directory learns of later makes no other case.
    said = {column.value: text.strip() for column, text in row.cells.items()} | {Column.NUMBER.value: typed(old.number)}
    content = fingerprint_of(vault, [typed(work.source).replace(" ", ""), said, row.others])
    key = old_key(vault, work.source, old.number)
    return _Line(number=number, cells=cells, row=row, old=old, key=key, content=content)


def _compare(uow: UnitOfWork, work: Work, lines: Sequence[_Line]) -> None:
    """Find the rows whose old number is known: the same content is a repeat, another is for a person to look at."""
    _find_known(uow, lines)
    here: dict[UUID, tuple[int, bytes]] = {}
    for line in lines:
        if line.key is None or line.case_id:
            continue
        if before := work.seen.get(line.key) or here.get(line.key):
            twice = Refused(
                Column.NUMBER, "和第 %(row)s 行的编号相同，内容不同。", "请核对哪一行是对的；是两件的，请改编号。", row=before[0]
            )
            _repeat(line, before[1] == line.content, twice)
        else:
            here[line.key] = line.number, line.content


def _find_known(uow: UnitOfWork, lines: Sequence[_Line]) -> None:
    """Find the rows whose old number a petition has."""
    keys = list({line.key for line in lines if line.key})
    known = {row["key"]: (row["id"], bytes(row["fingerprint"])) for row in uow.all(SQL["known_keys"], keys=keys)} if keys else {}
    for line in lines:
        if line.key in known:
            line.case_id, content = known[line.key]
            other = Refused(
                Column.NUMBER, "这个编号已经登记过，内容和这次不一样。", "没有改动已登记的；请核对，需要补充的请到该信访件办理。"
            )
            _repeat(line, content in (b"", line.content), other)


def _repeat(line: _Line, same: bool, fault: Refused) -> None:
    line.again = same
    if not same:
        line.row.faults.append(fault)
        line.old = None


def _register(uow: UnitOfWork, vault: Vault, work: Work, lines: Sequence[_Line]) -> None:
    """Store the cases and tell of them. A case that is over is told as history: nobody has to read it again."""
    made = [_entry(uow, vault, work, line) for line in lines]
    numbers = dict(uow.returning(SQL["register_all"], [tuple(entry.row[name] for name in STORED) for _, entry in made]))
    _find_known(uow, [line for line, entry in made if entry.case_id not in numbers])  # another list has registered them meanwhile
    for line, entry in made:
        number = numbers.get(entry.case_id)
        if number is None and not line.case_id:
            raise LookupError("a case that is neither stored nor known")
        if number is None or line.old is None:
            continue
        if line.old.finished:
            uow.tell("case.imported", entry.case_id, _history(uow, entry, number, work.by), first=True)
        else:
            uow.tell("case.registered", entry.case_id, told(entry, number, work.by), first=True)


def _entry(uow: UnitOfWork, vault: Vault, work: Work, line: _Line) -> tuple[_Line, Ready]:
    old, key = line.old, line.key
    if old is None or key is None:
        raise LookupError("a row that is not fit to be registered")
    entry = enter(uow, vault, old.submission, key=key, fingerprint=line.content, by=work.by, registered_at=old.registered_at)
    entry.row.update(
        stage=(Stage.ARCHIVED if old.finished else Stage.REGISTERED).value, concluded_at=old.concluded_at, outcome=old.outcome,
        answer=old.answer, closed_at=old.closed_at, archived_at=old.closed_at, imported_at=uow.now, imported_from=work.source,
    )  # fmt: skip
    return line, entry


def _history(uow: UnitOfWork, entry: Ready, number: str, by: Person | None) -> dict[str, Any]:
    row = entry.row
    moments = ("received_at", "registered_at", "concluded_at", "closed_at", "imported_at")
    return {
        "number": number, "channel": row["channel"], "category": row["category"], "place": row["place"], "outcome": row["outcome"] or None,
        "by": by.as_data() if by else None, **{name: instant(row[name]) for name in moments},
    }  # fmt: skip


def _keep_faults(uow: UnitOfWork, work: Work, failed: Sequence[_Line], *, first: int, last: int) -> None:
    uow.all(SQL["forget_faults"], job_id=work.job_id, first=first, last=last)
    uow.many(
        SQL["add_faults"],
        [
            (work.job_id, line.number, json.dumps([_said(fault) for fault in line.row.faults], ensure_ascii=False),
             work.key.seal_json(f"row {line.number}", line.cells), line.case_id)
            for line in failed
        ],
    )  # fmt: skip


def _said(fault: Refused) -> dict[str, Any]:
    return {"field": str(fault.field), "rule": fault.rule, "remedy": fault.remedy, "values": fault.values}


def _tallies(lines: Sequence[_Line]) -> list[Tally]:
    """How often each rule was broken in this batch, and where first."""
    found: dict[tuple[str, str, bool], Tally] = {}
    for line in lines:
        for failed, told_of in ((True, line.row.faults), (False, line.row.warnings)):
            for fault in told_of:
                at = (str(fault.field), fault.rule, failed)
                before = found.get(at)
                found[at] = (
                    replace(before, count=before.count + 1) if before
                    else Tally(field=at[0], rule=fault.rule, values=fault.values, count=1, first_row=line.number, failed=failed)
                )  # fmt: skip
    return list(found.values())
