"""`zhida intake files`: care for the files of petitions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.intake.domain.submission import Purpose
from services.intake.files.cabinet import Cabinet, open_cabinet
from services.intake.handlers import filing, opening
from services.intake.site import read_site
from services.intake.store import SQL
from services.intake.vault.crypto import Broken, Vault, open_vault
from shared import config
from shared.database import Database
from shared.errors import Refused, Unavailable

commands = typer.Typer(help="Files of petitions: check, sweep, and take out what was locked away.", no_args_is_help=True)


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


@commands.command("locked")
def list_locked() -> None:
    """The files in which a virus was found: id, petition, place on its list, and what the scanner calls it."""
    database, _, _ = _open()
    with database.unit_of_work() as uow:
        for row in uow.all(SQL["locked_attachments"]):
            typer.echo(f"{row['id']} {row['number']}-{row['position']} {row['finding']}")


@commands.command("take-out")
def take_out(
    attachment: Annotated[UUID, typer.Argument(help="The file's id, as `locked` lists it.")],
    folder: Annotated[Path, typer.Argument(help="Where it is put, for this user alone.", exists=True, file_okay=False)],
    by: Annotated[str, typer.Option(help="The code of the clerk, or of the office, who answers for it.")],
    purpose: Annotated[Purpose, typer.Option(help="What for; the auditor reads it.")],
) -> None:
    """Put a file with a virus, opened, into a folder for whoever examines it. The look is logged. No page opens it afterwards either.

    Do it on a machine that is made for that, never on a desk.
    """
    database, cabinet, vault = _open()
    try:
        with database.unit_of_work() as uow:
            row = uow.one(SQL["attachment_by_id"], id=attachment)
            viewer = opening.answers_for(uow, by)
            case, found, content = opening.take_out(
                uow, cabinet.store, vault, row["case_id"] if row else attachment, viewer, attachment, purpose=purpose
            )
        place = folder / f"{case.number}-{found.position}.virus"
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    except Refused as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from fault
    except (OSError, Unavailable, Broken) as fault:
        raise _failed(fault) from fault
    typer.echo(str(place))
