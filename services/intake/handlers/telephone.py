"""What a telephone system tells: each message counts once, in whatever order they come, and none is lost."""

from __future__ import annotations

import hmac
from uuid import UUID

from services.intake.domain import calls as domain
from services.intake.domain.call_reports import CallReport
from services.intake.domain.calls import Call, Limits, Told
from services.intake.domain.submission import Channel
from services.intake.handlers.calls import lock_call, number_call, settle
from services.intake.handlers.mails import keep
from services.intake.mail.reading import Unreadable
from services.intake.store import CALLS, SQL, sure
from services.intake.vault.crypto import DataKey, Vault
from shared.database import UnitOfWork


def identity(vault: Vault, kind: str, line: str, text: str) -> UUID:
    """The id of a line's call or message. Keyed, because a telephone system may make its own out of the caller's number."""
    return UUID(bytes=vault.fingerprint(f"{kind}\n{line}\n{text}".encode())[:16])


def take(uow: UnitOfWork, vault: Vault, line: str, message: CallReport, raw: bytes, limits: Limits) -> bool:
    """Take a message in; whether it was here before.

    Raises Unreadable for an unknown kind, and for another message under a known id; Refused for an impossible instant. Whatever
    is raised, the caller keeps the message for a clerk.
    """
    if message.kind not in set(Told):
        raise Unreadable("unknown_kind")
    domain.check_at(message.at, uow.now)
    event_id, fingerprint = identity(vault, "event", line, message.event_id), vault.fingerprint(message.content)
    known = uow.one(SQL["call_event"], id=event_id)
    if known is None:
        call, key = lock_call(
            uow, vault, Call(id=identity(vault, "call", line, message.call_id), line=line, started_at=message.at)
        )
        stored = uow.one(
            SQL["add_call_event"], id=event_id, call_id=call.id, told=message.kind, at=message.at, now=uow.now,
            fingerprint=fingerprint, unknown=message.unknown, bytes=key.seal("event", raw),
        )  # fmt: skip
        if stored:
            _hear(uow, vault, call, key, message, limits)
            return False
        known = sure(uow, "call_event", id=event_id)  # the insert waited for whoever brought the same, and they committed
    if not hmac.compare_digest(bytes(known["fingerprint"]), fingerprint):
        raise Unreadable("other_content")
    return True


def _hear(uow: UnitOfWork, vault: Vault, call: Call, key: DataKey, message: CallReport, limits: Limits) -> None:
    heard = domain.hear(call, Told(message.kind), message.at, message.extension)
    heard = number_call(uow, vault, heard, key, message.number)
    uow.rows(CALLS).put(settle(uow, heard, limits))


def keep_message(uow: UnitOfWork, vault: Vault, raw: bytes, reason: str) -> bool:
    """Keep for a clerk what could not be read; whether it was here before."""
    return keep(uow, vault, raw, reason, channel=Channel.CALL).again
