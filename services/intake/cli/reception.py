"""`zhida intake reception`: the reception calendar by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from services.intake.domain.planning import day_of, doubts
from services.intake.domain.reception import HORIZON, sessions
from services.intake.handlers.reception import OrderRefused, receiver_of, receivers, set_plan
from services.intake.site.plan_file import BadPlan, PlanLine, read_plan
from services.intake.site.written import read_file
from shared import config
from shared.contract.person import Person
from shared.database import Database, UnitOfWork

commands = typer.Typer(help="The reception calendar: load it from a file.", no_args_is_help=True)


class _Undone(Exception):
    """Nothing is to be stored."""


@commands.command("import")
def load(
    file: Annotated[Path, typer.Argument(help="A YAML file; services/intake/site/plan_file.py shows one.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the weeks that would come of it.")] = False,
    by: Annotated[str, typer.Option(help="Who does this; your user's name otherwise.")] = "",
) -> None:
    """Add the rules and closed days of FILE. The same file again changes nothing.

    Exit code 0: done, or shown. 1: a rule is broken, and nothing was stored. 2: the file cannot be read.
    """
    try:
        entries = read_plan(read_file(file).decode())
    except (OSError, UnicodeDecodeError, BadPlan) as fault:
        typer.echo(f"{file}: {fault}", err=True)
        raise typer.Exit(2) from fault
    settings = config.load()
    database = Database(settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated)
    person = Person(official="", name=by or os.environ.get("USER", "operator"), post="", organisation=settings.org)
    try:
        with database.unit_of_work() as uow:
            _load(uow, entries, person)
            if dry_run:
                raise _Undone
    except OrderRefused as fault:
        typer.echo(f"{file}: line {entries[fault.index].line}: {fault}", err=True)
        raise typer.Exit(1) from fault
    except _Undone:
        typer.echo("nothing was stored", err=True)
    finally:
        database.close()


def _load(uow: UnitOfWork, entries: list[PlanLine], person: Person) -> None:
    plan = set_plan(uow, [entry.order for entry in entries], person)
    known, today = receivers(uow), day_of(uow.now)
    held = sessions(plan, today, today + HORIZON)
    odd = doubts(held, {official for official, one in known.items() if one.active})
    for session in held:
        who = receiver_of(known, session.official).person
        remarks = [session.cancelled] if session.cancelled else odd.get(session.key, [])
        times = f"{session.held_on:%Y-%m-%d %a} {session.starts:%H:%M}-{session.ends:%H:%M}"
        typer.echo("  ".join([times, session.room, f"{who.name} {who.post}".strip(), *map(str, remarks)]))
