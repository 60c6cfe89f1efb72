"""Files of petitions: taken in once, kept sealed, and in which order they stand on a case's list.

Whoever takes files in, by whatever channel, first calls `prepare` outside of any transaction, for it decodes pictures and
asks the virus scanner; and then `add` in the transaction of the change that the files belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any
from uuid import UUID

from services.intake.domain import attachment as domain
from services.intake.domain import masks
from services.intake.domain.attachment import MOST_FILES, Attachment, Kind, Scan
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Submission
from services.intake.domain.viewing import Viewer
from services.intake.files import showing, sniffing
from services.intake.files.cabinet import Cabinet
from services.intake.files.clamav import Verdict
from services.intake.files.filestore import FileStore
from services.intake.handlers.casework import lock
from services.intake.handlers.looking import open_petition
from services.intake.handlers.sealed import sealed_of
from services.intake.store import ATTACHMENTS, PETITIONS, SQL, sure
from services.intake.vault.crypto import DataKey, Vault
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused, Unavailable

PATIENCE = 20.0  # seconds for the files of one form: nobody keeps the site busy with what he sends
NAME, FILE = "file-name", "file"  # what is sealed as what


@dataclass(frozen=True, kw_only=True, repr=False)
class Upload:
    """A file as it came: its sender's name for it, its bytes, and what it is of the petition if somebody said so."""

    name: str
    content: bytes
    kind: Kind | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Prepared:
    """A file that may be kept, with what was found out about it. `unreadable`: a picture or PDF of which nothing can be shown."""

    name: str
    content: bytes
    kind: Kind
    form: str
    pages: int
    macros: bool
    unreadable: bool
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, repr=False)
class Listed:
    """An attachment with its name, as far as this reader may know it."""

    attachment: Attachment
    name: str


def prepare(cabinet: Cabinet, uploads: Sequence[Upload]) -> list[Prepared]:
    """What may be kept of some files, found out outside of any transaction. Stores nothing.

    Raises Refused for a file that no petition may bring: a program, a page with scripts, an empty or too large one, one of no
    known kind, or too many or too laborious at once; Unavailable when the site is busy. What a virus was found in is kept, and
    locked away; while the scanner is away files are taken, and scanned later.
    """
    if len(uploads) > MOST_FILES:
        raise Refused("files", "一次最多交 %(max)s 个文件。", "请合并，或登记以后再补交。", max=MOST_FILES)
    names = [domain.clean_name(upload.name) for upload in uploads]
    sniffed = [
        sniffing.sniff(upload.content, name=name, largest=cabinet.limits.largest)
        for upload, name in zip(uploads, names, strict=True)
    ]
    begun, found = monotonic(), []
    for one in zip(uploads, names, sniffed, strict=True):
        if monotonic() - begun > PATIENCE:
            raise Refused("files", "这些文件太费时，没有处理完。", "请减小图片，或分几次补交。")
        found.append(_prepared(cabinet, *one))
    return found


def _prepared(cabinet: Cabinet, upload: Upload, name: str, sniffed: sniffing.Sniffed) -> Prepared:
    verdict = _scanned(cabinet, upload.content)
    pages = 0
    if sniffed.form in sniffing.SHOWN and verdict.scan is not Scan.INFECTED:
        try:
            pages = showing.count_pages(upload.content, sniffed.form)
        except showing.CannotShow:
            pages = 0
        except showing.Busy as fault:
            raise Unavailable("pages: too many at once") from fault
    unreadable = sniffed.form in sniffing.SHOWN and not pages
    return Prepared(
        name=name, content=upload.content, kind=_kind(upload, sniffed), form=sniffed.form, pages=pages,
        macros=sniffed.macros, unreadable=unreadable, verdict=verdict,
    )  # fmt: skip


def _kind(upload: Upload, sniffed: sniffing.Sniffed) -> Kind:
    """What somebody said it is; but only what can have pages is a page, whatever box of a form it lay in."""
    pages = upload.kind in (Kind.SCAN, Kind.ENVELOPE)
    return sniffed.kind if upload.kind is None or (pages and not sniffed.paged) else upload.kind


def _scanned(cabinet: Cabinet, content: bytes) -> Verdict:
    if cabinet.scanner is None:
        return Verdict(scan=Scan.NONE)
    try:
        return cabinet.scanner.scan(content)
    except Unavailable:
        return Verdict(scan=Scan.WAITING)


def with_files(vault: Vault, given: Submission, files: Iterable[Prepared]) -> Submission:
    """The submission that brings these files: under one key other files are another submission."""
    return replace(given, files=tuple(vault.fingerprint(file.content).hex() for file in files))


