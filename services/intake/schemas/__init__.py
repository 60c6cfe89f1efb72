"""What comes in over HTTP, a module for each topic; `LABELS` is what pages call their fields."""

from __future__ import annotations

from typing import Any

from services.intake.schemas import (
    attachments,
    boards,
    calls,
    casework,
    correspondence,
    duty,
    imports,
    letters,
    linking,
    petition,
    published,
    reception,
    tracking,
    visits,
)

LABELS: dict[str, Any] = {
    **petition.LABELS,
    **tracking.LABELS,
    **casework.LABELS,
    **attachments.LABELS,
    **letters.LABELS,
    **published.LABELS,
    **duty.LABELS,
    **calls.LABELS,
    **correspondence.LABELS,
    **boards.LABELS,
    **reception.LABELS,
    **visits.LABELS,
    **linking.LABELS,
    **imports.LABELS,
}
