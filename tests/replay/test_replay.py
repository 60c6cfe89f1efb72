"""`zhida replay`: a county through the running system; what the statistics say is what the plan aimed at, what the event logs hold, and
with the article's figures what the article says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

import pytest
from psycopg2.errors import DeadlockDetected

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.replay import aims
from deploy.replay.__main__ import DATA, counted
from deploy.replay.aims import Aims
from deploy.replay.county import YONGXING, Place
from deploy.replay.stage import Stage
from services.intake.domain.submission import Channel
from services.reporting.handlers import preparing
from shared.database import UnitOfWork
from shared.errors import Unavailable
from tests import servers
from tests.faults import invariants
from tests.faults.invariants import Observed

ELSEWHERE = Place("431028", "安仁县", "Anren County")
SMALL = aims.of_seed(10, 1, last=date(2016, 9, 30))


class Played(NamedTuple):
    """A county after its replay: what its statistics say, what its logs hold."""

    stage: Stage
    aim: Aims
    told: dict[str, int]
    logs: dict[str, int]


@contextmanager
def played(broker: Broker, database: Database, aim: Aims, *, seed: int = 1, place: Place = YONGXING) -> Iterator[Played]:
    with servers.folder() as folder:
        stage = Stage(folder / "county", broker, database, begin=aim.first, place=place)
        try:
            stage.start()
            stage.play(aim, seed)
            yield Played(stage, aim, *counted(stage, aim))
        finally:
            stage.stop()


@pytest.fixture(scope="module")
def small(broker: Broker, database: Database) -> Iterator[Played]:
    """Two months of another county with ten cases."""
    with played(broker, database, SMALL, place=ELSEWHERE) as found:
        yield found


def aimed(aim: Aims) -> dict[str, int]:
    names = ("cases", "instructions", "replied", "closed", "due", "due_replied", "due_closed", "interviews")
    return {name: getattr(aim, name) for name in names} | {"due_closing": aim.due}


def test_the_statistics_say_what_was_aimed_at_and_what_the_event_logs_hold(small: Played) -> None:
    assert small.told == small.logs
    assert small.told == aimed(SMALL)


def test_nothing_is_parked_or_broken_after_it(small: Played) -> None:
    instance = small.stage.instance
    observed = Observed(instance.org, tuple(instance.services), instance.query)
    assert [*invariants.violations(observed), *invariants.parked(observed)] == []


def test_everything_took_place_where_it_takes_place(small: Played) -> None:
    """Mails came by the mail receiver, posts by the forum, visits and calls left their own records; misses climbed the ladder."""
    query = small.stage.instance.query
    channels = dict(query("SELECT channel, count(*) FROM intake.petition GROUP BY channel"))
    assert set(channels) == set(Channel)
    for table, channel in (("visit", "visit"), ("call", "call"), ("board_item", "post")):
        assert query(f"SELECT count(*) FROM intake.{table}") == [(channels[channel],)], table
    steps = {step for (step,) in query("SELECT DISTINCT step FROM supervision.ladder_step")}
    assert steps >= {"reminder", "notice", "interview"}
    assert query("SELECT count(*) FROM supervision.interview WHERE stage = 'held'") == [(SMALL.interviews,)]
    kinds = {kind for (kind,) in query("SELECT DISTINCT kind FROM supervision.period WHERE ended_at IS NOT NULL")}
    assert kinds == {"week", "half_month", "two_months"}


def test_reports_are_issued_on_their_dates_and_are_made_again_from_the_archive(small: Played) -> None:
    """Weeks from 1 August, half months, and the two months that August ends; of the last day's only the drafts stand."""
    instance = small.stage.instance
    found = instance.query(
        "SELECT r.kind, r.id, i.number IS NOT NULL FROM reporting.report r LEFT JOIN reporting.report_issue i ON i.report = r.id"
    )
    issued = Counter(kind for kind, _, is_issued in found if is_issued)
    assert issued == {"week": 8, "half_month": 3, "two_months": 1}
    assert {kind for kind, _, is_issued in found if not is_issued} == {"half_month"}
    database = instance.database("reporting")
    for _, report_id, _ in found:
        with database.unit_of_work() as uow:
            report = preparing.report(uow, id=report_id)
        assert report is not None
        assert preparing.again(database, report) == report["data"]


def test_two_who_lock_each_others_rows_try_again_and_other_faults_are_told(small: Played) -> None:
    tries: list[int] = []

    def act(uow: UnitOfWork) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise DeadlockDetected("as PostgreSQL tells one of the two")
        return len(tries)

    def fails(uow: UnitOfWork) -> None:
        raise Unavailable("the database is away")

    assert small.stage.county.work("routing", act) == 2
    with pytest.raises(Unavailable, match="away"):
        small.stage.county.work("routing", fails)


def test_twin_statistics_that_lost_a_case_or_an_interview_differ_from_the_logs(small: Played) -> None:
    """The last test of this county, for it breaks it."""
    query = small.stage.instance.query
    query(
        "DELETE FROM reporting.tally WHERE ctid = (SELECT ctid FROM reporting.tally WHERE figure = 'closed' AND dimension = 'all' LIMIT 1)"
    )
    query("ALTER TABLE reporting.received DISABLE TRIGGER USER")
    query("DELETE FROM reporting.received WHERE name = 'interview.held'")
    told, logs = counted(small.stage, SMALL)
    assert logs == small.logs
    assert told["closed"] < logs["closed"]
    assert told["interviews"] == 0


# -- at full size -----------------------------------------------------------------------------------------------------
def article() -> dict[str, Any]:
    given: dict[str, Any] = json.loads((DATA / "yongxing.json").read_text(encoding="utf-8"))
    return given


@pytest.mark.full
def test_yongxing_comes_out_with_the_articles_figures(broker: Broker, database: Database) -> None:
    given = article()
    with played(broker, database, aims.of_figures(given)) as found:
        told = found.told
        assert told == found.logs
        assert (told["cases"], told["instructions"], told["replied"], told["closed"]) == (
            given["cases"], given["instructions"], given["replied"], given["closed"],
        )  # fmt: skip
        assert float(aims.percent(told["due_replied"], told["due"])) == given["due_reply_rate_percent"]
        assert float(aims.percent(told["due_closed"], told["due_closing"])) == given["due_closing_rate_percent"]
        assert told["interviews"] == given["interviews_2016_person_times"]
        instance = found.stage.instance
        observed = Observed(instance.org, tuple(instance.services), instance.query)
        assert [*invariants.violations(observed), *invariants.parked(observed)] == []


@pytest.mark.full
@pytest.mark.parametrize(("place", "cases", "seed"), [(ELSEWHERE, 60, 7), (YONGXING, 40, 2)])
def test_another_county_and_another_seed_come_out_with_figures_of_their_own(
    broker: Broker, database: Database, place: Place, cases: int, seed: int
) -> None:
    aim = aims.of_seed(cases, seed)
    with played(broker, database, aim, seed=seed, place=place) as found:
        assert found.told == found.logs
        assert found.told == aimed(aim)
    assert aimed(aim) != aimed(aims.of_seed(cases, seed + 1))
