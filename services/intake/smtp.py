"""A mail receiver: what it answers 250 to is registered, or kept for a clerk, and committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake.crypto import Vault
from services.intake.handlers.mails import Taken, take_mail
from services.intake.mail import LARGEST
from services.intake.metrics import record_mail, record_registration
from shared.database import Database
from shared.errors import Unavailable

log = logging.getLogger(__name__)
NULL_SENDER = (None, "", "<>")  # as the library has it, depending on how it was written


def take(database: Database, vault: Vault, raw: bytes, *, null_sender: bool = False) -> Taken:
    """Take one mail in, in a transaction of its own. Raises Unavailable: nothing was stored, or it is not known."""
    with database.unit_of_work() as uow:
        taken = take_mail(uow, vault, raw, null_sender=null_sender)
    record_mail("repeat" if taken.again else "registered" if taken.number else "unread")
    if taken.number and not taken.again:
        record_registration("email")
    return taken


class Receiver:
    """aiosmtpd's handler. With `recipients` every other address is refused; nothing is ever passed on."""

    def __init__(self, database: Database, vault: Vault, recipients: Sequence[str] = ()) -> None:
        self._database, self._vault = database, vault
        self._recipients = {address.lower() for address in recipients}

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """Only for the county's own addresses."""
        if self._recipients and address.lower() not in self._recipients:
            return "550 5.1.1 no such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """250 only after the commit; 451 asks the sender's server to come again, and keeps the mail there meanwhile."""
        raw: Any = envelope.original_content or envelope.content or b""
        loop = asyncio.get_running_loop()
        try:
            taken = await loop.run_in_executor(
                None, lambda: take(self._database, self._vault, raw, null_sender=envelope.mail_from in NULL_SENDER)
            )
        except Unavailable:
            log.warning("a mail was put off: the database is away")
            return "451 4.3.0 try again later"
        except Exception:
            log.exception("a mail was put off")
            return "451 4.3.0 try again later"
        return f"250 2.0.0 registered {taken.number}" if taken.number else "250 2.0.0 kept for a clerk"


def controller(database: Database, vault: Vault, *, host: str, port: int, recipients: Sequence[str] = ()) -> Controller:
    """The receiver, not yet started: `start()` returns when it listens, `stop()` ends it."""
    return Controller(
        Receiver(database, vault, recipients),
        hostname=host,
        port=port,
        data_size_limit=LARGEST,
        ident="Zhida",
        enable_SMTPUTF8=True,
    )
