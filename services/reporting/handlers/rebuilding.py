"""The read model made anew from the archive, beside the one in use, and then put in its place.

The rows are made in temporary tables of the same names, which a connection finds first: the projections do not know the
difference, live events go on meanwhile, and no right to create anything is needed. What is there at the beginning is read
case by case and copied in; only the switch holds projecting up: it takes in what came meanwhile, event by event, and replaces
the rows that differ in one transaction, so that readers see the old model or the new. Comparing takes some seconds for a hundred
thousand cases; where every row differs (after a change of what is drawn) writing takes minutes for as many, and events wait so long.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import psycopg2
from psycopg2 import sql

from services.reporting.handlers.archive import read
from services.reporting.handlers.case_by_case import Afterwards, Progress, by_case
from services.reporting.handlers.projecting import PROJECTED, PROJECTING, load
from services.reporting.store import READ_MODEL, SQL
from shared.connection import Connection
from shared.contract import Event
from shared.database import Database, UnitOfWork, connect, faults
from shared.errors import NotYet, Refused
from shared.rows import Table

log = logging.getLogger(__name__)
AT_ONCE = 2000
_SHADOW = "CREATE TEMPORARY TABLE {table} (LIKE {live} INCLUDING DEFAULTS)"
_KEY = "ALTER TABLE pg_temp.{table} ADD PRIMARY KEY ({key}); ANALYZE pg_temp.{table}"
# What is the same already is left alone: comparing takes seconds where writing with all indexes takes minutes.
_SWITCH = """
DELETE FROM {live} AS used WHERE NOT EXISTS (
    SELECT FROM pg_temp.{table} AS made WHERE {same} AND ROW(made.*) IS NOT DISTINCT FROM ROW(used.*)
);
INSERT INTO {live} SELECT made.* FROM pg_temp.{table} AS made WHERE NOT EXISTS (SELECT FROM {live} AS used WHERE {same})
"""
_SETTINGS = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET work_mem = '128MB'"
_ONE_SNAPSHOT = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ"
_DIFFERENT = """
SELECT count(*) FROM (
    (SELECT to_jsonb(made) FROM pg_temp.{table} made EXCEPT SELECT to_jsonb(used) FROM {live} used)
    UNION ALL (SELECT to_jsonb(used) FROM {live} used EXCEPT SELECT to_jsonb(made) FROM pg_temp.{table} made)
) difference
"""


def rebuild(database: Database) -> int:
    """Rebuild the read model from `received` and switch to it. Returns how many events it was made from."""
    with faults():
        connection = connect(database.url, database.service)
        try:
            done = _prepare(connection, database)
            _hold(connection)
            events = _catch_up(connection, database, done)
            for table in READ_MODEL:
                _run(connection, _SWITCH, database.service, table)
            connection.commit()
            return events
        finally:
            connection.close()  # and the temporary tables with it


def differences(database: Database) -> dict[str, int]:
    """How many rows of each table of the live read model differ from a rebuilt one (invariant I9); changes nothing.

    Projecting is held up only while the instant is chosen at which the two are compared.
    """
    with faults():
        connection, holder = connect(database.url, database.service), connect(database.url, database.service)
        try:
            done = _prepare(connection, database)
            with connection.cursor() as cursor:
                cursor.execute(_ONE_SNAPSHOT)
            connection.commit()
            _hold(holder)
            _last(connection)  # the first statement takes the snapshot
            holder.rollback()
            _catch_up(connection, database, done)
            return {table.name: _different(connection, database.service, table) for table in READ_MODEL}
        finally:
            connection.close()
            holder.close()


def _prepare(connection: Connection, database: Database) -> Progress:
    """Make the tables and fill them while events go on coming."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
    for table in READ_MODEL:
        _run(connection, _SHADOW, database.service, table)
    _hold(connection)
    up_to = _last(connection)
    connection.commit()
    done = by_case(connection, database.org, up_to)
    try:
        _add_keys(connection, database.service)
    except psycopg2.errors.UniqueViolation as fault:  # only in an archive from before this was refused
        connection.rollback()
        log.warning("two cases claim one key, so that the archive is projected event by event: %s", fault)
        _add_keys(connection, database.service)
        done = Progress()
    connection.commit()
    while True:
        _hold(connection)
        up_to = _last(connection)
        connection.commit()
        if up_to - done.last <= AT_ONCE:
            return done
        done = _replay(connection, database, done, up_to=up_to)


def _add_keys(connection: Connection, schema: str) -> None:
    for table in READ_MODEL:
        _run(connection, _KEY, schema, table)


def _catch_up(connection: Connection, database: Database, so_far: Progress) -> int:
    """Take in what came meanwhile, in the same transaction. Returns how many in all."""
    done = _replay(connection, database, so_far, up_to=None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tally WHERE n = 0")  # in the table in use a trigger does it
    for event in done.waiting:
        log.warning("left out: %s %s, whose assignment's issue is not in the archive", event.contract.name, event.id)
    return done.events


def _hold(connection: Connection) -> None:
    """Wait for whoever is projecting, and let nobody begin until this transaction ends.

    Rows are numbered before they are committed: only now does every number below the last one stand for good.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (PROJECTING,))


def _last(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM received")
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def _replay(connection: Connection, database: Database, so_far: Progress, *, up_to: int | None) -> Progress:
    """Project the archive from where `so_far` ends. With `up_to` each part is committed."""
    last, count, waiting = so_far
    while True:
        uow = UnitOfWork(connection, service=database.service, org=database.org, clock=Afterwards())
        rows = uow.all(SQL["received_after"], after=last, limit=AT_ONCE, up_to=up_to)
        events = [*waiting, *(read(row["stream"], bytes(row["body"])) for row in rows)]
        load(events, uow)
        left = _project(events, uow)
        uow.flush()
        if up_to is not None:
            connection.commit()
        if not rows and len(left) == len(waiting):
            return Progress(last, count, left)
        last, count, waiting = rows[-1]["id"] if rows else last, count + len(rows), left


def _project(events: Sequence[Event], uow: UnitOfWork) -> list[Event]:
    """Project these in order. Returns those that wait: two transactions may have numbered a case's events crosswise."""
    waiting = []
    for event in events:
        handler = PROJECTED.get(event.contract.name)
        try:
            if handler is not None:
                handler(event, uow)
        except NotYet:
            waiting.append(event)
        except Refused as refusal:  # only in an archive from before these were refused: live, it would not be in it
            log.warning("left out: %s %s: %s", event.contract.name, event.id, refusal)
    return waiting


def _run(connection: Connection, statement: str, schema: str, table: Table[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(statement).format(
                table=sql.Identifier(table.name), live=sql.Identifier(schema, table.name),
                key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
                same=sql.SQL(" AND ").join(sql.SQL("made.{0} = used.{0}").format(sql.Identifier(column)) for column in table.key),
            )
        )  # fmt: skip


def _different(connection: Connection, schema: str, table: Table[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_DIFFERENT).format(table=sql.Identifier(table.name), live=sql.Identifier(schema, table.name)))
        found = cursor.fetchone()
    return int(found[0]) if found else 0
