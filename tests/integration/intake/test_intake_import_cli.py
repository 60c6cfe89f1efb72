"""`zhida intake import`, as an operator runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.dev.ports import free_port
from services.intake.store import IMPORT_JOBS, PETITIONS
from shared.config import Settings
from tests.integration.intake.import_lists import SOURCE, a_csv, a_row, rows_of
from tests.integration.intake.intake_bus import CLERK, ORG

ZHIDA = [sys.executable, "-c", "from shared.cli import main; main()", "intake", "import", "--source", SOURCE, "--by"]


@pytest.fixture
def run(settings: Settings, tmp_path: Path, hear: Any) -> Any:
    for official, role in ((CLERK.official, "clerk"), ("o-431023-auditor", "auditor")):
        post = {"organisation": CLERK.organisation, "title": CLERK.post, "roles": [role]}
        hear("directory.official_recorded", uuid4(), {"official": official, "name": CLERK.name, "active": True, "posts": [post]})

    def run(content: bytes | None, *words: str, by: str = CLERK.official, **changes: str) -> tuple[int, dict[str, Any], str]:
        path = tmp_path / "list.csv"
        if content is not None:
            path.write_bytes(content)
        environment = os.environ | {
            "ZHIDA_ORG": ORG, "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL": settings.database_url,
            "DATABASE_URL_INTAKE": settings.service_url("intake"),
        } | changes  # fmt: skip
        done = subprocess.run([*ZHIDA, by, str(path), *words], env=environment, capture_output=True, text=True, timeout=120)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}, done.stdout + done.stderr

    return run


def test_a_list_is_checked_then_registered_then_known(intake, run, told):
    content = a_csv(rows_of(30))
    code, said, _ = run(content, "--dry-run", "--json")
    assert (code, said["stage"], said["dry_run"], said["finished"], told()) == (0, "cancelled", True, 27, [])
    code, said, _ = run(content, "--json")
    assert (code, said["stage"], said["rows"], said["finished"], said["open"], len(told())) == (0, "done", 30, 27, 3, 30)
    code, said, _ = run(content, "--json")
    assert (code, said["stage"], said["again"], len(told())) == (0, "checked", 30, 30)


def test_somebody_of_the_directory_answers_for_it_as_on_the_page(intake, run, told):
    assert run(a_csv(rows_of(2)), "--json")[0] == 0
    with intake.unit_of_work() as uow:
        [job] = uow.rows(IMPORT_JOBS).where("true")
        assert (job.created_by, job.started_by) == (CLERK, CLERK)
        assert {case.registered_by for case in uow.rows(PETITIONS).where("true")} == {CLERK}


@pytest.mark.parametrize("by", ["o-nobody", "", "o-431023-auditor"])
def test_nobody_else_does(intake, run, by):
    code, _, text = run(a_csv(rows_of(2)), by=by)
    assert (code, "o-nobody" in text or "登记员" in text or "名录" in text) == (2, True)
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT FROM import_job") == []


def test_rows_with_errors_are_told_by_row_and_column_and_never_by_what_they_hold(intake, run):
    code, said, _ = run(a_csv([a_row("1"), a_row("金丝雀2", 电话="1.38E+10", 姓名="金丝雀")]), "--json")
    assert (code, said["finished"], said["failed"]) == (1, 1, 1)
    assert [(fault["row"], fault["column"]) for fault in said["faults"]] == [(3, "phone")]
    code, _, text = run(a_csv([a_row("1"), a_row("金丝雀2", 电话="1.38E+10", 姓名="金丝雀")]))
    assert code == 1
    assert "row 3, phone: 数字被表格软件改成了科学记数法" in text
    assert "金丝雀" not in text


@pytest.mark.parametrize(
    ("content", "changes"),
    [(None, {}), (b"", {}), (b"%PDF", {}), (b"<html>", {}), (a_csv([]), {"ZHIDA_KEYS": "/nowhere"}), (a_csv([]), {"DATABASE_URL_INTAKE": ""})],
    ids=["no file", "empty", "no table", "a page", "no key", "no database"],
)  # fmt: skip
def test_when_nothing_could_be_done_the_code_is_2(intake, run, content, changes):
    away = f"postgresql://x@127.0.0.1:{free_port()}/x"
    code, _, text = run(content, **{name: value or away for name, value in changes.items()})
    assert code == 2
    assert text
