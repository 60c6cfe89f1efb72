"""Whom a case is suggested to: the rules, what was learnt, and the guard, put together for one case."""

from __future__ import annotations

from uuid import UUID

from services.routing import store
from services.routing.domain.guard import Bars
from services.routing.domain.suggestion import Guide
from services.routing.handlers.learning import Learnt, unpacked
from shared.database import UnitOfWork

_KEPT = 4  # trainings that a process holds: of each instance that it carries the last one
_known: dict[UUID, Learnt] = {}


def guide(uow: UnitOfWork, bars: Bars | None, author: str) -> Guide:
    """What suggestions for a case with these bars rest on, for the official who is to instruct."""
    last = learnt(uow)
    return Guide(
        rules=store.rules(uow), model=last.model if last else None, records=last.records if last else {},
        directory=store.directory(uow), bars=bars, author=author,
    )  # fmt: skip


def learnt(uow: UnitOfWork) -> Learnt | None:
    """What was learnt last, kept in the process until there is something newer; None before the first training."""
    last = uow.one(store.SQL["last_learned"])
    if last is None:
        return None
    if last["id"] not in _known:
        row = uow.one(store.SQL["learned_model"], id=last["id"])
        if row is None or row["model"] is None:  # a newer one came in between: it is found next time
            return None
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)), None)
        _known[last["id"]] = unpacked(bytes(row["model"]), row["records"])
    return _known[last["id"]]
