"""What the guard refused is kept, although the unit of work that met it was rolled back: after it, in one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.domain import Guarded, Shut
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.rows import Table


@dataclass(frozen=True, kw_only=True)
class RefusedTry:
    """Who tried what, and who is barred from the case by which article."""

    id: UUID
    case_id: UUID
    tried_by: str
    act: str
    barred: str
    article: str
    at: datetime


@dataclass(frozen=True)
class Met:
    """A refusal that is still to be kept."""

    tried_by: str
    act: str
    shut: Shut


TRIES = Table("refused_try", RefusedTry)
_met: ContextVar[list[Met] | None] = ContextVar("met", default=None)


def begin() -> None:
    """From here on, in this thread, refusals are gathered."""
    _met.set([])


def note(refusal: Guarded, act: str, tried_by: str) -> None:
    """The guard refused `act` to `tried_by`. Where nobody gathers refusals (no page, no command line) the log alone has it."""
    met = _met.get()
    if met is not None and (one := Met(tried_by, act, refusal.shut)) not in met:
        met.append(one)


def gathered() -> Sequence[Met]:
    """What was refused since `begin`; ends the gathering."""
    met = _met.get() or []
    _met.set(None)
    return met


def keep(uow: UnitOfWork, met: Sequence[Met]) -> None:
    """Keep these refusals."""
    for one in met:
        uow.rows(TRIES).put(
            RefusedTry(
                id=uuid7(), case_id=one.shut.case_id, tried_by=one.tried_by, act=one.act, barred=one.shut.barred,
                article=one.shut.article, at=uow.now,
            )
        )  # fmt: skip
