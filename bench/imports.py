"""IMPORT: a workbook of old cases checked and registered, rows a second, beside COPY of the very rows that came of it.

Ours is the whole way: the file is opened piece by piece, read by a process of its own, each row judged, sealed under a key of its
own and stored in sets with its event and the place in the file. COPY puts the finished rows of petition, sealed, unshingled and event_log
(ciphertext, numbers and all) into tables of the same columns, indexes and foreign keys, in one transaction: no reading, no rule, no
encryption, no number to give. Both have the database to themselves, in turn, each time on a fresh instance.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import xlsxwriter

from bench.figures import Line, Measure, Say, Spread, ratio_of_pairs
from bench.ground import Ground
from bench.processor import Processor
from deploy.dev.instance import ROOT, Instance
from services.intake.domain import imports as domain
from services.intake.handlers.imports import hand_in
from services.intake.store import IMPORT_JOBS
from services.intake.vault.crypto import open_vault
from shared.contract.person import Person

MEMORY = 300.0  # MB that a process may take
CLERK = Person(official="o-431023-clerk", name="何文", post="登记员", organisation="431023-xf")
HEADINGS = (
    "原编号", "渠道", "收到日期", "登记日期", "信访目的", "问题类别", "发生地", "身份", "姓名", "电话", "住址", "标题", "内容", "摘要标题", "交办摘要",
    "承办单位", "处理结果", "答复", "办结日期", "结案日期", "是否满意",
)  # fmt: skip
SIGNS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
TABLES = ("petition", "sealed", "unshingled", "event_log")


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Pairs of an import and a COPY of what came of it."""
    count, pairs = (100_000, 1) if full else (4_000, 3)
    content = workbook(count)
    say(f"IMPORT: a workbook of {count:,} rows, {len(content) / 2**20:.1f} MB")
    runs = [_pair(ground, content, count, say) for _ in range(pairs)]
    ours, copied = Spread(tuple(run["rate"] for run in runs)), Spread(tuple(run["copied"] for run in runs))
    ratio = ratio_of_pairs(ours.values, copied.values)
    peak = max(max(run["registering"]["importer_mb"], run["registering"]["reader_mb"]) for run in runs)
    lines = [
        Line(what=f"old cases registered from a workbook of {count:,}", ours=ours, unit="/s", against=copied, ratio=ratio),
        Line(what="the same, checked only", ours=Spread(tuple(run["checked"] for run in runs)), unit="/s"),
        Line(what="memory of the larger of its two processes", ours=Spread((peak,)), unit="MB", goal=f"≤ {MEMORY:.0f} MB", met=peak <= MEMORY),
    ]  # fmt: skip
    values = {"ratio": round(ratio, 4), "count": count, "processor_us_of_a_row": _shares(runs, count), "runs": runs}
    return Measure(name="IMPORT", title="import of old cases", lines=lines, values=values)


def workbook(count: int) -> bytes:
    """Old cases of about 300 characters each, one in fifty of them open; the same each time."""
    chance, out = Random(7), io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    first = date.today() - timedelta(days=2000)  # noqa: DTZ011 - a day on paper

    def words(number: int) -> str:
        return "".join(chance.choices(SIGNS, k=number))

    for number in range(1, count + 1):
        day = first + timedelta(days=chance.randrange(1500))
        over = ("", "") if number % 50 == 0 else (str(day + timedelta(days=30)), str(day + timedelta(days=60)))
        sheet.write_row(number, 0, (
            f"信{day.year}-{number:06d}", "来信", str(day), str(day), "申诉求决", "土地征收", "431023104", "实名", words(3),
            f"138{chance.randrange(10**8):08d}", f"永兴县{words(9)}", words(12), words(150), words(10), words(40), words(6), "支持",
            words(40), *over, "满意",
        ))  # fmt: skip
    book.close()
    return out.getvalue()


def _pair(ground: Ground, content: bytes, count: int, say: Say) -> dict[str, Any]:
    instance = ground.instance(("intake",))
    try:
        job_id = _handed_in(instance, content)
        ground.settle()
        checking = _work(ground, instance, job_id)
        with instance.database("intake").unit_of_work() as uow:
            jobs = uow.rows(IMPORT_JOBS)
            job = jobs.get(job_id)
            assert job is not None
            jobs.put(domain.start(job, CLERK, uow.now))
        ground.settle()
        registering = _work(ground, instance, job_id)
        stored = instance.query(
            "SELECT count(*), count(DISTINCT number) FROM intake.petition JOIN intake.sealed ON case_id = id"
        )[0]
        assert stored == (count, count), f"{stored} stored of {count}"
        copied = _copy(ground, instance)
    finally:
        ground.drop(instance)
    rates = {"rate": count / registering["seconds"], "checked": count / checking["seconds"], "copied": count / copied}
    say(f"IMPORT: checked {rates['checked']:,.0f}/s, registered {rates['rate']:,.0f}/s, COPY {rates['copied']:,.0f}/s")
    return rates | {"registering": registering, "checking": checking}


def _handed_in(instance: Instance, content: bytes) -> UUID:
    vault, job_id = open_vault(instance.settings.keys), uuid4()
    with instance.database("intake").unit_of_work() as uow:
        hand_in(uow, vault, io.BytesIO(content), job_id=job_id, source="旧系统", largest=2**30, by=CLERK)
    return job_id


def _work(ground: Ground, instance: Instance, job_id: UUID) -> dict[str, Any]:
    """The importer's process; what it took, and what the database took for it."""
    processor = Processor(ground, {})
    command = [sys.executable, "-m", "bench.import_process", str(job_id)]
    environment = os.environ | instance.environment()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=3600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"database_processor": processor.spent()["PostgreSQL"]}


def _copy(ground: Ground, instance: Instance) -> float:
    """Seconds that COPY takes for the same rows."""
    connection = psycopg2.connect(ground.database.url(instance.database_name))
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA copied")
        rows = {}
        for table in TABLES:
            cursor.execute(f"CREATE TABLE copied.{table} (LIKE intake.{table} INCLUDING ALL)")
            rows[table] = io.BytesIO()
            cursor.copy_expert(f"COPY intake.{table} TO STDOUT (FORMAT binary)", rows[table])
        cursor.execute("ALTER TABLE copied.sealed ADD FOREIGN KEY (case_id) REFERENCES copied.petition")
    ground.settle()
    begun = time.monotonic()
    with connection, connection.cursor() as cursor:
        for table, content in rows.items():
            content.seek(0)
            cursor.copy_expert(f"COPY copied.{table} FROM STDIN (FORMAT binary)", content)
    seconds = time.monotonic() - begun
    connection.close()
    return seconds


def _shares(runs: list[dict[str, Any]], count: int) -> dict[str, float]:
    """Microseconds of processor time that one registered row takes in each process."""
    names = ("importer_processor", "reader_processor", "database_processor")
    return {
        name.partition("_")[0]: round(sum(run["registering"][name] for run in runs) * 1e6 / count / len(runs), 1)
        for name in names
    }
