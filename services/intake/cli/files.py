"""`zhida intake files`: care for the files of petitions."""

from __future__ import annotations

from typing import Annotated

import typer

from services.intake.files.cabinet import Cabinet, open_cabinet
from services.intake.handlers import filing
from services.intake.site import read_site
from services.intake.vault.crypto import Vault, open_vault
from shared import config
from shared.database import Database
from shared.errors import Unavailable

commands = typer.Typer(help="Files of petitions: check that each opens, sweep what no petition knows.", no_args_is_help=True)


def _open() -> tuple[Database, Cabinet, Vault]:
    try:
        settings = config.load()
        database = Database(settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated)
        return database, open_cabinet(read_site(settings).files), open_vault(settings.keys)
    except (OSError, Unavailable) as fault:
        raise _failed(fault) from fault


def _failed(fault: Exception) -> typer.Exit:
    typer.echo(str(fault), err=True)
    return typer.Exit(2)


@commands.command()
def check() -> None:
    """Open every file that a petition has. Names petition, file and fault; exit code 1 when there is one, 2 when it cannot be told."""
    database, cabinet, vault = _open()
    good = bad = 0
    try:
        for fault in filing.check(database, cabinet.store, vault):
            if fault is None:
                good += 1
                continue
            bad += 1
            typer.echo(f"{fault.number} {fault.attachment_id} {fault.stored} {fault.what}")
    except Unavailable as fault:
        raise _failed(fault) from fault
    typer.echo(f"{good} good, {bad} bad", err=True)
    if bad:
        raise typer.Exit(1)


@commands.command()
def sweep(
    hours: Annotated[float, typer.Option(help="Only files that are older than this.", min=1)] = 24,
) -> None:
    """Remove files that no petition knows: left over when a registration failed after its files were written.

    Not after a restore of the database alone: then the files of what was lost are the only trace of it.
    """
    database, cabinet, _ = _open()
    try:
        swept = filing.sweep(database, cabinet.store, older_than=hours * 3600)
    except Unavailable as fault:
        raise _failed(fault) from fault
    typer.echo(f"{swept} swept")
