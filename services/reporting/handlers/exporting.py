"""Lists taken away as files: noted among what was read, and shown to the auditor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from shared.contract.person import Person
from shared.database import UnitOfWork


def note_export(uow: UnitOfWork, by: Person, asked: Mapping[str, Any], cases: Sequence[UUID]) -> None:
    """Note that an official took these cases away as a file: in the log of exports, and for each case that he read it.

    `asked` is the filter as the list's address says it, in what JSON knows.
    """
    taken = list(cases)
    uow.all(SQL["note_export"], **by.as_data(), filter=json.dumps(dict(asked)), cases=taken, now=uow.now)
    uow.all(SQL["note_exported"], cases=taken, me=by.official, now=uow.now)


def exports(uow: UnitOfWork, sees: Sight, *, who: str = "", limit: int, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """A page of the log of exports, the latest first, and how many there are. `who` is an id or a name; '' is everybody.

    `filter` is None where a case stood in the file from which the reader is barred.
    """
    found = uow.all(SQL["exports"], me=sees.official, posts=list(sees.posts), who=who, limit=limit, offset=offset)
    return found, found[0]["total"] if found else 0
