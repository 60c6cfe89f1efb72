"""The ladder's steps as events tell them, addressed as assignments are: to the instance that the person responsible works in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from services.supervision.domain.interviews import Interview
from services.supervision.domain.ladder import Annulment, LadderStep, circular_of
from services.supervision.handlers import charge
from services.supervision.policy import Step
from services.supervision.store import SQL
from shared.contract.envelope import instant
from shared.database import UnitOfWork

if TYPE_CHECKING:
    from services.supervision.handlers.ladder import Miss

_EVENTS = {
    Step.REMINDER: "supervision.reminded", Step.NOTICE: "supervision.noticed", Step.SUGGESTION: "supervision.noticed",
    Step.INTERVIEW: "interview.called", Step.CIRCULAR: "circular.listed",
}  # fmt: skip


def addressees(uow: UnitOfWork, organisations: Iterable[str]) -> dict[str, str]:
    """The instances that officials of these organisations work in: whom what is sent to them is addressed to."""
    codes = sorted(set(organisations))
    found = {row["asked"]: row["code"] for row in uow.all(SQL["instances_of"], codes=codes)} if codes else {}
    return {code: found.get(code, uow.org) for code in codes}


def tell_step(uow: UnitOfWork, taken: Sequence[tuple[Miss, LadderStep]]) -> None:
    """Tell what was taken; with the four bundles a charge is proposed, unless a leader carries the case or it is proposed already."""
    to = addressees(uow, (step.responsible.organisation for _, step in taken))
    for miss, step in taken:
        if step.step is Step.BUNDLE:
            charge.propose(uow, step.case_id, reason="overdue", words=step.reasons or None, by=step.by)
        else:
            uow.tell(_EVENTS[step.step], step.case_id, _step_data(miss, step), addressee=to[step.responsible.organisation])


def _step_data(miss: Miss, step: LadderStep) -> dict[str, Any]:
    data: dict[str, Any] = {
        "step_id": str(step.id), "step": str(step.step), "deadline_id": str(step.deadline_id), "obligation": str(miss.climb.obligation),
        "round": miss.climb.round, "responsible": step.responsible.as_data(), "document": step.document, "due_at": instant(step.due_at),
        "at": instant(step.taken_at),
    }  # fmt: skip
    if step.by is None:
        return data | {"late": step.late}
    data |= {"reasons": step.reasons, "by": step.by.as_data()}
    if step.step is Step.INTERVIEW:
        data["interview_id"] = str(step.interview_id)
    elif step.step is Step.CIRCULAR:
        period = circular_of(step)
        data |= {"period_first": period.first.isoformat(), "period_last": period.last.isoformat()}
    else:
        data |= {"demand": step.demand, "until": step.until and step.until.isoformat()}
    return data


def tell_annulled(uow: UnitOfWork, step: LadderStep, annulment: Annulment) -> None:
    """Tell that a step was wrong."""
    told = {
        "step_id": str(step.id), "step": str(step.step), "responsible": step.responsible.as_data(), "document": step.document,
        "reasons": annulment.reasons, "by": annulment.by.as_data(), "at": instant(annulment.at),
    }  # fmt: skip
    organisation = step.responsible.organisation
    uow.tell("supervision.annulled", step.case_id, told, addressee=addressees(uow, [organisation])[organisation])


def tell_interview(uow: UnitOfWork, name: str, interview: Interview, cases: Iterable[Any], extra: dict[str, Any]) -> None:
    """Tell what became of an interview, once for each case that it is about."""
    organisation = interview.person.organisation
    to = addressees(uow, [organisation])[organisation]
    told = {"interview_id": str(interview.id), "responsible": interview.person.as_data(), "at": instant(uow.now), **extra}
    for case_id in sorted(set(cases)):
        uow.tell(name, case_id, told, addressee=to)
