"""The sandbox in which files of strangers are read: what is in it gets out by what it says alone, and by no more of that than was agreed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.channels import feeds
from services.intake.files import showing
from services.intake.sheets import reader
from shared.confined import Died
from tests.unit.intake.a_prisoner import SANDBOX


def run(what: str, content: bytes = b"", *, most: int = 2**20, **limits: float) -> bytes:
    return replace(SANDBOX, **limits).run(content, what, most=most)  # type: ignore[arg-type]


def test_a_file_goes_in_and_what_is_said_of_it_comes_out():
    assert run("read", "井水".encode() * 100_000, most=600_000) == "井水".encode() * 100_000


def test_it_gets_nothing_of_ours_to_give_away_and_may_start_nothing(monkeypatch):
    monkeypatch.setenv("DATABASE_URL_INTAKE", "postgresql://secret")
    assert run("tell").decode() == "/ ['LANG'] [(0, 0), (0, 0)]"


@pytest.mark.parametrize(("what", "seconds"), [("write", 10), ("take", 10), ("work", 1)])
def test_it_neither_writes_nor_takes_more_memory_or_time_than_it_has(what, seconds):
    with pytest.raises(Died, match="ended with"):
        run(what, seconds=seconds)


def test_with_a_larger_sandbox_the_same_is_done():
    """The twin: it was the limit that stopped it."""
    assert run("take", memory=2 * 2**30) == str(2**29).encode()


def test_it_is_not_listened_to_for_longer_or_to_more_than_was_agreed():
    with pytest.raises(Died, match="too much"):
        run("talk", most=1000)
    for what in ("sleep", "linger"):  # one that has said its last word and does not go is not waited for either
        with pytest.raises(Died, match="too long"):
            run(what, patience=0.3)


@pytest.mark.parametrize("sandbox", [showing.SANDBOX, feeds.SANDBOX, reader.SANDBOX], ids=lambda sandbox: sandbox.module)
def test_every_reader_of_strangers_files_has_limits_and_a_clock_that_outlasts_them(sandbox):
    assert sandbox.memory <= 700 * 2**20
    assert sandbox.seconds < sandbox.patience <= 1000
