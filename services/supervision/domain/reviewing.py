"""The clocks of review and final review (arts. 35 and 36): each begins when the petitioner asks, and ends with the decision.

They run beside the case's own: neither its closing nor a pause stops them. Days of a hearing do not count, as far as the limit had
not passed when the hearing was written down.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.supervision.domain.authority import move
from services.supervision.domain.deadline import Deadline
from services.supervision.domain.docket import Docket
from services.supervision.policy import Obligation, Start
from shared.contract.person import Person

STARTS = {"review": Start.REVIEW, "final": Start.FINAL_REVIEW}


def owe_review(page: Docket, level: str, *, at: datetime) -> None:
    """The petitioner asked for it; who decides is not known yet."""
    page.owe(Obligation.REVIEW, STARTS[level], at, page.case.concluded_round, None)


def assign_review(page: Docket, level: str, reviewer: Person | None, *, hearing_days: int, by: Person, at: datetime) -> None:
    """Who decides, unless an organ without an instance does, and how many days of hearing there were by now."""
    page.catch_up(at)
    for deadline in _of(page, level):
        more = timedelta(days=hearing_days) - deadline.moved_by
        if more > timedelta(0) and deadline.due_at > at:
            move(page, deadline, more, "hearing", at, by=by)
    if reviewer is not None:
        page.pass_to(reviewer, _of(page, level), at)


def review_decided(page: Docket, level: str, *, at: datetime) -> None:
    """It is decided, in time or not."""
    page.meet(_of(page, level), at)


def _of(page: Docket, level: str) -> list[Deadline]:
    rules = {rule.id for rule in page.policy.rules if rule.start is STARTS[level]}
    return [deadline for deadline in page.owed(Obligation.REVIEW) if deadline.rule in rules]
