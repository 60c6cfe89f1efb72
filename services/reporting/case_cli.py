"""`zhida case`: how a case stands, for an operator. No word of the petition, nobody's identity: those are for who handles it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import typer

from services.reporting.domain import dossier
from services.reporting.handlers import archive
from services.reporting.store import SQL
from shared.config import Settings, load
from shared.database import UnitOfWork
from shared.errors import NotFound
from shared.operation import reading
from shared.printing import AsJson, out, say, show

commands = typer.Typer(help="案件经过 / how a case stands", no_args_is_help=True)


@commands.callback()
def case() -> None:
    """How a case stands."""


@commands.command("show")
def show_case(case: Annotated[str, typer.Argument(help="Number or id of a case.")], as_json: AsJson = False) -> None:
    """State, who is responsible, limits, and what happened. No identity, no words of the petition or of anybody about it.

    Nothing either that tells what a petitioner answered or who is barred.
    """
    settings = load()
    with reading(settings, "reporting") as uow:
        found = _found(uow, case, settings.org)
    if as_json:
        say(found)
        return
    show([{"": name, "value": value} for name, value in found["case"].items()], False)
    show(found["limits"], False, "limits")
    show(found["history"], False, "history")
    out().print("No identity and no words: the dossier's page shows them to who may see the case.")


def subject_of(settings: Settings, given: str) -> str | None:
    """The case of a number, as the read model has it."""
    with reading(settings, "reporting") as uow:
        row = uow.one(SQL["case_of_number"], number=given, org=settings.org)
    return str(row["case_id"]) if row else None


def _found(uow: UnitOfWork, given: str, org: str) -> dict[str, Any]:
    row = None
    with suppress(ValueError):
        row = {"case_id": UUID(given)}
    row = row or uow.one(SQL["case_of_number"], number=given, org=org)
    outline = uow.one(SQL["outline"], case=row["case_id"]) if row else None
    if outline is None or row is None:
        raise NotFound("case", "没有这个编号的信访件。", "请核对编号。")
    events = [archive.read(each["stream"], bytes(each["body"])) for each in uow.all(SQL["archive"], case=str(row["case_id"]))]
    entries = dossier.entries(events, answers=False)
    return {
        "case": outline | {"responsible": _who(outline["responsible"])},
        "limits": [
            {
                "obligation": limit["obligation"], "round": limit["round"], "rule": limit["rule"], "due_at": limit["due_at"],
                "stands": _standing(limit), "done_at": limit["done_at"], "responsible": _who(limit["responsible"]),
            }
            for limit in dossier.deadlines(entries)
        ],
        "history": [
            {
                "at": entry.at, "event": entry.name, "told by": entry.source, "round": entry.round,
                "by": f"{entry.by.organisation} {entry.by.official}" if entry.by else None, "event_id": entry.event_id,
            }
            for entry in entries
        ],
    }  # fmt: skip


def _who(person: dict[str, Any] | None) -> str | None:
    """An official by post and code."""
    return f"{person['organisation']} {person['official']} {person.get('post', '')}".strip() if person else None


def _standing(limit: dict[str, Any]) -> str:
    """Where a limit stands, in one word."""
    if limit["withdrawn"]:
        return "withdrawn"
    if limit["done_at"]:
        return "done late" if limit["missed"] else "done"
    return "missed" if limit["missed"] else "paused" if limit["paused"] else "runs"
