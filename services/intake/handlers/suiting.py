"""Who may receive whom: whoever is barred from a case does not receive its petitioner on it, and nobody is told that this is why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from services.intake.domain import visits as domain
from services.intake.domain.reception import Session
from services.intake.domain.visits import Visit
from services.intake.handlers.reception import receiver_of, receivers
from services.intake.store import SQL, bars
from shared.database import UnitOfWork


def suits(uow: UnitOfWork, session: Session | None, case_id: UUID | None) -> bool:
    """Whether the official of a session, as it stands now, may receive the petitioner of a case on it."""
    if session is None or case_id is None:
        return True
    return receiver_of(receivers(uow), session.official).codes.isdisjoint(bars(uow, case_id))


def check_suits(uow: UnitOfWork, session: Session, case_id: UUID | None) -> None:
    """Raise Refused unless the case may be booked for the session."""
    domain.check_bookable(session, uow.now, barred=not suits(uow, session, case_id))


def barred(uow: UnitOfWork, visit: Visit) -> frozenset[str]:
    """The codes that never see a case of the visit."""
    return frozenset(row["code"] for row in uow.all(SQL["bars_of_cases"], cases=list(visit.cases)))


def cases_barred_for(uow: UnitOfWork, cases: Collection[UUID]) -> dict[UUID, set[str]]:
    """The codes that never see each of some cases."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in uow.all(SQL["bars_of_cases"], cases=list(cases)):
        found[row["case_id"]].add(row["code"])
    return found
