"""What those who work on a case read of its mails, and that a clerk has read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain import threads as domain
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Purpose
from services.intake.domain.viewing import Viewer, check_opens_originals
from services.intake.handlers import originals
from services.intake.handlers.casework import lock
from services.intake.handlers.looking import identifiable, log
from services.intake.handlers.registration import petitioner_from
from services.intake.handlers.sealed import sealed_of
from services.intake.store import CORRESPONDENCE, SQL
from services.intake.vault.crypto import DataKey, Vault
from shared.database import UnitOfWork
from shared.errors import NotFound


@dataclass(frozen=True, kw_only=True, repr=False)
class JoinedMail:
    """A mail of a case, opened. The sender stands behind a mask; the secret code, which answers quote, is always blotted out."""

    id: UUID
    kind: str
    stranger: bool
    received_at: datetime
    news: bool
    sender: str
    subject: str
    text: str
    attachments: tuple[str, ...]


def letters(uow: UnitOfWork, vault: Vault, case: Petition, *, identifies: bool) -> list[JoinedMail]:
    """The mails of a case, the earliest first, for a reader of its text; the caller has logged that reading."""
    rows = uow.all(SQL["correspondence_of_case"], case_id=case.id)
    if not rows:
        return []
    sealed = sealed_of(uow, vault, case.id)
    key, who = sealed.key, sealed.identity
    secrets = [who["code"], *(() if identifies else petitioner_from(who).secrets)]
    return [_letter(row, key, secrets, identifies) for row in rows]


def _letter(row: dict[str, Any], key: DataKey, secrets: list[str], identifies: bool) -> JoinedMail:
    words = key.open_json("answer", bytes(row["words"]))
    hidden = secrets if identifies else [*secrets, words["name"], words["address"]]
    return JoinedMail(
        id=row["id"], kind=row["kind"], stranger=row["stranger"], received_at=row["received_at"], news=row["seen_at"] is None,
        sender=masks.email(words["address"]) if words["address"] else "",
        subject=masks.within(words["subject"], hidden), text=masks.within(words["text"], hidden),
        attachments=tuple(masks.within(name, hidden) for name in words["attachments"]),
    )  # fmt: skip


def see(uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, mails: list[UUID]) -> None:
    """A clerk has read these mails of a case; what arrived meanwhile stays new. Twice changes nothing. Raises Hidden."""
    lock(uow, case_id, viewer)
    for mail in uow.rows(CORRESPONDENCE).where("case_id = %s", case_id):
        if mail.id in mails:
            uow.rows(CORRESPONDENCE).put(domain.see(mail, by=viewer.person, now=uow.now))


def contents(uow: UnitOfWork, vault: Vault, case_id: UUID, mail_id: UUID, viewer: Viewer) -> tuple[Petition, tuple[str, ...]]:
    """The case and the names of what is attached to one of its mails. Raises Hidden, Forbidden, NotFound."""
    case, raw = _open(uow, vault, case_id, mail_id, viewer)
    log(uow, case, viewer, "text", originals.READING)
    return case, originals.names(raw)


def read_original(
    uow: UnitOfWork, vault: Vault, case_id: UUID, mail_id: UUID, viewer: Viewer, *, part: int, purpose: Purpose
) -> tuple[Petition, originals.File]:
    """One mail of a case as it came, or a file of it, logged with the purpose. Raises as `contents`, and Refused."""
    case, raw = _open(uow, vault, case_id, mail_id, viewer)
    found = originals.part_of(raw, part)
    log(uow, case, viewer, "original", purpose.value)
    return case, found


def _open(uow: UnitOfWork, vault: Vault, case_id: UUID, mail_id: UUID, viewer: Viewer) -> tuple[Petition, bytes]:
    case = identifiable(uow, case_id, viewer)
    check_opens_originals(viewer)
    row = uow.one(SQL["bytes_of_correspondence"], case_id=case_id, id=mail_id)
    if row is None:
        raise NotFound("original", "这件信访件没有这封邮件。", "请返回信访件，从列出的邮件中选择。")
    return case, vault.open_key(case_id, bytes(row["data_key"])).open("answer-mail", bytes(row["bytes"]))
