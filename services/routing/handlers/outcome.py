"""How a case ends here: accountability and conclusion."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Accountability, Case
from services.routing.handlers import pausing
from services.routing.handlers.common import logged, office, open_case, take_back_open
from services.routing.handlers.referral import conclusion, tell_below
from services.routing.workflow import CaseStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused


@logged
def record_accountability(
    uow: UnitOfWork, case_id: UUID, by: str, *, kind: str, person: str, organisation: str, measure: str,
    decided_by: str,
    decided_on: date, meeting: str | None = None, record_id: UUID | None = None,
) -> Accountability:  # fmt: skip
    """A proposal or decision to hold somebody to account.

    The same `record_id` a second time changes nothing.
    """
    case = open_case(uow, case_id, by)
    recorder = office(store.directory(uow), by)
    known = uow.rows(store.ACCOUNTABILITY).get(record_id) if record_id else None
    if known is not None:
        return known
    if case.stage is CaseStage.ARCHIVED:
        raise Conflict("case", "该件已存档，不再增补。", "如需更正，请先按规定重新办理。")
    if kind not in ("proposal", "decision"):
        raise Refused("kind", "类别只能是建议或决定。", "请选择一项。")
    if organisation not in store.directory(uow).organisations:
        raise Refused("organisation", "通讯录中没有该单位。", "请从名单中选择单位。")
    record = uow.rows(store.ACCOUNTABILITY).put(
        Accountability(
            id=record_id or uuid7(), case_id=case.id, kind=kind, person=person, organisation=organisation,
            measure=measure, decided_by=decided_by, meeting=meeting, decided_on=decided_on, by=recorder,
            recorded_at=uow.now,
        )
    )  # fmt: skip
    told = {
        "record_id": str(record.id), "kind": kind, "person": person, "organisation": organisation,
        "measure": measure,
        "decided_by": decided_by, "meeting": meeting, "decided_on": decided_on.isoformat(),
        "by": recorder.as_data(),
    }  # fmt: skip
    uow.tell("accountability.recorded", case.id, told)
    return record


@logged
def conclude(uow: UnitOfWork, case_id: UUID, by: str, *, outcome: str, summary: str, answer: str) -> Case:
    """Conclude the case: outcome and answer for the petitioner. By the first-in-command or the office.

    Raises Forbidden, NotFound, Refused, and Conflict while a handling or lead reply is not approved.
    """
    case = open_case(uow, case_id, by)
    person = office(store.directory(uow), by)
    if case.origin != uow.org:
        raise Conflict("case", "该件由上级交办，由上级办结。", "请署名回复上级。")
    pausing.check_runs(uow, case_id)
    assignments = store.assignments_of(uow, case_id)
    changed = domain.conclude(case, assignments, by=person, outcome=outcome, summary=summary, answer=answer, now=uow.now)
    store.put_case(uow, changed)
    take_back_open(uow, case_id, "concluded", person)  # joint replies that nobody decided on
    uow.tell("case.concluded", case_id, conclusion(changed))
    tell_below(uow, changed)
    return changed
