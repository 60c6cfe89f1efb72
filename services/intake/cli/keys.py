"""`zhida intake keys`: the master keys of petitioners' data, and a new one in their place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from services.intake.handlers.retention import KEYED, wrap_again, wrapped_by
from services.intake.vault import keyring
from services.intake.vault.crypto import open_vault
from shared import config
from shared.database import Database

commands = typer.Typer(help="Master keys: list, rotate, destroy an old one.", no_args_is_help=True)


def _open() -> tuple[Database, Path]:
    settings = config.load()
    return Database(
        settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated
    ), settings.keys


def _standing(database: Database, folder: Path) -> dict[str, int]:
    """Every key that is in the folder or in a row, and how many rows it wrapped."""
    ring = keyring.read_ring(folder)
    with database.unit_of_work() as uow:
        return dict.fromkeys(map(keyring.key_id, (ring.master, *ring.older)), 0) | dict(wrapped_by(uow))


@commands.command("list")
def list_keys() -> None:
    """Each master key's id, whether it is in force, and how many data keys it has wrapped."""
    database, folder = _open()
    current = keyring.key_id(keyring.read_ring(folder).master)
    for name, rows in sorted(_standing(database, folder).items()):
        typer.echo(f"{name}  {'in force' if name == current else 'old':8}  {rows}")


@commands.command()
def rotate(
    files_only: Annotated[bool, typer.Option("--files-only", help="Make the key, and leave the wrapping to `rewrap`.")] = False,
) -> None:
    """Bring a new master key into force and wrap every data key anew. Broken off, it goes on where it was with `rewrap`.

    Running processes take the new key up by themselves. Back up the keys' folder first, and afterwards. Where the folder is
    a copy, --files-only keeps rows from depending on a key that is not kept yet.
    """
    _, folder = _open()
    old, new = keyring.rotate(folder)
    typer.echo(f"{new} is in force in place of {old}", err=True)
    if not files_only:
        rewrap()


@commands.command()
def rewrap() -> None:
    """Wrap by the key in force what older keys have wrapped."""
    database, folder = _open()
    vault, done = open_vault(folder), 0
    for table in track(KEYED, description="wrapping", console=Console(stderr=True)):
        while True:
            with database.unit_of_work() as uow:
                wrapped = wrap_again(uow, vault, table)
            if not wrapped:
                break
            done += wrapped
    typer.echo(f"{done} data keys wrapped anew")


@commands.command()
def retire(key: Annotated[str, typer.Argument(help="The id of an old master key.")]) -> None:
    """Destroy an old master key's file. Refused while a row needs it. Backups that it opened open no more."""
    database, folder = _open()
    standing = _standing(database, folder)
    if key == keyring.key_id(keyring.read_ring(folder).master) or standing.get(key, 1):
        typer.echo(f"{key}: in force, unknown, or still needed by {standing.get(key, 0)} rows; run rewrap first", err=True)
        raise typer.Exit(1)
    keyring.retire(folder, key)
    typer.echo(f"{key} is destroyed")
