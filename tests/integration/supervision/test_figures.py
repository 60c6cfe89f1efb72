"""What operators see of limits: what each unit owes, for how long a miss was told to nobody, how late it was told."""

from __future__ import annotations

from prometheus_client import REGISTRY

from services.supervision.handlers import Watch, watching
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.test_firing import DUE, fire, seed


def owed(unit: str) -> tuple[float | None, float | None]:
    """Cases in which it owes something, limits that are over."""
    figures = ("zhida_cases_owing", "zhida_limits_overdue")
    one, other = (REGISTRY.get_sample_value(name, {"unit": unit}) for name in figures)
    return one, other


def unfired() -> float | None:
    return REGISTRY.get_sample_value("zhida_deadline_unfired_seconds")


def test_each_unit_is_stated_with_what_it_owes_and_what_of_it_is_over(world: Supervision):
    seed(world, 2)
    world.do(
        lambda uow: uow.all(
            "UPDATE deadline SET organisation = '431023104' WHERE id = (SELECT min(id::text)::uuid FROM deadline)"
        )
    )
    world.clock("2016-11-17 23:00")
    world.do(watching.measure)
    assert (owed("431023104"), owed("431023")) == ((1, 0), (1, 0))
    world.clock(DUE)
    world.do(watching.measure)
    assert (owed("431023104"), owed("431023")) == ((1, 1), (1, 1))
    assert REGISTRY.get_sample_value("zhida_cases_open") == 2


def test_a_case_that_two_units_owe_something_in_is_open_once(world: Supervision):
    seed(world, 1)
    copied = "organisation = '431023-epb', id = gen_random_uuid()"
    world.do(lambda uow: uow.all("CREATE TEMP TABLE more ON COMMIT DROP AS SELECT * FROM deadline; UPDATE more SET " + copied + "; "
                                 "INSERT INTO deadline SELECT * FROM more"))  # fmt: skip
    world.do(watching.measure)
    assert (owed("431023-epb")[0], owed("431023")[0]) == (1, 1)
    assert REGISTRY.get_sample_value("zhida_cases_open") == 1


def test_a_unit_that_owes_nothing_any_more_falls_to_0_and_the_instance_itself_is_always_there(world: Supervision):
    seed(world, 1)
    world.do(lambda uow: uow.all("UPDATE deadline SET organisation = '431023-epb'"))
    world.clock(DUE)
    world.do(watching.measure)
    assert (owed("431023-epb"), owed("431023")) == ((1, 1), (0, 0))
    world.do(lambda uow: uow.all("UPDATE deadline SET stage = 'withdrawn', ended_at = due_at"))
    world.do(watching.measure)
    assert owed("431023-epb") == (0, 0)


def test_a_miss_that_nobody_was_told_of_grows_old_until_it_is_told(world: Supervision):
    seed(world, 1)
    world.clock("2016-11-17 23:59")
    world.do(watching.measure)
    assert unfired() == 0
    world.clock("2016-11-18 00:05")
    world.do(watching.measure)
    assert unfired() == 300
    fire(world)
    world.do(watching.measure)
    assert unfired() == 0


def test_how_late_misses_were_told_is_counted_by_the_oldest_of_a_set(world: Supervision):
    def late() -> tuple[float, float]:
        values = [REGISTRY.get_sample_value(f"zhida_deadline_lateness_seconds_{part}") for part in ("count", "sum")]
        return values[0] or 0.0, values[1] or 0.0

    before = late()
    seed(world, 3)
    world.clock("2016-11-18 00:00:30")
    fire(world)
    assert late() == (before[0] + 1, before[1] + 30)


def test_it_is_measured_by_the_timer_and_not_at_each_of_its_runs(world: Supervision):
    watch = Watch()
    world.clock(DUE)
    world.do(watch.look)
    seed(world, 1)
    world.do(watch.look)
    assert unfired() == 0
    world.do(Watch().look)
    assert owed("431023")[1] == 1
