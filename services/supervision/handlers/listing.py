"""What is owed, as lists: queues, counts, units, all as far as a reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.supervision.store import SQL
from services.supervision.working_calendar import end_of, local_day
from shared.database import UnitOfWork

QUEUES = {
    "overdue": "d.stage <> 'paused' AND d.due_at <= %(now)s",
    "today": "d.stage <> 'paused' AND d.due_at > %(now)s AND d.due_at <= %(tonight)s",
    "approaching": "d.stage <> 'paused' AND d.due_at > %(tonight)s AND d.warned > 0",
    "open": "true",
}
NOT_BARRED = "may_see(d.case_id, %(official)s, %(posts)s::text[])"
IN_SCOPE = (
    "(d.organisation = ANY(%(exact)s::text[]) OR EXISTS ("
    "SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(d.organisation, p)))"
)
SEEN = f"{NOT_BARRED} AND {IN_SCOPE}"
# Still owed, for a right to object is nothing that is owed.
_SIGHT = f"d.stage IN ('pending', 'approaching', 'paused', 'missed') AND d.obligation <> 'objection' AND {SEEN}"
_COUNTS = SQL["counts"].format(sight=_SIGHT, **QUEUES)
_UNITS = SQL["units"].format(sight=_SIGHT)
_QUEUE = {name: SQL["queue"].format(sight=_SIGHT, queue=condition) for name, condition in QUEUES.items()}


def sight(official: str, posts: Iterable[str], scope: Iterable[str]) -> dict[str, Any]:
    """Who asks: the official, the organisations in which he holds posts, and the codes or `prefix*`es of his scope."""
    scope = list(scope)
    return {
        "official": official, "posts": sorted(set(posts)),
        "exact": [code for code in scope if not code.endswith("*")],
        "prefixes": [code[:-1] for code in scope if code.endswith("*")],
    }  # fmt: skip


def counts(uow: UnitOfWork, who: dict[str, Any], now: datetime, unit: str | None = None) -> dict[str, int]:
    """How many deadlines there are in each queue."""
    return uow.all(_COUNTS, **who, unit=unit, **_times(now))[0]


def units(uow: UnitOfWork, who: dict[str, Any]) -> list[dict[str, Any]]:
    """The units that owe something: {code, name, name_en}."""
    return uow.all(_UNITS, **who)


def page(
    uow: UnitOfWork, who: dict[str, Any], now: datetime, queue: str, *, unit: str | None, limit: int, offset: int
) -> list[dict[str, Any]]:
    """One page of a queue, the most urgent first; `last_day` is the last one on which it is in time."""
    rows = uow.all(_QUEUE[queue], **who, unit=unit, limit=limit, offset=offset, **_times(now))
    return [{**row, "last_day": local_day(row["due_at"] - timedelta(microseconds=1))} for row in rows]


def _times(now: datetime) -> dict[str, datetime]:
    return {"now": now, "tonight": end_of(local_day(now))}
