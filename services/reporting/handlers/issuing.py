"""Reports are issued by a named person, under a number of their own; corrected by a further one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from services.reporting.documents import wording
from services.reporting.documents.writing import Issue, write
from services.reporting.domain import reports
from services.reporting.domain.reports import HALF_MONTH, TWO_MONTHS, WEEK, Data
from services.reporting.handlers import cutting, preparing
from services.reporting.handlers.preparing import Prepared, data_of
from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound, Refused

ISSUERS = {WEEK: "office", HALF_MONTH: "supervision_office", TWO_MONTHS: "first_in_command"}
# Cases are listed for the circular when its period is over; whoever lists them prepares it anew with them.
PREPARERS = {
    WEEK: {"office"},
    HALF_MONTH: {"supervision_office"},
    TWO_MONTHS: {"supervision_office", "office", "first_in_command"},
}
SEEN = SQL["seen_among"].replace("{readable}", SQL["readable"] + "\n").replace("{where}", SQL["visible"] + "\n")


def may_prepare(sees: Sight, kind: str) -> bool:
    """Whether this kind of report is his to prepare anew here."""
    return bool(PREPARERS[kind] & sees.roles)


def may_issue(sees: Sight, kind: str) -> bool:
    """Whether this kind of report is his to issue here."""
    return ISSUERS[kind] in sees.roles


def found(uow: UnitOfWork, sees: Sight, report_id: int) -> dict[str, Any]:
    """A report that a reader may open. Raises NotFound. Drafts are for those who see the whole instance."""
    report = preparing.report(uow, id=report_id)
    if report is None or (report["number"] is None and not sees.everything):
        raise NotFound("report", "没有找到该报告。", "请从报告列表进入。")
    return report


def listed(uow: UnitOfWork, sees: Sight, *, kind: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """A page of the reports that a reader may open."""
    return uow.all(SQL["reports"], kind=kind, drafts=sees.everything, limit=limit, offset=offset)


def readable(uow: UnitOfWork, sees: Sight, report: dict[str, Any]) -> Data:
    """The report's data as far as they are for the reader, by what is known of him and of its cases now.

    What he is barred from is in no number of it: as in the statistics, he learns of no case that there is one more.
    """
    data, hidden = data_of(report), preparing.barred_from(uow, sees)
    if hidden:
        data = reports.without(data, cutting.counted_of(uow, preparing.cut_of(report), hidden))
    seen = {row["id"]: row["readable"] for row in uow.all(SEEN, **sees.params, cases=reports.cases_of(data))}
    return reports.narrowed(data, seen)


def failing(uow: UnitOfWork, sees: Sight) -> list[dict[str, Any]]:
    """The reports that are owed and could not be drawn when they were last tried; for those who read drafts."""
    return uow.all(SQL["failing"]) if sees.everything else []


def issue_of(report: dict[str, Any]) -> Issue:
    """How it was issued, as its document says it."""
    by = Person.of(report["issued_by"]) if report["issued_by"] else None
    number, corrects = report["number"] or "", report["corrects_number"] or ""
    return Issue(number=number, by=by, at=report["issued_at"], corrects=corrects, reasons=report["reasons"] or "")


def text_of(report: dict[str, Any], data: Data) -> str:
    """Every word of the report's document, drawn from these data."""
    return write(data, issue_of(report)).plain


def issue(uow: UnitOfWork, sees: Sight, by: Person, report_id: int) -> str:
    """Issue a draft; its number. Done again by the same person it changes nothing.

    Raises Forbidden when it is not his to issue, Conflict when somebody else issued it, Refused when a later draft replaced it.
    """
    report = _locked(uow, sees, report_id, may_issue)
    if report["number"] is not None:
        if report["issued_by"]["official"] == by.official:
            return str(report["number"])
        raise Conflict("report", "该报告已由%(name)s签发。", "请刷新页面查看。", name=report["issued_by"]["name"])
    if report["edition"] != report["latest"]:
        raise Refused("report", "该草稿已被重新编制的一份取代。", "请签发最新的一份。")
    data, now = data_of(report), uow.now
    year = report["first"].isocalendar().year if report["kind"] == WEEK else report["first"].year
    serial = (uow.one(SQL["next_serial"], kind=report["kind"], year=year) or {})["serial"]
    number = wording.number(report["kind"], data["names"][data["organisation"]], year, serial)
    issued = {**report, "number": number, "issued_by": by.as_data(), "issued_at": now}
    text = text_of(issued, data)
    uow.all(
        SQL["issue_report"], report=report_id, kind=report["kind"], year=year, serial=serial, number=number,
        by=json.dumps(by.as_data(), ensure_ascii=False), now=now, digest=reports.digest(text.encode()),
    )  # fmt: skip
    uow.tell("report.issued", f"report/{number}", _told(issued))
    return number


def _told(report: dict[str, Any]) -> dict[str, Any]:
    return {
        "period": report["kind"], "first": report["first"].isoformat(), "last": report["last"].isoformat(), "number": report["number"],
        "corrects": report["corrects_number"], "digest": report["digest"], "by": report["issued_by"], "issued_at": instant(report["issued_at"]),
    }  # fmt: skip


def prepare_anew(uow: UnitOfWork, sees: Sight, by: Person, report_id: int, reasons: str) -> int:
    """Freeze the period once more as far as is known now; the new report's id. It replaces a draft, and corrects what was issued.

    Raises Forbidden, and Conflict when somebody has already done so.
    """
    report = _locked(uow, sees, report_id, may_prepare)
    if report["edition"] != report["latest"]:
        raise Conflict("report", "该报告已重新编制过。", "请查看最新的一份。")
    corrects = report_id if report["number"] is not None else report["corrects"]
    prepared = Prepared(by, reasons, corrects, report["edition"] + 1)
    period = {**report, "number": report["period_number"]}
    return preparing.freeze(uow, period, prepared)


def _locked(uow: UnitOfWork, sees: Sight, report_id: int, may: Callable[[Sight, str], bool]) -> dict[str, Any]:
    """A report to be issued or prepared anew by whoever may; others of its kind wait."""
    report = found(uow, sees, report_id)
    if not may(sees, report["kind"]):
        raise Forbidden("report", "该类报告不由您编制或签发。", "周报由办公室、督办清单由督查室、通报由一把手签发。")
    uow.all(SQL["lock_reports"], kind=report["kind"])
    return found(uow, sees, report_id)
