"""`zhida routing rules ...` and `zhida routing train`: the rules as a file, and learning from past assignments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.routing import store
from services.routing.cli.common import database, fail
from services.routing.domain.learning import Accuracy
from services.routing.handlers import learning, rule_file
from services.routing.handlers.files import BadFile
from shared.errors import Refused, Unavailable

rules = typer.Typer(help="交办规则 / rules for suggested addressees", no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


@rules.command()
def check(file: File) -> None:
    """Say what is wrong with the rules in FILE, against the directory as it is now; nothing is changed."""
    try:
        with database().unit_of_work() as uow:
            found = rule_file.checked(uow, file.read_text(encoding="utf-8"))
    except BadFile as bad:
        raise fail("\n".join(f"{file}: {fault}" for fault in bad.faults)) from bad
    except (UnicodeDecodeError, Unavailable) as fault:
        raise fail(f"{file}: {fault}") from fault
    typer.echo(f"{file}: {len(found)} rules, nothing wrong")


@rules.command("import")
def import_file(file: File) -> None:
    """Put the rules in FILE in place of those that are there; what has not changed is left alone."""
    try:
        with database().unit_of_work() as uow:
            changed, total = rule_file.load(uow, file.read_text(encoding="utf-8"))
    except BadFile as bad:
        raise fail("\n".join(f"{file}: {fault}" for fault in bad.faults)) from bad
    except (UnicodeDecodeError, Unavailable) as fault:
        raise fail(f"{file}: {fault}") from fault
    typer.echo(f"{file}: {changed} changed, {total} rules")


@rules.command()
def export() -> None:
    """Print the rules as a file that `import` takes."""
    with database().unit_of_work() as uow:
        typer.echo(rule_file.dump(store.rules(uow)), nl=False)


def train() -> None:
    """Learn from the past assignments of this instance whom a case goes to. Once a week is enough."""
    try:
        done = learning.train(database())
    except (Refused, Unavailable) as fault:
        raise fail(str(fault)) from fault
    typer.echo(f"version {done.version}: {done.cases} cases, {done.units} units; of {done.held_out} held out:")
    for way in ("rules", "learning", "together"):
        typer.echo(f"  {way:9} {_percent(done.accuracy[way])}")


def _percent(found: Accuracy) -> str:
    return f"first right {found.first:.1%}, one of three {found.among_three:.1%}"
