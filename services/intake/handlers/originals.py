"""The mail as it came: only staff who may know its sender open it, for a stated purpose, and each opening is logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.domain.petition import Petition
from services.intake.domain.submission import Channel, Purpose
from services.intake.domain.viewing import Viewer, check_opens_originals
from services.intake.handlers.looking import READING, identifiable, log, note_look
from services.intake.handlers.mails import unread_bytes
from services.intake.mail import reading as mails
from services.intake.store import SQL, UNREAD_MAILS, sure
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused

WHOLE = 0  # the part that is the whole mail; its attachments count from 1


@dataclass(frozen=True, kw_only=True, repr=False)
class File:
    """Bytes that anybody in the world may have sent. `ending` is one of a few that are only looked at, else `.bin`."""

    content: bytes
    ending: str


def contents(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> tuple[Petition, tuple[str, ...]]:
    """The petition and the names of its mail's attachments, logged as a reading of its text.

    Raises Hidden, Forbidden; NotFound for a petition that came without a mail.
    """
    case, raw = _open(uow, vault, case_id, viewer)
    log(uow, case, viewer, "text", READING)
    return case, names(raw)


def names(raw: bytes) -> tuple[str, ...]:
    """What is attached to a mail."""
    return tuple(name for name, _ in mails.attached(raw))


def read_original(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, part: int, purpose: Purpose
) -> tuple[Petition, File]:
    """The mail that a petition came in, or one of its attachments, logged with the purpose. Raises as `contents`, and Refused."""
    case, raw = _open(uow, vault, case_id, viewer)
    found = part_of(raw, part)
    log(uow, case, viewer, "original", purpose.value)
    return case, found


def read_unread_original(uow: UnitOfWork, vault: Vault, mail_id: UUID, viewer: Viewer, *, part: int) -> File:
    """A kept mail, or one of its attachments, logged. Raises Hidden, Refused; Forbidden as for the petition made of it."""
    raw = unread_bytes(uow, vault, mail_id, viewer)
    mail = uow.rows(UNREAD_MAILS).get(mail_id)
    found = part_of(raw, part) if mail and mail.channel is Channel.EMAIL else File(content=raw, ending=".txt")
    note_look(uow, viewer, mail_id, "original", "unread")
    return found


def has_original(uow: UnitOfWork, case_id: UUID) -> bool:
    """Whether a mail is kept of the petition."""
    return bool(sure(uow, "has_original", case_id=case_id)["found"])


def _open(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> tuple[Petition, bytes]:
    case = identifiable(uow, case_id, viewer)
    check_opens_originals(viewer)
    return case, _bytes(uow, vault, case_id)


def _bytes(uow: UnitOfWork, vault: Vault, case_id: UUID) -> bytes:
    """What was registered by itself lies with the petition, what a clerk registered by hand with the kept mails."""
    row: dict[str, Any] | None = uow.one(SQL["original_of_case"], case_id=case_id)
    if row:
        return vault.open_key(case_id, bytes(row["data_key"])).open("original", bytes(row["bytes"]))
    row = uow.one(SQL["kept_mail_of_case"], case_id=case_id)
    if row is None:
        raise NotFound("original", "这件信访件没有邮件原件。", "来信、来访、来电的原件，请到信访接待室查阅。")
    return vault.open_key(row["mail_id"], bytes(row["data_key"])).open("mail", bytes(row["bytes"]))


def part_of(raw: bytes, part: int) -> File:
    """The whole mail, or one of its files. Raises Refused."""
    if part == WHOLE:
        return File(content=raw, ending=".eml")
    files = mails.attached(raw)
    if part > len(files):
        raise Refused("part", "邮件里没有第 %(part)s 个附件。", "请从列出的文件中选择。", part=part)
    name, content = files[part - 1]
    return File(content=content, ending=mails.ending(name))
