"""The cases of a period as they stood at its cut-off: by the read model as long as it stands there, or by the archive alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from services.reporting.domain import picture, reports, statistics, tally
from services.reporting.domain.picture import CaseRow
from services.reporting.domain.reports import Cut, Told
from services.reporting.handlers.archive import read
from services.reporting.handlers.case_by_case import AT_ONCE, World, live_through
from services.reporting.handlers.taking import TAKERS, Life
from services.reporting.store import CASES, SQL
from shared.connection import Connection
from shared.contract import Event
from shared.database import UnitOfWork

# What is told of the steps taken on a case that is late.
STEPS = ("supervision.reminded", "supervision.noticed", "interview.called", "circular.listed")
ANNULLED = "supervision.annulled"
LISTED = ("circular.listed", ANNULLED)
OPEN = sorted(statistics.OPEN)


def standing(uow: UnitOfWork, cut: Cut) -> list[CaseRow]:
    """The cases that count, by the read model: `cut.place` is the end of the archive. Those that went on since are drawn anew."""
    moved = [row["subject"] for row in uow.all(SQL["cases_told_of_since"], until=cut.until, names=list(TAKERS))]
    statement = SQL["rows_of_period"].replace("{columns}", CASES.columns).replace("{of_period}", SQL["of_period"])
    rows = (CASES.from_row(tuple(row.values())) for row in uow.all(statement, whose=[uow.org], open=OPEN, **cut.period._asdict()))
    told = uow.all(SQL["archive_as_of"], place=cut.place, until=cut.until, names=list(TAKERS), cases=moved) if moved else []
    anew = set(moved)
    found = [row for row in rows if str(row.case_id) not in anew]
    found += drawn(uow.org, ((row["subject"], row["stream"], row["body"]) for row in told))
    return [row for row in found if reports.counts_in(row, uow.org, cut.period)]


def archived(connection: Connection, org: str, cut: Cut) -> list[CaseRow]:
    """The same by the archive alone, whatever has been heard since."""
    with connection.cursor(name="archive") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(
            SQL["archive_as_of"], {"place": cut.place, "until": cut.until, "names": list(TAKERS), "cases": None}
        )  # fmt: skip
        return [row for row in drawn(org, cursor) if reports.counts_in(row, org, cut.period)]


def drawn(org: str, archive: Iterable[tuple[str, str, Any]]) -> Iterator[CaseRow]:
    """Each case that these rows of the archive tell of."""
    for subject, rows in groupby(archive, key=itemgetter(0)):
        life = Life(UUID(subject), {})
        live_through(life, [read(stream, bytes(body)) for _, stream, body in rows], World(org))
        if life.facts:
            yield picture.draw(life.case_id, life.facts)


def told_beside(uow: UnitOfWork, cut: Cut, rows: Sequence[CaseRow]) -> Told:
    """What a report tells beside its cases, by the archive up to its place."""
    circular = list(_circular(uow, cut, rows)) if cut.kind == reports.TWO_MONTHS else []
    listed = sorted(
        {str(row.case_id) for named in reports.lists(rows, cut).values() for row in named} | {each["case"] for each in circular}
    )
    organisations = (_read(row).data for row in uow.all(SQL["organisations_as_of"], place=cut.place))
    bars = uow.all(SQL["bars_as_of"], cases=listed, place=cut.place)
    words = uow.all(SQL["confidence_as_of"], cases=listed, place=cut.place, source=f"/{uow.org}/routing")
    return Told(
        names={data["code"]: data["name"] for data in organisations},
        guarded=frozenset(UUID(row["subject"]) for row in bars if _bars(_read(row))),
        hushed=frozenset(UUID(row["subject"]) for row in words if _read(row).data.get("confidential")),
        steps=_steps(uow, cut, listed) if cut.kind == reports.HALF_MONTH else {},
        circular=circular,
        interviews=len({row["interview"] for row in _interviews(uow, cut)}),
    )  # fmt: skip


def counted_of(uow: UnitOfWork, cut: Cut, cases: list[str]) -> reports.Data:
    """What of a report's numbers some cases make up: they are drawn alone, as they stood at its cut-off."""
    rows = uow.all(SQL["archive_as_of"], place=cut.place, until=cut.until, names=list(TAKERS), cases=cases)
    found = drawn(uow.org, ((row["subject"], row["stream"], row["body"]) for row in rows))
    held = {row["interview"] for row in _interviews(uow, cut) if row["subject"] in cases}
    counting = [row for row in found if reports.counts_in(row, uow.org, cut.period)]
    return reports.draw(cut, uow.org, counting, Told(interviews=len(held)))


def _interviews(uow: UnitOfWork, cut: Cut) -> list[dict[str, Any]]:
    """Each case that an interview was about, by when it was held: it may have been written down when the period was over."""
    if cut.kind != reports.TWO_MONTHS:
        return []
    source, period = f"/{uow.org}/supervision", cut.period
    return uow.all(SQL["interviews_as_of"], source=source, start=period.start, end=period.end, place=cut.place)


def _read(row: dict[str, Any]) -> Event:
    return read(row["stream"], bytes(row["body"]))


def _bars(event: Event) -> bool:
    return bool(event.data["organisations"] or event.data["officials"])


def _steps(uow: UnitOfWork, cut: Cut, cases: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The steps of the ladder that were taken on each case and not annulled since, in order."""
    rows = uow.all(SQL["steps_as_of"], cases=cases, names=[*STEPS, ANNULLED], place=cut.place, until=cut.until)
    events = [_read(row) for row in rows]
    annulled = {event.data["step_id"] for event in events if event.contract.name == ANNULLED}
    found: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        if event.contract.name != ANNULLED and event.data["step_id"] not in annulled:
            on = tally.day_of(datetime.fromisoformat(event.data["at"])).isoformat()
            step = {"step": event.data["step"], "on": on, "document": event.data["document"]}
            found.setdefault(event.subject, []).append(step)
    return {case: sorted(steps, key=lambda step: (step["on"], step["document"])) for case, steps in found.items()}


def _circular(uow: UnitOfWork, cut: Cut, rows: Sequence[CaseRow]) -> Iterator[dict[str, Any]]:
    """What goes into the circular by name, by its document's number: it is listed when the period is over, so only the place limits it."""
    known = {str(row.case_id): row for row in rows}
    rows_told = uow.all(SQL["told_since"], names=list(LISTED), start=cut.period.start, place=cut.place)
    events = [event for event in map(_read, rows_told) if event.organisation == uow.org]
    annulled = {event.data["step_id"] for event in events if event.contract.name == ANNULLED}
    for event in sorted(events, key=lambda event: (str(event.data["document"]), event.subject)):
        data, row = event.data, known.get(event.subject)
        if event.contract.name == ANNULLED or data["step_id"] in annulled or data["period_first"] != cut.first.isoformat():
            continue
        who = data["responsible"]
        yield {
            "case": event.subject, "number": row.number if row else None, "title": row.title if row else None,
            "unit": who["organisation"], "leader": who["name"], "post": who["post"], "document": data["document"], "reasons": data["reasons"],
        }  # fmt: skip
