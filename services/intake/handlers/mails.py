"""Mails: each is registered once, or kept for a clerk with the reason. None is lost, whatever is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake import mail as mails
from services.intake.crypto import Vault
from services.intake.domain import messages as domain
from services.intake.domain.messages import Message, UnreadMail
from services.intake.domain.submission import Channel, Identity, Petitioner, Submission
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.looking import identifiable
from services.intake.handlers.registration import Receipt, register
from services.intake.store import MESSAGES, SQL, UNREAD_MAILS, sure
from services.intake.workflow import MessageStage, UnreadStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Refused

PREVIEW = 20_000  # bytes of a kept mail that a clerk sees


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a mail: a number, or the reason why a clerk has to look at it. `again`: it was here before."""

    number: str = ""
    reason: str = ""
    again: bool = False


def take_mail(uow: UnitOfWork, vault: Vault, raw: bytes, *, null_sender: bool = False) -> Taken:
    """Register a mail by its Message-ID (by its bytes without one), or keep it for a clerk. Raises nothing for a bad mail."""
    try:
        mail = mails.parse(raw, null_sender=null_sender)
        if mail.automatic:
            return keep(uow, vault, raw, mail.automatic)
        key = _key(vault, b"mail-id\n" + mail.message_id.encode() if mail.message_id else b"mail\n" + raw)
        receipt = register(uow, vault, _submission(mail), key=key)
    except mails.Unreadable as fault:
        return keep(uow, vault, raw, fault.reason)
    except Refused as fault:  # another mail had this Message-ID, or a rule of registration is broken
        return keep(uow, vault, raw, "other_content" if fault.field == "key" else f"refused_{fault.field}")
    if not receipt.again:
        _accompany(uow, vault, receipt, raw, bool(mail.sender_address))
    return Taken(number=receipt.number, again=receipt.again)


def _key(vault: Vault, content: bytes) -> UUID:
    """A mail's own key. Keyed, because a Message-ID may name the sender's computer."""
    return UUID(bytes=vault.fingerprint(content)[:16])


def _submission(mail: mails.Mail) -> Submission:
    """A mail's sender is treated as confidential: the address is known, and nobody has agreed to its being shown."""
    known = bool(mail.sender_address or mail.sender_name)
    return Submission(
        channel=Channel.EMAIL, title=mail.subject, text=mail.text,
        identity=Identity.CONFIDENTIAL if known else Identity.ANONYMOUS,
        petitioner=Petitioner(alias=mail.sender_name, email=mail.sender_address), attachments=mail.attachments,
        particulars={name: text for name, text in (("message_id", mail.message_id), ("sent", mail.sent)) if text},
    )  # fmt: skip


def _accompany(uow: UnitOfWork, vault: Vault, receipt: Receipt, raw: bytes, has_address: bool) -> None:
    """Keep the original, and owe the sender a receipt."""
    row = sure(uow, "sealed_of_case", case_id=receipt.case_id)
    sealed = vault.open_key(receipt.case_id, bytes(row["data_key"])).seal("original", raw)
    uow.all(SQL["add_original"], case_id=receipt.case_id, part=0, size=len(raw), bytes=sealed)
    if has_address:
        uow.rows(MESSAGES).put(
            Message(
                id=uuid7(uow.now), case_id=receipt.case_id, template="registered", params={}, requested_at=uow.now,
                stage=MessageStage.WAITING, attempts=0, next_attempt_at=uow.now,
            )
        )  # fmt: skip


def keep(uow: UnitOfWork, vault: Vault, raw: bytes, reason: str, *, channel: Channel = Channel.EMAIL) -> Taken:
    """Keep bytes of any channel for a clerk, encrypted, with the reason; the same bytes once."""
    key = vault.new_key(uuid7(uow.now))
    stored = uow.one(
        SQL["keep_unread"],
        mail_id=key.case_id,
        fingerprint=vault.fingerprint(raw),
        data_key=key.wrapped,
        bytes=key.seal("mail", raw),
    )
    if stored:
        uow.rows(UNREAD_MAILS).put(
            UnreadMail(
                id=key.case_id, stage=UnreadStage.WAITING, reason=reason, received_at=uow.now, size=len(raw), channel=channel
            )
        )  # fmt: skip
    return Taken(reason=reason, again=stored is None)


