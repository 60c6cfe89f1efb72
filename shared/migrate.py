"""Bring an instance's database up to date: the platform schema, then one schema and one role for each service."""

from __future__ import annotations

import importlib
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values
from yoyo import get_backend, read_migrations

from shared.config import Settings
from shared.connection import connect, faults
from shared.transitions import Workflow

HERE = Path(__file__).parent / "migrations"


def migrate(settings: Settings) -> list[str]:
    """Apply what is missing; safe to run again and by several at once. Returns the names of what was applied."""
    url = settings.database_url
    applied = _apply(url, "public", [HERE / "platform"])
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform.instance (org, simulated) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (settings.org, settings.simulated),
        )
    for service in settings.services:
        with psycopg2.connect(url) as connection:
            _schema_and_role(connection, service, settings.service_url(service))
        applied += _apply(url, service, _folders(service))
        with psycopg2.connect(url) as connection:
            _stage_moves(connection, service)
            _grant(connection, service, settings.service_url(service))
    return applied


def differences(settings: Settings, service: str) -> tuple[str, list[str], list[str]]:
    """A schema's latest migration, what it lacks, and what it has that this program does not know; changes nothing.

    The schema of all services is called `platform`. Raises Unavailable.
    """
    url = settings.database_url or settings.service_url(settings.services[0] if service == "platform" else service)
    schema, folders = ("public", [HERE / "platform"]) if service == "platform" else (service, _folders(service))
    with faults(), closing(connect(url, schema)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", (f"{schema}._yoyo_migration",))
        applied: list[str] = []
        if cursor.fetchone() != (None,):
            cursor.execute("SELECT migration_id FROM _yoyo_migration ORDER BY applied_at_utc, migration_id")
            applied = [name for (name,) in cursor.fetchall()]
    known = [migration.id for folder in folders for migration in read_migrations(str(folder))]
    missing = [name for name in known if name not in applied]
    return max((name for name in applied), default="nothing"), missing, [name for name in applied if name not in known]


def _folders(service: str) -> list[Path]:
    package = importlib.import_module(f"services.{service}")
    return [HERE / "service", Path(package.__path__[0]) / "migrations"]


def _apply(url: str, schema: str, folders: list[Path]) -> list[str]:
    join = "&" if "?" in url else "?"
    backend = get_backend(f"{url}{join}schema={schema}".replace("postgres://", "postgresql://", 1))
    try:
        # The folders one after the other: a service's migrations build on the bus tables.
        done = []
        with backend.lock():
            for folder in folders:
                pending = backend.to_apply(read_migrations(str(folder)))
                backend.apply_migrations(pending)
                done += [f"{schema}/{migration.id}" for migration in pending]
        return done
    finally:
        backend.connection.close()


def _role(service_url: str) -> tuple[str, str]:
    parts = urlsplit(service_url)
    return unquote(parts.username or ""), unquote(parts.password or "")


def _schema_and_role(connection: Connection, service: str, service_url: str) -> None:
    role, password = _role(service_url)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(service)))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))


def _grant(connection: Connection, service: str, service_url: str) -> None:
    """A service reads and writes its own schema, and of the log it may only add rows and seal them."""
    role, schema = sql.Identifier(_role(service_url)[0]), sql.Identifier(service)
    statements = (
        "GRANT USAGE ON SCHEMA platform, {schema} TO {role}",
        "GRANT SELECT ON platform.instance, platform.simulated_clock TO {role}",
        "GRANT SELECT, INSERT, UPDATE ON platform.replay TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON platform.held, platform.kept, platform.difference TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON platform.want, platform.resend, platform.subordinate TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON platform.outgoing, platform.reach, platform.peer TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "REVOKE UPDATE, DELETE ON {schema}.event_log FROM {role}",
        "GRANT UPDATE (sequence, chain) ON {schema}.event_log TO {role}",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", (_role(service_url)[0],))
        if cursor.fetchone() == (True,):
            return  # one login for all: nothing to grant, and nothing to take from an owner
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(schema=schema, role=role))


def _stage_moves(connection: Connection, service: str) -> None:
    """Copy the workflow tables into the schema, so that the database refuses what the domain refuses."""
    try:
        module = importlib.import_module(f"services.{service}.workflow")
    except ModuleNotFoundError as missing:
        if missing.name != f"services.{service}.workflow":
            raise
        return
    workflows = [value for value in vars(module).values() if isinstance(value, Workflow)]
    rows = sorted({(flow.name, str(stage), str(target)) for flow in workflows for stage, target in flow.pairs()})
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}.stage_move").format(sql.Identifier(service)))
        if rows:
            statement = sql.SQL("INSERT INTO {}.stage_move VALUES %s").format(sql.Identifier(service))
            execute_values(cursor, statement.as_string(connection), rows)
