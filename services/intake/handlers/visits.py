"""Booking a place in the reception calendar, and the day's queue in the reception room."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.domain import queueing
from services.intake.domain import visits as domain
from services.intake.domain.planning import day_of
from services.intake.domain.submission import CHINA
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.domain.visits import EndedFor, Visit, VisitKind, Visitor
from services.intake.handlers.casework import case_of_code
from services.intake.handlers.reception import bookable, session_by_id, taken_places
from services.intake.handlers.suiting import barred, check_suits, suits
from services.intake.store import SQL, VISITS, reception_plan, sure
from services.intake.vault.crypto import DataKey, Vault, code_hash, new_code
from services.intake.workflow import VisitStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused

_NOBODY = "0" * 64


@dataclass(frozen=True, kw_only=True, repr=False)
class Booked:
    """What a visitor is given. `again`: the same form had been sent before."""

    visit_id: UUID
    number: str
    code: str
    ticket: int | None = None
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseNamed:
    """The case that a visit is about, as the visitor names it: by number, and unless a clerk writes it down by its code."""

    number: str = ""
    code: str = ""


def book(
    uow: UnitOfWork, vault: Vault, who: Visitor, session_id: UUID, *, key: UUID, slot: int | None = None,
    case: CaseNamed | None = None, clerk: Viewer | None = None,
) -> Booked:  # fmt: skip
    """Book a place under the form's key; the same form gives the same receipt, however often and however many at once.

    Raises Refused when a rule is broken, Conflict when the place is gone (it names the next free times), or the key was used
    for another content; either way nothing is stored.
    """
    domain.check_visitor(who, VisitKind.BOOKED)
    named_case = _named(uow, case, clerk)
    content = _content(who, [str(session_id), slot, str(named_case)])
    phone_index = vault.blind_index("phone", who.phone) or b""
    uow.all(
        SQL["lock_booking"], key=_lock(key), phone=int.from_bytes(phone_index[:8], "big", signed=True), session=_lock(session_id)
    )
    if again := _again(uow, vault, key, content):
        return again
    session = domain.check_bookable(bookable(uow, session_id), uow.now, barred=False)
    check_suits(uow, session, named_case)
    domain.check_phone(sure(uow, "open_bookings", phone_index=phone_index, now=uow.now)["held"], by_clerk=clerk is not None)
    place = domain.choose_slot(session, slot, taken_places(uow, [session])[session.id], uow.now)
    row = {
        "stage": VisitStage.BOOKED, "kind": VisitKind.BOOKED, "session": session.id, "slot": place, "held_on": session.held_on,
        "slot_at": session.slot_at(place), "told_sequence": session.sequence, "ticket": None, "inside": 0, "checked_in_at": None,
        "planned_official": session.official, "named_case": named_case,
    }  # fmt: skip
    return _add(uow, vault, who, row, key=key, content=content, clerk=clerk)


def walk_in(
    uow: UnitOfWork, vault: Vault, who: Visitor, session_id: UUID | None, *, inside: int, key: UUID, clerk: Viewer,
    case: CaseNamed | None = None,
) -> Booked:  # fmt: skip
    """A visitor came without a booking: a ticket for today's queue. The same form gives the same ticket. Raises Refused, Conflict."""
    domain.check_visitor(who, VisitKind.WALK_IN)
    domain.check_inside(inside, who.group_size)
    named_case = _named(uow, case, clerk)
    content = _content(who, [str(session_id), inside, str(named_case)])
    uow.all(SQL["lock_session"], session=_lock(key))
    if again := _again(uow, vault, key, content):
        return again
    today = day_of(uow.now)
    session = None
    if session_id is not None:
        found = session_by_id(reception_plan(uow), session_id, today, today)
        session = domain.check_bookable(found, uow.now, barred=False)
        check_suits(uow, session, named_case)
    row = {
        "stage": VisitStage.WAITING, "kind": VisitKind.WALK_IN, "session": session_id, "slot": None, "held_on": today,
        "slot_at": None, "told_sequence": session.sequence if session else 0, "ticket": next_ticket(uow, today),
        "inside": inside, "checked_in_at": uow.now, "planned_official": session.official if session else "", "named_case": named_case,
    }  # fmt: skip
    return _add(uow, vault, who, row, key=key, content=content, clerk=clerk)


def _lock(name: UUID) -> int:
    return name.int & (2**63 - 1)


def _content(who: Visitor, codes: list[Any]) -> bytes:
    words = [who.name.strip(), who.phone.strip(), list(who.representatives), who.matter.strip(), who.group_size]
    return json.dumps([codes, words], ensure_ascii=False).encode()


def _named(uow: UnitOfWork, case: CaseNamed | None, clerk: Viewer | None) -> UUID | None:
    if case is None or not case.number.strip():
        return None
    if clerk is None:
        return case_of_code(uow, number=case.number, code=case.code)
    return case_for_clerk(uow, case.number, clerk)


