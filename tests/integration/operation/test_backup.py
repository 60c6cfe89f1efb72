"""A backup made and restored by the commands of docs/operations.md, step by step."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from deploy.dev.database import Database, _binaries
from tests.integration.operation.conftest import ROOT, Site, run
from tests.integration.operation.test_doctor import QUICK, wrong

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
NAME = "zhida_restored"


def given(begin: str) -> str:
    """A command line that the page gives."""
    [found] = re.findall(rf"`({re.escape(begin)}[^`]+)`", PAGE)
    return str(found)


def test_what_was_backed_up_stands_again_with_keys_that_open_it(site: Site, database: Database, tmp_path: Path) -> None:
    def shell(command: str, url: str) -> None:
        words = shlex.split(command.replace("$DATABASE_URL", url))
        subprocess.run([_binaries() / words[0], *words[1:]], cwd=tmp_path, check=True, capture_output=True)

    before = site.county.environment()
    shell(given("pg_dump"), before["DATABASE_URL"])
    shutil.copytree(before["ZHIDA_KEYS"], tmp_path / "keys")
    make = given("CREATE DATABASE").replace("DATABASE zhida", f"DATABASE {NAME}")
    shell(f'psql --dbname=$DATABASE_URL --command "{make}"', database.url())
    after = {name: value.replace(f"/{site.county.database_name}", f"/{NAME}") if name.startswith("DATABASE") else value
             for name, value in before.items()} | {"ZHIDA_KEYS": str(tmp_path / "keys")}  # fmt: skip
    try:
        shell(given("pg_restore --no-owner"), after["DATABASE_URL"])
        assert 'role "zhida_restored_intake" does not exist' in wrong(run(after, "doctor", "database", "--json"))["database"]
        assert run(after, "migrate").out == ""
        assert wrong(run(after, "doctor", *QUICK, "--json")) == {}
        told = [run(env, "events", "tail", "--case", site.number, "-n", "1000").out for env in (before, after)]
        assert told[0] == told[1] != ""
        restored = run(after, "instance", "restored")
        assert restored.out.startswith("epoch 2\n"), restored
    finally:
        database.drop(NAME)


def test_without_its_keys_a_backup_is_found_not_to_open(site: Site, tmp_path: Path) -> None:
    environment = site.county.environment() | {"ZHIDA_KEYS": str(tmp_path / "keys")}
    assert run(environment, "keys").code == 0
    assert "need the master key" in wrong(run(environment, "doctor", "intake: master key", "--json"))["intake: master key"]
