"""Why the limits of a case fall when they do, from what was kept of them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.supervision import store
from services.supervision.domain import Deadline
from services.supervision.domain.calendar import as_of
from services.supervision.domain.explaining import Counted, Moved, Step, explain
from services.supervision.handlers.calendar import history
from services.supervision.handlers.in_force import calendar_of, policy_of
from services.supervision.handlers.listing import IN_SCOPE, NOT_BARRED
from services.supervision.store import SQL
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotFound

_COLUMNS = ", ".join(f"d.{column}" for column in store.DEADLINES.codecs)
_OWN = f"{NOT_BARRED} AND ({IN_SCOPE} OR d.responsible ->> 'official' = %(official)s)"
_SEEN = SQL["deadlines_of_case"].format(columns=_COLUMNS, sight=_OWN)
_ALL = SQL["deadlines_of_case"].format(columns=_COLUMNS, sight="true")


class Explained(NamedTuple):
    """A limit with its reckoning; `days` one by one where working days were counted."""

    deadline: Deadline
    steps: list[Step]
    days: list[Counted]


def case_of(uow: UnitOfWork, given: str) -> UUID:
    """The case of an id or a number. Raises NotFound."""
    try:
        return UUID(given)
    except ValueError:
        found = uow.one(SQL["case_on_paper"], number=given)
    if found is None:
        raise NotFound("case", "没有这个编号的信访件。", "请核对编号。")
    return UUID(str(found["id"]))


def explained(uow: UnitOfWork, case: UUID, who: dict[str, Any] | None = None) -> tuple[dict[str, Any], list[Explained]]:
    """The case with every limit that it had, as far as `who` may see them (None: all, for the command line). Raises NotFound.

    Who is responsible sees his own limits; who is barred sees nothing.
    """
    named = uow.one(SQL["case_explained"], case=case)
    rows = uow.all(_SEEN, case=case, **who) if who else uow.all(_ALL, case=case)
    if named is None or not rows:
        raise NotFound("case", "没有这件信访件的期限。", "请从督办列表打开。")
    moves, paused = _told(uow, case)
    changes = history(uow)
    found = []
    for row in rows:
        deadline = store.DEADLINES.from_row(list(row.values()))
        policy, then = policy_of(uow, deadline.policy), as_of(calendar_of(uow), changes, deadline.set_at)
        steps = explain(
            deadline,
            policy,
            then=then,
            now=calendar_of(uow),
            moves=moves[str(deadline.id)],
            paused_at=paused.get(str(deadline.id)),
        )
        days = [day for step in steps if step.kind == "working" for day in step.values["days"]]
        found.append(Explained(deadline, steps, days))
    return named, found


def _told(uow: UnitOfWork, case: UUID) -> tuple[dict[str, list[Moved]], dict[str, datetime]]:
    """What the log says: the moves of each limit, and since when it stood still the last time."""
    moves: dict[str, list[Moved]] = defaultdict(list)
    paused: dict[str, datetime] = {}
    for row in uow.all(SQL["told_of_clocks"], case=str(case)):
        data = json.loads(bytes(row["draft"]) + b"}")["data"]
        if row["name"] == "deadline.paused":
            paused[data["deadline_id"]] = datetime.fromisoformat(data["paused_at"])
            continue
        moves[data["deadline_id"]].append(
            Moved(
                cause=data["cause"], was=datetime.fromisoformat(data["was_due_at"]), due=datetime.fromisoformat(data["due_at"]),
                at=datetime.fromisoformat(data["moved_at"]), by=Person.of(data["by"]) if data.get("by") else None,
                category=data.get("category"), reason=data.get("reason"),
            )
        )  # fmt: skip
    return moves, paused
