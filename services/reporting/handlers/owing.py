"""That a period is over is noted; its report is prepared in a transaction of its own."""

from __future__ import annotations

from datetime import date, datetime

from services.reporting.store import SQL
from shared.contract import Event
from shared.database import UnitOfWork


def owe(event: Event, uow: UnitOfWork) -> None:
    """period.ended: its report is owed."""
    data = event.data
    uow.all(
        SQL["owe_report"], kind=data["period"], first=date.fromisoformat(data["first"]), last=date.fromisoformat(data["last"]),
        number=data["number"], until=datetime.fromisoformat(data["until"]),
    )  # fmt: skip
