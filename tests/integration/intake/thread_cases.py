"""A petition that came by mail, what was sent for it, and mails that answer."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from services.intake.handlers import correspondence
from services.intake.handlers.correspondence import JoinedMail
from services.intake.site.mail import MailSite
from services.intake.store import PETITIONS
from services.intake.vault.crypto import Vault
from shared.database import Database
from tests.integration.intake.intake_cases import SENDER

SITE = MailSite(
    addresses=frozenset({"letters@yongxing.example"}), domain="yongxing.example", reply_to="letters@yongxing.example",
    bounces="bounces@yongxing.example",
)  # fmt: skip
FIRST = "<m1@pc-of-canary.example.org>"


@dataclass(frozen=True)
class Sent:
    """A petition that came by mail, and the receipt that went out for it."""

    case_id: UUID
    number: str
    receipt: EmailMessage
    returns_to: str


def an_answer(
    message_id: str = "<answer@pc-of-canary.example.org>", sender: str = SENDER, text: str = "井里今天又是黑水。", **headers: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = sender, "回复：信访件已登记", message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def letters_of(intake: Database, vault: Vault, case_id: UUID, *, identifies: bool = True) -> list[JoinedMail]:
    with intake.unit_of_work() as uow:
        case = uow.rows(PETITIONS).get(case_id)
        assert case is not None
        return correspondence.letters(uow, vault, case, identifies=identifies)


def one(intake: Database, statement: str, **params: Any) -> dict[str, Any]:
    with intake.unit_of_work() as uow:
        return uow.one(statement, **params) or {}
