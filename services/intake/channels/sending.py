"""Messages to petitioners go out by mail: claimed in one transaction, sent outside of any, recorded in another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.intake.channels.composing import Writer, compose
from services.intake.domain import messages as domain
from services.intake.domain.messages import Message
from services.intake.handlers import rating, threads
from services.intake.metrics import record_message
from services.intake.site import read_site
from services.intake.store import MESSAGES, PETITIONS, SQL
from services.intake.vault.crypto import Broken, Erased, open_vault
from services.intake.workflow import MessageStage
from shared.contract.envelope import instant
from shared.database import Database, UnitOfWork
from shared.mailing import Carrier, SmtpCarrier, hand_in

log = logging.getLogger(__name__)
ASKS = "followup_due"  # the message that carries a one-case link
SHOWN_AT_ONCE = 200  # messages that no mail goes out for


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
    """Send up to `limit` messages whose time has come, and before them show what no mail goes out for; how many were tried.

    Two senders never try one message at once, and each is claimed in its turn: a slow mail server lets no claim run out. One that
    dies between the mail server's answer and the record sends the mail again, with the same Message-ID. Raises Unavailable.
    """
    shown = _show(database, mails=carrier is not None)
    if shown == SHOWN_AT_ONCE:
        return shown  # there may be more of them, and one by one they would take ten times as long
    for tried in range(limit):
        with database.unit_of_work() as uow:
            row = uow.one(SQL["claim_message"], now=uow.now)
        if row is None:
            return shown + tried
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
    return shown + limit


def _show(database: Database, *, mails: bool) -> int:
    """Messages that stand on the tracking page alone, recorded in one transaction, for nobody outside has to be talked to."""
    with database.unit_of_work() as uow:
        rows = uow.all(SQL["claim_shown"], now=uow.now, mails=mails, limit=SHOWN_AT_ONCE)
        uow.rows(MESSAGES).load(row["id"] for row in rows)
        for row in rows:
            if (message := uow.rows(MESSAGES).get(row["id"])) is not None:  # none is ever deleted
                _went(uow, row["case_id"], message, mailed=False)
    for _ in rows:
        record_message("shown")
    return len(rows)


def _went(uow: UnitOfWork, case_id: UUID, message: Message, *, mailed: bool) -> None:
    uow.rows(MESSAGES).put(domain.message_went(message, uow.now, mailed=mailed))
    uow.tell("message.sent", case_id, _told(message, mailed=mailed) | {"at": instant(uow.now)})


def _told(message: Message, *, mailed: bool) -> dict[str, Any]:
    return {"message_id": str(message.id), "template": message.template, "medium": "email" if mailed else "tracking_page"}


def _try(letter: dict[str, Any], writer: Writer, tags: tuple[str, str], carrier: Carrier | None, token: str) -> tuple[str, bool]:
    """('', ...) when it went, else a code of what went wrong and whether that is for good."""
    if carrier is None or not letter["has_email"]:
        return "", False
    try:
        message, returns_to = compose(letter, writer, answer=tags[0], bounce=tags[1], token=token)
    except ValueError:  # an address that no mail can be written to
        return "bad_address", True
    except (
        Erased,
        Broken,
    ) as fault:  # a key that is lost for good; or an altered row, a missing key: the administrator's to mend
        log.error("message %s of %s cannot be written: %s", letter["id"], letter["case_id"], type(fault).__name__)
        return "unreadable", isinstance(fault, Erased)
    return hand_in(carrier, message, returns_to)


def _record(database: Database, case_id: UUID, message_id: UUID, failure: str, *, for_good: bool, mailed: bool) -> None:
    with database.unit_of_work() as uow:
        uow.rows(PETITIONS).get(case_id)  # the case's row is the lock
        message = uow.rows(MESSAGES).get(message_id)
        if message is None or message.stage is not MessageStage.WAITING:
            return  # another sender was given it after this one had been too slow
        if not failure:
            _went(uow, case_id, message, mailed=mailed)
        else:
            stuck = uow.rows(MESSAGES).put(domain.message_stuck(message, uow.now, failure=failure, for_good=for_good))
            if stuck.stage is MessageStage.FAILED:
                uow.tell("message.failed", case_id, _told(message, mailed=mailed) | {"reason": failure, "at": instant(uow.now)})
    record_message(failure or ("mailed" if mailed else "shown"))
