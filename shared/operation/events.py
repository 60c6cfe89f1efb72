"""`zhida events`: the list of events, and what the logs of the instance hold."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import typer

from shared.config import Settings, load
from shared.contract import EVENTS
from shared.contract.document import asyncapi, markdown
from shared.errors import NotFound, Refused
from shared.operation import added, opened
from shared.printing import AsJson, cell, say, show

commands = typer.Typer(help="The list of events, and what was told.")
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="docs/events.md")]
LOOK_BACK = 1_000  # a row may be committed after one whose id is higher by as much
_COLUMNS = """
SELECT id, event_id, name, addressee, subject, caseversion, occurred_at, sequence, CASE WHEN %(bodies)s THEN draft END AS draft
FROM event_log WHERE name LIKE %(name)s AND subject = coalesce(%(subject)s, subject)
"""
_NEWEST = f"{_COLUMNS} ORDER BY id DESC LIMIT %(most)s"
_THESE = f"{_COLUMNS} AND id = ANY(%(ids)s)"
_IDS = "SELECT id FROM event_log WHERE id > (SELECT coalesce(max(id), 0) - %(back)s FROM event_log)"


@commands.callback(invoke_without_command=True)
def events(context: typer.Context, as_json: AsJson = False, as_markdown: AsMarkdown = False) -> None:
    """The list of events: who tells, who hears. With --json the AsyncAPI document."""
    if context.invoked_subcommand is None:
        list_events(as_json, as_markdown)


@commands.command("list")
def list_events(as_json: AsJson = False, as_markdown: AsMarkdown = False) -> None:
    """The same."""
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


@commands.command()
def tail(
    name: Annotated[str, typer.Option(help="Only events of this name, as case.* or assignment.replied.")] = "*",
    case: Annotated[str | None, typer.Option(help="Only those of a case, by its number or id.")] = None,
    most: Annotated[int, typer.Option("--lines", "-n", min=0, max=100_000, help="How many of those before.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    bodies: Annotated[bool, typer.Option("--bodies", help="What they tell too: briefs, and names of officials.")] = False,
    as_json: AsJson = False,
) -> None:
    """What the instance told, by the logs of its services, newest last; no bodies. With --json an object in each line."""
    settings = load()
    wanted = {"name": _pattern(name), "subject": _subject(settings, case), "bodies": bodies}
    logs = [_Log(settings, service, wanted) for service in settings.services]
    told = sorted((row for log in logs for row in log.newest(most)), key=_order)
    _print(told[max(len(told) - most, 0) :], as_json)
    while follow:
        _print(sorted((row for log in logs for row in log.later()), key=_order), as_json)
        time.sleep(0.5)


class _Log:
    """The log of one service, read from its newest rows on."""

    def __init__(self, settings: Settings, service: str, wanted: Mapping[str, Any]) -> None:
        self._service, self._wanted, self._database = service, wanted, opened(settings, service)
        self._seen: set[int] = set()

    def newest(self, most: int) -> list[dict[str, Any]]:
        """The newest rows."""
        with self._database.unit_of_work() as uow:
            self._seen = {row["id"] for row in uow.all(_IDS, back=LOOK_BACK)}
            return self._rows(uow.all(_NEWEST, **self._wanted, most=most))

    def later(self) -> list[dict[str, Any]]:
        """What came since the last look."""
        with self._database.unit_of_work() as uow:
            there = {row["id"] for row in uow.all(_IDS, back=LOOK_BACK)}
            fresh, self._seen = there - self._seen, there
            return self._rows(uow.all(_THESE, **self._wanted, ids=sorted(fresh))) if fresh else []

    def _rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"service": self._service, **row} for row in rows]


def _order(row: Mapping[str, Any]) -> tuple[int, str, int]:
    """By the milliseconds of real time in the id, for a simulated instance tells many at one instant; in a service by its log."""
    return row["event_id"].int >> 80, row["service"], row["id"]


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    for row in rows:
        draft, sequence = row.pop("draft"), row["sequence"]
        data = None if draft is None else json.loads(bytes(draft) + b"}")["data"]
        if as_json:
            say({name: value for name, value in row.items() if name != "id"} | ({} if data is None else {"data": data}))
            continue
        words = (
            cell(row["occurred_at"]),
            f"{row['service']:<11}",
            f"{row['name']:<32}",
            row["subject"],
            f"v{row['caseversion']}",
        )
        typer.echo("  ".join((*words, f"to {row['addressee']}", f"#{sequence}" if sequence else "not sealed")))
        if data is not None:
            typer.echo(f"    {json.dumps(data, ensure_ascii=False)}")


def _pattern(name: str) -> str:
    """The name as LIKE takes it, where * is any."""
    if not re.fullmatch(r"[a-z_.*]+", name):
        raise Refused("name", "事件名称只含小写字母、下划线、点与星号。", "请用 zhida events list 核对。")
    return name.replace("_", r"\_").replace("*", "%")


def _subject(settings: Settings, case: str | None) -> str | None:
    if case is None:
        return None
    with suppress(ValueError):
        return str(UUID(case))
    for subject_of in added(settings, "subject_of"):
        if (found := subject_of(settings, case)) is not None:
            return str(found)
    raise NotFound("case", "没有这个编号的信访件。", "请核对编号。")
