"""Lists of old cases as files, and an import from beginning to end."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import xlsxwriter

from services.intake.channels import importer
from services.intake.domain import imports as domain
from services.intake.domain.imports import ImportJob
from services.intake.handlers.imports import hand_in
from services.intake.store import IMPORT_JOBS, read_import
from services.intake.vault.crypto import Vault
from shared.database import Database
from tests.integration.intake.intake_bus import CLERK

SOURCE = "2014版信访系统"
RECEIVED = (datetime.now(UTC) - timedelta(days=800)).date()
HEADINGS = (
    "原编号", "渠道", "收到日期", "标题", "内容", "姓名", "电话", "交办摘要", "处理结果", "答复", "办结日期", "结案日期", "是否满意", "备注",
)  # fmt: skip


def a_row(number: object = "信1", **changes: object) -> list[object]:
    """A row of a case that is over, with changes by heading."""
    row: dict[str, object] = dict.fromkeys(HEADINGS, "") | {
        "原编号": number, "渠道": "来信", "收到日期": RECEIVED, "标题": "井水发黑", "内容": "造纸厂夜里排污，村里三十户人喝不上水。",
        "姓名": "陈十里", "电话": "13873512345", "处理结果": "支持", "答复": "造纸厂已取缔。", "办结日期": RECEIVED + timedelta(days=9),
        "结案日期": RECEIVED + timedelta(days=20), "是否满意": "满意",
    }  # fmt: skip
    return list((row | changes).values())


OPEN = {"处理结果": "", "答复": "", "办结日期": "", "结案日期": "", "是否满意": ""}


def rows_of(count: int, *, open_every: int = 10) -> Iterable[list[object]]:
    """So many cases, one in ten of them open."""
    for number in range(1, count + 1):
        yield a_row(f"信{number:06d}", **(OPEN if number % open_every == 0 else {}))


def a_csv(
    rows: Iterable[Sequence[object]], headings: Sequence[str] = HEADINGS, *, encoding: str = "utf-8-sig", delimiter: str = ","
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def an_xlsx(rows: Iterable[Sequence[object]], headings: Sequence[str] = HEADINGS, **options: Any) -> bytes:
    """A workbook with real dates and numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    sheet, day = book.add_worksheet("旧件"), book.add_format({"num_format": "yyyy-mm-dd"})
    for at, row in enumerate([headings, *rows]):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(at, column, datetime.combine(value, datetime.min.time()), day)
            elif value != "":
                sheet.write(at, column, value)
    book.close()
    return out.getvalue()


def handed_in(intake: Database, vault: Vault, content: bytes, *, source: str = SOURCE) -> UUID:
    job_id = uuid4()
    with intake.unit_of_work() as uow:
        hand_in(uow, vault, io.BytesIO(content), job_id=job_id, source=source, largest=50 * 2**20, by=CLERK)
    return job_id


def worked_on(intake: Database, vault: Vault, job_id: UUID) -> ImportJob:
    importer.work_on(intake, vault, job_id, threading.Event())
    with intake.unit_of_work() as uow:
        job = read_import(uow, job_id)
    assert job is not None
    return job


def started(intake: Database, job_id: UUID) -> None:
    with intake.unit_of_work() as uow:
        jobs = uow.rows(IMPORT_JOBS)
        job = jobs.get(job_id)
        assert job is not None
        jobs.put(domain.start(job, CLERK, uow.now))


def imported(intake: Database, vault: Vault, content: bytes, *, source: str = SOURCE) -> ImportJob:
    """A list handed in, checked and, unless nothing in it is fit, registered."""
    job_id = handed_in(intake, vault, content, source=source)
    checked = worked_on(intake, vault, job_id)
    if not checked.expected.get("open", 0) + checked.expected.get("finished", 0):
        return checked
    started(intake, job_id)
    return worked_on(intake, vault, job_id)
