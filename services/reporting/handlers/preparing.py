"""Reports are prepared when a period has ended, and made again from the archive to see that they are what they were.

`period.ended` only notes that a report is owed; a timer prepares it in a transaction of its own, while nobody projects: so the
read model is exactly what the archive up to the cut-off's place tells.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, timedelta
from typing import Any, NamedTuple

from services.reporting.domain import reports
from services.reporting.domain.reports import Cut, Data
from services.reporting.handlers import cutting
from services.reporting.handlers.case_by_case import Afterwards
from services.reporting.handlers.projecting import PROJECTING
from services.reporting.handlers.seeing import Sight
from services.reporting.handlers.taking import TAKERS
from services.reporting.metrics import record_failing
from services.reporting.store import SQL
from shared.contract.person import Person
from shared.database import Database, UnitOfWork, connect, faults
from shared.errors import Refused

log = logging.getLogger(__name__)
LARGEST = 2**63 - 1  # of an id
AGAIN_AFTER = timedelta(hours=1)  # a report that could not be drawn is tried again


class Prepared(NamedTuple):
    """How a report came about besides the end of its period: who prepared it anew, why, and which issued one it corrects."""

    by: Person | None = None
    reasons: str | None = None
    corrects: int | None = None
    edition: int = 1


def prepare_owed(uow: UnitOfWork) -> int:
    """Prepare the report that has been owed longest; whether there was one. One that cannot be drawn is tried again later."""
    owed = uow.one(SQL["report_owed"], now=uow.now)
    if owed is not None:
        _alone(uow)
        uow.all("SAVEPOINT drawing")
        try:
            freeze(uow, owed, Prepared())
        except Exception as fault:  # whatever it is: the others are owed too
            uow.all("ROLLBACK TO SAVEPOINT drawing")
            log.error("the report %s of %s could not be drawn", owed["kind"], owed["first"], exc_info=fault)
            _note_failure(uow, owed, type(fault).__name__)
        else:
            uow.all(SQL["drop_failure"], kind=owed["kind"], first=owed["first"])
    record_failing(len(uow.all(SQL["failing"])))
    return int(owed is not None)


def _note_failure(uow: UnitOfWork, owed: dict[str, Any], fault: str) -> None:
    key = {"kind": owed["kind"], "first": owed["first"]}
    uow.all(SQL["note_failure"], **key, fault=fault, now=uow.now, next=uow.now + AGAIN_AFTER)


def _alone(uow: UnitOfWork) -> None:
    """While nobody projects."""
    uow.all("SELECT pg_advisory_xact_lock(%(key)s)", key=PROJECTING)


def freeze(uow: UnitOfWork, period: dict[str, Any], prepared: Prepared) -> int:
    """Freeze the report of a period as far as is known now; its id."""
    _alone(uow)
    end = uow.one(SQL["last_received"]) or {}
    cut = Cut(period["kind"], period["first"], period["last"], period["number"], period["until"].astimezone(UTC), end["id"])
    rows = cutting.standing(uow, cut)
    body = reports.spelt(reports.draw(cut, uow.org, rows, cutting.told_beside(uow, cut, rows)))
    found = uow.one(
        SQL["prepare_report"], kind=cut.kind, first=cut.first, edition=prepared.edition, place=cut.place, now=uow.now,
        by=json.dumps(prepared.by.as_data(), ensure_ascii=False) if prepared.by else None, reasons=prepared.reasons,
        corrects=prepared.corrects, data=body, digest=reports.digest(body),
    ) or {}  # fmt: skip
    return int(found["id"])


def again(database: Database, report: dict[str, Any]) -> bytes:
    """The same report from the archive alone: the same bytes, or something is not what it was. Raises Refused of another format."""
    if data_of(report)["format"] != reports.FORMAT:
        raise Refused("number", "该报告的数据格式已不是现行格式，不能重新编制。", "请查看冻结的原文。")
    cut = cut_of(report)
    with faults():
        connection = connect(database.url, database.service)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")
            rows = cutting.archived(connection, database.org, cut)
            uow = UnitOfWork(connection, service=database.service, org=database.org, clock=Afterwards())
            return reports.spelt(reports.draw(cut, database.org, rows, cutting.told_beside(uow, cut, rows)))
        finally:
            connection.close()


def report(uow: UnitOfWork, *, id: int | None = None, number: str | None = None) -> dict[str, Any] | None:
    """One report with its period and its issue, by its id or its official number."""
    found = uow.one(SQL["report"], id=id, number=number) if id is None or id <= LARGEST else None
    return {**found, "data": bytes(found["data"])} if found else None


def data_of(report: dict[str, Any]) -> Data:
    """What was frozen."""
    found: Data = json.loads(report["data"])
    return found


def cut_of(report: dict[str, Any]) -> Cut:
    """Where it was cut off."""
    return Cut(
        report["kind"], report["first"], report["last"], report["period_number"], report["until"].astimezone(UTC), report["place"]
    )


def barred_from(uow: UnitOfWork, sees: Sight) -> list[str]:
    """The cases of which a reader must not know."""
    return [row["id"] for row in uow.all(SQL["barred_from"], me=sees.official, posts=list(sees.posts))]


def heard_since(uow: UnitOfWork, report: dict[str, Any], sees: Sight | None = None) -> int:
    """How many events that count in the report were heard after it was prepared, as far as a reader may know of them."""
    cut, hidden = cut_of(report), barred_from(uow, sees) if sees else []
    asked: dict[str, Any] = {"place": cut.place, "start": cut.period.start, "until": cut.until, "hidden": hidden}
    found = uow.all(SQL["heard_since"], **asked, names=list(TAKERS))
    if cut.kind == reports.TWO_MONTHS:
        found += uow.all(SQL["interviewed_since"], **asked, source=f"/{uow.org}/supervision")
    return sum(row["n"] for row in found)


def listed_since(uow: UnitOfWork, report: dict[str, Any], sees: Sight | None = None) -> int:
    """How many cases were listed for a circular after it was prepared, as far as a reader may know of them."""
    if report["kind"] != reports.TWO_MONTHS:
        return 0
    hidden = barred_from(uow, sees) if sees else []
    row = uow.one(SQL["listed_since"], place=report["place"], first=report["first"].isoformat(), hidden=hidden)
    return int(row["n"]) if row else 0
