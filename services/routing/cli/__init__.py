"""`zhida routing ...`: the directory and the rules from files, learning, sign-in links for the demo, passwords, signed replies."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.routing import passwords
from services.routing.cli import checks, instance, sync
from services.routing.cli.common import database, fail
from services.routing.cli.rules import rules, train
from services.routing.cli.verifying import verify
from services.routing.domain import sign_in
from services.routing.handlers import accounts
from services.routing.handlers.directory import BadDirectory, import_directory
from services.routing.store import directory as read_directory
from shared.config import load
from shared.errors import Refused, Unavailable

commands = typer.Typer(help="批阅、交办与通讯录 / review, assignment, directory", no_args_is_help=True)
ALSO = {"sync": sync.commands, "instance": instance.commands}  # mounted beside `zhida routing`
CHECKS = checks.CHECKS
STANDING = {"neighbours": sync.standing}
directory = typer.Typer(help="通讯录 / the directory", no_args_is_help=True)
commands.add_typer(directory, name="directory")
commands.add_typer(rules, name="rules")
commands.command()(train)
commands.command()(verify)


@directory.command("import")
def import_file(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Import organisations and officials from a YAML FILE; what has not changed is left alone."""
    try:
        with database().unit_of_work() as uow:
            done = import_directory(uow, file.read_text(encoding="utf-8"), datetime.now(UTC))
    except BadDirectory as bad:
        raise fail("\n".join(f"{file}: {fault}" for fault in bad.faults)) from bad
    except (UnicodeDecodeError, Unavailable) as fault:
        raise fail(f"{file}: {fault}") from fault
    typer.echo(f"{file}: {done.changed} changed of {done.total}")


@commands.command("sign-in-link")
def sign_in_link(official: str, base: Annotated[str, typer.Option(help="the site's address")] = "") -> None:
    """Print a link that signs OFFICIAL in once, within 24 hours. Only in a demo."""
    settings = load()
    if not settings.demo:
        raise fail("sign-in links exist only in a demo (ZHIDA_DEMO)")
    try:
        with database(settings).unit_of_work() as uow:
            token = accounts.make_link(uow, official, datetime.now(UTC))  # real time, as every session's
    except (Refused, Unavailable) as fault:
        raise fail(str(fault)) from fault
    typer.echo(f"{base.rstrip('/')}/sign-in/link/{token}")


@commands.command("password")
def password(official: str, stdin: Annotated[bool, typer.Option(help="read it from standard input")] = False) -> None:
    """Give OFFICIAL a new password; his sessions are ended."""
    typed = sys.stdin.readline().strip() if stdin else typer.prompt("password", hide_input=True, confirmation_prompt=True)
    try:
        with database().unit_of_work() as uow:
            person = read_directory(uow).active(official)
            sign_in.check_password(typed, official, person.name)
            accounts.set_password_hash(uow, official, passwords.make_hash(typed), datetime.now(UTC))
    except (Refused, Unavailable) as fault:
        raise fail(str(fault)) from fault
    typer.echo(f"{official}: password set")
