"""`zhida intake`: mails by hand, the processes that fetch and receive; a module here for each further topic."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from services.intake.channels.smtp import controller
from services.intake.channels.taking import take
from services.intake.cli import channels as cli_channels
from services.intake.cli import checks
from services.intake.cli import duty as cli_duty
from services.intake.cli import files as cli_files
from services.intake.cli import imports as cli_imports
from services.intake.cli import keys as cli_keys
from services.intake.cli import reception as cli_reception
from services.intake.handlers.likeness import take_up_all_again
from services.intake.site import read_site
from services.intake.site.mail import MailSite
from services.intake.vault.crypto import Vault, open_vault
from shared import config
from shared.database import Database
from shared.errors import Unavailable

commands = typer.Typer(help="Petitions: take a mail in, receive mails, find alike ones anew.", no_args_is_help=True)
commands.add_typer(cli_files.commands, name="files")
commands.add_typer(cli_keys.commands, name="keys")
commands.add_typer(cli_duty.commands, name="duty")
commands.add_typer(cli_reception.commands, name="reception")
cli_imports.add(commands)
CHECKS = checks.CHECKS
LARGEST_FILE = 64 * 2**20


def _open() -> tuple[Database, Vault, MailSite]:
    settings = config.load()
    database = Database(settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated)
    return database, open_vault(settings.keys), read_site(settings).mail


def _fail(words: str) -> typer.Exit:
    typer.echo(words, err=True)
    return typer.Exit(2)


@commands.command()
def email(file: Annotated[str, typer.Argument(help="An .eml file, or - for standard input.")]) -> None:
    """Register a mail and print its number.

    Exit code 0: registered, now or before. 1: not registered, but kept for a clerk (/intake/unread). 2: nothing was stored.
    """
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as source:
            raw = source.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise _fail(f"{file}: {fault.strerror}") from fault
    if len(raw) > LARGEST_FILE:
        raise _fail(f"{file}: larger than {LARGEST_FILE // 2**20} MB; cut it in parts and register it by hand")
    try:
        database, vault, site = _open()
        taken = take(database, vault, raw, site=site)
    except (OSError, Unavailable) as fault:
        raise _fail(f"not stored, try again: {fault}") from fault
    if not taken.number:
        typer.echo(f"kept for a clerk: {taken.reason}", err=True)
        raise typer.Exit(1)
    typer.echo(taken.number)


@commands.command()
def channels() -> None:
    """Read the mail boxes and boards and run the receivers that the site's file names, until SIGTERM."""
    try:
        cli_channels.run()
    except (OSError, Unavailable) as fault:
        raise _fail(str(fault)) from fault


@commands.command()
def likeness() -> None:
    """Let the words of every petition be taken up anew, as after the counts were lost; the worker does the work."""
    database, _, _ = _open()
    try:
        with database.unit_of_work() as uow:
            take_up_all_again(uow)
    except Unavailable as fault:
        raise _fail(f"nothing was changed, try again: {fault}") from fault
    typer.echo("every petition waits for the worker to take its words up", err=True)


@commands.command()
def smtp(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8025,
    recipient: Annotated[list[str] | None, typer.Option(help="Accept mail for this address alone; may be given again.")] = None,
) -> None:
    """Receive mails until SIGTERM. 250 is answered after the commit, 451 while the database is away."""
    try:
        database, vault, site = _open()
        receiver = controller(database, vault, host=host, port=port, recipients=recipient or (), site=site)
        receiver.start()
    except (OSError, Unavailable) as fault:
        raise _fail(str(fault)) from fault
    typer.echo(f"listening on {host}:{port}", err=True)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    receiver.stop()
