"""What waits here, for operators."""

from __future__ import annotations

from services.intake.metrics import record_unsent
from services.intake.store import sure
from shared.database import UnitOfWork


def measure(uow: UnitOfWork) -> None:
    """State for how long the oldest message to a petitioner has waited."""
    record_unsent(float(sure(uow, "oldest_message", now=uow.now)["age"]))
