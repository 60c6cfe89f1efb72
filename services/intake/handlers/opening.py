"""Opening files of petitions, for a stated purpose and logged, by those who may know who is writing: pages, originals, and what
was locked away because of a virus.
"""

from __future__ import annotations

from uuid import UUID

from services.intake.domain import attachment as domain
from services.intake.domain.attachment import Attachment, Scan
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Purpose
from services.intake.domain.viewing import Viewer, check_opens_originals, check_sees_copies
from services.intake.files.filestore import FileStore
from services.intake.handlers.attachments import FILE, Listed, attachment_of, listed
from services.intake.handlers.looking import identifiable, log
from services.intake.handlers.sealed import sealed_of
from services.intake.store import SQL
from services.intake.vault.crypto import DataKey, Vault
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound, Refused, Unavailable


def may_view(viewer: Viewer, case: Petition, *, identifies: bool) -> bool:
    """Whether `open_pages` would show this viewer anything; `identifies` as looking has it."""
    try:
        check_sees_copies(viewer, case.identity)
    except Forbidden:
        return False
    return identifies


def open_pages(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, purpose: Purpose
) -> tuple[Petition, list[Listed]]:
    """A case's files of which pages can be shown; the look is logged, once for all of them.

    Raises Hidden, Forbidden: pages of who is not named are shown to clerks and the office alone, for handwriting is identity.
    """
    case = _viewable(uow, case_id, viewer)
    log(uow, case, viewer, "original", purpose.value)
    found = listed(uow, vault, case, identifies=True)
    return case, [one for one in found if one.attachment.pages and one.attachment.scan is not Scan.INFECTED]


def page_source(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, attachment_id: UUID, *, number: int
) -> tuple[Attachment, DataKey]:
    """The file that a page is shown from, and what `content` opens it with; the caller sees to it that the look was logged.

    Raises as `open_pages`, NotFound for a page that is none. No byte of the file is read yet.
    """
    case = _viewable(uow, case_id, viewer)
    found = attachment_of(uow, case, attachment_id)
    domain.check_open(found)
    if not 1 <= number <= found.pages:
        raise NotFound("page", "没有这一页。", "请回到附件清单重新打开。")
    return found, sealed_of(uow, vault, case_id).key


def read_original(
    uow: UnitOfWork, store: FileStore, vault: Vault, case_id: UUID, viewer: Viewer, attachment_id: UUID, *, purpose: Purpose
) -> tuple[Petition, Attachment, bytes]:
    """A file as it came, for clerks and the office, for a stated purpose; logged. Raises Hidden, Forbidden, NotFound; Refused
    for one with a virus.
    """
    case = identifiable(uow, case_id, viewer)
    check_opens_originals(viewer)
    found = attachment_of(uow, case, attachment_id)
    domain.check_open(found)
    opened = content(store, sealed_of(uow, vault, case_id).key, found)
    log(uow, case, viewer, "original", purpose.value)
    return case, found, opened


def answers_for(uow: UnitOfWork, official: str) -> Viewer:
    """The official of the directory who answers for what is taken out by command. Raises Refused for nobody in office here."""
    row = uow.one(SQL["official_in_office"], official=official)
    posts = [post for post in row["posts"] if post["organisation"].partition("-")[0] == uow.org] if row else []
    if row is None or not posts:
        raise Refused("official", "名录里没有“%(code)s”，或者不在本级任职。", "请写在职工作人员的代码。", code=official)
    return Viewer(
        person=Person(official=official, name=row["name"], post=posts[0]["title"], organisation=posts[0]["organisation"]),
        roles=frozenset(role for post in posts for role in post["roles"]), of_instance=True,
        codes=frozenset({official, *(post["organisation"] for post in row["posts"])}),
    )  # fmt: skip


def take_out(
    uow: UnitOfWork, store: FileStore, vault: Vault, case_id: UUID, viewer: Viewer, attachment_id: UUID, *, purpose: Purpose
) -> tuple[Petition, Attachment, bytes]:
    """A file in which a virus was found, for whoever examines it; logged. It stays locked away on every page.

    Raises Hidden, Forbidden, NotFound; Conflict for a file that the pages open.
    """
    case = identifiable(uow, case_id, viewer)
    check_opens_originals(viewer)
    found = attachment_of(uow, case, attachment_id)
    if found.scan is not Scan.INFECTED:
        raise Conflict("attachment", "这个文件没有隔离。", "请在附件清单中打开。")
    opened = content(store, sealed_of(uow, vault, case_id).key, found)
    log(uow, case, viewer, "quarantined", purpose.value)
    return case, found, opened


def content(store: FileStore, key: DataKey, found: Attachment) -> bytes:
    """The file, opened. Raises Broken when it was altered, and Unavailable when the store lacks it: handing it in again heals it."""
    try:
        sealed = store.get(found.stored)
    except FileNotFoundError:
        raise Unavailable(f"file store: {found.stored[:12]} is missing") from None
    return key.open(FILE, sealed)


def _viewable(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    case = identifiable(uow, case_id, viewer)
    check_sees_copies(viewer, case.identity)
    return case
