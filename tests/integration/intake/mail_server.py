"""The outside world's mail server: it takes what we send, and what becomes of that is the test's to say."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from deploy.dev.ports import free_port
from shared.mailing import SmtpCarrier


class MailServer:
    """A real SMTP server that keeps what it gets, or answers as it is told."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.returns_to: list[str] = []
        self.answer = "250 OK"
        self.taking: Callable[[], None] = lambda: None
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        self.taking()
        self.got.append(envelope.content)
        self.returns_to.append(envelope.mail_from)
        return self.answer

    @property
    def letters(self) -> list[EmailMessage]:
        """What it got, read."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.got]

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def post_to(port: int) -> SmtpCarrier:
    return SmtpCarrier(f"smtp://127.0.0.1:{port}?from=letters@yongxing.example")
