"""What the commands share: the database, and how a failure is told."""

from __future__ import annotations

import typer

from shared.config import Settings, load
from shared.database import Database


def database(settings: Settings | None = None) -> Database:
    """Routing's own schema of this instance."""
    known = settings or load()
    return Database(known.service_url("routing"), service="routing", org=known.org, simulated=known.simulated)


def fail(message: str) -> typer.Exit:
    """What to raise after a failure has been told on standard error."""
    typer.echo(message, err=True)
    return typer.Exit(1)
