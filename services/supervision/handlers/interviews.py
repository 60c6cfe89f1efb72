"""Accountability interviews: called about misses of one person, appointed, held or called off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.supervision import store
from services.supervision.domain import interviews
from services.supervision.domain.interviews import Interview
from services.supervision.domain.ladder import Doing
from services.supervision.domain.wording import check_numbers
from services.supervision.handlers import ladder
from services.supervision.handlers.listing import SEEN
from services.supervision.handlers.step_telling import tell_interview
from services.supervision.policy import Step
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused

_SEEN = store.SQL["interview_seen"].format(sight=SEEN)


def call(uow: UnitOfWork, who: dict[str, Any], by: Person, ids: Sequence[UUID], *, key: UUID, reasons: str) -> Interview:
    """Call in the person responsible for these misses; `key` is the interview's id, and the same one again changes nothing.

    Raises NotFound, Conflict, Forbidden, Refused, also when several persons are responsible.
    """
    if not 0 < len(ids) <= ladder.MOST_AT_ONCE:
        raise Refused("ids", "没有选中任何事项，或一次选得太多。", "请选择 1 至 500 项。")
    misses = ladder.seen_misses(uow, who, ids)
    if known := uow.rows(store.INTERVIEWS).get(key):
        return known
    people = {miss.deadline.responsible.official: miss.deadline.responsible for miss in misses if miss.deadline.responsible}
    if len(people) != 1:
        raise Refused("ids", "一次约谈只能针对一名责任人。", "请分别通知约谈。")
    (person,) = people.values()
    check_numbers(reasons=reasons)
    made = uow.rows(store.INTERVIEWS).put(interviews.call(key, person, by, reasons=reasons, now=uow.now))
    ladder.take_all(uow, misses, Step.INTERVIEW, Doing(by, reasons, interview_id=made.id, key=key))
    return made


def appoint(uow: UnitOfWork, who: dict[str, Any], by: Person, interview_id: UUID, *, place: str, meets_at: datetime) -> Interview:
    """Say where and when. Raises NotFound, Refused, Forbidden, Conflict."""
    found, cases = _open(uow, who, interview_id)
    if (found.place, found.meets_at) == (place, meets_at):
        return found
    made = uow.rows(store.INTERVIEWS).put(interviews.appoint(found, by, place=place, meets_at=meets_at, now=uow.now))
    extra = {"place": place, "meets_at": instant(meets_at), "by": by.as_data()}
    tell_interview(uow, "interview.appointed", made, cases.values(), extra)
    return made


def hold(
    uow: UnitOfWork, who: dict[str, Any], by: Person, interview_id: UUID, *, held_at: datetime, attended: tuple[str, ...], record: str,
    demands: str, until: date,
) -> Interview:  # fmt: skip
    """Record that it was held. What was said stays here; what was demanded is told. Raises NotFound, Refused, Forbidden, Conflict."""
    found, cases = _open(uow, who, interview_id)
    if (found.record, found.held_at) == (record, held_at):
        return found
    check_numbers(record=record, demands=demands, attended="\n".join(attended))
    made = interviews.hold(
        found, by, held_at=held_at, attended=attended, record=record, demands=demands, until=until, now=uow.now
    )  # fmt: skip
    uow.rows(store.INTERVIEWS).put(made)
    extra = {
        "attended": list(attended), "demands": demands, "until": until.isoformat(), "held_at": instant(held_at), "by": by.as_data(),
    }  # fmt: skip
    tell_interview(uow, "interview.held", made, cases.values(), extra)
    return made


def cancel(uow: UnitOfWork, who: dict[str, Any], by: Person, interview_id: UUID, *, reasons: str) -> Interview:
    """Call it off: its steps are annulled for the same reasons. Raises NotFound, Forbidden, Conflict."""
    found, cases = _open(uow, who, interview_id)
    check_numbers(reasons=reasons)
    made = uow.rows(store.INTERVIEWS).put(interviews.cancel(found, by, reasons=reasons, now=uow.now))
    for miss in ladder.misses_of(uow, cases):
        for step in miss.steps:
            if step.interview_id == made.id:
                ladder.put_annulment(uow, miss, step, by, reasons)
    tell_interview(uow, "interview.cancelled", made, cases.values(), {"reasons": reasons, "by": by.as_data()})
    return made


def _open(uow: UnitOfWork, who: dict[str, Any], interview_id: UUID) -> tuple[Interview, dict[UUID, UUID]]:
    """An interview with the misses that it is about, by deadline and case, the cases locked."""
    seen = uow.one(_SEEN, **who, id=str(interview_id))
    if seen is None or not seen["seen"]:
        raise NotFound("interview", "没有找到该次约谈。", "请核对后重试。")
    rows = uow.all(store.SQL["misses_of_interview"], id=str(interview_id))
    cases = {row["deadline_id"]: row["case_id"] for row in rows}
    uow.rows(store.CASES).load(set(cases.values()))
    found = uow.rows(store.INTERVIEWS).get(interview_id)
    if found is None:  # none is ever deleted
        raise NotFound("interview", "没有找到该次约谈。", "请核对后重试。")
    return found, cases
