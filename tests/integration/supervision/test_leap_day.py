"""Fault 26, leap day: a limit that ends with it fires at its last instant, and one that passes it counts it."""

from uuid import uuid4

import pytest

from services.supervision.handlers import fire_due
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import moment


@pytest.mark.parametrize(
    ("dispatched", "last", "ends"),
    [
        ("2024-02-19 09:00", "2024-02-29 23:59:59.999", "2024-03-01 00:00"),
        ("2024-02-20 09:00", "2024-03-01 23:59:59.999", "2024-03-02 00:00"),
        ("2023-02-19 09:00", "2023-03-01 23:59:59.999", "2023-03-02 00:00"),
        ("2024-02-29 23:59:59", "2024-03-10 23:59:59.999", "2024-03-11 00:00"),
    ],
)
def test_a_limit_around_leap_day_fires_at_its_instant_and_not_before(world: Supervision, dispatched: str, last: str, ends: str):
    case = uuid4()
    world.clock(dispatched)
    world.hear(world.issued(case, dispatched))

    def missed(now: str) -> list[str]:
        world.clock(now)
        while world.do(fire_due):
            pass
        return [data["fired_at"] for _, data in world.told("deadline.missed", subject=case) if data["obligation"] == "conclude"]

    assert missed(last) == []
    assert missed(ends) == [moment(ends)]
