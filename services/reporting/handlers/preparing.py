"""Reports are prepared when a period has ended, and made again from the archive to see that they are what they were.

`period.ended` only notes that a report is owed; a timer prepares it in a transaction of its own, while nobody projects: so the
read model is exactly what the archive up to the cut-off's place tells.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any, NamedTuple

from services.reporting.domain import reports
from services.reporting.domain.reports import Cut, Data
from services.reporting.handlers import cutting
from services.reporting.handlers.case_by_case import Afterwards
from services.reporting.handlers.projecting import PROJECTING
from services.reporting.handlers.taking import TAKERS
from services.reporting.store import SQL
from shared.contract.person import Person
from shared.database import Database, UnitOfWork, connect, faults
from shared.errors import Refused

LARGEST = 2**63 - 1  # of an id


class Prepared(NamedTuple):
    """How a report came about besides the end of its period: who prepared it anew, why, and which issued one it corrects."""

    by: Person | None = None
    reasons: str | None = None
    corrects: int | None = None
    edition: int = 1


def prepare_owed(uow: UnitOfWork) -> int:
    """Prepare the report that has been owed longest; how many were."""
    owed = uow.one(SQL["report_owed"])
    if owed is None:
        return 0
    freeze(uow, owed, Prepared())
    return 1


def freeze(uow: UnitOfWork, period: dict[str, Any], prepared: Prepared) -> int:
    """Freeze the report of a period as far as is known now; its id."""
    uow.all("SELECT pg_advisory_xact_lock(%(key)s)", key=PROJECTING)
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
    cut = Cut(
        report["kind"], report["first"], report["last"], report["period_number"], report["until"].astimezone(UTC), report["place"]
    )
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


def heard_since(uow: UnitOfWork, report: dict[str, Any]) -> int:
    """How many events of the period were heard after the report was prepared."""
    start = Cut(
        report["kind"], report["first"], report["last"], report["period_number"], report["until"], report["place"]
    ).period.start
    row = uow.one(SQL["heard_since"], place=report["place"], start=start, until=report["until"], names=list(TAKERS))
    return int(row["n"]) if row else 0


def listed_since(uow: UnitOfWork, report: dict[str, Any]) -> int:
    """How many cases were listed for a circular after it was prepared."""
    row = uow.one(SQL["listed_since"], place=report["place"], first=report["first"].isoformat())
    return int(row["n"]) if row and report["kind"] == reports.TWO_MONTHS else 0
