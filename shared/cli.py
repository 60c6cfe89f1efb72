"""`zhida`: one command for operation. Each service adds commands of its own (`zhida intake ...`)."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer

from shared import keys as key_files
from shared.bus.replay import request_replay
from shared.config import SERVICES, load
from shared.errors import Refused, ZhidaError
from shared.migrate import migrate as bring_up_to_date
from shared.operation import MOUNTED, events, parked, reading
from shared.operation.doctor import doctor
from shared.operation.status import status

app = typer.Typer(help="直达 Zhida: petition work, straight to the top.", no_args_is_help=True)
bus = typer.Typer(help="The bus: replays.", no_args_is_help=True)
for _name, _commands in {"bus": bus, "events": events.commands, "parked": parked.commands}.items():
    app.add_typer(_commands, name=_name)
for _command in (doctor, status):
    app.command()(_command)


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


@bus.command()
def replay(
    consumer: str,
    source: Annotated[list[str] | None, typer.Option(help="Services that send again; all by default.")] = None,
    everything: Annotated[bool, typer.Option(help="From the beginning, not from where the consumer stands.")] = False,
) -> None:
    """Send again to CONSUMER what the logs hold; what it has had already has no effect."""
    settings = load()
    sources = source or [name for name in settings.services if name != consumer]
    with reading(settings, consumer) as uow:
        request_replay(uow, f"{settings.org}.{consumer}", consumer, sources, everything=everything)


def mount() -> None:
    """Add what services, and a checkout, bring along."""
    for service in SERVICES:
        try:
            module = importlib.import_module(f"services.{service}.cli")
        except ModuleNotFoundError as missing:
            if missing.name != f"services.{service}.cli":
                raise
            continue
        MOUNTED[service] = module
        for name, commands in {service: module.commands, **getattr(module, "ALSO", {})}.items():
            app.add_typer(commands, name=name)
    try:  # in a checkout the demo and the replay are commands too; an installed service comes without them
        app.add_typer(importlib.import_module("deploy.dev.__main__").commands, name="demo")
        app.command()(importlib.import_module("deploy.replay.__main__").replay)
    except ModuleNotFoundError as missing:
        if not str(missing.name).startswith("deploy"):
            raise


def main() -> None:
    """Run. Exit codes: 0 done, 1 refused or failed (said in one line), 2 wrong usage."""
    mount()
    try:
        app(prog_name="zhida")
    except (Refused, ZhidaError, OSError) as fault:
        typer.echo(f"zhida: {fault}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
