"""The docket of a case while something happens to it: opened with the case's row as its lock, stored and told at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from services.supervision import store
from services.supervision.domain import Deadline, Docket, SupervisedCase
from services.supervision.domain.ladder import in_vain
from services.supervision.handlers import book
from services.supervision.handlers.in_force import calendar_of, policy_of
from services.supervision.handlers.telling import deadline_data
from shared.contract.envelope import Event, uuid7
from shared.database import UnitOfWork
from shared.errors import Refused


@contextmanager
def docket(event: Event, uow: UnitOfWork) -> Iterator[Docket]:
    """The docket of the event's case; what it changes is stored and told when the block ends."""
    with docket_of(case_id_of(event), uow) as page:
        yield page


@contextmanager
def docket_of(case_id: UUID, uow: UnitOfWork) -> Iterator[Docket]:
    """The docket of a case, its row locked first; what it changes is stored and told when the block ends."""
    cases, deadlines = uow.rows(store.CASES), uow.rows(store.DEADLINES)
    case = cases.get(case_id) or SupervisedCase(id=case_id)
    page = blank(case, [deadline for each in case.owed if (deadline := deadlines.get(UUID(each)))], uow)
    yield page
    cases.put(page.case)
    for deadline in page.changed.values():
        deadlines.put(deadline)
    for fact in page.facts:
        told = uow.tell(fact.name, case_id, deadline_data(fact.deadline, fact.data))
        if fact.name == "deadline.missed":
            book.missed(uow, told, fact.deadline)
        elif in_vain(fact.deadline):
            book.missed_in_vain(uow, told, fact.deadline)


def blank(case: SupervisedCase, owed: list[Deadline], uow: UnitOfWork) -> Docket:
    """A docket of which nobody stores or tells anything."""
    policy, calendar = policy_of(uow, case.policy), partial(calendar_of, uow)
    return Docket(case, owed, policy=policy, calendar=calendar, org=uow.org, now=uow.now, new_id=uuid7)


def uuid_of(text: str) -> UUID | None:
    """The UUID, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def case_id_of(event: Event) -> UUID:
    """The case that the event is about. Raises Refused."""
    found = uuid_of(event.subject)
    if found is None:
        raise Refused("subject", "事件所指的信访件编号不是 UUID。", "请核对发送方。")
    return found
