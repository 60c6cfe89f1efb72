"""The office's periods end on their dates and say so, exactly once, with any number of schedulers and however they die."""

from __future__ import annotations

from typing import Any

from services.supervision.domain.periods import Period, following, period_of
from services.supervision.handlers.in_force import policy_in_force
from services.supervision.policy import PeriodKind
from services.supervision.store import SQL
from services.supervision.working_calendar import local_day
from shared.contract.envelope import instant
from shared.database import UnitOfWork


def end_periods(uow: UnitOfWork) -> int:
    """End what is over, begin what comes next; their number. After an outage each comes in its turn, one of a kind at a time.

    The period that runs when this is asked for the first time is the first that ends.
    """
    now = uow.all(SQL["database_now"])[0]["now"]
    running = {row["kind"] for row in uow.all(SQL["kinds_running"])}
    for kind in PeriodKind:
        if kind not in running:
            _begin(uow, period_of(kind, local_day(now)))
    ended = uow.all(SQL["end_periods"], now=now, late_after=policy_in_force(uow).late_after)
    for row in ended:
        over = Period(kind=PeriodKind(row["kind"]), first=row["first"], last=row["last"], number=row["number"])
        _begin(uow, following(over))
        uow.tell("period.ended", f"{over.kind}/{over.first}", _data(over, row))
    return len(ended)


def _begin(uow: UnitOfWork, period: Period) -> None:
    uow.all(
        SQL["begin_period"], kind=str(period.kind), first=period.first, last=period.last, number=period.number, until=period.until
    )  # fmt: skip


def _data(period: Period, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "period": str(period.kind), "first": period.first.isoformat(), "last": period.last.isoformat(), "number": period.number,
        "until": instant(period.until), "ended_at": instant(row["ended_at"]), "late": row["late"],
    }  # fmt: skip
