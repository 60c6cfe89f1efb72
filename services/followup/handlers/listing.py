"""Follow-up tasks as lists and one by one, as far as a reader may see.

Who was asked and what came of it is protected: units and the persons responsible never see it, and the supervision
office only the sample of what staff recorded, and what of it a petitioner contested.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.followup.domain.case import ZONE
from services.followup.store import SQL
from shared.database import UnitOfWork

QUEUES = {
    "overdue": "t.stage = 'open' AND t.due_at <= %(now)s",
    "today": "t.stage = 'open' AND t.due_at > %(now)s AND t.due_at <= %(tonight)s",
    "open": "t.stage = 'open'",
    "unreachable": "t.stage = 'unreachable' AND c.stage = 'followed'",
    "recheck": "t.sampled AND t.checked_at IS NULL AND t.source = 'staff' AND t.stage IN ('satisfied', 'not_satisfied')",
    "done": "t.stage <> 'open' AND (t.stage <> 'unreachable' OR c.stage <> 'followed')",
}
_SIGHT = (
    "may_see(t.case_id, %(official)s, %(posts)s::text[]) AND NOT has_handled(t.case_id, %(official)s, %(posts)s::text[])"
    " AND (NOT %(sample)s OR (t.sampled AND t.source = 'staff') OR t.contested_at IS NOT NULL)"
    " AND (c.organisation = ANY(%(exact)s::text[]) OR EXISTS ("
    "SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(c.organisation, p)))"
)
MOST = 200  # rows of a list without pages
_COUNTS = SQL["counts"].format(sight=_SIGHT, **QUEUES)
_WAITING = {name: SQL["waiting"].format(sight=_SIGHT, queue=condition) for name, condition in QUEUES.items()}
_TASK = SQL["task"].format(sight=_SIGHT)
_DECIDABLE = SQL["decidable"].format(
    which="c.stage = 'followed' AND (t.stage = 'unreachable' OR (t.stage = 'not_satisfied' AND c.instructed_round <= t.round))"
)
_ONE_CASE = SQL["decidable"].format(which="c.id = %(only)s::uuid")
_LISTS = {
    name: SQL["list"].format(
        sight=_SIGHT,
        queue=condition,
        order="t.settled_at DESC, t.id DESC" if name in ("unreachable", "done") else "t.due_at, t.id",
    )
    for name, condition in QUEUES.items()
}


def sight(official: str, posts: Iterable[str], scope: Iterable[str], *, sample: bool) -> dict[str, Any]:
    """Who asks: the official, the organisations of his posts, his scope; `sample` limits him to the sample."""
    scope = list(scope)
    return {
        "official": official, "posts": sorted(set(posts)), "sample": sample,
        "exact": [code for code in scope if not code.endswith("*")],
        "prefixes": [code[:-1] for code in scope if code.endswith("*")],
    }  # fmt: skip


def counts(uow: UnitOfWork, who: dict[str, Any], now: datetime) -> dict[str, int]:
    """How many tasks there are in each queue that waits for somebody."""
    return uow.all(_COUNTS, **who, **_times(now))[0]


def waiting(uow: UnitOfWork, who: dict[str, Any], now: datetime, queue: str) -> int:
    """How many there are in one."""
    return int(uow.all(_WAITING[queue], **who, **_times(now))[0]["n"])


def page(uow: UnitOfWork, who: dict[str, Any], now: datetime, queue: str, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """One page of a queue: open tasks by urgency, answered ones latest first."""
    return uow.all(_LISTS[queue], **who, limit=limit, offset=offset, **_times(now))


def one(uow: UnitOfWork, who: dict[str, Any], task_id: UUID) -> dict[str, Any] | None:
    """A task with its case, its tries, the petitioner's own answers, its other rounds and the closing; or None."""
    task = uow.one(_TASK, **who, id=task_id)
    if task is None:
        return None
    case = {"case": task["case_id"], "round": task["round"]}
    return {
        **task, "tries": uow.all(SQL["tries"], id=task_id), "answers": uow.all(SQL["answers"], **case),
        "rounds": uow.all(SQL["rounds"], **case), "checks": uow.all(SQL["checks"], id=task_id), "closing": uow.one(SQL["closing"], **case),
    }  # fmt: skip


def _times(now: datetime) -> dict[str, datetime]:
    tomorrow = now.astimezone(ZONE).date() + timedelta(days=1)
    return {"now": now, "tonight": datetime.combine(tomorrow, time(0), ZONE)}


def decidable(uow: UnitOfWork, who: dict[str, Any], only: UUID | None = None) -> list[dict[str, Any]]:
    """Cases that a decision may close; with `only` that case as it stands, with `open` saying whether one may. What a superior
    concluded he decides.
    """
    found = uow.all(_ONE_CASE if only else _DECIDABLE, **who, only=only, most=MOST)
    for row in found:
        waits = row["stage"] == "unreachable" or (row["stage"] == "not_satisfied" and row["instructed_round"] <= row["round"])
        here = row["concluded_by"]["organisation"].startswith(row["organisation"])
        row["open"] = row["case_stage"] == "followed" and waits and here
    return [row for row in found if row["open"] or only]


def reviews(uow: UnitOfWork, who: dict[str, Any], *, only: UUID | None = None, every: bool) -> list[dict[str, Any]]:
    """Reviews as far as the reader may see them; without `every` those that were handed to him."""
    return uow.all(SQL["reviews"], **who, only=only, all=every, most=MOST)


def reviews_waiting(uow: UnitOfWork, who: dict[str, Any], *, every: bool) -> int:
    """How many of them wait."""
    return int(uow.all(SQL["reviews_waiting"], **who, all=every)[0]["n"])


def reviewers(uow: UnitOfWork, case_id: UUID) -> list[dict[str, Any]]:
    """Who may be asked to review a case."""
    return uow.all(SQL["reviewers"], case=case_id)
