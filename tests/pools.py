"""The pools that tests open in their own process, by whatever site or instance they make.

The run's one PostgreSQL server has a limited number of connections, and a pool keeps those that it opened. So at the end of each
file every pool gives its own back; one that is shared by the whole run opens others at its next use.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from shared.database import Database

_opened: WeakSet[Database] = WeakSet()


def watch() -> None:
    """From now on know every pool that is made."""
    real = Database.__init__

    def init(self: Database, *given: Any, **named: Any) -> None:
        real(self, *given, **named)
        _opened.add(self)

    Database.__init__ = init  # type: ignore[method-assign]


def give_back() -> None:
    """Close what is idle in any of them."""
    for database in list(_opened):
        database.close()
