"""A mail box, spoken to by IMAP. It is read without a trace and flagged afterwards; nothing in it is deleted, moved or expunged.

The standard library's client does it: the better known one on top of it sends EXPUNGE after each flag, and so removes what
somebody else had only marked.
"""

from __future__ import annotations

import imaplib
import re
import select
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any, cast

from services.intake.site.mail import Account

PATIENCE = 60.0  # seconds for each answer
# Seconds. Servers end a connection after 29 minutes (RFC 2177); and what comes between a look and the wait some do not tell of.
LONGEST_IDLE = 5 * 60.0
LOOK = 0.5  # seconds between two looks whether to stop
WINDOW = 50_000  # numbers that are asked for at a time, so that an answer fits a line
LONGEST_HEADERS = 2**18
SEEN, TAKEN = r"\Seen", "$ZhidaTaken"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE, _UID = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb"\bUID (\d+)")
FAULTS = (imaplib.IMAP4.error, OSError, EOFError)  # what a connection that breaks raises


class Box:
    """One folder of an account, opened. Raises `FAULTS`, none of which holds the password."""

    def __init__(self, account: Account, patience: float = PATIENCE) -> None:
        self._since, self._patience = account.since, patience
        self._client = _connect(account, patience)
        try:
            self._sign_in(account)
            self._open(account.folder)
        except BaseException:
            self.close()
            raise

    def _sign_in(self, account: Account) -> None:
        client, password = self._client, account.password
        if "AUTH=PLAIN" in client.capabilities:  # passwords that are not ASCII go through this one alone
            client.authenticate("PLAIN", lambda _: f"\0{account.user}\0{password}".encode())
        else:
            client.login(account.user, password)
        client.capabilities = tuple(client.capability()[1][0].decode().upper().split())  # they change with the sign-in

    def _open(self, folder: str) -> None:
        quoted = folder.replace("\\", r"\\").replace('"', r"\"")
        self._told(self._client.select(f'"{quoted}"'))
        self.uidvalidity = self._number("UIDVALIDITY")
        self._next = self._number("UIDNEXT")
        permanent = b" ".join(cast("list[bytes]", self._client.untagged_responses.get("PERMANENTFLAGS") or [])).decode()
        self._keyword = r"\*" in permanent or TAKEN in permanent

    def _number(self, name: str) -> int:
        """What the server said of the folder as it opened it; 0 when it did not."""
        said: Any = self._client.untagged_responses.get(name) or [b"0"]
        return int(said[-1])

    def after(self, uid: int) -> Iterator[int]:
        """The numbers of the mails after one, upwards."""
        low = uid + 1
        while low + WINDOW < self._next:
            yield from self._search(low, f"{low}:{low + WINDOW - 1}")
            low += WINDOW
        yield from self._search(low, f"{low}:*")

    def unmarked(self, uid: int) -> Iterator[int]:
        """The numbers up to one of the mails that do not show that they were taken in; none where the server keeps no keyword."""
        for low in range(1, uid + 1, WINDOW) if self._keyword else ():
            yield from self._search(low, f"{low}:{min(low + WINDOW - 1, uid)}", "UNKEYWORD", TAKEN)

    def _search(self, low: int, window: str, *more: str) -> list[int]:
        criteria = ["UID", window, *more, *(["SINCE", _day(self._since)] if self._since else [])]
        found = self._told(self._client.uid("SEARCH", *criteria))
        # "n:*" names the last mail although its number may be below n.
        return sorted(number for part in found for number in map(int, (part or b"").split()) if number >= low)

    def size(self, uid: int) -> int | None:
        """A mail's bytes, as the server counts them; None when it is gone."""
        for item in self._told(self._client.uid("FETCH", str(uid), "(RFC822.SIZE)")):
            line = item[0] if isinstance(item, tuple) else item or b""
            if (found := _SIZE.search(line)) and _is(line, uid):
                return int(found[1])
        return None

    def fetch(self, uid: int, most: int) -> bytes | None:
        """Up to so many bytes of a mail; None when it is gone. It stays unread."""
        return self._part(uid, f"BODY.PEEK[]<0.{most}>")

    def headers(self, uid: int) -> bytes | None:
        """A mail's headers; None when it is gone. It stays unread."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{LONGEST_HEADERS}>")

    def _part(self, uid: int, what: str) -> bytes | None:
        for item in self._told(self._client.uid("FETCH", str(uid), f"({what})")):
            if isinstance(item, tuple) and b"BODY[" in item[0]:
                return bytes(item[1])
            if isinstance(item, bytes) and b"BODY[" in item and _is(item, uid):
                return b""  # nothing in it, written as "" or NIL
        return None

    def flag(self, uid: int) -> bool:
        """Show a mail as taken in, without the keyword where the server keeps none; whether the server did."""
        if self._keyword:
            self._keyword = self._store(uid, f"({SEEN} {TAKEN})")
        return self._keyword or self._store(uid, f"({SEEN})")

    def _store(self, uid: int, flags: str) -> bool:
        try:
            return self._client.uid("STORE", str(uid), "+FLAGS.SILENT", flags)[0] == "OK"
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:  # BAD instead of NO
            return False

    def wait(self, stopping: threading.Event, poll: float) -> None:
        """Until something may have come, or it is time to look; at once when stopped."""
        if "IDLE" in self._client.capabilities:
            self._idle(stopping)
        else:
            stopping.wait(poll)
            self._told(self._client.noop())

    def _idle(self, stopping: threading.Event) -> None:
        client, until = self._client, time.monotonic() + LONGEST_IDLE
        client.send(b"ZIDLE IDLE\r\n")
        while not (line := self._line()).startswith((b"+", b"ZIDLE ")):
            until = 0  # something came before the server began to wait
        while line.startswith(b"+") and not stopping.is_set() and time.monotonic() < until:
            if self._has_come() or select.select([client.socket()], [], [], LOOK)[0]:
                break  # whatever it is, a look at the box tells
        client.send(b"DONE\r\n" if line.startswith(b"+") else b"")
        while not line.startswith(b"ZIDLE "):
            line = self._line()
        if not line.startswith(b"ZIDLE OK"):
            raise imaplib.IMAP4.abort("IDLE was refused")

    def _has_come(self) -> bool:
        """Whether something was read, or decrypted, already: the socket does not show that."""
        sock, file = self._client.socket(), cast(Any, self._client).file
        sock.settimeout(0)
        try:
            return bool(file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(self._patience)

    def _line(self) -> bytes:
        line = self._client.readline()
        if not line:
            raise imaplib.IMAP4.abort("the connection was lost")
        return line

    def _told(self, answer: tuple[str, list[Any]]) -> list[Any]:
        kind, data = answer
        if kind != "OK":
            raise imaplib.IMAP4.error(f"{kind}: {data!r:.200}")
        return data

    def close(self) -> None:
        """End the connection; the folder is not closed, for that would expunge it."""
        try:
            self._client.logout()
        except FAULTS:
            _hang_up(self._client)


def _connect(account: Account, patience: float) -> imaplib.IMAP4:
    if account.tls == "none":
        return imaplib.IMAP4(account.host, account.port, timeout=patience)
    context = ssl.create_default_context(cafile=account.ca_file)
    if account.tls == "implicit":
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=patience)
    client = imaplib.IMAP4(account.host, account.port, timeout=patience)
    try:
        client.starttls(context)
    except BaseException:
        _hang_up(client)
        raise
    return client


def _hang_up(client: imaplib.IMAP4) -> None:
    with suppress(OSError):  # it is closed already
        client.shutdown()


def _is(line: bytes, uid: int) -> bool:
    """Whether an answer is on this mail; servers tell of others in between."""
    found = _UID.search(line)
    return found is not None and int(found[1]) == uid


def _day(day: date) -> str:
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"
