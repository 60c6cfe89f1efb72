"""How far a mail box has been read. Its server numbers mails upwards, until it begins anew under another UIDVALIDITY."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A folder of an account; every mail up to `uid` has been taken in."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A mail of a box that was taken in, and when it was flagged there; None: not yet."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    result: str
    taken_at: datetime
    flagged_at: datetime | None = None


def at(known: Mailbox | None, account: str, folder: str, uidvalidity: int) -> Mailbox:
    """Where to go on. After a change of UIDVALIDITY every mail is looked at again, and its Message-ID says that it was here."""
    if known is not None and known.uidvalidity == uidvalidity:
        return known
    return Mailbox(account=account, folder=folder, uidvalidity=uidvalidity, uid=0)


def take(box: Mailbox, uid: int, result: str, now: datetime) -> tuple[Mailbox, Seen]:
    """A mail was taken in: the place to go on from never goes back."""
    seen = Seen(account=box.account, folder=box.folder, uidvalidity=box.uidvalidity, uid=uid, result=result, taken_at=now)
    return replace(box, uid=max(box.uid, uid)), seen


def flag(seen: Seen, now: datetime) -> Seen:
    """The box shows it as taken in."""
    return seen if seen.flagged_at else replace(seen, flagged_at=now)
