"""Events that could not be handled: kept as received, explained, listed, replayed or dismissed with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.bus.retry import next_attempt
from shared.contract import Event
from shared.database import UnitOfWork
from shared.errors import NotFound

_PARK = """
INSERT INTO parked (event_id, type, lane, subject, reason, error, routing_key, body, properties, attempts, next_attempt_at)
VALUES (%(event_id)s, %(type)s, %(lane)s, %(subject)s, %(reason)s, %(error)s, %(key)s, %(body)s, %(properties)s, %(attempts)s,
        now() + %(delay)s)
ON CONFLICT (event_id) DO NOTHING
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A message as it came from the broker."""

    body: bytes
    routing_key: str
    content_type: str | None
    user: str | None
    message_id: str | None
    redelivered: bool


def park(uow: UnitOfWork, event: Event, message: Incoming, *, reason: str, error: str, fault: Exception | None) -> None:
    """Keep a readable event that cannot take effect now."""
    delay = next_attempt(1, fault) if fault is not None else None
    uow.all(
        _PARK, event_id=event.id, type=event.contract.type, lane=event.lane, subject=event.subject, reason=reason, error=text_of(error)[:4000],
        key=text_of(message.routing_key), body=message.body, properties=_properties(message), attempts=0 if fault is None else 1, delay=delay,
    )  # fmt: skip


def park_unreadable(uow: UnitOfWork, message: Incoming, error: str) -> None:
    """Keep the bytes of a message that nobody here can read."""
    uow.all(
        _PARK, event_id=None, type=None, lane=None, subject=None, reason="unreadable", error=text_of(error)[:4000],
        key=text_of(message.routing_key), body=message.body, properties=_properties(message), attempts=0, delay=None,
    )  # fmt: skip


def listed(uow: UnitOfWork, *, dismissed: bool = False) -> list[dict[str, Any]]:
    """What is parked, oldest first, with its reason and its next try; or what was given up, by whom and why."""
    return uow.all(
        "SELECT id, event_id, type, lane, subject, reason, error, routing_key, parked_at, attempts, next_attempt_at,"
        " length(body) AS bytes, dismissed_by, dismissed_for, dismissed_at FROM parked"
        " WHERE (dismissed_at IS NOT NULL) = %(dismissed)s ORDER BY id", dismissed=dismissed,
    )  # fmt: skip


def one(uow: UnitOfWork, parked_id: int) -> dict[str, Any]:
    """Everything that is known of one, dismissed or not. Raises NotFound."""
    found = uow.one("SELECT * FROM parked WHERE id = %(id)s", id=parked_id)
    if found is None:
        raise NotFound("id", "没有这条搁置事件。", "请刷新列表。")
    return found


def replay(uow: UnitOfWork, parked_id: int) -> None:
    """Try this one now. Raises NotFound."""
    if uow.one(
        "UPDATE parked SET next_attempt_at = now(), reason = CASE WHEN lane IS NULL THEN reason ELSE 'failed' END"
        " WHERE id = %(id)s AND dismissed_at IS NULL RETURNING id", id=parked_id,
    ) is None:  # fmt: skip
        raise NotFound("id", "没有这条搁置事件。", "请刷新列表。")


def dismiss(uow: UnitOfWork, parked_id: int, *, by: str, reason: str) -> None:
    """Give this one up for a stated reason; it stays in the table and its lane goes on. Raises NotFound."""
    if uow.one(
        "UPDATE parked SET dismissed_by = %(by)s, dismissed_for = %(reason)s, dismissed_at = now()"
        " WHERE id = %(id)s AND dismissed_at IS NULL RETURNING id", id=parked_id, by=by, reason=reason,
    ) is None:  # fmt: skip
        raise NotFound("id", "没有这条搁置事件。", "请刷新列表。")


def _properties(message: Incoming) -> str:
    known = {"content_type": message.content_type, "user": message.user, "message_id": message.message_id}
    return json.dumps({name: text_of(str(value)) if value is not None else None for name, value in known.items()})


def text_of(text: str) -> str:
    """The text as a column can hold it: a message may carry NUL and half characters anywhere, and must still be kept."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
