"""`zhida`: one command for operation. Each service adds commands of its own (`zhida intake ...`)."""

from __future__ import annotations

import importlib
import json
import os
import sys
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from shared import keys as key_files
from shared.bus import parked as parked_events
from shared.bus.replay import request_replay
from shared.config import SERVICES, load
from shared.contract import EVENTS
from shared.contract.document import asyncapi, markdown
from shared.database import Database
from shared.errors import Refused, ZhidaError
from shared.migrate import migrate as bring_up_to_date

app = typer.Typer(help="直达 Zhida: petition work, straight to the top.", no_args_is_help=True)
bus = typer.Typer(help="The bus: parked events, replays.", no_args_is_help=True)
app.add_typer(bus, name="bus")
out = Console()
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


def _database(service: str) -> Database:
    settings = load()
    return Database(settings.service_url(service), service=service, org=settings.org, simulated=settings.simulated)


def cell(value: object) -> str:
    """A value as a table shows it: instants to the minute, by the clock on the county's wall."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    return "-" if value is None else str(value)


def show(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print rows as a table, or as one JSON list."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    table = Table(*(rows[0] if rows else ["-"]))
    for row in rows:
        table.add_row(*map(cell, row.values()))
    out.print(table)


@app.command()
def migrate() -> None:
    """Bring every schema of the instance up to date."""
    for name in bring_up_to_date(load()):
        typer.echo(name)


@app.command()
def keys() -> None:
    """Make the instance's secrets where they are missing."""
    for name in key_files.make(load().keys):
        typer.echo(name)


@app.command()
def events(
    as_json: AsJson = False, as_markdown: Annotated[bool, typer.Option("--markdown", help="docs/events.md")] = False
) -> None:
    """The list of events: who tells, who hears. With --json the AsyncAPI document."""
    if as_markdown:
        typer.echo(markdown(), nl=False)
        return
    if as_json:
        typer.echo(json.dumps(asyncapi(), ensure_ascii=False, indent=2))
        return
    rows = [
        {"event": c.name, "told by": " ".join(sorted(c.told_by)), "heard by": " ".join(sorted(c.heard_by)), "meaning": c.meaning}
        for c in EVENTS.values()
    ]
    show(rows, False)


@bus.command("parked")
def list_parked(service: str, as_json: AsJson = False) -> None:
    """Events that SERVICE could not handle, with the reason and the next try."""
    with _database(service).unit_of_work() as uow:
        show(parked_events.listed(uow), as_json)


@bus.command()
def retry(service: str, parked_id: int) -> None:
    """Try a parked event now."""
    with _database(service).unit_of_work() as uow:
        parked_events.replay(uow, parked_id)


@bus.command()
def dismiss(
    service: str, parked_id: int, reason: Annotated[str, typer.Option(prompt=True)], by: Annotated[str, typer.Option()] = ""
) -> None:
    """Give a parked event up, for a stated reason; its case goes on."""
    with _database(service).unit_of_work() as uow:
        parked_events.dismiss(uow, parked_id, by=by or os.environ.get("USER", "operator"), reason=reason)


@bus.command()
def replay(
    consumer: str,
    source: Annotated[list[str] | None, typer.Option(help="Services that send again; all by default.")] = None,
    everything: Annotated[bool, typer.Option(help="From the beginning, not from where the consumer stands.")] = False,
) -> None:
    """Send again to CONSUMER what the logs hold; what it has had already has no effect."""
    settings = load()
    sources = source or [name for name in settings.services if name != consumer]
    with _database(consumer).unit_of_work() as uow:
        request_replay(uow, f"{settings.org}.{consumer}", consumer, sources, everything=everything)


def main() -> None:
    """Run. Exit codes: 0 done, 1 refused or failed (said in one line), 2 wrong usage."""
    for service in SERVICES:
        try:
            module = importlib.import_module(f"services.{service}.cli")
        except ModuleNotFoundError as missing:
            if missing.name != f"services.{service}.cli":
                raise
            continue
        for name, commands in {service: module.commands, **getattr(module, "ALSO", {})}.items():
            app.add_typer(commands, name=name)
    try:  # in a checkout the demo and the replay are commands too; an installed service comes without them
        app.add_typer(importlib.import_module("deploy.dev.__main__").commands, name="demo")
        app.command()(importlib.import_module("deploy.replay.__main__").replay)
    except ModuleNotFoundError as missing:
        if not str(missing.name).startswith("deploy"):
            raise
    try:
        app()
    except (Refused, ZhidaError, OSError) as fault:
        typer.echo(f"zhida: {fault}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
