"""The clocks of a case stand still, and go on: by authority, told to each instance that works on it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.routing import store
from services.routing.domain import Assignment, Pause, pausing
from services.routing.handlers.common import below, logged, made_before, office, open_case
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden


def open_pause(uow: UnitOfWork, case_id: UUID) -> Pause | None:
    """The pause for which a case stands still, or None. The case must be locked already."""
    found = uow.rows(store.PAUSES).where("case_id = %s", case_id)
    return next((one for one in found if one.resumed_at is None), None)


def check_runs(uow: UnitOfWork, case_id: UUID) -> None:
    """Raise Conflict while the clocks of a case stand still."""
    if open_pause(uow, case_id) is not None:
        raise Conflict("case", "本件的期限正在暂停。", "请先恢复计时，再办结。")


@logged
def pause(uow: UnitOfWork, case_id: UUID, by: str, category: str, reasons: str, *, pause_id: UUID | None = None) -> Pause:
    """Stop the clocks of a case's work, by the first-in-command. The same `pause_id` a second time changes nothing.

    Raises Forbidden, NotFound, Conflict, Refused.
    """
    case = open_case(uow, case_id, by)
    person = store.directory(uow).first_in_command(by)
    if case.origin != uow.org:
        raise Forbidden("case", "该件由上级交办，期限由上级决定。", "请报请上级决定。")
    known = made_before(uow.rows(store.PAUSES).get(pause_id) if pause_id else None, lambda one: one.case_id == case_id)
    if known is not None:
        return known
    concerned = [one for one in store.open_assignments(uow, case_id) if one.issuer == uow.org and one.parent is None]
    begun = pausing.begin(
        case, open_pause(uow, case_id), [one.id for one in concerned], pause_id=pause_id or uuid7(), category=category,
        reasons=reasons, by=person, now=uow.now,
    )  # fmt: skip
    uow.rows(store.PAUSES).put(begun)
    for assignment in concerned:
        _tell(uow, "assignment.paused", assignment, begun, begun.reasons, person)
    return begun


@logged
def resume(uow: UnitOfWork, case_id: UUID, by: str, reasons: str) -> Pause:
    """Let the clocks go on, by the first-in-command or the office. Raises Forbidden, NotFound, Conflict, Refused."""
    case = open_case(uow, case_id, by)
    person = office(store.directory(uow), by)
    if case.origin != uow.org:
        raise Forbidden("case", "该件由上级交办，期限由上级决定。", "请报请上级决定。")
    return _end(uow, open_pause(uow, case_id), person, reasons)


def go_on(uow: UnitOfWork, case_id: UUID, by: Person, reasons: str) -> None:
    """The case goes where nobody here decides on it any longer: its clocks here stand still no more."""
    found = open_pause(uow, case_id)
    if found is not None:
        _end(uow, found, by, reasons)


def _end(uow: UnitOfWork, found: Pause | None, person: Person, reasons: str) -> Pause:
    ended = pausing.end(found, by=person, reasons=reasons, now=uow.now)
    uow.rows(store.PAUSES).put(ended)
    for assignment_id in ended.told:
        assignment = uow.rows(store.ASSIGNMENTS).get(UUID(assignment_id))
        if assignment is not None:  # also of one that is over: its instance was told that the clocks stand still
            _tell(uow, "assignment.resumed", assignment, ended, reasons.strip(), person)
    return ended


def tell_of_pause(uow: UnitOfWork, assignment: Assignment) -> None:
    """Of one that is handed out while the clocks stand still its instance is told so at once."""
    found = open_pause(uow, assignment.case_id)
    if found is not None:
        uow.rows(store.PAUSES).put(replace(found, told=(*found.told, str(assignment.id))))
        _tell(uow, "assignment.paused", assignment, found, found.reasons, found.authority)


def forget(uow: UnitOfWork, case_id: UUID) -> None:
    """The petition was withdrawn: nothing stands still any longer, for nothing is owed."""
    found = open_pause(uow, case_id)
    if found is not None:
        uow.rows(store.PAUSES).put(pausing.end(found, by=None, reasons="信访人撤回", now=uow.now))


def _tell(uow: UnitOfWork, name: str, assignment: Assignment, of: Pause, reasons: str, by: Person) -> None:
    told = {
        "assignment_id": str(assignment.id), "pause_id": str(of.id), "category": of.category, "reasons": reasons,
        "authority": by.as_data(), "at": instant(of.resumed_at or of.paused_at),
    }  # fmt: skip
    uow.tell(name, assignment.case_id, told, addressee=below(assignment, uow))
