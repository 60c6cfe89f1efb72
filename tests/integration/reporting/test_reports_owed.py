"""What is owed at the end of a period is prepared though another report cannot be; an interview counts in the period in which it was held."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest
from prometheus_client import REGISTRY

from services.reporting.domain.statistics import Period
from services.reporting.handlers import counting, cutting, preparing
from services.reporting.store import SQL
from shared.config import Settings
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.periods import TWO_MONTHS, WEEK, Ended, ended, frozen, remade
from tests.integration.reporting.story import CLERK, EPB, TOWN_HEAD, Bus, Case, article, at
from tests.integration.reporting.test_reports_issued import OFFICE, SUPERVISOR

EARLIER = Ended("two_months", date(2016, 9, 1), date(2016, 10, 31), 5)


@pytest.fixture
def owner(settings: Settings) -> Callable[[str], None]:
    """Run a statement as the database's owner, whom no trigger hinders."""

    def run(statement: str) -> None:
        with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; SET search_path = reporting, platform;" + statement)
        connection.close()

    return run


def prepare(reporting: Database) -> int:
    with reporting.unit_of_work() as uow:
        return preparing.prepare_owed(uow)


def failing() -> float | None:
    return REGISTRY.get_sample_value("zhida_reports_failing")


def written_late(bus: Bus) -> None:
    """An interview of the last of October, written down on the first of November."""
    case = Case(bus)
    case.register(at("2016-09-07 09:30"))
    case.tell(
        "interview.held", at("2016-11-01 09:00"), interview_id=bus.identifier(), responsible=TOWN_HEAD, attended=["王"], demands="限期办结。",
        until="2016-11-10", held_at=instant(at("2016-10-31 16:00")), at=instant(at("2016-11-01 09:00")), by=CLERK,
    )  # fmt: skip


def test_every_interview_of_four_months_stands_in_one_of_their_two_circulars(
    reporting: Database, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus()
    written_late(bus)
    take([*bus.sent, ended(bus, EARLIER), ended(bus, TWO_MONTHS)])
    assert [prepare(reporting), prepare(reporting), prepare(reporting)] == [1, 1, 0]
    told = [json.loads(frozen(reporting, period)["data"])["interviews"] for period in (EARLIER, TWO_MONTHS)]
    with reporting.unit_of_work() as uow:
        counted = counting.interviews(uow, Period.of_days(EARLIER.first, TWO_MONTHS.last, TWO_MONTHS.until))
        by_period = [
            counting.interviews(uow, Period.of_days(period.first, period.last, period.until)) for period in (EARLIER, TWO_MONTHS)
        ]
    assert (told, by_period, counted) == ([1, 0], [1, 0], 1)
    assert remade(reporting, EARLIER) == frozen(reporting, EARLIER)["data"]
    forgotten = SQL["interviews_as_of"].replace("AND id <=", f"AND occurred_at < '{EARLIER.until.isoformat()}' AND id <=")
    monkeypatch.setitem(cutting.SQL, "interviews_as_of", forgotten)
    assert json.loads(remade(reporting, EARLIER))["interviews"] == 0, "the twin"


def test_an_interview_that_is_written_down_when_the_circular_stands_is_said_to_be_missing_there(
    reporting: Database, take: Any, sign_in: Any
) -> None:
    bus = Bus()
    written_late(bus)
    take([*(event for event in bus.sent if event.time < EARLIER.until), ended(bus, EARLIER)])
    prepare(reporting)
    page = f"/reporting/reports/{frozen(reporting, EARLIER)['id']}"
    supervisor = sign_in(SUPERVISOR, "supervision_office")
    assert "此后又收到本期内的" not in supervisor.get(page).text
    take([event for event in bus.sent if event.time >= EARLIER.until])
    assert "此后又收到本期内的 1 条记录" in supervisor.get(page).text
    assert json.loads(frozen(reporting, EARLIER)["data"])["interviews"] == 0, "which changes nothing that is frozen"


BROKEN = """
INSERT INTO received (event_id, stream, sequence, name, subject, occurred_at, body)
VALUES (gen_random_uuid(), '/431023/supervision 431023', 999999, 'interview.held', 'x', '2016-10-20', 'no JSON')
"""
MENDED = "DELETE FROM received WHERE subject = 'x'"
HOUR_PASSED = "UPDATE platform.simulated_clock SET instant = instant + interval '1 hour'"


def test_a_report_that_cannot_be_drawn_stops_no_other_and_is_tried_again(
    reporting: Database, take: Any, sign_in: Any, owner: Callable[[str], None]
) -> None:
    bus = Bus()
    article(bus)
    take([*bus.sent, ended(bus, EARLIER), ended(bus, WEEK)])
    owner(BROKEN)
    office, unit = sign_in(OFFICE, "office"), sign_in(EPB, "unit_head")
    assert [prepare(reporting), prepare(reporting), prepare(reporting)] == [1, 1, 0]
    assert (frozen(reporting, EARLIER), frozen(reporting, WEEK)["edition"]) == ({}, 1), "the later one stands"
    assert failing() == 1
    assert "编制失败 1 次" in office.get("/reporting/reports").text
    assert "编制失败" not in unit.get("/reporting/reports").text
    owner(HOUR_PASSED)
    assert [prepare(reporting), prepare(reporting)] == [1, 0], "tried once an hour"
    assert "编制失败 2 次" in office.get("/reporting/reports").text
    owner(MENDED)
    assert prepare(reporting) == 0
    owner(HOUR_PASSED)
    assert prepare(reporting) == 1
    assert frozen(reporting, EARLIER)["edition"] == 1
    assert "编制失败" not in office.get("/reporting/reports").text
    assert failing() == 0


def test_one_that_is_tried_without_a_pause_would_stop_the_others(
    reporting: Database, take: Any, owner: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    bus = Bus()
    take([ended(bus, EARLIER), ended(bus, WEEK)])
    owner(BROKEN)
    monkeypatch.setattr(preparing, "AGAIN_AFTER", timedelta(0))
    assert [prepare(reporting), prepare(reporting)] == [1, 1]
    assert frozen(reporting, WEEK) == {}
