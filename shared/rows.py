"""Rows and entities: a table's rows are loaded in sets, changed in memory as frozen values, and written in sets."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from psycopg2.extensions import cursor as Cursor

from shared.contract.person import Person
from shared.sql import filled

E = TypeVar("E")


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Person):
        return value.as_data()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not go into a column")


def _codec(hint: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How a value of this type is read from a column and written to it."""
    if get_origin(hint) in (Union, types.UnionType):
        read, write = _codec(next(kind for kind in get_args(hint) if kind is not type(None)))
        return (lambda v: None if v is None else read(v)), (lambda v: None if v is None else write(v))
    if hint is Person:
        return Person.of, _json
    if get_origin(hint) in (tuple, frozenset):
        item = _codec(get_args(hint)[0])[0]
        kind = get_origin(hint)
        return (lambda v: kind(item(x) for x in v)), _json
    if get_origin(hint) is not None or hint is dict:
        return _same, _json
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint, lambda v: v.value
    if hint is bytes:
        return bytes, _same
    return _same, _same


@dataclass(frozen=True)
class Table(Generic[E]):
    """A table whose columns are the fields of the frozen dataclass `entity`. Columns in `adds` are sums: a write adds to them.

    The column `stepwise` changes in the database by the same steps as in memory, which its trigger allows or refuses one by one.
    """

    name: str
    entity: type[E]
    key: tuple[str, ...] = ("id",)
    adds: tuple[str, ...] = ()
    stepwise: str | None = None

    @cached_property
    def codecs(self) -> dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]]:
        """Column name to (read, write), in the order of the fields."""
        entity: Any = self.entity
        hints = get_type_hints(entity)
        return {field.name: _codec(hints[field.name]) for field in fields(entity)}

    @cached_property
    def columns(self) -> str:
        """The columns, divided by commas."""
        return ", ".join(self.codecs)

    @cached_property
    def upsert(self) -> str:
        """The statement that writes a set of rows."""
        rest = [column for column in self.codecs if column not in self.key]
        sums = {c: f"{self.name}.{c} + " for c in self.adds}
        change = "UPDATE SET " + ", ".join(f"{c} = {sums.get(c, '')}excluded.{c}" for c in rest) if rest else "NOTHING"
        return f"INSERT INTO {self.name} ({self.columns}) VALUES %s ON CONFLICT ({', '.join(self.key)}) DO {change}"

    def from_row(self, row: Sequence[Any]) -> E:
        """The entity of a row in the order of the columns."""
        return self.entity(**{c: codec[0](value) for (c, codec), value in zip(self.codecs.items(), row, strict=True)})

    def to_row(self, entity: E) -> tuple[Any, ...]:
        """The row of an entity."""
        return tuple(codec[1](getattr(entity, column)) for column, codec in self.codecs.items())

    def key_of(self, entity: E) -> tuple[Any, ...]:
        """The key's values."""
        return tuple(getattr(entity, column) for column in self.key)


class Rows(Generic[E]):
    """The rows of one table that one unit of work has touched. What was loaded is locked until it ends."""

    def __init__(self, cursor: Cursor, table: Table[E]) -> None:
        self._cursor, self._table = cursor, table
        self._known: dict[tuple[Any, ...], E | None] = {}
        self._changed: dict[tuple[Any, ...], E] = {}
        self._steps: dict[tuple[Any, ...], list[E]] = {}

    def load(self, keys: Iterable[Any]) -> None:
        """Load a set of rows by key (the first column of the key, or tuples) in one statement, locked in key order."""
        wanted = {key if isinstance(key, tuple) else (key,) for key in keys} - self._known.keys()
        if not wanted:
            return
        self._known.update(dict.fromkeys(wanted))
        self._fetch(f"({', '.join(self._table.key)}) IN %s", (tuple(wanted),))

    def get(self, *key: Any) -> E | None:
        """The row as it stands in this unit of work, or None."""
        if key not in self._known:
            self.load([key])
        return self._known[key]

    def where(self, condition: str, *params: Any) -> list[E]:
        """Rows that meet an SQL condition, locked, with this unit of work's changes to them."""
        return [entity for key in self._fetch(condition, params) if (entity := self._known[key]) is not None]

    def put(self, entity: E) -> E:
        """Write this entity when the unit of work ends."""
        key, column = self._table.key_of(entity), self._table.stepwise
        before = self._known.get(key)
        if column and before is not None and getattr(before, column) != getattr(entity, column):
            self._steps.setdefault(key, []).append(entity)
        self._known[key] = self._changed[key] = entity
        return entity

    def add(self, entity: E) -> None:
        """Add to the sums of a row, whatever they are, when the unit of work ends."""
        key, value = self._table.key_of(entity), cast(Any, entity)
        if (before := self._changed.get(key)) is not None:
            value = replace(value, **{c: getattr(before, c) + getattr(value, c) for c in self._table.adds})
        self._changed[key] = value

    def changes(self) -> list[bytes]:
        """The statements that write every changed row, for the caller to run; none when nothing changed."""
        if not self._changed:
            return []
        between = self._between()
        rows = [self._table.to_row(entity) for _, entity in sorted(self._changed.items(), key=lambda pair: str(pair[0]))]
        self._changed.clear()
        return [*between, filled(self._cursor, self._table.upsert, rows)]

    def _between(self) -> list[bytes]:
        """The statements that take rows through the steps before their last one."""
        found, column = [], str(self._table.stepwise)
        for step in range(max(map(len, self._steps.values()), default=0) - 1):
            taken: dict[Any, list[tuple[Any, ...]]] = {}
            for key, steps in sorted(self._steps.items(), key=lambda pair: str(pair[0])):
                if step < len(steps) - 1:
                    taken.setdefault(self._table.codecs[column][1](getattr(steps[step], column)), []).append(key)
            statement = f"UPDATE {self._table.name} SET {column} = %s WHERE ({', '.join(self._table.key)}) IN %s"
            found += [self._cursor.mogrify(statement, (value, tuple(keys))) for value, keys in taken.items()]
        self._steps.clear()
        return found

    def _fetch(self, condition: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        order = ", ".join(self._table.key)
        self._cursor.execute(
            f"SELECT {self._table.columns} FROM {self._table.name} WHERE {condition} ORDER BY {order} FOR UPDATE",
            params,
        )
        keys = []
        for row in self._cursor.fetchall():
            entity = self._table.from_row(row)
            key = self._table.key_of(entity)
            keys.append(key)
            if key not in self._changed:
                self._known[key] = entity
        return keys
