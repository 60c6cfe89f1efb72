"""What is parked, tried again: lane by lane, the first of each when its time has come."""

from __future__ import annotations

import logging
from typing import Any

from shared.bus.inbox import Inbox, enter
from shared.bus.parked import Incoming, text_of
from shared.bus.retry import next_attempt
from shared.errors import NotYet, Unavailable
from shared.metrics import record_handled

log = logging.getLogger(__name__)

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


def retry_due(inbox: Inbox, limit: int = 50) -> int:
    """Try the lanes whose time has come, each as far as it goes. Returns how many events took effect."""
    with inbox.database.unit_of_work() as uow:
        lanes = [row["lane"] for row in uow.all(_DUE, limit=limit)]
    done = 0
    for lane in lanes:
        while _retry_first(inbox, lane):
            done += 1
    return done


def _retry_first(inbox: Inbox, lane: str) -> bool:
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
    delay = next_attempt(attempts, fault)
    with inbox.database.unit_of_work() as uow:
        uow.all(
            "UPDATE parked SET attempts = %(attempts)s, next_attempt_at = now() + %(delay)s, error = %(error)s, reason = %(reason)s"
            " WHERE id = %(id)s",
            id=row["id"], attempts=attempts, delay=delay, error=text_of(f"{type(fault).__name__}: {fault}")[:4000],
            reason="not_yet" if isinstance(fault, NotYet) else "failed",
        )  # fmt: skip
    log.warning("parked event %s failed again (try %d): %r", row["event_id"], attempts, fault)


def _incoming(row: dict[str, Any]) -> Incoming:
    known = row["properties"]
    return Incoming(
        body=bytes(row["body"]), routing_key=row["routing_key"], content_type=known["content_type"], user=known["user"],
        message_id=known["message_id"], redelivered=True,
    )  # fmt: skip
