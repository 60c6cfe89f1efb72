"""`zhida followup policy ...`: check a policy, put one in force."""

from __future__ import annotations

from typing import Annotated

import typer

from services.followup import checks
from services.followup.handlers.in_force import adopt_policy
from services.followup.policy_file import BadPolicy, read_policy
from shared.config import load
from shared.database import Database

commands = typer.Typer(help="回访 / asking after the conclusion", no_args_is_help=True)
policy = typer.Typer(help="回访规定 / the policy", no_args_is_help=True)
commands.add_typer(policy, name="policy")
CHECKS = checks.CHECKS
Given = Annotated[str, typer.Argument(help="文件，或自带的名称 / a FILE, or the name of a shipped one", metavar="FILE")]


@policy.command()
def check(file: Given) -> None:
    """Check FILE and say every fault with its place; changes nothing. Exit code 1 when it cannot be used."""
    try:
        found = read_policy(file)
    except BadPolicy as bad:
        raise _fail(bad) from bad
    typer.echo(f"{file}: {found.id}")
    for question in found.questions:
        typer.echo(f"  {question.code}: {question.zh}")


@policy.command()
def adopt(file: Given) -> None:
    """Put FILE in force: new cases begin under it, cases at hand keep theirs. Harmless to repeat."""
    settings = load()
    database = Database(settings.service_url("followup"), service="followup", org=settings.org, simulated=settings.simulated)
    try:
        with database.unit_of_work() as uow:
            typer.echo(adopt_policy(uow, file).id)
    except BadPolicy as bad:
        raise _fail(bad) from bad


def _fail(bad: BadPolicy) -> typer.Exit:
    for fault in bad.faults:
        typer.echo(f"{bad.name}: {fault}", err=True)
    return typer.Exit(1)