def case_for_clerk(uow: UnitOfWork, number: str, clerk: Viewer) -> UUID:
    """The case of a number that a clerk wrote down. Raises Refused, also when the clerk is barred from it."""
    found = uow.one(SQL["case_of_number"], number=number.strip(), codes=list(clerk.codes))
    if found is None:
        raise Refused("case_number", "没有找到这件信访件。", "请核对信访件编号，或不填。")
    case_id: UUID = found["id"]
    return case_id


def _add(
    uow: UnitOfWork, vault: Vault, who: Visitor, row: dict[str, Any], *, key: UUID, content: bytes, clerk: Viewer | None
) -> Booked:
    own: DataKey = vault.new_key(uuid7(uow.now))
    code = new_code()
    identity = {
        "name": who.name.strip(), "phone": who.phone.strip(), "representatives": list(who.representatives), "code": code,
    }  # fmt: skip
    stored = sure(
        uow, "add_visit", id=own.case_id, prefix=f"{uow.org}-V{uow.now.astimezone(CHINA).year}-", key=key, now=uow.now,
        group_size=who.group_size, by=json.dumps(clerk.person.as_data(), ensure_ascii=False) if clerk else None,
        fingerprint=vault.fingerprint(content), code_hash=code_hash(code), data_key=own.wrapped,
        identity=own.seal_json("identity", identity), matter=own.seal("matter", who.matter.strip().encode()),
        phone_index=vault.blind_index("phone", who.phone), **row,
    )  # fmt: skip
    return Booked(visit_id=own.case_id, number=stored["number"], code=code, ticket=row["ticket"])


def _again(uow: UnitOfWork, vault: Vault, key: UUID, content: bytes) -> Booked | None:
    found = uow.one(SQL["visit_of_key"], key=key)
    if found is None:
        return None
    if not hmac.compare_digest(bytes(found["fingerprint"]), vault.fingerprint(content)):
        raise Conflict(
            "key",
            "这份表单已经用过，这次的内容和上次不一样，没有再预约。",
            "要改预约，请到“我的预约”；另约一次，请重新打开表单。",
        )
    opened = vault.open_key(found["id"], bytes(found["data_key"])).open_json("identity", bytes(found["identity"]))
    return Booked(visit_id=found["id"], number=found["number"], code=opened["code"], ticket=found["ticket"], again=True)


# -- with number and code, or by a clerk -----------------------------------------------------------------------------------


def visit_of_code(uow: UnitOfWork, *, number: str, code: str) -> UUID:
    """The visit whose number and secret code these are. Raises Refused, the same for a wrong number and a wrong code."""
    found = uow.one(SQL["visit_of_number"], number=number.strip())
    right = hmac.compare_digest(found["code_hash"] if found else _NOBODY, code_hash(code))
    if not found or not right:
        raise Refused("code", "预约编号或查询码不对。", "请核对预约回执上的编号和查询码；遗失的请打电话或到信访接待室。")
    visit_id: UUID = found["id"]
    return visit_id


def lock_visit(uow: UnitOfWork, visit_id: UUID, viewer: Viewer | None) -> Visit:
    """The visit's row, locked; `viewer` None: the petitioner, whose code was checked. Raises Hidden."""
    visit = uow.rows(VISITS).get(visit_id)
    if visit is None:
        raise Hidden("visit", "没有找到这次来访。", "请核对编号，或返回列表。")
    if viewer is not None:
        domain.check_may_open(viewer, False, barred(uow, visit))
    return visit


def cancel(uow: UnitOfWork, visit_id: UUID) -> Visit:
    """The petitioner, whose code was checked, does not come; a second time changes nothing. Raises Conflict."""
    return uow.rows(VISITS).put(queueing.cancel(lock_visit(uow, visit_id, None), uow.now))


def rebook(uow: UnitOfWork, visit_id: UUID, session_id: UUID, viewer: Viewer | None, *, slot: int | None = None) -> Visit:
    """Another place for a booking, in the same session or another. Raises Hidden, Refused, Conflict; the old place is kept then."""
    visit = lock_visit(uow, visit_id, viewer)
    uow.all(SQL["lock_session"], session=_lock(session_id))
    session = domain.check_bookable(bookable(uow, session_id), uow.now, barred=False)
    check_suits(uow, session, visit.named_case)
    taken = taken_places(uow, [session])[session.id]
    if visit.session == session_id and visit.slot is not None:
        if slot in (None, visit.slot):
            return visit
        taken = taken - {visit.slot}
    moved = domain.place(visit, session, domain.choose_slot(session, slot, taken, uow.now))
    return uow.rows(VISITS).put(replace(moved, planned_official=session.official))


