"""Cases that were taken to a higher level: recorded, scored, annulled."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from services.supervision.handlers import book as handlers
from services.supervision.handlers import scores
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.supervision.carrying import (
    HEAD,
    OFFICE,
    VICE,
    a_case,
    book,
    county,
    judged,
    record_of,
    skip_level,
    take,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import TOWNSHIP_SECRETARY

UNIT_HEAD = TOWNSHIP_SECRETARY["official"]
PERIOD = (date(2016, 11, 1), date(2016, 12, 31))


@pytest.fixture(autouse=True)
def people(world: Supervision) -> None:
    county(world)


def test_a_skip_level_petition_costs_whoever_carries_the_case_unless_it_was_overdue(world: Supervision):
    case, _ = a_case(world, overdue=False)
    take(world, case)
    world.clock("2016-11-17 12:00")
    skip_level(world, date(2016, 11, 17))
    world.clock("2016-11-18 12:00")
    skip_level(world, date(2016, 11, 18), level="nation")
    judged(world)
    assert [each for each in book(world) if each[0] == "skip-level"] == [("skip-level", VICE, -5), ("skip-level", VICE, 0)]
    (_, told), _ = world.told("skip_level.recorded")
    assert (told["level"], told["on"], told["source"]) == ("province", "2016-11-17", "省信访局转送单")


def test_before_anybody_carries_the_case_it_costs_nobody_anything(world: Supervision):
    case, _ = a_case(world, overdue=False)
    world.clock("2016-11-16 12:00")
    take(world, case)
    world.clock("2016-11-17 12:00")
    skip_level(world, date(2016, 11, 16))
    judged(world)
    assert [each for each in book(world) if each[0] == "skip-level"] == []


@pytest.mark.parametrize("on", [date(2016, 11, 6), date(2016, 11, 19)])
def test_a_day_before_the_dispatch_or_in_the_future_is_refused(world: Supervision, on: date):
    a_case(world)
    with pytest.raises(Refused, match="首次交办之日至今天"):
        skip_level(world, on)


def test_the_same_one_twice_an_unknown_number_and_somebody_elses_say_are_refused(world: Supervision):
    a_case(world)
    skip_level(world, date(2016, 11, 17))
    with pytest.raises(Conflict):
        skip_level(world, date(2016, 11, 17))
    with pytest.raises(Refused, match="编号"):
        skip_level(world, date(2016, 11, 17), number="永信〔2016〕99 号")
    with pytest.raises(Forbidden):
        skip_level(world, date(2016, 11, 16), by=VICE)


def test_nobody_annuls_what_cost_himself_points(world: Supervision):
    case, _ = a_case(world, overdue=False)
    take(world, case, HEAD, HEAD)
    world.clock("2016-11-17 12:00")
    skip_level(world, date(2016, 11, 17))
    record = record_of(world)
    with pytest.raises(Forbidden, match="本人"):
        world.do(lambda uow: scores.annul_skip_level(uow, record, HEAD, "没有这回事"))
    judged(world)
    assert [each for each in book(world) if each[0] == "skip-level"] == [("skip-level", HEAD, -5)]
    assert world.told("skip_level.annulled") == []


def test_one_that_was_recorded_wrongly_is_annulled_by_a_further_entry_also_before_it_is_judged(world: Supervision):
    case, _ = a_case(world, overdue=False)
    take(world, case)
    world.clock("2016-11-17 12:00")
    skip_level(world, date(2016, 11, 17))
    record = record_of(world)
    world.do(lambda uow: scores.annul_skip_level(uow, record, OFFICE, "张冠李戴"))
    judged(world)
    assert [points for rule, _, points in book(world) if rule == "skip-level"] == [-5, 5]
    assert world.told("skip_level.annulled")[0][1]["reasons"] == "张冠李戴"
    with pytest.raises(Conflict):
        world.do(lambda uow: scores.annul_skip_level(uow, record, OFFICE, "再来"))
    with pytest.raises(NotFound):
        world.do(lambda uow: scores.annul_skip_level(uow, uuid4(), OFFICE, "没有"))
    skip_level(world, date(2016, 11, 17))
    assert world.do(handlers.rebuilt) == world.do(handlers.live)
