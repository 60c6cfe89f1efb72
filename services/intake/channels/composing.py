"""One mail to a petitioner: its words, and the addresses by which its answer and its coming back find their case."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from services.intake.domain import texts
from services.intake.domain.threads import tagged
from services.intake.site.mail import MailSite
from services.intake.vault.crypto import Vault


@dataclass(frozen=True, kw_only=True)
class Writer:
    """What every mail is written with. `address`: of the tracking page."""

    vault: Vault
    mail: MailSite = field(default_factory=MailSite)
    texts: texts.Texts = field(default_factory=lambda: texts.TEXTS)
    address: str = ""

    def link(self, token: str) -> str:
        """The address of a one-case link; empty without a token, or where petitioners find no pages."""
        return f"{self.address.removesuffix('/track')}/rate/{token}" if self.address and token else ""


def compose(letter: dict[str, Any], writer: Writer, *, answer: str, bounce: str, token: str = "") -> tuple[EmailMessage, str]:
    """The mail, and the address to which it comes back when it cannot be delivered (empty: the sender's). Tags as in `remember`."""
    key = writer.vault.open_key(letter["case_id"], bytes(letter["data_key"]))
    who = key.open_json("identity", bytes(letter["identity"]))
    words = key.open_json("text", bytes(letter["words"]))
    subject, text = texts.letter(
        letter["template"], letter["language"], letter["params"], number=letter["number"], code=who["code"],
        address=writer.address, answerable=bool(writer.mail.reply_to), own=writer.texts,
        link=writer.link(token),
    )  # fmt: skip
    message = EmailMessage()
    message["To"], message["Subject"] = who["email"], subject
    message["Message-ID"] = f"<{letter['id']}@{writer.mail.domain}>"
    # Whoever answers mails by a machine must not answer this one, nor we our own.
    message["Auto-Submitted"], message["X-Loop"] = "auto-generated", "zhida"
    message["X-Auto-Response-Suppress"] = "All"
    if answered := words["particulars"].get("message_id"):
        message["In-Reply-To"] = message["References"] = answered
    if writer.mail.reply_to:
        message["Reply-To"] = tagged(writer.mail.reply_to, answer, writer.mail.delimiter)
    message.set_content(text)
    return message, tagged(writer.mail.bounces, bounce, writer.mail.delimiter) if writer.mail.bounces else ""
