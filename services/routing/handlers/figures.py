"""What waits here, for operators."""

from __future__ import annotations

from services.routing.metrics import record_waiting
from services.routing.store import SQL
from shared.database import UnitOfWork


def measure(uow: UnitOfWork) -> None:
    """State how many cases wait for an instruction and how long, and whether officials are told."""
    found = uow.all(SQL["waiting_figures"], now=uow.now)[0]
    record_waiting(found["cases"], float(found["unread"]), float(found["message"]))
