"""Follow-up tasks as lists and one by one, as far as a reader may see.

Who was asked and what came of it is protected: units and the persons responsible never see it, and the supervision
office only the sample of what staff recorded.
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
    "unreachable": "t.stage = 'unreachable'",
    "recheck": "t.sampled AND t.checked_at IS NULL AND t.source = 'staff' AND t.stage IN ('satisfied', 'not_satisfied')",
    "done": "t.stage NOT IN ('open', 'unreachable')",
}
_SIGHT = (
    "may_see(t.case_id, %(official)s, %(posts)s::text[]) AND NOT has_handled(t.case_id, %(official)s, %(posts)s::text[])"
    " AND (NOT %(sample)s OR (t.sampled AND t.source = 'staff'))"
    " AND (c.organisation = ANY(%(exact)s::text[]) OR EXISTS ("
    "SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(c.organisation, p)))"
)
_COUNTS = SQL["counts"].format(sight=_SIGHT, **QUEUES)
_TASK = SQL["task"].format(sight=_SIGHT)
_LISTS = {
    name: SQL["list"].format(
        sight=_SIGHT, queue=condition, order="t.settled_at DESC, t.id" if name in ("unreachable", "done") else "t.due_at, t.id"
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
    """How many tasks there are in each queue."""
    return uow.all(_COUNTS, **who, **_times(now))[0]


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
    found = uow.all(SQL["decidable"], **who, only=only)
    for row in found:
        waits = row["stage"] == "unreachable" or (row["stage"] == "not_satisfied" and row["instructed_round"] <= row["round"])
        here = row["concluded_by"]["organisation"].startswith(row["organisation"])
        row["open"] = row["case_stage"] == "followed" and waits and here
    return [row for row in found if row["open"] or only]


def reviews(uow: UnitOfWork, who: dict[str, Any], *, only: UUID | None = None, every: bool) -> list[dict[str, Any]]:
    """Reviews as far as the reader may see them; without `every` those that were handed to him."""
    return uow.all(SQL["reviews"], **who, only=only, all=every)


def reviewers(uow: UnitOfWork, case_id: UUID) -> list[dict[str, Any]]:
    """Who may be asked to review a case."""
    return uow.all(SQL["reviewers"], case=case_id)
