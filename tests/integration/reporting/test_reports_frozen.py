"""A report is frozen when its period has ended, and made again from the archive to the letter, whatever has happened since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from typer.testing import CliRunner

from services.reporting import reports_cli
from services.reporting.documents import writing
from services.reporting.handlers import cutting, issuing, preparing
from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from shared.contract.person import Person
from shared.database import Database
from tests.integration.reporting.periods import HALF_MONTH, TWO_MONTHS, WEEK, ended, frozen, remade
from tests.integration.reporting.site import OTHER
from tests.integration.reporting.story import CLERK, COUNTY, EPB, Bus, Case, article, at
from tests.renewal import renew

PERIODS = [WEEK, HALF_MONTH, TWO_MONTHS]


def without_place(body: bytes) -> dict[str, Any]:
    return {name: value for name, value in json.loads(body).items() if name != "place"}


@pytest.fixture
def story() -> Bus:
    """The article's case, one that is late, and one from which the bureau is barred."""
    bus = Bus()
    for code, name in ((COUNTY, "永兴县"), ("431023-epb", "县环境保护局"), ("431023104", "柏林镇")):
        data = {"code": code, "name": name, "name_en": code, "kind": "township", "superior": None, "has_instance": False}
        bus.tell("directory.organisation_recorded", data, at("2016-08-01 08:00"), subject=code)
    article(bus)
    return bus


def prepare(reporting: Database) -> int:
    with reporting.unit_of_work() as uow:
        return preparing.prepare_owed(uow)


def test_a_weekly_report_is_frozen_as_it_stood_when_the_week_ended(reporting: Database, take: Any, story: Bus) -> None:
    take([event for event in story.sent if event.time < WEEK.until])
    take([ended(story, WEEK)])
    assert prepare(reporting) == 1
    data = json.loads(frozen(reporting, WEEK)["data"])
    (accepted,) = data["lists"]["accepted"]
    assert (accepted["number"], accepted["unit"], accepted["stage"]) == ("永信〔2016〕101号", "431023104", "in_hand")
    assert data["lists"]["in_hand"] == data["lists"]["accepted"]
    assert data["lists"]["concluded"] == []
    figures = data["figures"]
    assert (figures["registered"], figures["accepted"], figures["instructions"], figures["replied"]) == (1, 1, 1, 0)
    assert figures["closing_rate"] == {"done": 0, "of": 0}
    assert data["names"]["431023104"] == "柏林镇"
    assert prepare(reporting) == 0, "what is prepared is not owed any more"


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.kind)
def test_it_is_made_again_to_the_byte_after_the_system_was_used_on(
    reporting: Database, take: Any, story: Bus, period: Any
) -> None:
    before = [event for event in story.sent if event.time < period.until]
    take([*before, ended(story, period)])
    prepare(reporting)
    Case(story, OTHER, number="永信〔2017〕1号").register(at("2017-01-05 09:00"))
    take([event for event in story.sent if event.time >= period.until])
    assert remade(reporting, period) == frozen(reporting, period)["data"]


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.kind)
def test_prepared_long_after_its_period_it_says_the_same(
    reporting: Database, settings: Any, take: Any, story: Bus, period: Any
) -> None:
    """After an outage nothing of what happened since slips in: cases that went on are drawn anew as they stood."""
    in_time = in_time_of(reporting, take, story, period)
    renew(settings.database_url)
    take([*story.sent, ended(story, period)])
    prepare(reporting)
    late = frozen(reporting, period)["data"]
    assert without_place(late) == without_place(in_time)
    assert remade(reporting, period) == late


def in_time_of(reporting: Database, take: Any, story: Bus, period: Any) -> bytes:
    take([*(event for event in story.sent if event.time < period.until), ended(story, period)])
    prepare(reporting)
    return frozen(reporting, period)["data"]


def test_what_is_heard_later_is_counted_and_changes_nothing(reporting: Database, take: Any, story: Bus) -> None:
    in_week = [event for event in story.sent if event.time < WEEK.until]
    take([*in_week[:-2], ended(story, WEEK)])
    prepare(reporting)
    before = frozen(reporting, WEEK)["data"]
    take(in_week[-2:])
    with reporting.unit_of_work() as uow:
        assert preparing.heard_since(uow, frozen(reporting, WEEK)) == 2
    assert remade(reporting, WEEK) == before == frozen(reporting, WEEK)["data"]


def test_a_case_from_which_anybody_is_barred_is_counted_and_not_listed(reporting: Database, take: Any, story: Bus) -> None:
    Case(story).bar(at("2016-11-08 09:00"), officials=[EPB["official"]])
    take([*(event for event in story.sent if event.time < WEEK.until), ended(story, WEEK)])
    prepare(reporting)
    data = json.loads(frozen(reporting, WEEK)["data"])
    assert data["lists"]["accepted"] == []
    assert data["lengths"]["accepted"] == data["figures"]["accepted"] == 1
    assert "永信" not in frozen(reporting, WEEK)["data"].decode()


def test_what_is_frozen_is_not_altered(reporting: Database, take: Any, story: Bus) -> None:
    in_time_of(reporting, take, story, WEEK)
    for statement in ("UPDATE report SET digest = ''", "DELETE FROM report"):
        with pytest.raises(psycopg2.errors.RaiseException, match="not altered"), reporting.unit_of_work() as uow:
            uow.all(statement)


def test_a_period_that_is_told_twice_is_owed_once(reporting: Database, take: Any, story: Bus) -> None:
    take([ended(story, WEEK), ended(story, WEEK)])
    assert [prepare(reporting), prepare(reporting)] == [1, 0]


def test_a_report_that_forgot_its_cut_off_would_be_noticed(
    reporting: Database, take: Any, story: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: with the archive read beyond the instant, or beyond the place, it does not come out the same."""
    before = in_time_of(reporting, take, story, WEEK)
    take([event for event in story.sent if event.time >= WEEK.until])
    beyond = SQL["archive_as_of"].replace("AND occurred_at < %(until)s", "").replace("id <= %(place)s", "true")
    monkeypatch.setitem(cutting.SQL, "archive_as_of", beyond)
    assert remade(reporting, WEEK) != before


def test_the_command_makes_an_issued_report_again_and_says_whether_it_is_the_same(
    reporting: Database, take: Any, story: Bus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_time_of(reporting, take, story, WEEK)
    with reporting.unit_of_work() as uow:
        sees = Sight(official="o", own=COUNTY, everything=True, posts=(), units=(), roles=frozenset({"office"}))
        number = issuing.issue(uow, sees, Person.of(CLERK), frozen(reporting, WEEK)["id"])
    take([event for event in story.sent if event.time >= WEEK.until])
    monkeypatch.setattr(reports_cli, "database", lambda: reporting)
    made = CliRunner().invoke(reports_cli.reports, ["remake", number, "--json", "--out", str(tmp_path / "again")])
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    assert (told["number"], told["data_same"], told["text_same"]) == ("永信周〔2016〕1号", True, True)
    assert "登记信访件1件（来邮1件），受理1件" in (tmp_path / "again.txt").read_text()
    monkeypatch.setattr(writing, "MOST_ROWS", 0)
    assert CliRunner().invoke(reports_cli.reports, ["remake", number]).exit_code == 1, "another wording is another text"
