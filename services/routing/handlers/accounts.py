"""Accounts and sessions: what the database does of signing in.

Hashing passwords is `passwords.py`, in the web process.

`now` is real time here, also where business time is simulated.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from services.routing import store
from services.routing.domain import sign_in, slowing
from shared.contract.envelope import instant
from shared.database import UnitOfWork
from shared.directory import OFFICIALS
from shared.errors import Forbidden, NotFound

OLD = timedelta(days=1)  # how long failures are remembered
OLD_PLACE = timedelta(days=14)  # how long it is remembered that somebody signed in from an address


class Try(NamedTuple):
    """A try to sign in: the hash to compare with (None: no such account), or how long to wait first."""

    password_hash: str | None
    wait: timedelta


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def begin_try(uow: UnitOfWork, official: str, address: str, now: datetime) -> Try:
    """Count a try as failed before its password is looked at: tries side by side cannot outrun the count.

    `address` is the keyed hash of where it comes from. A name that nobody has is counted and slowed in the same way:
    from outside the two look alike.
    """
    counts = _counts(uow, official, address, now)
    wait, after = slowing.begin(counts, now)
    _keep(uow, official, address, counts, after)
    if wait:
        return Try(None, wait)
    return Try(password_hash(uow, official), wait)


def end_try(uow: UnitOfWork, official: str, address: str, now: datetime) -> None:
    """The password was right: the try is not counted, and the name is known at this address. Old counts are cleared away."""
    counts = _counts(uow, official, address, now)
    _keep(uow, official, address, counts, slowing.succeeded(counts))
    uow.all(store.SQL["forget_tries"], pair=_keys(official, address)["pair"], old=now - OLD)
    uow.all(store.SQL["note_place"], name=_digest(official), address=address, now=now)
    uow.all(store.SQL["forget_places"], old=now - OLD_PLACE)


def _keys(official: str, address: str) -> dict[str, str]:
    """What is counted, by its key in the table. The lengths keep one kind from being taken for another."""
    name = _digest(official)
    return {"pair": _digest(f"{name} {address}"), "address": _digest(f"at {address}"), "name": name}


def _counts(uow: UnitOfWork, official: str, address: str, now: datetime) -> slowing.Counts:
    """What is counted for this name and address, locked."""
    keys = _keys(official, address)
    found = uow.all(store.SQL["sign_in_tries"], keys=list(keys.values()), now=now)
    new = {row["name"] for row in found if row.pop("fresh")}
    rows = {row.pop("name"): slowing.Tries(**row) for row in found}
    known = uow.one(store.SQL["is_known_place"], name=keys["name"], address=address, old=now - OLD_PLACE)
    return slowing.Counts(
        **{kind: rows[key] for kind, key in keys.items()}, fresh=keys["pair"] in new, known=bool(known and known["known"])
    )


def _keep(uow: UnitOfWork, official: str, address: str, before: slowing.Counts, after: slowing.Counts) -> None:
    for kind, key in _keys(official, address).items():
        tries: slowing.Tries = getattr(after, kind)
        if tries != getattr(before, kind):
            uow.all(store.SQL["count_tries"], name=key, **vars(tries))


def password_hash(uow: UnitOfWork, official: str) -> str | None:
    """The hash of an active official's password, or None when there is none yet."""
    row = uow.one(store.SQL["account"], official=official)
    return row["password_hash"] if row else None


def set_password_hash(uow: UnitOfWork, official: str, password_hash: str, now: datetime, *, but: str | None = None) -> None:
    """Give an official a password.

    Every session but `but` is ended. Raises Forbidden for one who is not active.
    """
    store.directory(uow).active(official)
    uow.all(store.SQL["set_account"], official=official, hash=password_hash, now=now)
    end_sessions(uow, official, now, but=but)


def make_link(uow: UnitOfWork, official: str, now: datetime) -> str:
    """A token of 128 bits that signs an official in once, within 24 hours.

    Only its hash is kept. Raises Forbidden.
    """
    store.directory(uow).active(official)
    token = secrets.token_urlsafe(16)
    uow.all(store.SQL["add_link"], hash=_digest(token), official=official, expires=now + sign_in.LINK)
    return token


def use_link(uow: UnitOfWork, token: str, now: datetime) -> str:
    """The official whom a link signs in; the link is used up. Raises NotFound, whatever is wrong with it."""
    row = uow.one(store.SQL["use_link"], hash=_digest(token), now=now)
    if row is None:
        raise NotFound("link", "登录链接无效、已使用或已过期。", "请索取新的登录链接。")
    official: str = row["official"]
    return official


def begin_session(uow: UnitOfWork, official: str, now: datetime, means: str = "password") -> tuple[str, sign_in.Claims]:
    """A new session, begun by these means, and what its token says. Raises Forbidden for an official who is not active."""
    _lock(uow, official)
    claims = sign_in.claims(store.directory(uow), official)
    sid = secrets.token_hex(16)
    uow.all(store.SQL["begin_session"], sid=sid, official=official, now=now, ends=now + sign_in.SESSION, means=means)
    return sid, claims


def means_of(uow: UnitOfWork, sid: str) -> str | None:
    """By which means a session was begun."""
    row = uow.one(store.SQL["means_of"], sid=sid)
    return row["means"] if row else None


def renew_session(uow: UnitOfWork, official: str, sid: str, now: datetime) -> sign_in.Claims:
    """What a renewed token says, by the directory of now. Raises Forbidden when the session is over."""
    _lock(uow, official)
    if uow.one(store.SQL["renew_session"], sid=sid, official=official, now=now) is None:
        raise Forbidden("session", "登录已失效。", "请重新登录。")
    return sign_in.claims(store.directory(uow), official)


def end_sessions(uow: UnitOfWork, official: str, now: datetime, *, sid: str | None = None, but: str | None = None) -> int:
    """End one session (`sid`), or all but one (`but`), here and in every service.

    Gives how many were ended.
    """
    if not _lock(uow, official):
        return 0
    ended = uow.all(store.SQL["end_sessions"], official=official, sid=sid, but=but, now=now)
    for row in ended:
        uow.all(store.SQL["mark_ended"], session=row["sid"], official=official, now=now)
        told = {"session": row["sid"], "official": official, "before": instant(now)}
        uow.tell("directory.session_ended", official, told)
    return len(ended)


def _lock(uow: UnitOfWork, official: str) -> bool:
    """Lock an official's row; False when there is none. It is the lock of what is told of him.

    Sessions are begun and renewed under it too: none is made from posts that an import changes at the same moment.
    """
    return uow.rows(OFFICIALS).get(official) is not None
