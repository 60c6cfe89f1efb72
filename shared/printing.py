"""How commands print what they found: a table on a terminal, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


def out() -> Console:
    """The terminal as it is now: what imports this module may be told another width afterwards."""
    return Console()


def cell(value: object) -> str:
    """A value as a table shows it: instants to the minute, by the clock on the county's wall."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    return "-" if value is None else str(value)


def show(rows: Sequence[dict[str, Any]], as_json: bool, title: str | None = None) -> None:
    """Print rows as a table, or as one JSON list. What the first column names stays whole on a narrow terminal."""
    if as_json:
        say(rows)
        return
    first, *rest = rows[0] if rows else ["-"]
    table = Table(Column(first, no_wrap=True), *rest, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row.values()))  # never markup: what stands in brackets is text
    out().print(table)


def say(found: Any) -> None:
    """Print one thing as JSON."""
    typer.echo(json.dumps(found, ensure_ascii=False, default=str))
