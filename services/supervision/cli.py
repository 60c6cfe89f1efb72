"""`zhida supervision ...`: check a policy, put one in force."""

from __future__ import annotations

from typing import Annotated

import typer

from services.supervision.handlers.in_force import adopt_policy
from services.supervision.policy_file import BadPolicy, read_policy
from services.supervision.scores_cli import scores
from shared.config import load
from shared.database import Database
from shared.errors import Unavailable

commands = typer.Typer(help="期限与督办 / deadlines and supervision", no_args_is_help=True)
policy = typer.Typer(help="期限规定 / the policy", no_args_is_help=True)
commands.add_typer(policy, name="policy")
commands.add_typer(scores, name="scores")
Given = Annotated[str, typer.Argument(help="文件，或自带的名称 / a FILE, or the name of a shipped one", metavar="FILE")]


@policy.command()
def check(file: Given) -> None:
    """Check FILE and say every fault with its place; changes nothing. Exit code 1 when it cannot be used."""
    try:
        found = read_policy(file)
    except BadPolicy as bad:
        raise _fail(bad) from bad
    typer.echo(f"{file}: {found.id} {found.title['zh']}")
    for rule in found.rules:
        typer.echo(f"  {rule.id}: {rule.words['zh']}")


@policy.command()
def adopt(file: Given) -> None:
    """Put FILE in force: new cases begin under it, cases at hand keep theirs. Harmless to repeat."""
    settings = load()
    database = Database(
        settings.service_url("supervision"), service="supervision", org=settings.org, simulated=settings.simulated
    )
    try:
        with database.unit_of_work() as uow:
            adopted = adopt_policy(uow, file)
    except BadPolicy as bad:
        raise _fail(bad) from bad
    except Unavailable as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from fault
    typer.echo(f"{adopted.id} {adopted.title['zh']}")


def _fail(bad: BadPolicy) -> typer.Exit:
    for fault in bad.faults:
        typer.echo(f"{bad.name}: {fault}", err=True)
    return typer.Exit(1)
