"""Events that could not be handled: kept as received, explained, tried again, replayed or dismissed with a reason."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.bus.retry import next_attempt
from shared.contract import Event
from shared.database import UnitOfWork
from shared.errors import NotFound, NotYet, Unavailable
from shared.metrics import record_handled

if TYPE_CHECKING:
    from shared.bus.inbox import Inbox, Incoming

log = logging.getLogger(__name__)

_PARK = """
INSERT INTO parked (event_id, type, lane, subject, reason, error, routing_key, body, properties, attempts, next_attempt_at)
VALUES (%(event_id)s, %(type)s, %(lane)s, %(subject)s, %(reason)s, %(error)s, %(key)s, %(body)s, %(properties)s, %(attempts)s,
        now() + %(delay)s)
ON CONFLICT (event_id) DO NOTHING
"""
# The first of each lane, if its time has come. One that only waited is free as soon as it is the first.
_DUE = """
SELECT id, lane FROM (
    SELECT DISTINCT ON (lane) id, lane, reason, next_attempt_at FROM parked
    WHERE dismissed_at IS NULL AND lane IS NOT NULL ORDER BY lane, id
) first WHERE reason = 'waiting' OR next_attempt_at <= now() ORDER BY id LIMIT %(limit)s
"""
# The first one or none: with `LIMIT 1 ... SKIP LOCKED` a second worker would be given the next one while the first is at it.
_FIRST = """
SELECT * FROM parked WHERE id = (SELECT min(id) FROM parked WHERE lane = %(lane)s AND dismissed_at IS NULL)
AND dismissed_at IS NULL FOR UPDATE SKIP LOCKED
"""


def park(uow: UnitOfWork, event: Event, message: Incoming, *, reason: str, error: str, fault: Exception | None) -> None:
    """Keep a readable event that cannot take effect now."""
    delay = next_attempt(1, fault) if fault is not None else None
    uow.all(
        _PARK, event_id=event.id, type=event.contract.type, lane=event.lane, subject=event.subject, reason=reason, error=_text(error)[:4000],
        key=_text(message.routing_key), body=message.body, properties=_properties(message), attempts=0 if fault is None else 1, delay=delay,
    )  # fmt: skip


def park_unreadable(uow: UnitOfWork, message: Incoming, error: str) -> None:
    """Keep the bytes of a message that nobody here can read."""
    uow.all(
        _PARK, event_id=None, type=None, lane=None, subject=None, reason="unreadable", error=_text(error)[:4000],
        key=_text(message.routing_key),
        body=message.body, properties=_properties(message), attempts=0, delay=None,
    )  # fmt: skip


def retry_due(inbox: Inbox, limit: int = 50) -> int:
    """Try the lanes whose time has come, each as far as it goes. Returns how many events took effect."""
    with inbox.database.unit_of_work() as uow:
        lanes = [row["lane"] for row in uow.all(_DUE, limit=limit)]
    done = 0
    for lane in lanes:
        while _retry_first(inbox, lane):
            done += 1
    return done


def listed(uow: UnitOfWork) -> list[dict[str, Any]]:
    """What is parked, oldest first, with its reason and its next try."""
    return uow.all(
        "SELECT id, event_id, type, lane, subject, reason, error, routing_key, parked_at, attempts, next_attempt_at,"
        " length(body) AS bytes FROM parked WHERE dismissed_at IS NULL ORDER BY id"
    )


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


def _retry_first(inbox: Inbox, lane: str) -> bool:
    from shared.bus.inbox import enter

    row: dict[str, Any] | None = None
    try:
        with inbox.database.unit_of_work() as uow:
            row = uow.one(_FIRST, lane=lane)
            if row is None:
                return False
            event = inbox.read(_incoming(row))
            uow.cause = event
            if enter(uow, [event]):
                inbox.preload([event], uow)
                inbox.hears[event.contract.name](event, uow)
            uow.all("DELETE FROM parked WHERE id = %(id)s", id=row["id"])
        record_handled(inbox.database.service, "retried")
        return True
    except Unavailable:
        raise
    except Exception as fault:
        if row is None:
            raise
        _failed_again(inbox, row, fault)
        return False


def _failed_again(inbox: Inbox, row: dict[str, Any], fault: Exception) -> None:
    attempts = row["attempts"] + 1
    delay: timedelta | None = next_attempt(attempts, fault)
    with inbox.database.unit_of_work() as uow:
        uow.all(
            "UPDATE parked SET attempts = %(attempts)s, next_attempt_at = now() + %(delay)s, error = %(error)s, reason = %(reason)s"
            " WHERE id = %(id)s",
            id=row["id"], attempts=attempts, delay=delay, error=_text(f"{type(fault).__name__}: {fault}")[:4000],
            reason="not_yet" if isinstance(fault, NotYet) else "failed",
        )  # fmt: skip
    log.warning("parked event %s failed again (try %d): %r", row["event_id"], attempts, fault)


def _properties(message: Incoming) -> str:
    known = {"content_type": message.content_type, "user": message.user, "message_id": message.message_id}
    return json.dumps({name: _text(str(value)) if value is not None else None for name, value in known.items()})


def _text(text: str) -> str:
    """The text as a column can hold it: a message may carry NUL and half characters anywhere, and must still be kept."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def _incoming(row: dict[str, Any]) -> Incoming:
    from shared.bus.inbox import Incoming

    known = row["properties"]
    return Incoming(
        body=bytes(row["body"]), routing_key=row["routing_key"], content_type=known["content_type"], user=known["user"],
        message_id=known["message_id"], redelivered=True,
    )  # fmt: skip
