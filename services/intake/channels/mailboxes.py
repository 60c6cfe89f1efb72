"""Reading mail boxes: each mail is taken in once, in the order of the box, whatever breaks; it is flagged after the commit.

What was taken in is known by its number in the box, and where that fails (a mail delivered twice, a box numbered anew) by its
Message-ID. So it does not matter where a connection, a process or a server ends: the mail is looked at again.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import threading
from collections import Counter
from contextlib import nullcontext
from functools import partial

from services.intake.channels import imap
from services.intake.channels.alone import Lock, alone
from services.intake.channels.fetchers import Fetcher, Office
from services.intake.channels.imap import Box
from services.intake.channels.taking import take
from services.intake.handlers import mailbox as handlers
from services.intake.handlers.mails import Taken, keep
from services.intake.mail.reading import LARGEST
from services.intake.metrics import expect_mailbox, record_mail, record_mailbox, record_mailbox_failure
from services.intake.site.mail import Account
from shared.database import UnitOfWork
from shared.errors import Unavailable

log = logging.getLogger(__name__)
LARGE = 2**20  # bytes; of larger mails one at a time is in memory, however many boxes are read
_LARGE_ONES = threading.Lock()
MOST_REFUSALS = 3  # times that a server is asked for one mail
STAND_BY = 5.0  # seconds between two tries to be the one who reads a box


def fetchers(office: Office) -> list[Fetcher]:
    """One for each account. Raises OSError when a password cannot be read."""
    for account in office.site.mail.accounts:
        _ = account.password
        expect_mailbox(account.name)
    return [Fetcher(name=f"mailbox {one.name}", run=partial(read, office, one, Counter())) for one in office.site.mail.accounts]


def read(office: Office, account: Account, refused: Counter[int], stopping: threading.Event) -> None:
    """Read a box until stopped, alone: a second process stands by. Raises Unavailable when box or database are away.

    `refused`: how often the server refused to give out a mail, by its number.
    """
    box_of = f"mailbox {account.name}/{account.folder}"
    with alone(office.database, box_of, give_up=lambda: stopping.wait(STAND_BY)) as lock:
        if lock is None:
            return
        try:
            box = Box(account)
        except imap.FAULTS as fault:
            record_mailbox_failure(account.name)
            raise _away(fault) from None
        try:
            Reading(office, account, box, lock, refused).go_on(stopping)
        except imap.FAULTS as fault:
            record_mailbox_failure(account.name)
            raise _away(fault) from None
        finally:
            box.close()


def _away(fault: Exception) -> Unavailable:
    """What it was, with a certificate's fault or the code of a server's answer (RFC 5530).

    Without the rest of the fault's words: the library quotes the server's answer in them, which may be a mail.
    """
    code = re.search(r"\[([A-Z]{4,30})\]", str(fault))
    if isinstance(fault, ssl.SSLCertVerificationError):
        return Unavailable(f"mail box: CERTIFICATE_VERIFY_FAILED: {fault.verify_message}")
    return Unavailable(f"mail box: {type(fault).__name__}{f' {code[1]}' if code else ''}")


class Reading:
    """One opened box on its way into the database."""

    def __init__(self, office: Office, account: Account, box: Box, lock: Lock, refused: Counter[int]) -> None:
        self._office, self._account, self._box, self._lock, self._refused = office, account, box, lock, refused

    def go_on(self, stopping: threading.Event) -> None:
        """Take in what is there, wait for more."""
        with self._office.database.unit_of_work() as uow:
            self._at = handlers.open_box(
                uow, account=self._account.name, folder=self._account.folder, uidvalidity=self._box.uidvalidity
            )
        unmarked = list(self._box.unmarked(self._at.uid))
        with self._office.database.unit_of_work() as uow:
            unflagged = handlers.taken(uow, self._at, unmarked)
        for uid in unflagged:  # taken in before, and then something broke here or there
            self._flag(uid)
        while not stopping.is_set():
            if not self._take_new(stopping):  # what comes while mails are taken in is not told of any more
                record_mailbox(self._account.name)
                self._box.wait(stopping, self._account.poll)

    def _take_new(self, stopping: threading.Event) -> int:
        """How many mails there were after those that are known."""
        found = 0
        for uid in self._box.after(self._at.uid):
            if stopping.is_set():
                break
            found += self._take(uid)
        return found

    def _take(self, uid: int) -> bool:
        """Take one mail in, and then flag it; whether it was there."""
        self._lock.still_held()
        try:
            size = self._box.size(uid)
            if size is None:
                return False  # somebody else removed it
            with _LARGE_ONES if size > LARGE else nullcontext():
                taken = self._take_whole(uid) if size <= LARGEST else self._take_part(uid, "too_large", size)
        except imaplib.IMAP4.error as fault:
            self._refused[uid] += not isinstance(fault, imaplib.IMAP4.abort)
            if self._refused[uid] < MOST_REFUSALS:
                raise
            taken = self._take_part(uid, "unfetchable", 0)  # the mails behind it wait
        if taken is None:
            return False
        log.info("mail %d of %s: %s", uid, self._account.name, _result(taken))
        self._flag(uid)
        return True

    def _take_whole(self, uid: int) -> Taken | None:
        raw = self._box.fetch(uid, LARGEST + 1)
        if raw is None:
            return None
        return take(
            self._office.database, self._office.vault, raw, site=self._office.site.mail,
            also=lambda uow, taken: self._note(uow, uid, taken),
        )  # fmt: skip

    def _take_part(self, uid: int, reason: str, size: int) -> Taken | None:
        """Of a mail that is too large, or that the server does not give out, is kept what there is, and where the whole of it lies."""
        place = f"{self._account.name}/{self._account.folder} UIDVALIDITY {self._at.uidvalidity} UID {uid}"
        raw = self._box.headers(uid) if size else place.encode()
        if raw is None:
            return None
        with self._office.database.unit_of_work() as uow:
            taken = keep(uow, self._office.vault, raw, reason, size=size, whereabouts=place)
            self._note(uow, uid, taken)
        record_mail("repeat" if taken.again else "unread")
        return taken

    def _note(self, uow: UnitOfWork, uid: int, taken: Taken) -> None:
        self._at = handlers.note(uow, self._at, uid, _result(taken))

    def _flag(self, uid: int) -> None:
        if not self._box.flag(uid):
            log.warning("mail %d of %s cannot be flagged; it was taken in", uid, self._account.name)
            return
        with self._office.database.unit_of_work() as uow:
            handlers.flagged(uow, self._at, [uid])


def _result(taken: Taken) -> str:
    """In one word, for the log and the row: nothing of the mail."""
    if taken.again:
        return "repeat"
    return "joined" if taken.joined else "registered" if taken.number else taken.reason
