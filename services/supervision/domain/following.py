"""The clock of follow-up: begins when follow-up has a petitioner to ask, ends when he was asked or could not be reached.

It runs beside the clocks of the case's work: no pause stops it and no extension moves it, and a reopening leaves it to the result
that caused the reopening, which another service may be slower to tell.
"""

from __future__ import annotations

from datetime import datetime

from services.supervision.domain.docket import Docket
from services.supervision.policy import Obligation, Start


def owe_follow_up(page: Docket, *, round_number: int, at: datetime) -> None:
    """A petitioner is to be asked, within what the policy says; nobody is asked any more about an earlier conclusion."""
    earlier = [deadline for deadline in page.owed(Obligation.FOLLOW_UP) if deadline.round < round_number]
    page.end(earlier, at, "concluded")
    if page.case.closed_at is None:
        page.owe(Obligation.FOLLOW_UP, Start.CONCLUSION, at, round_number, None)


def followed_up(page: Docket, *, round_number: int, at: datetime) -> None:
    """The round has its result."""
    page.meet([deadline for deadline in page.owed(Obligation.FOLLOW_UP) if deadline.round == round_number], at)
