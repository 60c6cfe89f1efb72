"""Whom a case is suggested to: the rules, what was learnt, and the guard, put together for one case."""

from __future__ import annotations

from uuid import UUID

from services.routing import store
from services.routing.domain.guard import Bars
from services.routing.domain.learning import Model
from services.routing.domain.suggestion import Guide
from services.routing.handlers.learning import unpacked
from shared.database import UnitOfWork

_KEPT = 4  # trainings that a process holds: of each instance that it carries the last one
_models: dict[UUID, Model] = {}


def guide(uow: UnitOfWork, bars: Bars | None, author: str) -> Guide:
    """What suggestions for a case with these bars rest on, for the official who is to instruct."""
    return Guide(rules=store.rules(uow), model=model(uow), directory=store.directory(uow), bars=bars, author=author)


def model(uow: UnitOfWork) -> Model | None:
    """What was learnt last, kept in the process until there is something newer; None before the first training."""
    last = uow.one(store.SQL["last_learned"])
    if last is None:
        return None
    if last["id"] not in _models:
        row = uow.one(store.SQL["learned_model"], id=last["id"])
        if row is None or row["model"] is None:  # a newer one came in between: it is found next time
            return None
        while len(_models) >= _KEPT:
            _models.pop(next(iter(_models)), None)
        _models[last["id"]] = unpacked(bytes(row["model"]))
    return _models[last["id"]]
