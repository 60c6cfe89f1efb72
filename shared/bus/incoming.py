"""A message on its way in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A message as it came from the broker."""

    body: bytes
    routing_key: str
    content_type: str | None
    user: str | None
    message_id: str | None
    redelivered: bool
