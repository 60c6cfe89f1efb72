"""`zhida supervision scores ...` on a real database: a rebuild compares and gives back, a card is the one of the pages."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.supervision.cli import commands
from tests.integration.supervision.carrying import VICE, county, whole_story
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY

RUN = CliRunner()


@pytest.fixture
def told(world: Supervision, monkeypatch: pytest.MonkeyPatch) -> Supervision:
    county(world)
    whole_story(world)
    for name, value in (
        ("ZHIDA_ORG", COUNTY), ("ZHIDA_NAME", "永兴县"), ("ZHIDA_NAME_EN", "Yongxing County"), ("ZHIDA_SERVICES", "supervision"),
        ("DATABASE_URL", world.server.url(world.name)), ("ZHIDA_SIMULATED", "true"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    return world


def test_a_book_that_is_whole_is_told_so(told: Supervision):
    done = RUN.invoke(commands, ["scores", "rebuild"])
    assert done.exit_code == 0, done.stderr
    assert "entries: 11; 重建 / rebuilt: 11; 缺少 / missing: 0" in done.stdout


def test_what_is_lost_is_told_and_given_back_when_that_is_asked_for(told: Supervision):
    told.do(lambda uow: uow.all("TRUNCATE score_entry"))
    lost = RUN.invoke(commands, ["scores", "rebuild"])
    assert lost.exit_code == 1
    assert lost.stderr.count("missing") == 11
    assert RUN.invoke(commands, ["scores", "rebuild", "--write"]).exit_code == 1
    assert RUN.invoke(commands, ["scores", "rebuild"]).exit_code == 0


def test_an_entry_that_follows_from_nothing_is_told(told: Supervision):
    stray = uuid4()
    copied = "case_id, policy, 'made-up', kind, detail, whom, code, person, 9, cap, cause, at, recorded_at"
    told.do(lambda uow: uow.all(f"INSERT INTO score_entry SELECT '{stray}', {copied} FROM score_entry WHERE rule = 'settled'"))
    done = RUN.invoke(commands, ["scores", "rebuild"])
    assert done.exit_code == 1
    assert f"not explained: {stray}" in done.stderr


def test_a_card_is_made_again_to_the_letter(told: Supervision):
    asked = ["scores", "card", VICE, "--from", "2016-11-01", "--until", "2016-12-31", "--cut", "2016-12-20T02:00:00Z"]
    first, again = RUN.invoke(commands, asked), RUN.invoke(commands, asked)
    assert first.exit_code == 0, first.stderr
    assert first.stdout == again.stdout
    assert first.stdout.splitlines()[-1] == ",合计,,4,,"
    assert json.loads(RUN.invoke(commands, [*asked, "--json"]).stdout)["points"] == 4


@pytest.mark.parametrize("cut", ["2016-12-20", "x", "2099-01-01T00:00:00Z"])
def test_a_cut_off_that_is_none_is_refused(told: Supervision, cut: str):
    done = RUN.invoke(commands, ["scores", "card", VICE, "--from", "2016-11-01", "--until", "2016-12-31", "--cut", cut])
    assert done.exit_code == 1
    assert "cut" in done.stderr
