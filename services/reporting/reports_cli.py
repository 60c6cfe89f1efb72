"""`zhida report`: the reports of the office's periods, and whether one made again is what was frozen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.reporting.domain.reports import digest
from services.reporting.handlers import issuing, preparing
from services.reporting.store import SQL
from shared.config import load
from shared.database import Database
from shared.errors import NotFound

reports = typer.Typer(help="Weekly reports, supervision lists, circulars.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


def database() -> Database:
    """Reporting's own."""
    settings = load()
    url = settings.service_url("reporting")
    return Database(url, service="reporting", org=settings.org, simulated=settings.simulated)


@reports.command(name="list")
def show(as_json: AsJson = False) -> None:
    """The last hundred reports: id, kind, period, number; drafts have none."""
    with database().unit_of_work() as uow:
        found = uow.all(SQL["reports"], kind="", drafts=True, limit=100, offset=0)
    rows = [{name: row[name] for name in ("id", "kind", "first", "last", "edition", "number", "issued_at")} for row in found]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    table = Table("id", "kind", "from", "to", "edition", "number", "issued")
    for row in rows:
        table.add_row(*("-" if value is None else str(value) for value in row.values()))
    Console().print(table)


@reports.command()
def remake(
    number: Annotated[str, typer.Argument(help="The report's number, as 永信周〔2016〕45号, or a draft's id.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write what was made again there: the data, and the text beside it as .txt.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a report again from the archive up to its cut-off, and compare. Exit 1 if a byte of its data or its text differs."""
    own = database()
    with own.unit_of_work() as uow:
        report = preparing.report(uow, number=number) or (preparing.report(uow, id=int(number)) if number.isdecimal() else None)
    if report is None:
        raise NotFound("number", "there is no such report.", "See `zhida report list`.")
    data = preparing.again(own, report)
    text = issuing.text_of(report, json.loads(data))
    told: dict[str, Any] = {
        "number": report["number"], "id": report["id"], "place": report["place"], "digest": digest(data), "data_same": data == report["data"],
        "text_same": text == issuing.text_of(report, preparing.data_of(report)) and report["text_digest"] in (None, digest(text.encode())),
    }  # fmt: skip
    if out is not None:
        out.write_bytes(data)
        out.with_suffix(".txt").write_text(text, encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        said = {True: "the same", False: "DIFFERENT"}
        typer.echo(
            f"{report['number'] or 'draft'}: data {said[told['data_same']]}, text {said[told['text_same']]} ({told['digest']})"
        )
    if not (told["data_same"] and told["text_same"]):
        raise typer.Exit(1)
