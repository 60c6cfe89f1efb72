"""What a person responsible has others do: parts handed on in his own organisation, and, for a lead, joint units' replies."""

from __future__ import annotations

from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Assignment, Case, Part
from services.routing.handlers import alerting
from services.routing.handlers.common import bars_of, below, leads, logged, made_before, note, open_assignment, take_back
from services.routing.handlers.work import mine
from shared.contract.envelope import instant, uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, Refused


@logged
def hand_on(uow: UnitOfWork, assignment_id: UUID, by: str, to: str, text: str, *, part_id: UUID | None = None) -> Assignment:
    """Hand a part on to somebody of the own organisation. The same `part_id` a second time changes nothing.

    Its reply comes to the person responsible, who decides on it and signs upward himself. Raises Forbidden, NotFound, Conflict,
    Refused.
    """
    case, assignment, person = mine(uow, assignment_id, by)
    known = made_before(uow.rows(store.ASSIGNMENTS).get(part_id) if part_id else None, lambda one: one.parent == assignment_id)
    if known is not None:
        return known
    directory = store.directory(uow)
    receiver = next((one for one in domain.receivers(directory, person) if one.official == to), None)
    if receiver is not None:
        domain.check_addressee(bars_of(uow, case.id), to, directory)
    parts = [one for one in store.assignments_of(uow, case.id) if one.parent == assignment_id]
    part = domain.hand_on(assignment, parts, receiver, assignment_id=part_id or uuid7(), text=text, now=uow.now)
    store.put_assignment(uow, part)
    _tell(uow, case, part)
    return part


def _tell(uow: UnitOfWork, case: Case, part: Assignment) -> None:
    told = {
        "assignment_id": str(part.id), "instruction_id": str(part.instruction_id), "round": part.round, "part": part.part,
        "responsible": part.responsible.as_data(), "issued_by": part.issued_by.as_data(), "issued_at": instant(uow.now),
        "text": part.text, "case_class": case.case_class or "ordinary", "number": case.number, "channel": case.channel,
        "category": case.category, "title": case.title, "brief": case.brief, "parent": str(part.parent),
        "confidential": case.confidential,
    }  # fmt: skip
    alerting.of_assignment(uow, "issued", part, uow.tell("assignment.issued", case.id, told, addressee=below(part, uow)))


@logged
def release(uow: UnitOfWork, assignment_id: UUID, by: str, reasons: str) -> Assignment:
    """The lead no longer waits for a joint unit's reply, and says why: the joint assignment ends.

    Raises Forbidden for anybody but its lead, where he works in this instance; NotFound, Conflict, Refused.
    """
    _, joint = open_assignment(uow, assignment_id, by)
    every = store.assignments_of(uow, joint.case_id)
    lead = next((one for one in every if leads(one, joint, uow.org) and one.responsible.official == by), None)
    if joint.part != Part.JOINT or lead is None:
        raise Forbidden("official", "只有牵头领导本人可以决定不再等待会办单位。", "请由牵头领导办理。")
    store.directory(uow).active(by)
    if joint not in domain.owing(every):
        raise Conflict("release_reasons", "该会办单位现在不欠回复。", "请刷新页面，查看最新进展。")
    if not reasons.strip():
        raise Refused("release_reasons", "不再等待会办单位的，须说明理由。", "请写明理由。")
    note(uow, joint, uuid7(), "released", reasons.strip(), lead.responsible, uow.now)
    return take_back(uow, joint, "not_awaited", lead.responsible, words=reasons.strip())
