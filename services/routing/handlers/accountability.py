"""Accountability is recorded, answered and carried out. Nobody who is barred from the case takes part, or sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.routing import store
from services.routing.domain import Accountability, Consequence, Following, accountability
from services.routing.handlers.common import logged, made_before, office, open_case
from services.routing.workflow import CaseStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound


@logged
def record_accountability(
    uow: UnitOfWork, case_id: UUID, by: str, *, kind: str, person: str, organisation: str, measure: str, decided_by: str,
    decided_on: date, meeting: str | None = None, record_id: UUID | None = None, official: str | None = None,
    answers: UUID | None = None, follows: Sequence[Following] = (),
) -> Accountability:  # fmt: skip
    """A proposal or decision to hold somebody to account, the decision with what follows from it.

    The same `record_id` a second time changes nothing. Raises Forbidden, NotFound, Conflict, Refused.
    """
    case = open_case(uow, case_id, by)
    directory = store.directory(uow)
    recorder = office(directory, by)
    known = made_before(uow.rows(store.ACCOUNTABILITY).get(record_id) if record_id else None, lambda one: one.case_id == case_id)
    if known is not None:
        return known
    if case.stage is CaseStage.ARCHIVED:
        raise Conflict("case", "该件已存档，不再增补。", "如需更正，请先按规定重新办理。")
    record = Accountability(
        id=record_id or uuid7(), case_id=case.id, kind=kind, person=person, organisation=organisation, measure=measure,
        decided_by=decided_by, meeting=meeting, decided_on=decided_on, by=recorder, recorded_at=uow.now, official=official, answers=answers,
    )  # fmt: skip
    proposal = uow.rows(store.ACCOUNTABILITY).get(answers) if answers else None
    accountability.check(record, proposal, directory, today=accountability.day_of(uow.now))
    if answers and uow.all(store.SQL["answer_to_proposal"], proposal=answers):
        raise Conflict("answers", "该问责建议已有决定。", "请刷新页面查看。")
    following = accountability.follow(record, follows, [uuid7() for _ in follows])
    uow.rows(store.ACCOUNTABILITY).put(record)
    for one in following:
        uow.rows(store.CONSEQUENCES).put(one)
    _tell(uow, record, following)
    return record


def _tell(uow: UnitOfWork, record: Accountability, following: Sequence[Consequence]) -> None:
    told = {
        "record_id": str(record.id), "kind": record.kind, "person": record.person, "organisation": record.organisation,
        "measure": record.measure, "decided_by": record.decided_by, "meeting": record.meeting, "decided_on": record.decided_on.isoformat(),
        "answers": str(record.answers) if record.answers else None, "by": record.by.as_data(),
        "follows": [
            {"consequence_id": str(one.id), "person": one.person, "measure": one.measure, "until": one.until.isoformat()} for one in following
        ],
    }  # fmt: skip
    uow.tell("accountability.recorded", record.case_id, told)


@logged
def carry_out(uow: UnitOfWork, consequence_id: UUID, by: str, *, done_on: date) -> Consequence:
    """What followed for somebody is done. By the office or the discipline office. Raises Forbidden, NotFound, Conflict, Refused."""
    row = uow.one(store.SQL["case_of_consequence"], id=consequence_id)
    if row is None:
        raise NotFound("consequence", "没有找到该事项。", "请核对后重试。")
    open_case(uow, row["case_id"], by)
    person = accountability.overseer(store.directory(uow), by)
    if person is None:
        raise Forbidden("official", "您的职务无权进行此项操作。", "请由领导小组办公室或纪委登记。")
    found = uow.rows(store.CONSEQUENCES).get(consequence_id)
    record = uow.rows(store.ACCOUNTABILITY).get(row["record_id"])
    if found is None or record is None:  # neither is ever deleted
        raise NotFound("consequence", "没有找到该事项。", "请核对后重试。")
    done = accountability.carry_out(
        found, record, done_on=done_on, by=person, now=uow.now, today=accountability.day_of(uow.now)
    )  # fmt: skip
    return uow.rows(store.CONSEQUENCES).put(done)
