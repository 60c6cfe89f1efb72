"""`zhida parked`: events that could not be handled, tried again or given up by a person."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from shared.bus import parked
from shared.config import load
from shared.errors import Refused
from shared.operation import reading
from shared.printing import AsJson, say, show

commands = typer.Typer(help="Events that could not be handled.", no_args_is_help=True)
_WAITING = ("service", "id", "type", "subject", "reason", "error", "parked_at", "next_attempt_at")
_GIVEN_UP = ("service", "id", "type", "subject", "dismissed_by", "dismissed_for", "dismissed_at")


@commands.command("list")
def list_parked(
    service: Annotated[str | None, typer.Argument(help="Whose; all by default.")] = None,
    dismissed: Annotated[bool, typer.Option("--dismissed", help="Those that were given up: by whom and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """What is parked, with the reason and the next try."""
    settings, rows = load(), list[dict[str, Any]]()
    for name in [service] if service else settings.services:
        with reading(settings, name) as uow:
            rows += [{"service": name, **row} for row in parked.listed(uow, dismissed=dismissed)]
    if not as_json:
        rows = [{name: row[name] for name in (_GIVEN_UP if dismissed else _WAITING)} for row in rows]
    show(rows, as_json)


@commands.command("show")
def show_parked(
    service: str,
    parked_id: int,
    body: Annotated[bool, typer.Option("--body", help="The message itself too, as it came.")] = False,
    as_json: AsJson = False,
) -> None:
    """Everything that is known of one, but for its body."""
    with reading(load(), service) as uow:
        found = parked.one(uow, parked_id)
    raw = bytes(found.pop("body"))
    found |= {"body": raw.decode("utf-8", "backslashreplace")} if body else {}
    if as_json:
        say(found)
    else:
        show([{"": name, "value": value} for name, value in found.items()], False)


@commands.command()
def replay(service: str, parked_id: int) -> None:
    """Try one now; those of its case that wait behind it follow."""
    with reading(load(), service) as uow:
        parked.replay(uow, parked_id)


@commands.command()
def dismiss(
    service: str, parked_id: int, reason: Annotated[str, typer.Option(prompt=True)], by: Annotated[str, typer.Option()] = ""
) -> None:
    """Give one up, for a stated reason; its case goes on. `zhida parked list --dismissed` shows it."""
    if not reason.strip():
        raise Refused("reason", "须写明理由。", "请用 --reason 写明为何不再处理。")
    with reading(load(), service) as uow:
        parked.dismiss(uow, parked_id, by=by or os.environ.get("USER", "operator"), reason=reason.strip())
