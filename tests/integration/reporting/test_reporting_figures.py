"""The figures in SQL count what statistics.py defines; the command line states them."""

from __future__ import annotations

import json
import random
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from services.reporting import cli, reports_cli, store
from services.reporting.domain.statistics import Instants, Period, figures
from services.reporting.handlers import counting, listing
from services.reporting.handlers.seeing import Sight
from shared.config import Settings
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import Take
from tests.integration.reporting.story import COUNTY, VICE, Bus, Case, article, at

AFTERWARDS = at("2017-06-01 09:00")


def random_cases(seed: int) -> Bus:
    """Cases whose instants fall on, before and after the edges of a period by chance."""
    chance, bus = random.Random(seed), Bus(seed)
    edges = [at("2016-10-01 00:00"), at("2016-11-01 00:00")]

    def near() -> Any:
        return chance.choice(edges) + timedelta(hours=chance.choice([-30, -1, 0, 0, 1, 30, 300]))

    for number in range(60):
        case = Case(bus, UUID(int=(1 << 110) + number), number=f"号{number}")
        case.register(near())
        for round_number in range(chance.randint(0, 3)):
            case.instruct(near(), round_number + 1, "请办理。", [VICE])
        for kind in ("conclude", "reply"):
            if chance.random() < 0.7:
                case.owe(near(), near(), kind)
        if chance.random() < 0.6:
            case.reply(near(), case.assign(near(), 1, VICE), 1, VICE)
        if chance.random() < 0.6:
            case.conclude(near(), 1)
        if chance.random() < 0.5:
            case.close(near())
    return bus


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("now", [AFTERWARDS, at("2016-10-20 00:00")])
def test_sql_counts_what_the_definitions_say(reporting: Database, take: Take, seed: int, now: Any) -> None:
    take(random_cases(seed).sent)
    period = Period.of_days(date(2016, 10, 1), date(2016, 10, 31), now)
    with reporting.unit_of_work() as uow:
        rows = uow.rows(store.CASES).where("true")
        given = [row["instructed_at"] for row in uow.all("SELECT instructed_at FROM instruction")]
        names = [field.name for field in fields(Instants)]
        defined = figures([Instants(**{name: getattr(row, name) for name in names}) for row in rows], given, period)
        counted = counting.figures(uow, period)
        sees = Sight(official="o", own=COUNTY, everything=True, posts=(COUNTY,), units=())
        assert counting.figures(uow, period, sees) == counted
        for name in listing.FIGURES:
            only = listing.Filter(period=period, figure=name)
            assert (
                listing.count(uow, sees, only, now=now)
                == getattr(counted, name)
                == len(listing.cases(uow, sees, only, now=now, limit=100))
            )
    assert counted == defined
    assert counted.due_closing > counted.due_closing_done >= 0


def test_another_organisations_cases_count_in_no_figure(reporting: Database, take: Take) -> None:
    bus = Bus()
    Case(bus, UUID(int=9), org="431023104").register(at("2016-10-02 09:00"))
    take(bus.sent)
    with reporting.unit_of_work() as uow:
        assert counting.figures(uow, Period.of_days(date(2016, 10, 1), date(2016, 10, 31), AFTERWARDS)).registered == 0


def held(bus: Bus, case: int, interview: int, when: str) -> None:
    data = {
        "interview_id": str(UUID(int=interview)), "responsible": VICE, "at": instant(at(when)), "attended": ["县委书记"], "demands": "限期办结。",
        "until": "2016-12-31", "held_at": instant(at(when)), "by": VICE,
    }  # fmt: skip
    bus.tell("interview.held", data, at(when), subject=UUID(int=case))


def test_an_interview_is_one_person_time_in_its_period_however_many_cases_it_is_about(reporting: Database, take: Take) -> None:
    bus = Bus()
    for case in (1, 2):
        Case(bus, UUID(int=case), number=f"号{case}").register(at("2016-09-02 09:00"))
    Case(bus, UUID(int=2)).bar(at("2016-09-02 09:00"), officials=["o-barred"])
    for case, interview, when in (
        (1, 7, "2016-10-02 09:00"),
        (2, 7, "2016-10-02 09:00"),
        (1, 8, "2016-10-31 23:59"),
        (1, 9, "2016-11-01 00:00"),
    ):
        held(bus, case, interview, when)
    take(bus.sent)
    october = Period.of_days(date(2016, 10, 1), date(2016, 10, 31), AFTERWARDS)
    barred = Sight(official="o-barred", own=COUNTY, everything=True, posts=(COUNTY,), units=())
    with reporting.unit_of_work() as uow:
        assert counting.interviews(uow, october) == 2
        assert counting.interviews(uow, october, replace(barred, official="o-other")) == 2
        assert counting.interviews(uow, october, barred) == 1


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Any:
    """Run `zhida reporting ...` on this test's instance."""
    monkeypatch.setattr(reports_cli, "load", lambda: settings)
    return lambda *words: CliRunner().invoke(cli.commands, list(words))


def test_the_command_line_states_rates_with_their_denominators(take: Take, run: Any) -> None:
    take(article())
    found = json.loads(run("rates", "--from", "2016-08-01", "--to", "2017-02-28", "--json").output)
    assert (found["instructions"], found["interviews"]) == (4, 0)
    assert found["due_reply_rate"] == {"done": 1, "of": 1, "percent": 100.0}
    table = run("rates", "--from", "2016-08-01", "--to", "2017-02-28").output
    assert "1 of 1 that had fallen due" in " ".join(table.split())
    empty = json.loads(run("rates", "--from", "2015-08-01", "--to", "2015-08-02", "--json").output)
    assert empty["due_closing_rate"] == {"done": 0, "of": 0, "percent": None}


def test_the_command_line_refuses_days_out_of_order_and_words_that_are_no_days(run: Any) -> None:
    assert run("rates", "--from", "2016-08-02", "--to", "2016-08-01").exit_code == 1
    assert run("rates", "--from", "soon", "--to", "2016-08-01").exit_code == 2


def test_the_command_line_rebuilds_and_checks(take: Take, run: Any, reporting: Database) -> None:
    events = article()
    take(events)
    assert run("rebuild", "--check").exit_code == 0
    with reporting.unit_of_work() as uow:
        uow.all("UPDATE case_row SET round = 9")
    spoilt = run("rebuild", "--check")
    assert (spoilt.exit_code, "case_row: 2 rows differ" in spoilt.output) == (1, True)
    assert f"rebuilt from {len(events)} events" in run("rebuild").output
    assert run("rebuild", "--check").exit_code == 0
