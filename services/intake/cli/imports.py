"""`zhida intake import` and `zhida intake imports`: old cases from a list, by hand or as they are handed in."""

from __future__ import annotations

import json
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.intake.channels import importer
from services.intake.channels.alone import alone
from services.intake.channels.fetchers import Office, run_all
from services.intake.domain import imports as domain
from services.intake.domain.imports import HANDLED, ImportJob
from services.intake.domain.viewing import Viewer
from services.intake.handlers.imports import hand_in
from services.intake.handlers.opening import answers_for
from services.intake.site import read_site
from services.intake.store import IMPORT_JOBS, SQL, read_import
from services.intake.vault.crypto import open_vault
from services.intake.workflow import ImportStage
from shared import config
from shared.contract.envelope import uuid7
from shared.database import Database
from shared.errors import Refused, Unavailable

MOST_FAULTS = 1000  # that are told one by one


def office() -> Office:
    """What the settings name. Raises OSError, Unavailable."""
    settings = config.load()
    database = Database(settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated)
    return Office(settings=settings, site=read_site(settings), database=database, vault=open_vault(settings.keys))


def add(commands: typer.Typer) -> None:
    """Add the commands of this module."""
    commands.command("import")(import_list)
    commands.command("imports")(work)


def import_list(
    file: Annotated[Path, typer.Argument(help="An xlsx, xls, ods or csv file; the template is on the page 导入旧件.")],
    source: Annotated[str, typer.Option(help="The system that the old numbers are unique in; the same name each time.")],
    by: Annotated[str, typer.Option(help="The clerk or official of the office who answers for it: a code of the directory.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row, register nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Check a list of old cases and register every row that is fit. What broke off is taken up by `zhida intake imports`.

    Exit code 0: every row is registered, now or before (with --dry-run: would be). 1: some rows have errors. 2: nothing was done.
    """
    try:
        job, faults = _import(office(), file, source, by, dry_run)
    except (OSError, Refused, Unavailable) as fault:
        typer.echo(f"{file}: {fault}", err=True)
        raise typer.Exit(2) from fault
    if as_json:
        typer.echo(json.dumps(_told(job, dry_run) | {"faults": faults}, ensure_ascii=False))
    else:
        for name, value in _told(job, dry_run).items():
            typer.echo(f"{name}: {value}")
        for wrong in faults:
            typer.echo(f"row {wrong['row']}, {wrong['column']}: {wrong['rule']} {wrong['remedy']}", err=True)
    failed = 2 if job.fault else 1 if job.counts.get("failed") else 0
    raise typer.Exit(failed)


def work() -> None:
    """Work on the lists that were handed in, until SIGTERM. Any number may run; one works on each list."""
    try:
        fetchers = importer.import_fetchers(office())
    except (OSError, Unavailable) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from fault
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    typer.echo("working on imports", err=True)
    run_all(fetchers, ended)


def _import(at: Office, file: Path, source: str, by: str, dry_run: bool) -> tuple[ImportJob, list[dict[str, Any]]]:
    """Hand a file in and work on it, with the lock held from before anybody can see it."""
    job_id, database = uuid7(), at.database
    with file.open("rb") as content, alone(database, f"import {job_id}") as _, _progress() as say:
        with database.unit_of_work() as uow:
            viewer = answers_for(uow, by)
            domain.check_may_import(viewer)
            hand_in(uow, at.vault, content, job_id=job_id, source=source, largest=at.site.imports.largest, by=viewer.person)
        job = _pass(at, job_id, say)
        if job.stage is ImportStage.CHECKED and dry_run:
            faults = _faults(database, job_id, viewer)
            return replace(_put(database, domain.cancel, job_id), counts=job.counts), faults
        if job.stage is ImportStage.CHECKED and job.counts["open"] + job.counts["finished"]:
            _put(database, lambda job, now: domain.start(job, viewer.person, now), job_id)
            job = _pass(at, job_id, say)
        return job, _faults(database, job_id, viewer)


def _pass(at: Office, job_id: UUID, say: importer.Say) -> ImportJob:
    importer.work_alone(at.database, at.vault, job_id, threading.Event(), say, tree=at.site.tree)
    with at.database.unit_of_work() as uow:
        job = read_import(uow, job_id)
    if job is None:
        raise Unavailable("the import is gone")
    return job


def _put(database: Database, change: Any, job_id: UUID) -> ImportJob:
    with database.unit_of_work() as uow:
        return uow.rows(IMPORT_JOBS).put(change(uow.rows(IMPORT_JOBS).get(job_id), uow.now))


def _faults(database: Database, job_id: UUID, viewer: Viewer) -> list[dict[str, Any]]:
    """Where which rule is broken, without what the cells hold."""
    with database.unit_of_work() as uow:
        rows = uow.all(SQL["import_faults"], job_id=job_id, codes=list(viewer.codes), limit=MOST_FAULTS, after=0)
    return [
        {"row": row["at_row"], "column": wrong["field"], **{name: wrong[name] % wrong["values"] for name in ("rule", "remedy")}}
        for row in rows
        for wrong in row["wrong"]
    ]


def _told(job: ImportJob, dry_run: bool) -> dict[str, Any]:
    return {
        "import": str(job.id), "stage": job.stage.value, "dry_run": dry_run, "rows": job.handled,
        **{name: job.counts.get(name, 0) for name in HANDLED}, **({"fault": job.fault} if job.fault else {}),
    }  # fmt: skip


class _progress:
    """A bar on standard error, where that is a terminal."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, TextColumn("{task.fields[rate]:,} /s"), console=Console(stderr=True))

    def __enter__(self) -> importer.Say:
        self._bar.start()
        self._tasks: dict[bool, Any] = {}
        return self._say

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _say(self, job: ImportJob) -> None:
        registers = job.started_at is not None
        if registers not in self._tasks:
            self._tasks[registers] = self._bar.add_task("registering" if registers else "checking", total=None, rate=0)
        self._bar.update(self._tasks[registers], completed=job.handled, total=job.total or None, rate=job.rate)
