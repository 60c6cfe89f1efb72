"""How far a mail box has been read, kept in the transaction that takes a mail in."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.domain import mailbox as domain
from services.intake.domain.mailbox import Mailbox
from services.intake.store import MAILBOXES, SEEN, SQL
from shared.database import UnitOfWork


def open_box(uow: UnitOfWork, *, account: str, folder: str, uidvalidity: int) -> Mailbox:
    """Where to go on in a box."""
    return domain.at(uow.rows(MAILBOXES).get(account, folder), account, folder, uidvalidity)


def taken(uow: UnitOfWork, box: Mailbox, unmarked: Sequence[int]) -> list[int]:
    """The mails that were taken in and are not flagged: not yet, or the box has lost it (`unmarked`)."""
    rows = uow.all(SQL["taken_of_box"], uids=list(unmarked), account=box.account, folder=box.folder, uidvalidity=box.uidvalidity)
    return [row["uid"] for row in rows]


def note(uow: UnitOfWork, box: Mailbox, uid: int, result: str) -> Mailbox:
    """A mail of the box was taken in, in this transaction."""
    known = uow.rows(MAILBOXES).get(box.account, box.folder)
    moved, seen = domain.take(domain.at(known, box.account, box.folder, box.uidvalidity), uid, result, uow.now)
    uow.rows(MAILBOXES).put(moved)
    uow.rows(SEEN).put(seen)
    return moved


def flagged(uow: UnitOfWork, box: Mailbox, uids: list[int]) -> None:
    """The box shows these mails as taken in."""
    uow.rows(SEEN).load((box.account, box.folder, box.uidvalidity, uid) for uid in uids)
    for uid in uids:
        seen = uow.rows(SEEN).get(box.account, box.folder, box.uidvalidity, uid)
        if seen is not None:
            uow.rows(SEEN).put(domain.flag(seen, uow.now))
