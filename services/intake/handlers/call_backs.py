"""Ringing back whose call nobody answered: a number is opened for that alone, and each opening is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.intake.domain import calls as domain
from services.intake.domain.calls import Attempt, Call, CallBack, GivenUpFor, Limits, Result
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.call_log import masked
from services.intake.handlers.calls import is_barred, key_of, lock_call, number_call, number_of_call
from services.intake.handlers.looking import identifiable, note_look
from services.intake.store import ATTEMPTS, CALL_BACKS, CALLS, SQL, page_of, sure
from services.intake.vault.crypto import Vault
from services.intake.workflow import CallBackStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict

RINGING_BACK = "call_back"  # the purpose of opening a number that is to be rung


def try_again(
    uow: UnitOfWork, vault: Vault, duty_id: UUID, result: Result, *, key: UUID, viewer: Viewer, limits: Limits
) -> UUID | None:
    """Note an attempt; the id of the call to write up when somebody answered. The same form again changes nothing.

    Raises Conflict when the duty has ended, Hidden.
    """
    duty = _duty(uow, duty_id, viewer)
    known = uow.rows(ATTEMPTS).get(key)
    if known:
        return known.call_id
    tried = Attempt(id=key, call_back_id=duty_id, at=uow.now, by=viewer.person, result=result)
    changed = domain.attempt(duty, tried, limits)
    if result is Result.REACHED:
        tried = replace(tried, call_id=_ring(uow, vault, duty, viewer))
    uow.rows(ATTEMPTS).put(tried)
    uow.rows(CALL_BACKS).put(changed)
    return tried.call_id


def _ring(uow: UnitOfWork, vault: Vault, duty: CallBack, viewer: Viewer) -> UUID:
    """The call that somebody of ours made; until it is written up it waits with the others that were answered."""
    missed = key_of(uow, vault, duty.id)
    call, key = lock_call(uow, vault, Call(id=uuid7(uow.now), line=duty.line, started_at=uow.now, outgoing=True))
    call = number_call(uow, vault, call, key, number_of_call(uow, duty.id, missed))
    uow.rows(CALLS).put(replace(call, answered_at=uow.now, answered_by=viewer.person))
    return call.id


def give_up(uow: UnitOfWork, duty_id: UUID, reason: GivenUpFor, *, viewer: Viewer, limits: Limits) -> None:
    """End a duty without having reached anybody; twice for one reason changes nothing. Raises Refused, Conflict, Hidden."""
    duty = _duty(uow, duty_id, viewer)
    if duty.reason is not reason:
        ended = domain.give_up(duty, attempts(uow, duty_id), reason, limits, by=viewer.person, now=uow.now)
        uow.rows(CALL_BACKS).put(ended)


def attempts(uow: UnitOfWork, duty_id: UUID) -> list[Attempt]:
    """The attempts of a duty, in time order."""
    return sorted(uow.rows(ATTEMPTS).where("call_back_id = %s", str(duty_id)), key=lambda one: one.at)


def _duty(uow: UnitOfWork, duty_id: UUID, viewer: Viewer) -> CallBack:
    duty = uow.rows(CALL_BACKS).get(duty_id)
    if duty is None or is_barred(uow, duty_id, viewer):
        raise Hidden("call_back", "没有找到这项回电任务。", "请返回来电列表。")
    return duty


@dataclass(frozen=True, kw_only=True)
class OpenedCallBack:
    """A duty with its attempts, and the missed calls and those that came of it. The number is masked."""

    call_back: CallBack
    attempts: Sequence[Attempt]
    calls: Sequence[dict[str, Any]]
    masked: str


def read_call_back(uow: UnitOfWork, vault: Vault, duty_id: UUID, viewer: Viewer) -> OpenedCallBack:
    """A duty. Raises Hidden."""
    duty = _duty(uow, duty_id, viewer)
    [sealed] = masked(vault, [sure(uow, "sealed_of_call", call_id=duty_id) | {"id": duty_id}])
    return OpenedCallBack(
        call_back=duty, attempts=attempts(uow, duty_id), calls=uow.all(SQL["calls_of_call_back"], id=duty_id),
        masked=sealed["masked"],
    )  # fmt: skip


def read_number(uow: UnitOfWork, vault: Vault, duty_id: UUID, viewer: Viewer) -> str:
    """The number to ring back, logged. Raises Hidden, Conflict when nobody is to be rung any more.

    Forbidden for whoever handles the case of somebody with this number who is not to be known to him.
    """
    if _duty(uow, duty_id, viewer).stage is not CallBackStage.WAITING:
        raise Conflict("call_back", "这项回电任务已经结束，号码不再提供。", "确需联系信访人，请到信访件中说明用途后查看。")
    for row in uow.all(SQL["cases_of_number"], call_id=duty_id):
        identifiable(uow, row["case_id"], viewer)
    note_look(uow, viewer, duty_id, "identity", RINGING_BACK)
    return number_of_call(uow, duty_id, key_of(uow, vault, duty_id))


def call_backs(
    uow: UnitOfWork, vault: Vault, viewer: Viewer, *, page: int = 1, size: int = 50
) -> tuple[list[dict[str, Any]], int]:
    """A page of the duties that wait, the oldest first, and how many there are; their numbers are masked."""
    found, total = page_of(uow, "call_backs", codes=list(viewer.codes), page=page, size=size)
    return masked(vault, found), total
