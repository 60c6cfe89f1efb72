"""Messages to petitioners go out by mail: claimed in one transaction, sent outside of any, recorded in another."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from services.intake.channels.composing import Writer, compose
from services.intake.domain import messages as domain
from services.intake.handlers import rating, threads
from services.intake.metrics import record_message
from services.intake.site import read_site
from services.intake.site.mail import is_loopback
from services.intake.store import MESSAGES, PETITIONS, SQL
from services.intake.vault.crypto import Broken, Erased, open_vault
from services.intake.workflow import MessageStage
from shared.contract.envelope import instant
from shared.database import Database

log = logging.getLogger(__name__)
ASKS = "followup_due"  # the message that carries a one-case link
PATIENCE = 20  # seconds for each answer of the mail server


class Carrier(Protocol):
    """Where mails are handed in. Raises smtplib's exceptions, or OSError when nobody answers."""

    def send(self, message: EmailMessage, returns_to: str = "") -> None:
        """Hand in one mail; what cannot be delivered comes back to `returns_to`, else to the sender."""
        ...


class SmtpCarrier:
    """A mail server: `smtp://user:password@host:587?from=letters@example.org` (STARTTLS), or `smtps://...`.

    Without TLS nothing is handed in but to this machine: mails hold secret codes, and whoever sits in between can hide the offer.
    Raises ValueError when no sender's address is given.
    """

    def __init__(self, uri: str) -> None:
        self._parts = urlsplit(uri)
        self.sender = parse_qs(self._parts.query).get("from", [""])[0]
        if not self.sender:
            raise ValueError("the mail server's address says no ?from=")

    def send(self, message: EmailMessage, returns_to: str = "") -> None:
        """Hand in one mail."""
        message["From"] = self.sender
        with self._connect() as server:
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.send_message(message, from_addr=returns_to or None)

    def _connect(self) -> smtplib.SMTP:
        host, port = self._parts.hostname or "localhost", self._parts.port
        if self._parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=PATIENCE, context=ssl.create_default_context())
        server = smtplib.SMTP(host, port or 25, timeout=PATIENCE)
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif not is_loopback(host):
            server.close()
            raise smtplib.SMTPNotSupportedError("no STARTTLS")
        return server


def sender(settings: Any) -> Callable[[Database, int], int]:
    """The function that a worker calls every few seconds: `send(database, limit)` sends what is due and says how much.

    Settings: keys, smtp_uri, and public_url if there is one. Without smtp_uri messages stand on the tracking page alone.
    """
    carrier = SmtpCarrier(settings.smtp_uri) if settings.smtp_uri else None
    address = getattr(settings, "public_url", "").rstrip("/")
    offices: list[Writer] = []

    def send(database: Database, limit: int) -> int:
        if not offices:
            site = read_site(settings)
            offices.append(
                Writer(vault=open_vault(settings.keys), mail=site.mail, texts=site.texts, address=address and f"{address}/track")
            )
        return send_all(database, limit, writer=offices[0], carrier=carrier)

    return send


def send_all(database: Database, limit: int, *, writer: Writer, carrier: Carrier | None) -> int:
    """Send up to `limit` messages whose time has come; how many were tried.

    Two senders never try one message at once, and each is claimed in its turn: a slow mail server lets no claim run out. One that
    dies between the mail server's answer and the record sends the mail again, with the same Message-ID. Raises Unavailable.
    """
    for tried in range(limit):
        with database.unit_of_work() as uow:
            row = uow.one(SQL["claim_message"], now=uow.now)
        if row is None:
            return tried
        with database.unit_of_work() as uow:
            letter = uow.one(SQL["letter_of_message"], id=row["id"])
            mails = bool(letter and letter["has_email"] and carrier)
            # Known before the mail is out: its answer or its coming back may be faster than our record.
            tags = threads.remember(uow, writer.vault, case_id=row["case_id"], message_id=row["id"]) if mails else ("", "")
            asks = letter and mails and writer.address and letter["template"] == ASKS
            token = rating.make_link(uow, row["case_id"], int(letter["params"].get("round", 0))) if letter and asks else ""
        if letter is not None:
            failure, for_good = _try(letter, writer, tags, carrier, token)
            _record(database, row["case_id"], row["id"], failure, for_good=for_good, mailed=mails)
    return limit


def _try(letter: dict[str, Any], writer: Writer, tags: tuple[str, str], carrier: Carrier | None, token: str) -> tuple[str, bool]:
    """('', ...) when it went, else a code of what went wrong and whether that is for good."""
    if carrier is None or not letter["has_email"]:
        return "", False
    try:
        carrier.send(*compose(letter, writer, answer=tags[0], bounce=tags[1], token=token))
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as fault:
        codes = (
            [code for code, _ in fault.recipients.values()]
            if isinstance(fault, smtplib.SMTPRecipientsRefused)
            else [fault.smtp_code]
        )
        for_good = all(500 <= code < 600 for code in codes) and not isinstance(fault, smtplib.SMTPAuthenticationError)
        return ("refused" if for_good else "put_off"), for_good
    except (smtplib.SMTPException, OSError):
        return "unreachable", False
    except ValueError:  # an address that no mail can be written to
        return "bad_address", True
    except (
        Erased,
        Broken,
    ) as fault:  # a key that is lost for good; or an altered row, a missing key: the administrator's to mend
        log.error("message %s of %s cannot be written: %s", letter["id"], letter["case_id"], type(fault).__name__)
        return "unreadable", isinstance(fault, Erased)
    return "", False


def _record(database: Database, case_id: UUID, message_id: UUID, failure: str, *, for_good: bool, mailed: bool) -> None:
    with database.unit_of_work() as uow:
        uow.rows(PETITIONS).get(case_id)  # the case's row is the lock
        message = uow.rows(MESSAGES).get(message_id)
        if message is None or message.stage is not MessageStage.WAITING:
            return  # another sender was given it after this one had been too slow
        data = {"message_id": str(message_id), "template": message.template, "medium": "email" if mailed else "tracking_page"}
        if not failure:
            uow.rows(MESSAGES).put(domain.message_went(message, uow.now, mailed=mailed))
            uow.tell("message.sent", case_id, data | {"at": instant(uow.now)})
        else:
            stuck = uow.rows(MESSAGES).put(domain.message_stuck(message, uow.now, failure=failure, for_good=for_good))
            if stuck.stage is MessageStage.FAILED:
                uow.tell("message.failed", case_id, data | {"reason": failure, "at": instant(uow.now)})
    record_message(failure or ("mailed" if mailed else "shown"))
