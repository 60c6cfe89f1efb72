"""The office's periods end on their dates, each told once, and after an outage in their turn and marked late."""

import threading

import psycopg2
import pytest

from services.supervision.handlers import end_periods
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import moment


def run(world: Supervision, now: str) -> None:
    world.clock(now)
    while world.do(end_periods):
        pass


def told(world: Supervision, kind: str) -> list[tuple[str, str, bool]]:
    found = [data for _, data in world.told("period.ended") if data["period"] == kind]
    return [(data["first"], data["last"], data["late"]) for data in found]


def test_nothing_ends_before_midnight_and_everything_at_it(world: Supervision):
    run(world, "2016-11-14 09:00")
    run(world, "2016-11-15 23:59:59.999")
    assert world.told("period.ended") == []
    run(world, "2016-11-16 00:00")
    assert told(world, "half_month") == [("2016-11-01", "2016-11-15", False)]
    assert told(world, "week") == told(world, "two_months") == []
    (data,) = (data for _, data in world.told("period.ended"))
    assert (data["until"], data["number"]) == (moment("2016-11-16 00:00"), 21)


def test_asked_again_nothing_ends_twice(world: Supervision):
    run(world, "2016-12-31 12:00")
    for _ in range(3):
        run(world, "2017-01-01 00:00")
    assert told(world, "half_month") == [("2016-12-16", "2016-12-31", False)]
    assert told(world, "two_months") == [("2016-11-01", "2016-12-31", False)]
    run(world, "2017-01-02 00:00")
    assert told(world, "week") == [("2016-12-26", "2017-01-01", False)]


def test_after_an_outage_each_comes_in_its_turn_and_is_marked_late(world: Supervision):
    run(world, "2016-11-14 09:00")
    run(world, "2017-01-01 00:05")
    assert told(world, "half_month") == [
        ("2016-11-01", "2016-11-15", True), ("2016-11-16", "2016-11-30", True), ("2016-12-01", "2016-12-15", True),
        ("2016-12-16", "2016-12-31", False),
    ]  # fmt: skip
    assert len(told(world, "week")) == 6
    assert told(world, "two_months") == [("2016-11-01", "2016-12-31", False)]


def test_two_schedulers_end_each_once(world: Supervision):
    run(world, "2016-11-14 09:00")
    world.clock("2017-03-01 00:00")

    def end() -> None:
        for _ in range(30):
            world.do(end_periods)

    both = [threading.Thread(target=end) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    found = [(data["period"], data["first"]) for _, data in world.told("period.ended")]
    assert len(found) == len(set(found)) == 8 + 15 + 2


def test_what_has_ended_is_not_opened_again(world: Supervision):
    run(world, "2016-11-14 09:00")
    run(world, "2016-11-16 00:00")
    with pytest.raises(psycopg2.errors.RaiseException):
        world.do(lambda uow: uow.all("UPDATE period SET ended_at = NULL, late = NULL WHERE ended_at IS NOT NULL"))
