"""Handing mails in at the county's own mail server, and what its answer means for a further try."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

PATIENCE = 20  # seconds for each answer of the mail server


def is_loopback(host: str) -> bool:
    """Whether a host's name can only mean this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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

    def greet(self) -> str:
        """The server's name, when it lets us in. Hands nothing in. Raises smtplib's exceptions or OSError."""
        with self._connect() as server:
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.noop()
        return f"{self._parts.hostname}, as {self.sender}"

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


def hand_in(carrier: Carrier, message: EmailMessage, returns_to: str = "") -> tuple[str, bool]:
    """('', ...) when it was taken, else a code of what went wrong and whether that is for good."""
    try:
        carrier.send(message, returns_to)
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
    return "", False
