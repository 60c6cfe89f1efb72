"""Mails that belong to a case that is there: found by a tag or by what they answer, never by a number alone, and joined once."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.domain import messages
from services.intake.domain import threads as domain
from services.intake.domain.petition import Petition
from services.intake.domain.threads import Kind
from services.intake.handlers.sealed import sealed_of
from services.intake.mail import reading as mails
from services.intake.store import CORRESPONDENCE, MESSAGES, PETITIONS, SQL, Large, sure
from services.intake.vault.crypto import Vault, code_hash
from services.intake.workflow import MessageStage
from shared.contract.envelope import instant, uuid7
from shared.database import UnitOfWork

NEVER_JOINED = ("loop", "bulk")


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A case that a mail belongs to; `message_id` when it names one message of ours."""

    case_id: UUID
    message_id: UUID | None


def message_key(vault: Vault, message_id: str) -> UUID:
    """A mail's own key. Keyed, because a Message-ID may name the sender's computer."""
    return UUID(bytes=vault.fingerprint(b"mail-id\n" + message_id.encode())[:16])


def find(uow: UnitOfWork, vault: Vault, mail: mails.Mail, recipients: Sequence[str]) -> Thread | None:
    """The case that a mail belongs to: by a tag of ours in an address, else by the nearest mail that it answers or brings back."""
    if mail.automatic in NEVER_JOINED:
        return None
    hashes = [code_hash(tag) for tag in domain.tags((*recipients, *mail.recipients))]
    if hashes:
        tagged = {row["tag_hash"]: row for row in uow.all(SQL["threads_of_tags"], hashes=hashes)}
        if known := [tagged[found] for found in hashes if found in tagged]:
            return Thread(case_id=known[0]["case_id"], message_id=known[0]["message_id"])
    named = (*(mail.returned.of if mail.returned else ()), *mail.answers)
    if not named:
        return None
    ours = {text: found for text in named for found in domain.messages_of_ours([text])}
    keys = {text: message_key(vault, text) for text in named}
    rows = uow.all(SQL["threads_of_mails"], keys=list(keys.values()), messages=list(ours.values()))
    by_key = {row["key"]: row for row in rows}
    for text in named:
        row = by_key.get(ours.get(text)) or by_key.get(keys[text])
        if row:
            return Thread(case_id=row["case_id"], message_id=row["message_id"])
    return None


def fingerprint(vault: Vault, mail: mails.Mail) -> bytes:
    """Equal for two mails that say the same, by whatever way they came."""
    said = (mail.sender_address, mail.subject, mail.text, *mail.attachments)
    return vault.fingerprint("\n".join(("joined", *said)).encode())


def known_before(vault: Vault, mail: mails.Mail, known: dict[str, Any]) -> bool:
    """Whether what joined a case under this key says the same as this mail."""
    return known["gone"] or hmac.compare_digest(bytes(known["fingerprint"]), fingerprint(vault, mail))


def join(uow: UnitOfWork, vault: Vault, thread: Thread, mail: mails.Mail, raw: bytes, *, key: UUID) -> Petition:
    """Put a mail to its case, sealed under the case's key. A report that ours did not arrive is put to that message, too.

    Nothing is told: what of it may travel is a clerk's brief, and routing hears of that.
    """
    case = uow.rows(PETITIONS).get(thread.case_id)  # the case's row is the lock
    if case is None:
        raise LookupError(f"thread of {thread.case_id}, which is no case")
    kind = _kind(mail, thread)
    joined = domain.arrive(
        id=uuid7(uow.now), case_id=case.id, key=key, kind=kind, size=len(raw), now=uow.now, news=_is_news(mail, kind),
        stranger=kind is Kind.ANSWER and _is_stranger(uow, vault, case.id, mail.sender_address),
    )  # fmt: skip
    uow.rows(CORRESPONDENCE).put(joined)
    case_key = sealed_of(uow, vault, case.id).key
    words = {
        "name": mail.sender_name, "address": mail.sender_address, "subject": mail.subject, "text": mail.text, "sent": mail.sent,
        "attachments": list(mail.attachments), "message_id": mail.message_id,
    }  # fmt: skip
    uow.all(
        SQL["add_correspondence_sealed"], id=joined.id, fingerprint=fingerprint(vault, mail),
        words=case_key.seal_json("answer", words), bytes=Large(case_key.seal("answer-mail", raw)),
    )  # fmt: skip
    if kind is Kind.BOUNCE and mail.returned and thread.message_id:
        _return(uow, thread.message_id, mail.returned)
    return case


def _kind(mail: mails.Mail, thread: Thread) -> Kind:
    if not mail.automatic:
        return Kind.ANSWER
    return Kind.BOUNCE if mail.returned and thread.message_id else Kind.AUTOMATIC


def _is_news(mail: mails.Mail, kind: Kind) -> bool:
    """Whether a clerk has to read it: words, a message given up, and what a server says in words that nobody foresaw."""
    if kind is Kind.BOUNCE:
        return bool(mail.returned and mail.returned.final)
    return kind is Kind.ANSWER or mail.automatic == "null_sender"


def _is_stranger(uow: UnitOfWork, vault: Vault, case_id: UUID, address: str) -> bool:
    ours, theirs = sure(uow, "address_of_case", case_id=case_id)["email_index"], vault.blind_index("email", address)
    return ours is None or theirs is None or not hmac.compare_digest(bytes(ours), theirs)


def _return(uow: UnitOfWork, message_id: UUID, returned: mails.Returned) -> None:
    """A message came back; it is told once that it did not arrive."""
    message = uow.rows(MESSAGES).get(message_id)
    if message is None:
        return
    changed = messages.message_returned(message, uow.now, final=returned.final, status=returned.status)
    if changed == message:
        return
    uow.rows(MESSAGES).put(changed)
    if changed.stage is MessageStage.FAILED:
        uow.tell(
            "message.failed", message.case_id,
            {"message_id": str(message.id), "template": message.template, "medium": "email", "reason": changed.failure,
             "at": instant(uow.now)},
        )  # fmt: skip


def remember(uow: UnitOfWork, vault: Vault, *, case_id: UUID, message_id: UUID) -> tuple[str, str]:
    """The tags for a mail that is about to go out: of its case, for answers, and of itself, for its coming back."""
    answer, bounce = vault.tag("answer", case_id), vault.tag("bounce", message_id)
    uow.all(SQL["add_thread"], tag_hash=code_hash(answer), case_id=case_id, message_id=None)
    uow.all(SQL["add_thread"], tag_hash=code_hash(bounce), case_id=case_id, message_id=message_id)
    return answer, bounce