def unread(uow: UnitOfWork, *, page: int = 1, size: int = 50) -> tuple[list[dict[str, Any]], int]:
    """A page of the mails that wait for a clerk, the oldest first, and how many there are."""
    found = uow.all(SQL["unread_mails"], limit=size, offset=(page - 1) * size)
    return found, found[0]["total"] if found else 0


@dataclass(frozen=True, kw_only=True, repr=False)
class Kept:
    """A kept mail: what could be made of it, if anything, its attachments' names, and its beginning as it came."""

    mail: UnreadMail
    made_out: mails.Mail | None
    attachments: tuple[str, ...]
    preview: str


def read_unread(uow: UnitOfWork, vault: Vault, mail_id: UUID, viewer: Viewer) -> Kept:
    """A kept mail; the look is logged. Raises Hidden, and Forbidden for whoever may not know the sender of a registered one."""
    mail, raw = _unread(uow, mail_id, viewer), unread_bytes(uow, vault, mail_id, viewer)
    uow.all(SQL["add_look"], case_id=mail_id, number="", what="mail", purpose="unread", now=uow.now, **viewer.person.as_data())
    if mail.channel is not Channel.EMAIL:
        return Kept(mail=mail, made_out=None, attachments=(), preview=mails.preview(raw, PREVIEW))
    try:
        made_out = mails.parse(raw)
    except mails.Unreadable:
        made_out = None
    names = tuple(name for name, _ in mails.attached(raw))
    return Kept(mail=mail, made_out=made_out, attachments=names, preview=mails.preview(raw, PREVIEW))


def unread_bytes(uow: UnitOfWork, vault: Vault, mail_id: UUID, viewer: Viewer) -> bytes:
    """A kept mail as it came; its caller logs the look. Raises as `read_unread`."""
    _unread(uow, mail_id, viewer)
    row = sure(uow, "bytes_of_unread", mail_id=mail_id)
    return vault.open_key(mail_id, bytes(row["data_key"])).open("mail", bytes(row["bytes"]))


def register_unread(uow: UnitOfWork, vault: Vault, mail_id: UUID, given: Submission, viewer: Viewer) -> Receipt:
    """A clerk registers by hand what could not be read; the mail's id is the key, so that twice is once. Raises Refused."""
    mail = _unread(uow, mail_id, viewer)
    receipt = register(uow, vault, given, key=mail_id, by=viewer.person)
    if mail.stage is not UnreadStage.REGISTERED:
        uow.rows(UNREAD_MAILS).put(domain.register_unread(mail, case_id=receipt.case_id, by=viewer.person, now=uow.now))
    return receipt


def dismiss_unread(uow: UnitOfWork, mail_id: UUID, *, reason: str, viewer: Viewer) -> None:
    """A clerk finds that a mail asks for nothing. It stays where it is, encrypted. Twice for one reason changes nothing."""
    mail = _unread(uow, mail_id, viewer)
    if (mail.stage, mail.dismissed_for) != (UnreadStage.DISMISSED, reason):
        uow.rows(UNREAD_MAILS).put(domain.dismiss_unread(mail, reason=reason, by=viewer.person, now=uow.now))


def _unread(uow: UnitOfWork, mail_id: UUID, viewer: Viewer) -> UnreadMail:
    """The kept mail. Once it is registered it is a part of its case: whoever is barred from that finds no mail either."""
    mail = uow.rows(UNREAD_MAILS).get(mail_id)
    if mail is None:
        raise Hidden("mail", "没有找到这封邮件。", "请返回列表。")
    if mail.case_id is not None:
        identifiable(uow, mail.case_id, viewer)
    return mail
