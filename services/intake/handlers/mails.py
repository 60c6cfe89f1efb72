"""Mails: each is registered once, or kept for a clerk with the reason. None is lost, whatever is in it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.intake.domain import messages as domain
from services.intake.domain.messages import Message, UnreadMail
from services.intake.domain.submission import Channel, Identity, Petitioner, Submission
from services.intake.domain.threads import plain
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import threads
from services.intake.handlers.looking import identifiable, note_look
from services.intake.handlers.registration import Receipt, register
from services.intake.handlers.sealed import sealed_of
from services.intake.mail import reading as mails
from services.intake.site.mail import MailSite
from services.intake.store import MESSAGES, SQL, UNREAD_MAILS, Large, page_of, sure
from services.intake.vault.crypto import Vault
from services.intake.workflow import MessageStage, UnreadStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Refused

log = logging.getLogger(__name__)
PLAIN = MailSite()
PREVIEW = 20_000  # bytes of a kept mail that a clerk sees


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a mail: the number of its petition, or the reason why a clerk has to look at it.

    `joined`: it belongs to a petition that was there. `again`: it was here before.
    """

    number: str = ""
    reason: str = ""
    again: bool = False
    joined: bool = False


def take_mail(
    uow: UnitOfWork,
    vault: Vault,
    raw: bytes,
    *,
    null_sender: bool = False,
    recipients: Sequence[str] = (),
    site: MailSite = PLAIN,
) -> Taken:
    """Register a mail by its Message-ID (by its bytes without one), join it to its case, or keep it for a clerk.

    `null_sender`, `recipients`: what its envelope says, if that is known. Raises nothing for a bad mail.
    """
    try:
        mail = mails.parse(raw, null_sender=null_sender, wordless=True)
    except mails.Unreadable as fault:
        return keep(uow, vault, raw, fault.reason)
    if plain(mail.sender_address) in site.own:
        mail = replace(mail, automatic="loop")  # we write from there, nobody else does
    key = threads.message_key(vault, mail.message_id) if mail.message_id else _key_of_bytes(vault, raw)
    uow.all(SQL["one_mail_at_a_time"], key=key)
    known = uow.one(SQL["mail_known"], key=key)
    if known and (known["gone"] or known["what"] == "correspondence"):
        if threads.known_before(vault, mail, known):
            return Taken(number=known["number"], again=True, joined=known["what"] == "correspondence")
        return keep(uow, vault, raw, "other_content")
    thread = None if known else threads.find(uow, vault, mail, recipients)
    if thread:
        return Taken(number=threads.join(uow, vault, thread, mail, raw, key=key).number, joined=True)
    return _take_alone(uow, vault, raw, mail, key, site)


def _take_alone(uow: UnitOfWork, vault: Vault, raw: bytes, mail: mails.Mail, key: UUID, site: MailSite) -> Taken:
    """A mail that belongs to no petition yet."""
    reason = mail.automatic or ("" if mail.text else "no_text")
    if not reason:
        try:
            receipt = register(uow, vault, _submission(mail), key=key)
        except Refused as fault:  # another mail had this Message-ID, or a rule of registration is broken
            reason = "other_content" if fault.field == "key" else f"refused_{fault.field}"
    if reason:
        return keep(uow, vault, raw, reason, message_key=key)
    if not receipt.again:
        _accompany(uow, vault, receipt, raw)
        if mail.answerable and mail.sender_address:
            _owe_receipt(uow, vault, receipt.case_id, mail.sender_address, site.receipts_per_hour)
    return Taken(number=receipt.number, again=receipt.again)


def _key_of_bytes(vault: Vault, raw: bytes) -> UUID:
    return UUID(bytes=vault.fingerprint(b"mail\n" + raw)[:16])


def _submission(mail: mails.Mail) -> Submission:
    """A mail's sender is treated as confidential: the address is known, and nobody has agreed to its being shown."""
    known = bool(mail.sender_address or mail.sender_name)
    return Submission(
        channel=Channel.EMAIL, title=mail.subject, text=mail.text,
        identity=Identity.CONFIDENTIAL if known else Identity.ANONYMOUS,
        petitioner=Petitioner(alias=mail.sender_name, email=mail.sender_address), attachments=mail.attachments,
        particulars={name: text for name, text in (("message_id", mail.message_id), ("sent", mail.sent)) if text},
    )  # fmt: skip


def _accompany(uow: UnitOfWork, vault: Vault, receipt: Receipt, raw: bytes) -> None:
    """Keep the original."""
    key = sealed_of(uow, vault, receipt.case_id).key
    uow.all(SQL["add_original"], case_id=receipt.case_id, part=0, size=len(raw), bytes=Large(key.seal("original", raw)))


def _owe_receipt(uow: UnitOfWork, vault: Vault, case_id: UUID, address: str, most: int) -> None:
    """Owe the sender a receipt, but for so many in an hour: two machines that answer each other come to an end."""
    since = uow.now - timedelta(hours=1)
    sent = sure(uow, "receipts_since", email_index=vault.blind_index("email", address), since=since)["n"]
    if sent >= most:
        log.warning("no receipt: %d went to one address within the hour", sent)
        return
    uow.rows(MESSAGES).put(
        Message(
            id=uuid7(uow.now), case_id=case_id, template="registered", params={}, requested_at=uow.now,
            stage=MessageStage.WAITING, attempts=0, next_attempt_at=uow.now,
        )
    )  # fmt: skip


def keep(
    uow: UnitOfWork, vault: Vault, raw: bytes, reason: str, *, channel: Channel = Channel.EMAIL, message_key: UUID | None = None,
    size: int = 0, whereabouts: str = "",
) -> Taken:  # fmt: skip
    """Keep bytes of any channel for a clerk, encrypted, with the reason; the same bytes once.

    Where only a mail's headers are kept, `size` and `whereabouts` say how large the whole is and where it lies.
    """
    key = vault.new_key(uuid7(uow.now))
    stored = uow.one(
        SQL["keep_unread"], mail_id=key.case_id, fingerprint=vault.fingerprint(raw), data_key=key.wrapped,
        bytes=Large(key.seal("mail", raw)), message_key=message_key,
    )  # fmt: skip
    if stored:
        uow.rows(UNREAD_MAILS).put(
            UnreadMail(
                id=key.case_id, stage=UnreadStage.WAITING, reason=reason, received_at=uow.now, size=size or len(raw),
                channel=channel, whereabouts=whereabouts,
            )
        )  # fmt: skip
    return Taken(reason=reason, again=stored is None)


def unread(uow: UnitOfWork, *, page: int = 1, size: int = 50) -> tuple[list[dict[str, Any]], int]:
    """A page of the mails that wait for a clerk, the oldest first, and how many there are."""
    return page_of(uow, "unread_mails", page=page, size=size)


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
    note_look(uow, viewer, mail_id, "mail", "unread")
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
