"""Addresses of officials as the directory's file and pages give them; nothing of them is in an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.routing import store
from services.routing.domain.roster import Roster
from services.routing.handlers.gathering import contact_of
from services.routing.handlers.roster import Difference
from shared.database import UnitOfWork


def adopt(
    uow: UnitOfWork, known: Roster, entries: Mapping[str, Mapping[str, str | None]], *, dry: bool = False
) -> list[Difference]:
    """Addresses by official as they are given; one that is None stays. Returns what differs; `dry` writes nothing."""
    found = []
    for official, given in sorted(entries.items()):
        before = contact_of(uow, official)
        was = before.addresses()
        now = was | {name: value for name, value in given.items() if value is not None}
        if now != was:
            name = {"name": known.names.get(official, official)}
            found.append(Difference("official", official, name | was, name | now))
            if not dry:
                uow.rows(store.CONTACTS).put(before.with_addresses(**now))
    return found


def recorded(uow: UnitOfWork) -> dict[str, dict[str, str]]:
    """Every address that is recorded, by official."""
    rows: Iterable[Mapping[str, str]] = uow.all(store.SQL["contacts"])
    return {row["official"]: {name: row[name] for name in ("mail", "webhook") if row[name]} for row in rows}
