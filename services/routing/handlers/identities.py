"""Which identity of the county's provider is which official: linked by the official himself or by an administrator, never guessed.

`now` is real time.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.routing import store
from services.routing.handlers import accounts, roster, second_factor
from services.routing.handlers.appointments import Editing
from services.routing.handlers.common import logged
from services.routing.handlers.directory import check_reason
from services.routing.handlers.roster import Change, Difference
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound

UNDER_WAY = timedelta(minutes=10)
OLD = timedelta(days=30)  # for how long a stranger is listed
MANY = 200


class Flow(NamedTuple):
    """A sign-in that came back from the provider; `official` began it to link an identity to his own account."""

    nonce: str
    verifier: str
    next: str
    official: str | None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def begin_flow(
    uow: UnitOfWork, state: str, *, nonce: str, verifier: str, next_page: str, official: str | None, now: datetime
) -> None:
    """Remember what has to come back. Forgotten flows go with it."""
    uow.all(store.SQL["forget_flows"], now=now)
    uow.all(
        store.SQL["add_flow"], hash=_digest(state), nonce=nonce, verifier=verifier, next=next_page, official=official,
        expires=now + UNDER_WAY,
    )  # fmt: skip


def take_flow(uow: UnitOfWork, state: str, now: datetime) -> Flow | None:
    """What was asked under a state, once; None for one that is unknown, used or too old. Commit it, whatever comes after."""
    row = uow.one(store.SQL["take_flow"], hash=_digest(state))
    if row is None or row.pop("expires_at") <= now:
        return None
    return Flow(**row)


def official_of(uow: UnitOfWork, issuer: str, subject: str, name: str, now: datetime) -> str | None:
    """Whose identity it is; a stranger is noted, for the administrator."""
    row = uow.one(store.SQL["official_of_identity"], issuer=issuer, subject=subject, now=now)
    if row is None:
        uow.all(store.SQL["forget_strangers"], old=now - OLD)
        uow.all(store.SQL["note_stranger"], id=uuid7(), issuer=issuer, subject=subject, name=name, now=now)
    return row["official"] if row else None


def identity_of(uow: UnitOfWork, issuer: str, official: str) -> dict[str, Any] | None:
    """The identity that is linked to an official."""
    return uow.one(store.SQL["identity_of"], issuer=issuer, official=official)


def strangers(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Who came and is nobody here."""
    return uow.all(store.SQL["strangers"], limit=MANY)


@logged
def link_own(uow: UnitOfWork, official: str, issuer: str, subject: str, now: datetime) -> None:
    """An official who is signed in links an identity to his account. Raises Conflict where either is linked already."""
    by = store.directory(uow).acting(official)
    _link(uow, issuer, subject, official, by, now)
    change = Change(
        key=uuid7(), kind="identity_linked", reason="", effective_on=roster.today(uow), by=by, now=now
    )  # fmt: skip
    roster.remember(uow, [Difference("official", official, None, {})], change)


@logged
def link(uow: UnitOfWork, editing: Editing, stranger_id: UUID, official: str) -> bool:
    """An administrator says whose identity it is; the official is told when he signs in next. Raises NotFound, Conflict, Forbidden."""
    by = _administrator(uow, editing, official)
    if roster.is_done(uow, editing.key):
        return False
    store.directory(uow).active(official)
    row = uow.one(store.SQL["stranger"], id=stranger_id)
    if row is None:
        raise NotFound("identity", "没有找到该身份。", "请刷新页面。")
    reason = check_reason(editing.reason)
    _link(uow, row["issuer"], row["subject"], official, by, editing.now)
    second_factor.note(uow, official, "identity_linked", by, editing.now)
    _remember(uow, editing, "identity_linked", official, by, reason)
    return True


@logged
def unlink(uow: UnitOfWork, editing: Editing, issuer: str, official: str) -> bool:
    """An administrator takes a link away: the official's sessions end, and he is told."""
    by = _administrator(uow, editing, official)
    if roster.is_done(uow, editing.key):
        return False
    reason = check_reason(editing.reason)
    _unlink(uow, issuer, official)
    accounts.end_sessions(uow, official, editing.now)
    second_factor.note(uow, official, "identity_unlinked", by, editing.now)
    _remember(uow, editing, "identity_unlinked", official, by, reason)
    return True


@logged
def unlink_own(uow: UnitOfWork, official: str, issuer: str, now: datetime) -> None:
    """An official takes his own link away. Raises Conflict where he would have no way left to sign in by."""
    by = store.directory(uow).acting(official)
    if accounts.password_hash(uow, official) is None:
        raise Conflict("identity", "您还没有密码，解除关联后将无法登录。", "请先设置密码。")
    _unlink(uow, issuer, official)
    change = Change(key=uuid7(), kind="identity_unlinked", reason="", effective_on=roster.today(uow), by=by, now=now)
    roster.remember(uow, [Difference("official", official, None, {})], change)


def _administrator(uow: UnitOfWork, editing: Editing, official: str) -> Person:
    known = roster.load(uow)
    by = store.directory(uow).acting(editing.by, "administrator")
    if official == editing.by:
        raise Forbidden("official", "本人的统一身份在“我的账号”中关联。", "请由本人登录后办理。")
    if official not in known.names:
        raise NotFound("official", "通讯录中没有该人员。", "请核对人员代码。")
    return by


def _link(uow: UnitOfWork, issuer: str, subject: str, official: str, by: Person, now: datetime) -> None:
    said = json.dumps(by.as_data(), ensure_ascii=False)
    if uow.one(store.SQL["link_identity"], issuer=issuer, subject=subject, official=official, now=now, by=said) is None:
        raise Conflict("identity", "该身份或该账号已有关联。", "请先解除原有的关联。")
    uow.all(store.SQL["forget_stranger"], issuer=issuer, subject=subject)


def _unlink(uow: UnitOfWork, issuer: str, official: str) -> None:
    if uow.one(store.SQL["unlink_identity"], issuer=issuer, official=official) is None:
        raise Conflict("identity", "该账号没有关联统一身份。", "请刷新页面。")


def _remember(uow: UnitOfWork, editing: Editing, kind: str, official: str, by: Person, reason: str) -> None:
    change = Change(key=editing.key, kind=kind, reason=reason, effective_on=roster.today(uow), by=by, now=editing.now)
    roster.remember(uow, [Difference("official", official, None, {})], change)
