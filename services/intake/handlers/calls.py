"""Calls: kept by what the telephone system tells, and written up by who answered while the caller talks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.domain import calls as domain
from services.intake.domain.calls import Call, Limits, Outcome
from services.intake.domain.submission import Submission
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.registration import Receipt, register
from services.intake.store import CALL_BACKS, CALLS, SQL, sure
from services.intake.vault.crypto import DataKey, Vault
from shared.database import UnitOfWork
from shared.errors import Conflict, Unavailable


@dataclass(frozen=True, kw_only=True, repr=False)
class Talk:
    """A call as the person who answered writes it up. `call_id`: the telephone system's call, or the one that rang back."""

    line: str
    started_at: datetime
    outcome: Outcome
    petition: Submission | None = None
    note: str = ""
    phone: str = ""
    call_id: UUID | None = None
    chosen: bool = True  # whether the caller said how his name is to be treated


def lock_call(uow: UnitOfWork, vault: Vault, fresh: Call) -> tuple[Call, DataKey]:
    """The call's row, locked, made if there is none, and its key."""
    key = vault.new_key(fresh.id)
    uow.all(
        SQL["add_call"], id=fresh.id, line=fresh.line, started_at=fresh.started_at, outgoing=fresh.outgoing, data_key=key.wrapped
    )
    call = uow.rows(CALLS).get(fresh.id)
    if call is None:
        raise LookupError("add_call: no row")
    return call, key_of(uow, vault, call.id)


def key_of(uow: UnitOfWork, vault: Vault, call_id: UUID) -> DataKey:
    """The key of a call that there is. Raises Erased."""
    return vault.open_key(call_id, bytes(sure(uow, "sealed_of_call", call_id=call_id)["data_key"]))


def number_call(uow: UnitOfWork, vault: Vault, call: Call, key: DataKey, number: str) -> Call:
    """The call with its caller's number, sealed, if one is known now and was not before."""
    if call.numbered or not number:
        return call
    uow.all(
        SQL["seal_number"],
        call_id=call.id,
        number=key.seal("number", number.encode()),
        number_index=vault.blind_index("phone", number),
    )
    return replace(call, numbered=True)


def settle(uow: UnitOfWork, call: Call, limits: Limits) -> Call:
    """Whoever was missed, and can be, is owed a call; whoever was answered after all no longer is."""
    if call.missed and call.numbered and call.call_back_id is None and not call.outgoing:
        return replace(call, call_back_id=_owe(uow, call, limits))
    if call.call_back_id and not call.missed:
        duty = uow.rows(CALL_BACKS).get(call.call_back_id)
        if duty:
            uow.rows(CALL_BACKS).put(domain.let_go(duty, uow.now))
        return replace(call, call_back_id=None)
    return call


def _owe(uow: UnitOfWork, call: Call, limits: Limits) -> UUID:
    """The duty to ring back, joined with one that waits for the same number."""
    duty, index = domain.miss(call, limits), sure(uow, "sealed_of_call", call_id=call.id)["number_index"]
    for _ in range(3):
        if uow.one(
            SQL["add_call_back"], id=duty.id, line=duty.line, missed_at=duty.missed_at, due_at=duty.due_at, number_index=index
        ):
            return duty.id
        for known in uow.rows(CALL_BACKS).where("number_index = %s AND stage = 'waiting'", bytes(index)):
            return uow.rows(CALL_BACKS).put(domain.miss_again(known, call, limits)).id
        # It was ended between the two looks: then this call makes a duty of its own.
    raise Unavailable("a duty to ring back was ended three times in a row")


def write_up(uow: UnitOfWork, vault: Vault, talk: Talk, *, key: UUID, viewer: Viewer, limits: Limits) -> Receipt | None:
    """What an answered call came to: a case, whose receipt is returned, or none. The same again changes nothing.

    Raises Refused, Conflict (written up otherwise), Hidden.
    """
    call, sealed = _call_of(uow, vault, talk, key, viewer)
    receipt = None
    if talk.petition:
        petition = domain.complete(talk.petition, number_of_call(uow, call.id, sealed), chosen=talk.chosen)
        receipt = register(uow, vault, petition, key=call.id, by=viewer.person)
    case_id = receipt.case_id if receipt else None
    written = domain.write_up(call, talk.outcome, by=viewer.person, case_id=case_id, now=uow.now)
    _note(uow, sealed, talk.note, again=written is call)
    written = number_call(uow, vault, written, sealed, talk.phone)
    if talk.outcome in (Outcome.CASE, Outcome.INFORMATION) and not written.outgoing:
        _spare(uow, written, viewer)
    uow.rows(CALLS).put(settle(uow, written, limits))
    return receipt


def _call_of(uow: UnitOfWork, vault: Vault, talk: Talk, key: UUID, viewer: Viewer) -> tuple[Call, DataKey]:
    if talk.call_id is None:
        domain.check_at(talk.started_at, uow.now, field="received_at")
        lock_call(uow, vault, Call(id=key, line=talk.line, started_at=talk.started_at))
    call = visible(uow, talk.call_id or key, viewer)
    return call, key_of(uow, vault, call.id)


def number_of_call(uow: UnitOfWork, call_id: UUID, key: DataKey) -> str:
    """The caller's number; empty when it was withheld."""
    number = sure(uow, "sealed_of_call", call_id=call_id)["number"]
    return key.open("number", bytes(number)).decode() if number else ""


def _note(uow: UnitOfWork, key: DataKey, note: str, *, again: bool) -> None:
    """What was typed in a call that became no case. Raises Conflict when the form came before with other words."""
    known = sure(uow, "sealed_of_call", call_id=key.case_id)["note"]
    if again and note != (key.open("note", bytes(known)).decode() if known else ""):
        raise Conflict("text", "这次来电已经登记过，内容和这次的不一样。", "请到来电记录查看；另一件事请另填一张表。")
    if note and known is None:
        uow.all(SQL["seal_note"], call_id=key.case_id, note=key.seal("note", note.encode()))


def _spare(uow: UnitOfWork, call: Call, viewer: Viewer) -> None:
    """Whoever rang again and was talked to need not be rung back."""
    waiting = uow.one(SQL["waiting_call_back"], call_id=call.id)
    duty = uow.rows(CALL_BACKS).get(waiting["id"]) if waiting else None
    if duty:
        uow.rows(CALL_BACKS).put(domain.get_through(duty, by=viewer.person, now=uow.now))


def visible(uow: UnitOfWork, call_id: UUID, viewer: Viewer) -> Call:
    """A call's row, locked, for a viewer who may see it. Raises Hidden."""
    call = uow.rows(CALLS).get(call_id)
    if call is None or is_barred(uow, call_id, viewer):
        raise Hidden("call", "没有找到这次通话。", "请返回来电列表。")
    return call


def is_barred(uow: UnitOfWork, call_id: UUID, viewer: Viewer) -> bool:
    """Whether this viewer must not see a call: it, or its number, belongs to a case that he is barred from; or he works elsewhere."""
    return not viewer.of_instance or bool(sure(uow, "is_call_barred", call_id=call_id, codes=list(viewer.codes))["barred"])
