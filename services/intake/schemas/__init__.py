"""What comes in over HTTP, a module for each topic; `LABELS` is what pages call their fields."""

from __future__ import annotations

from typing import Any

from services.intake.schemas import attachments, casework, letters, linking, petition, published, tracking

LABELS: dict[str, Any] = (
    petition.LABELS | tracking.LABELS | casework.LABELS | attachments.LABELS | letters.LABELS | published.LABELS | linking.LABELS
)