def add(
    uow: UnitOfWork, store: FileStore, vault: Vault, case_id: UUID, files: Sequence[Prepared], *, by: Person | None
) -> list[Attachment]:
    """Keep files with a case (`by` None: the petitioner's own), in their order, after those that it has; the rows.

    The caller has checked who may. A file that the case has already is not kept twice; one that was taken off its list comes
    back, and one that the store has lost is stored again. Each is on the disk before the row commits. Raises Refused for too
    many, Unavailable when the store is full or away.
    """
    if not files:
        return []
    uow.rows(PETITIONS).get(case_id)  # the case's row is the lock
    uow.all(SQL["files_wanted"])
    present = {row.stored: row for row in uow.rows(ATTACHMENTS).where("case_id = %s", case_id)}
    domain.check_room(len(present), len(files))
    key = sealed_of(uow, vault, case_id).key
    last = max((row.position for row in present.values()), default=0)
    kept = []
    for file in files:
        stored = _name(vault, case_id, file.content)
        row = present.get(stored)
        if row is None or not store.exists(stored):  # what was lost is made good by whoever has it still
            store.put(stored, key.seal(FILE, file.content))
            if row and row.scan is Scan.FAILED:
                row = domain.after_scan(row, file.verdict.scan, file.verdict.finding, now=uow.now)
        if row is None:
            last += 1
            row = _row(uow, key, file, stored, last, by)
        row = present[stored] = uow.rows(ATTACHMENTS).put(domain.put_back(row))
        kept.append(row)
    uow.flush(ATTACHMENTS)
    return kept


def _row(uow: UnitOfWork, key: DataKey, file: Prepared, stored: str, position: int, by: Person | None) -> Attachment:
    row = Attachment(
        id=uuid7(uow.now), case_id=key.case_id, position=position, kind=file.kind, form=file.form, size=len(file.content),
        pages=file.pages, macros=file.macros, unreadable=file.unreadable, name=key.seal(NAME, file.name.encode()), stored=stored,
        scan=Scan.NONE, finding="", added_at=uow.now, added_by=by,
    )  # fmt: skip
    return domain.after_scan(row, file.verdict.scan, file.verdict.finding, now=uow.now)


def _name(vault: Vault, case_id: UUID, content: bytes) -> str:
    """A file's name in the store: of one content in one case; two cases that hold the same file do not show it."""
    return vault.fingerprint(b"file\n" + case_id.bytes + content).hex()


def listed(uow: UnitOfWork, vault: Vault, case: Petition, *, identifies: bool, removed: bool = False) -> list[Listed]:
    """A case's files in order, for a reader to whom the case was opened; with `removed` those taken off the list, too.

    To a reader who may not know who is writing, names are blotted out in the files' names.
    """
    rows = [_entity(row) for row in uow.all(SQL["attachments_of_case"], case_id=case.id)]
    if not rows:
        return []
    sealed = sealed_of(uow, vault, case.id)
    secrets = () if identifies else sealed.who.secrets
    return [
        Listed(attachment=row, name=masks.within(sealed.key.open(NAME, row.name).decode(), secrets))
        for row in rows
        if removed or row.removed_at is None
    ]


def count(uow: UnitOfWork, case_id: UUID) -> int:
    """How many files are on a case's list."""
    return int(sure(uow, "count_attachments", case_id=case_id)["found"])


def arrange(uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, places: Mapping[UUID, int], kinds: Mapping[UUID, Kind]) -> None:
    """Put the pages in order and say what each is. The same again changes nothing. Raises Hidden, Refused."""
    _editable(uow, case_id, viewer)
    rows = [row for row in uow.rows(ATTACHMENTS).where("case_id = %s", case_id) if row.removed_at is None]
    for row in domain.arrange(rows, places, kinds):
        uow.rows(ATTACHMENTS).put(row)


def remove(uow: UnitOfWork, case_id: UUID, viewer: Viewer, attachment_id: UUID) -> None:
    """Take a file off the list, such as a page of another letter; it is kept, and the list says who did. Raises Hidden, NotFound."""
    case = _editable(uow, case_id, viewer)
    uow.rows(ATTACHMENTS).put(domain.remove(attachment_of(uow, case, attachment_id), by=viewer.person, now=uow.now))


def _editable(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    open_petition(uow, case_id, viewer)
    return lock(uow, case_id, viewer)


def attachment_of(uow: UnitOfWork, case: Petition, attachment_id: UUID) -> Attachment:
    """The row, for reading: it is not locked."""
    row = uow.one(SQL["attachment"], id=attachment_id, case_id=case.id)
    if row is None:
        raise NotFound("attachment", "没有找到这个附件。", "请回到附件清单重新打开。")
    return _entity(row)


def _entity(row: Mapping[str, Any]) -> Attachment:
    return ATTACHMENTS.from_row([row[column] for column in ATTACHMENTS.codecs])
