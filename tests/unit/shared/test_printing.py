"""How commands print tables: as wide as the terminal is when they print, brackets as text, JSON for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from shared import printing


@pytest.mark.parametrize("width", [40, 160])
def test_a_table_is_as_wide_as_the_terminal_is_now(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    printing.show([{"check": "broker", "remedy": "ask who runs the broker " * 4}], as_json=False)
    widest = max(len(line) for line in capsys.readouterr().out.splitlines())
    assert width // 2 < widest <= width


def test_what_stands_in_brackets_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    printing.show([{"key": "[bold]x[/bold]"}], as_json=False)
    assert "[bold]x[/bold]" in capsys.readouterr().out


def test_programs_get_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    printing.show([{"key": "一", "at": None}], as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"key": "一", "at": None}]


def test_an_instant_is_shown_by_the_countys_clock() -> None:
    assert printing.cell(datetime(2016, 11, 7, 16, 30, tzinfo=UTC)) == "2016-11-08 00:30"
