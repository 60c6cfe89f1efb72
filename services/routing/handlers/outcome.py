"""How a case ends here."""

from __future__ import annotations

from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Case
from services.routing.handlers import pausing
from services.routing.handlers.common import logged, office, open_case, take_back_open
from services.routing.handlers.referral import conclusion, tell_below
from shared.database import UnitOfWork
from shared.errors import Conflict


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
