"""The archive of what was received, read again."""

from __future__ import annotations

from shared.contract import decode
from shared.contract.envelope import CONTENT_TYPE, Event


def read(stream: str, body: bytes) -> Event:
    """An event of the archive. Raises Unreadable when its contract is gone."""
    return decode(body, content_type=CONTENT_TYPE, stream_key=stream.rpartition(" ")[2])
