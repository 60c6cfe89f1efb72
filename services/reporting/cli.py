"""`zhida reporting`: rebuild the read model, state the rates of a period. `zhida report`: what was issued."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.reporting import case_cli, checks, subscriber
from services.reporting.documents.pdf import enclosed
from services.reporting.domain import chain
from services.reporting.domain.statistics import Figures, Period
from services.reporting.handlers import archive, counting, rebuilding
from services.reporting.reports_cli import database as _database
from services.reporting.reports_cli import reports
from shared.errors import Refused

commands = typer.Typer(help="Case list, dossiers, statistics.", no_args_is_help=True)
ALSO = {"case": case_cli.commands, "subscriber": subscriber.commands, "report": reports}  # mounted beside `zhida reporting`
CHECKS = checks.CHECKS
subject_of = case_cli.subject_of
_DAY = ["%Y-%m-%d"]
_EXPLAINED = (
    ("registered", "cases registered within the period"),
    ("instructions", "instructions given within the period"),
    ("replied", "cases with the first signed reply, by whoever handles or leads, within the period"),
    ("concluded", "cases concluded within the period and not reopened"),
    ("closed", "cases closed within the period and not reopened"),
    ("due_reply", "cases whose limit for the reply fell within the period and has passed"),
    ("due_reply_done", "of these, replied to by the end, in time or late"),
    ("due_closing", "cases whose limit for conclusion fell within the period and has passed"),
    ("due_closing_done", "of these, closed by the end, in time or late"),
)


@commands.command()
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Change nothing: compare, and exit 1 if anything differs.")] = False,
) -> None:
    """Make the read model anew from the archive and switch to it; pages and events go on meanwhile."""
    database = _database()
    if not check:
        typer.echo(f"rebuilt from {rebuilding.rebuild(database)} events")
        return
    found = rebuilding.differences(database)
    for table, rows in found.items():
        typer.echo(f"{table}: {rows} rows differ")
    if any(found.values()):
        raise typer.Exit(1)


@commands.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A dossier as PDF, or the dossier.json within it.", exists=True, dir_okay=False)],
) -> None:
    """Hold a dossier's record against the archive, entry by entry. Exit 1 if anything is not what the archive holds."""
    record = enclosed(file.read_bytes())
    with _database().unit_of_work() as uow:
        wrong = chain.faults(record, archive.bodies(uow, record["case"]))
    for each in wrong:
        typer.echo(each)
    if wrong:
        raise typer.Exit(1)
    typer.echo(f"{record['number']}: {len(record['entries'])} entries, as the archive holds them; head {record['head']}")


@commands.command()
def rates(
    first: Annotated[datetime, typer.Option("--from", formats=_DAY, help="The period's first day.")],
    last: Annotated[datetime, typer.Option("--to", formats=_DAY, help="The period's last day.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """The figures and due-rates of a period, each with its denominator."""
    if last < first:
        raise Refused("--to", "the last day lies before the first.", "Give the days in order.")
    with _database().unit_of_work() as uow:
        period = Period.of_days(first.date(), last.date(), uow.now)
        found, interviews = counting.figures(uow, period), counting.interviews(uow, period)
    if as_json:
        typer.echo(json.dumps(as_data(found) | {"interviews": interviews}))
        return
    table = Table("figure", "", "meaning", title=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    for name, meaning in _EXPLAINED:
        table.add_row(name, str(getattr(found, name)), meaning)
    table.add_row("interviews", str(interviews), "person-times called in and held within the period")
    for name, rate in (("due-reply rate", found.reply_rate), ("due-closing rate", found.closing_rate)):
        table.add_row(name, "-" if rate.percent is None else f"{rate.percent} %", f"{rate.done} of {rate.of} that had fallen due")
    Console().print(table)


def as_data(found: Figures) -> dict[str, object]:
    """The figures as JSON has them; a rate is {done, of, percent}, percent null when nothing had fallen due."""
    counts: dict[str, object] = {name: getattr(found, name) for name, _ in _EXPLAINED}
    for name, rate in (("due_reply_rate", found.reply_rate), ("due_closing_rate", found.closing_rate)):
        percent = None if rate.percent is None else float(rate.percent)
        counts[name] = {"done": rate.done, "of": rate.of, "percent": percent}
    return counts