def transfer(uow: UnitOfWork, visit_id: UUID, session_id: UUID | None, viewer: Viewer) -> Visit:
    """Who waits already waits for another of the day's officials, or for whoever is at the counter. Raises Hidden, Refused, Conflict."""
    visit = lock_visit(uow, visit_id, viewer)
    session = None
    if session_id is not None:
        found = session_by_id(reception_plan(uow), session_id, visit.held_on, visit.held_on)
        session = domain.check_bookable(found, uow.now, barred=False)
        check_suits(uow, session, visit.named_case)
    moved = domain.place(visit, session, None)
    return uow.rows(VISITS).put(replace(moved, planned_official=session.official if session else ""))


def told(uow: UnitOfWork, visit_id: UUID, viewer: Viewer | None) -> Visit:
    """The petitioner knows how the session stands now: called by a clerk, or in person on the booking's page."""
    visit = lock_visit(uow, visit_id, viewer)
    session = session_by_id(reception_plan(uow), visit.session, visit.held_on, visit.held_on)
    if session is None or session.sequence == visit.told_sequence:
        return visit
    return uow.rows(VISITS).put(replace(visit, told_sequence=session.sequence))


# -- the day ---------------------------------------------------------------------------------------------------------------


def next_ticket(uow: UnitOfWork, day: date) -> int:
    """The day's next ticket."""
    ticket: int = sure(uow, "next_ticket", held_on=day)["last"]
    return ticket


def check_in(uow: UnitOfWork, visit_id: UUID, viewer: Viewer, *, inside: int) -> Visit:
    """The visitor is here: a ticket. A second time gives the same one. Raises Hidden, Refused, Conflict."""
    visit = lock_visit(uow, visit_id, viewer)
    if visit.stage is VisitStage.WAITING:
        return visit
    if visit.held_on != day_of(uow.now):
        raise Conflict("visit", "这次预约不在今天。", "请核对预约日期；今天来访的，请改约今天的场次，或按未预约登记。")
    domain.check_inside(inside, visit.group_size)
    ticket = visit.ticket or next_ticket(uow, visit.held_on)
    return uow.rows(VISITS).put(domain.check_in(visit, ticket=ticket, inside=inside, now=uow.now))


def step(uow: UnitOfWork, visit_id: UUID, viewer: Viewer, action: str) -> Visit:
    """Call, put back, begin; a second time changes nothing. Raises Hidden, Conflict.

    Nobody is called to, or begins with, an official who was barred from the case since the place was booked.
    """
    visit = lock_visit(uow, visit_id, viewer)
    if action in ("call", "begin"):
        session = session_by_id(reception_plan(uow), visit.session, visit.held_on, visit.held_on)
        domain.check_receives(suits(uow, session, visit.named_case))
    return uow.rows(VISITS).put(queueing.step(visit, action, uow.now))


def close(uow: UnitOfWork, visit_id: UUID, viewer: Viewer, action: str, reason: EndedFor | None) -> Visit:
    """A visit ends without a reception: cancel, no_show, leave. Raises Hidden, Refused, Conflict."""
    visit = lock_visit(uow, visit_id, viewer)
    return uow.rows(VISITS).put(queueing.close(visit, action, reason=reason, by=viewer.person, now=uow.now))


def take_back(uow: UnitOfWork, visit_id: UUID, viewer: Viewer) -> Visit:
    """What was written down by mistake; a second time changes nothing. Raises Hidden; Conflict when the day is over, or when
    the place of a cancelled booking is given away or its session is off."""
    visit = lock_visit(uow, visit_id, viewer)
    back = queueing.take_back(visit, day_of(uow.now))
    if visit.stage is VisitStage.CANCELLED and visit.session:
        uow.all(SQL["lock_session"], session=_lock(visit.session))
        session = domain.check_bookable(bookable(uow, visit.session), uow.now, barred=False)
        check_suits(uow, session, visit.named_case)
        place = domain.choose_slot(session, visit.slot, taken_places(uow, [session])[session.id], uow.now)
        back = replace(back, slot_at=session.slot_at(place), held_on=session.held_on)
    return uow.rows(VISITS).put(back)


def write_off(uow: UnitOfWork, day: date, viewer: Viewer) -> int:
    """Who had booked for a day that is over and did not come. How many they were; a day that is not over changes nothing."""
    if day >= day_of(uow.now):
        raise Conflict("on", "这一天还没有过去。", "请在第二天以后再办。")
    missed = [
        visit for visit in uow.rows(VISITS).where("held_on = %s AND stage = %s", day, VisitStage.BOOKED.value)
        if viewer.codes.isdisjoint(barred(uow, visit))
    ]  # fmt: skip
    for visit in missed:
        uow.rows(VISITS).put(queueing.close(visit, "no_show", reason=None, by=viewer.person, now=uow.now))
    return len(missed)
