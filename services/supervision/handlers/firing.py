"""Firing: what has fallen due is marked and told in one transaction, in sets, by whoever comes first.

A row is marked in the same transaction that tells it, under its case's lock, and a marked row is not claimed
again: so each deadline is missed exactly once, with any number of schedulers and however they die.
"""

from __future__ import annotations

from services.supervision import store
from services.supervision.domain import Deadline, is_late
from services.supervision.domain import warn as warned
from services.supervision.handlers import book
from services.supervision.handlers.telling import deadline_data
from services.supervision.metrics import record_fired, record_lateness
from shared.database import UnitOfWork

_COLUMNS = ", ".join(f"d.{column}" for column in store.DEADLINES.codecs)
_CLAIM_LAPSED = store.SQL["claim_lapsed"].format(columns=_COLUMNS)
_CLAIM_MISSED = store.SQL["claim_missed"].format(columns=_COLUMNS)
_CLAIM_WARNINGS = store.SQL["claim_warnings"].format(columns=_COLUMNS)


def fire_due(uow: UnitOfWork, limit: int = 1000) -> int:
    """Fire at most `limit` deadlines that are due or approaching, and rights that have lapsed; their number. Repeat while it is `limit`.

    The database's clock decides, not this machine's: none fires early. What was met or withdrawn never fires.
    """
    now = uow.all(store.SQL["database_now"])[0]["now"]
    lapsed = [_entity(row) for row in uow.all(_CLAIM_LAPSED, now=now, limit=limit)]
    for deadline in lapsed:
        extra = {"withdrawn_at": deadline.due_at, "reason": "lapsed"}
        uow.tell("deadline.withdrawn", deadline.case_id, deadline_data(deadline, extra))
    if len(lapsed) == limit:
        return limit
    limit -= len(lapsed)
    missed = [_entity(row) for row in uow.all(_CLAIM_MISSED, now=now, limit=limit)]
    told = []
    for deadline in missed:
        extra = {"fired_at": now, "late": is_late(deadline, now)}
        told.append((uow.tell("deadline.missed", deadline.case_id, deadline_data(deadline, extra)), deadline.id))
    book.missed_together(uow, told)
    if missed:
        record_lateness(max((now - max(deadline.due_at, deadline.set_at)).total_seconds() for deadline in missed))
    late = sum(is_late(deadline, now) for deadline in missed)
    record_fired("missed", late, late=True)
    record_fired("missed", len(missed) - late, late=False)
    if len(missed) == limit:
        return len(lapsed) + limit
    claimed = [_entity(row) for row in uow.all(_CLAIM_WARNINGS, now=now, limit=limit - len(missed))]
    pairs = [warned(deadline, now) for deadline in claimed]
    for deadline, fact in pairs:
        if fact is not None:
            uow.tell(fact.name, deadline.case_id, deadline_data(deadline, fact.data))
    record_fired("approaching", sum(fact is not None for _, fact in pairs), late=False)
    uow.many(store.SQL["mark_warned"], [(d.id, str(d.stage), d.warned, d.warn_at) for d, _ in pairs])
    return len(lapsed) + len(missed) + len(claimed)


def _entity(row: dict[str, object]) -> Deadline:
    return store.DEADLINES.from_row(list(row.values()))
