"""`zhida intake duty`: the duty roster from a file, and what of it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.intake.domain.duty import AHEAD
from services.intake.domain.submission import CHINA
from services.intake.handlers.duty import DryRun, gaps_ahead, import_rows
from services.intake.site import read_site
from services.intake.site.duty_file import read
from services.intake.site.written import read_file
from shared import config
from shared.database import Database
from shared.errors import Unavailable

commands = typer.Typer(help="The duty roster of the 24-hour telephone: import, gaps.", no_args_is_help=True)


def _open() -> tuple[Database, list[str]]:
    try:
        settings = config.load()
        lines = list(read_site(settings).telephone.lines)
    except OSError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from fault
    database = Database(settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated)
    return database, lines


@commands.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(help="A .csv of shifts, or a .yaml of patterns and shifts; see docs/telephone.md.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything against the roster, and change nothing.")] = False,
) -> None:
    """Put shifts and patterns down: all of the file, or nothing. What is there already is left alone.

    Exit code 0: done. 1: mistakes, each named by line and field; nothing was changed. 2: the file cannot be read, or the database is not there.
    """
    database, lines = _open()
    try:
        raw = read_file(file)
    except OSError as fault:
        typer.echo(f"{file}: {fault.strerror}", err=True)
        raise typer.Exit(2) from fault
    rows, mistakes = read(raw, as_csv=file.suffix.lower() == ".csv")
    added = wrong = None
    try:
        with database.unit_of_work() as uow:
            added, wrong = import_rows(uow, rows, lines)
            if dry_run or mistakes or wrong:
                raise DryRun
    except DryRun:
        pass
    except Unavailable as fault:
        typer.echo(f"not stored, try again: {fault}", err=True)
        raise typer.Exit(2) from fault
    for mistake in sorted([*mistakes, *(wrong or [])], key=lambda one: one.line):
        typer.echo(f"{file}:{mistake.line}: {mistake.words}", err=True)
    if mistakes or wrong:
        raise typer.Exit(1)
    typer.echo(f"{added} {'would be added' if dry_run else 'added'}, {len(rows) - (added or 0)} there already")


@commands.command()
def gaps() -> None:
    """When nobody is on duty within the next seven days, by line. Exit code 1 when there is a gap."""
    database, lines = _open()
    try:
        with database.unit_of_work() as uow:
            found = gaps_ahead(uow, lines)
    except Unavailable as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from fault
    for gap in found:
        begin, end = (at.astimezone(CHINA) for at in (gap.starts_at, gap.ends_at))
        typer.echo(f"{gap.line}  {begin:%Y-%m-%d %H:%M}  {end:%Y-%m-%d %H:%M}  {gap.hours:.1f} h")
    if found:
        raise typer.Exit(1)
    typer.echo(f"no gap within {AHEAD.days} days", err=True)
