"""Completion in a shell, by typer's own mechanism; and that there is one word for one thing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.operation.conftest import ROOT

ZHIDA = [sys.executable, "-m", "shared.cli"]


def asked(*words: str, **more: str) -> str:
    """What a shell is answered, or the command prints, without any setting of the instance."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}
    return subprocess.run([*ZHIDA, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("zhida ", {"bus", "case", "demo", "doctor", "events", "instance", "intake", "keys", "migrate", "parked", "replay", "report",
                    "reporting", "routing", "followup", "status", "subscriber", "supervision", "sync"}),
        ("zhida parked ", {"list", "show", "replay", "dismiss"}),
        ("zhida events t", {"tail"}),
    ],
)  # fmt: skip
def test_the_shell_is_offered_the_commands(typed: str, offered: set[str]) -> None:
    words = asked(_ZHIDA_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split(" ")) - 1)).split()
    assert set(words) == offered


def test_completion_is_installed_where_the_shell_looks(tmp_path: Path) -> None:
    asked("--install-completion", "bash", HOME=str(tmp_path), _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    script = (tmp_path / ".bash_completions" / "zhida.sh").read_text()
    assert "_ZHIDA_COMPLETE=complete_bash" in script
    assert "zhida.sh" in (tmp_path / ".bashrc").read_text()


def test_the_documents_name_commands_that_are_there() -> None:
    """Of those that take over from others, each is named by one name."""
    for page in (*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"):
        assert not re.search(r"zhida bus (parked|retry|dismiss)", page.read_text(encoding="utf-8")), page
