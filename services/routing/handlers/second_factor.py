"""Second factors: offered, confirmed, asked for, reset. `now` is real time; the sealing key is the web process's."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from services.routing import sealing, store
from services.routing.domain import sign_in, totp
from services.routing.domain.totp import Factor
from services.routing.handlers import accounts, roster
from services.routing.handlers.appointments import Editing
from services.routing.handlers.common import logged
from services.routing.handlers.directory import check_reason
from services.routing.handlers.roster import Change, Difference
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound

PURPOSE = "totp"
CONFIRM, ENROL = "confirm", "enrol"


class Tried(NamedTuple):
    """What became of a code: the official when it was right, else how long to wait before the next one."""

    official: str | None
    wait: timedelta = timedelta(0)
    codes: tuple[str, ...] = ()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def needed(uow: UnitOfWork, official: str, policy: frozenset[str]) -> str | None:
    """What a right password still lacks: a code, the enrolment that the site demands of his roles, or nothing."""
    row = uow.one(store.SQL["has_factor"], official=official)
    if row and row["found"]:
        return CONFIRM
    return ENROL if totp.is_required(sign_in.claims(store.directory(uow), official).roles, policy) else None


def begin_step(uow: UnitOfWork, official: str, now: datetime) -> str:
    """A token of 128 bits that stands for the right password for ten minutes. Only its hash is kept."""
    token = secrets.token_urlsafe(16)
    uow.all(store.SQL["add_step"], hash=_digest(token), official=official, expires=now + totp.STEP)
    return token


def whose(uow: UnitOfWork, token: str, now: datetime) -> str:
    """Whose password the token stands for. Raises NotFound."""
    row = uow.one(store.SQL["step"], hash=_digest(token), now=now)
    if row is None:
        raise NotFound("step", "登录已超时。", "请重新输入账号和密码。")
    return str(row["official"])


def offer(uow: UnitOfWork, official: str, secret: str, now: datetime) -> None:
    """A new secret, not in force before a code of it was typed. Raises Conflict where one is in force."""
    store.directory(uow).active(official)
    known = uow.rows(store.FACTORS).get(official)
    if known is not None and known.confirmed_at is not None:
        raise Conflict("second_factor", "动态口令已经启用。", "如需更换手机，请先停用。")
    sealed = sealing.seal(secrets.token_bytes(totp.SECRET_BYTES), secret=secret, purpose=PURPOSE, owner=official)
    uow.rows(store.FACTORS).put(Factor(official=official, secret=sealed, made_at=now, not_before=now))


def offered(uow: UnitOfWork, official: str, secret: str) -> bytes:
    """The secret that was offered and is not in force yet. Raises NotFound when there is none."""
    found = uow.rows(store.FACTORS).get(official)
    opened = None
    if found is not None and found.confirmed_at is None:
        opened = sealing.unseal(found.secret, secret=secret, purpose=PURPOSE, owner=official)
    if opened is None:
        raise NotFound("second_factor", "没有待启用的动态口令。", "请重新开始。")
    return opened


def enrol(uow: UnitOfWork, official: str, typed: str, secret: str, now: datetime) -> Tried:
    """Put what was offered in force by its first code; the recovery codes are in what is returned, and nowhere else."""
    opened = offered(uow, official, secret)
    factor = uow.rows(store.FACTORS).get(official)
    if factor is None:  # `offered` has just read it
        raise NotFound("second_factor", "没有待启用的动态口令。", "请重新开始。")
    if wait := factor.wait(now):
        return Tried(None, wait)
    step = totp.matching_step(opened, typed, factor.last_step, now)
    if step is None:
        uow.rows(store.FACTORS).put(factor.failed(now))
        return Tried(None)
    uow.rows(store.FACTORS).put(factor.succeeded(step, now))
    uow.flush(store.FACTORS)
    codes = tuple(totp.recovery_code(secrets.token_bytes(totp.RECOVERY_BYTES)) for _ in range(totp.RECOVERY_CODES))
    uow.all(store.SQL["forget_codes"], official=official)
    uow.many(store.SQL["add_codes"], [(official, _digest(totp.plain(code))) for code in codes])
    return Tried(official, codes=codes)


def try_code(uow: UnitOfWork, official: str, typed: str, secret: str, now: datetime) -> Tried:
    """Whether a code of the app, or a recovery code, is right. Each is good once; failures count whatever came of the step.

    The factor's row is locked: tries side by side are counted one by one. Nothing is raised, so that the count is kept.
    """
    factor = uow.rows(store.FACTORS).get(official)
    if factor is None or factor.confirmed_at is None:
        return Tried(None)
    if wait := factor.wait(now):
        return Tried(None, wait)
    opened = sealing.unseal(factor.secret, secret=secret, purpose=PURPOSE, owner=official)
    step = totp.matching_step(opened, typed, factor.last_step, now) if opened is not None else None
    recovered = step is None and uow.one(store.SQL["use_code"], official=official, hash=_digest(totp.plain(typed)), now=now)
    if step is None and not recovered:
        failed = uow.rows(store.FACTORS).put(factor.failed(now))
        return Tried(None, failed.wait(now))
    uow.rows(store.FACTORS).put(factor.succeeded(step, now))
    return Tried(official)


def end_step(uow: UnitOfWork, token: str, now: datetime) -> None:
    """The step was used."""
    uow.all(store.SQL["end_step"], hash=_digest(token), now=now)


def standing(uow: UnitOfWork, official: str) -> tuple[bool, int]:
    """Whether an official's second factor is in force, and how many recovery codes are left."""
    row, left = uow.one(store.SQL["has_factor"], official=official), uow.one(store.SQL["codes_left"], official=official)
    return bool(row and row["found"]), left["n"] if left else 0


@logged
def switch_off(uow: UnitOfWork, official: str, policy: frozenset[str]) -> None:
    """An official gives his second factor up, having proved it. Raises Forbidden where the site demands one of him."""
    if totp.is_required(sign_in.claims(store.directory(uow), official).roles, policy):
        raise Forbidden("second_factor", "您的角色必须使用动态口令。", "更换手机请联系系统管理员重置。")
    uow.all(store.SQL["remove_factor"], official=official)


@logged
def reset(uow: UnitOfWork, editing: Editing, official: str) -> bool:
    """An administrator takes a lost second factor away: his sessions end, it is kept who did it, and he is told at his next sign-in."""
    known = roster.load(uow)
    by = store.directory(uow).acting(editing.by, "administrator")
    if official == editing.by:
        raise Forbidden("official", "本人的动态口令不能由本人重置。", "请使用恢复码，或由其他系统管理员重置。")
    if official not in known.names:
        raise NotFound("official", "通讯录中没有该人员。", "请核对人员代码。")
    if roster.is_done(uow, editing.key):
        return False
    reason = check_reason(editing.reason)
    if not standing(uow, official)[0]:
        raise Conflict("second_factor", "该同志没有启用动态口令。", "请核对后重试。")
    uow.all(store.SQL["remove_factor"], official=official)
    accounts.end_sessions(uow, official, editing.now)
    note(uow, official, "factor_reset", by, editing.now)
    change = Change(key=editing.key, kind="factor_reset", reason=reason, effective_on=roster.today(uow), by=by, now=editing.now)
    roster.remember(uow, [Difference("official", official, None, {})], change)
    return True


def note(uow: UnitOfWork, official: str, kind: str, by: Person | None, now: datetime) -> None:
    """Remember what an official is told when he signs in next."""
    who = json.dumps(by.as_data(), ensure_ascii=False) if by else None
    uow.all(store.SQL["add_notice"], id=uuid7(), official=official, kind=kind, by=who, now=now)
