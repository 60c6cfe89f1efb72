"""Mail receivers, by SMTP or from a mail server of the county's by LMTP: what is answered 250 is committed."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from aiosmtpd.controller import Controller, UnixSocketController
from aiosmtpd.lmtp import LMTP as AiosmtpdLMTP
from aiosmtpd.smtp import SMTP as AiosmtpdSMTP
from aiosmtpd.smtp import Envelope, Session, syntax

from services.intake.channels.fetchers import Fetcher, Office, place_of
from services.intake.channels.taking import take
from services.intake.domain.threads import plain
from services.intake.handlers.mails import PLAIN
from services.intake.mail.reading import LARGEST
from services.intake.site.mail import Listener, MailSite
from services.intake.vault.crypto import Vault
from shared.database import Database
from shared.errors import Unavailable
from shared.health import HEALTH

log = logging.getLogger(__name__)
NULL_SENDER = (None, "", "<>")  # as the library has it, depending on how it was written
AT_ONCE = 8  # mails that are read or taken in, each of which may lie in memory whole
TURN, SLOWEST = 10.0, 600.0  # seconds that a mail waits for its turn, and that its bytes may take
DRAIN = 20.0  # seconds for mails that are being taken in


async def _whole(server: Any) -> bytes | None:
    """A mail's bytes as they come, or None when they are too many; it is read to its end either way.

    The library refuses lines of more than 1000 bytes and keeps each line as an object. Only CR LF ends a line, or a stranger
    could end one mail and begin another within it.
    """
    data, size, begins = bytearray(), 0, True
    while True:
        try:
            piece = await server._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as fault:
            piece = await server._reader.readexactly(fault.consumed)
        if begins and piece == b".\r\n":
            return bytes(data) if size <= LARGEST else None
        size += len(piece)
        if size <= LARGEST:
            data += piece[1:] if begins and piece.startswith(b".") else piece
        else:
            data.clear()
        begins = piece.endswith(b"\r\n")


async def _take_data(server: Any, arg: str) -> None:
    """The command DATA."""
    if await server.check_helo_needed():
        return
    if arg or not server.envelope.rcpt_tos:
        await server.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
        return
    turns = server.event_handler.turns
    try:
        await asyncio.wait_for(turns.acquire(), TURN)
    except TimeoutError:
        await server.push("452 4.3.1 too many mails at once, try again later")
        return
    try:
        await _take_turn(server)
    finally:
        turns.release()


async def _take_turn(server: Any) -> None:
    await server.push("354 End data with <CR><LF>.<CR><LF>")
    try:
        content = await asyncio.wait_for(_whole(server), SLOWEST)
    except TimeoutError:
        await server.push("421 4.4.2 too slow")
        server._writer.close()
        return
    except asyncio.CancelledError:  # the connection was lost: the sender comes again
        server._writer.close()
        raise
    server.envelope.original_content = server.envelope.content = content
    status = "552 5.3.4 Error: Too much mail data" if content is None else await server._call_handler_hook("DATA")
    server._set_post_data_state()
    await server.push(status)


class SMTP(AiosmtpdSMTP):
    """Mail from any server."""

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """Take a mail's bytes."""
        await _take_data(self, arg)


class LMTP(AiosmtpdLMTP):
    """Mail from the county's own server, which wants an answer for each recipient."""

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """Take a mail's bytes."""
        await _take_data(self, arg)


class Receiver:
    """aiosmtpd's handler. With `recipients` every other address is refused; nothing is ever passed on."""

    def __init__(self, database: Database, vault: Vault, recipients: Sequence[str] = (), site: MailSite = PLAIN) -> None:
        self._database, self._vault, self._site = database, vault, site
        self._recipients = {address.lower() for address in recipients}
        self._taking = 0
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.idle = threading.Event()
        self.idle.set()

    async def handle_RCPT(
        self, server: AiosmtpdSMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only for the county's own addresses, with a tag or without."""
        if self._recipients and plain(address) not in self._recipients:
            return "550 5.1.1 no such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: AiosmtpdSMTP, session: Session, envelope: Envelope) -> str:
        """250 only after the commit; 451 asks the sender's server to come again, and keeps the mail there meanwhile."""
        self._taking += 1
        self.idle.clear()
        try:
            answer = await self._answer(envelope)
        finally:
            self._taking -= 1
            if not self._taking:  # after the answer has gone out
                asyncio.get_running_loop().call_later(0.2, self._rest)
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if isinstance(server, AiosmtpdLMTP) else 1))

    def _rest(self) -> None:
        if not self._taking:
            self.idle.set()

    async def _answer(self, envelope: Envelope) -> str:
        raw: Any = envelope.original_content or b""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                None, lambda: take(
                    self._database, self._vault, raw, null_sender=envelope.mail_from in NULL_SENDER,
                    recipients=tuple(envelope.rcpt_tos), site=self._site,
                ),
            )  # fmt: skip
        except Unavailable:
            log.warning("a mail was put off: the database is away")
            return "451 4.3.0 try again later"
        except Exception as fault:
            log.error("a mail was put off: %s", place_of(fault))
            return "451 4.3.0 try again later"
        return "250 2.0.0 taken in"  # whatever became of it: numbers, and which tags are known, are not the sending server's to learn


class _Tcp(Controller):
    protocol: type[AiosmtpdSMTP] = SMTP

    def factory(self) -> AiosmtpdSMTP:
        return self.protocol(self.handler, **self.SMTP_kwargs)


class _TcpLmtp(_Tcp):
    protocol = LMTP


class _SocketLmtp(UnixSocketController):
    def factory(self) -> AiosmtpdSMTP:
        return LMTP(self.handler, **self.SMTP_kwargs)


def controller(
    database: Database, vault: Vault, *, host: str, port: int, recipients: Sequence[str] = (), site: MailSite = PLAIN
) -> Controller:
    """The SMTP receiver, not yet started: `start()` returns when it listens, `stop()` ends it."""
    return _Tcp(Receiver(database, vault, recipients, site), hostname=host, port=port, **_OPTIONS)


_OPTIONS: dict[str, Any] = {
    "data_size_limit": LARGEST, "ident": "Zhida", "enable_SMTPUTF8": True,
}  # fmt: skip


def fetchers(office: Office) -> list[Fetcher]:
    """One for each receiver. The process is ready when all of them listen."""
    for listener in office.site.mail.listeners:
        HEALTH.expect(listener.name)
    return [Fetcher(name=one.name, run=partial(listen, office, one)) for one in office.site.mail.listeners]


def listen(office: Office, listener: Listener, stopping: threading.Event) -> None:
    """Receive mails until stopped; those that are being taken in are answered first. Raises OSError when it cannot listen."""
    site = office.site.mail
    receiver = Receiver(office.database, office.vault, sorted(site.own), site)
    running: Any
    if listener.socket:
        running = _SocketLmtp(receiver, unix_socket=str(listener.socket), **_OPTIONS)
    else:
        kind = _TcpLmtp if listener.protocol == "lmtp" else _Tcp
        running = kind(receiver, hostname=listener.host, port=listener.port, **_OPTIONS)
    running.start()
    log.info("receiving mail: %s", listener.name)
    HEALTH.tell(listener.name, True)
    stopping.wait()
    HEALTH.tell(listener.name, False)
    running.loop.call_soon_threadsafe(running.server.close)
    receiver.idle.wait(DRAIN)
    running.stop()
