"""The archive of what was received, read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.reporting.store import SQL
from shared.contract import decode
from shared.contract.envelope import CONTENT_TYPE, Event
from shared.database import UnitOfWork


def read(stream: str, body: bytes) -> Event:
    """An event of the archive. Raises Unreadable when its contract is gone."""
    return decode(body, content_type=CONTENT_TYPE, stream_key=stream.rpartition(" ")[2])


def bodies(uow: UnitOfWork, case: str) -> dict[str, tuple[bytes, Mapping[str, Any]]]:
    """Each event of a case as it was received: its id, its bytes, what it tells."""
    rows = ((row["stream"], bytes(row["body"])) for row in uow.all(SQL["archive"], case=case))
    return {str(event.id): (body, event.data) for event, body in ((read(stream, body), body) for stream, body in rows)}
