"""What operators see of what waits: cases for the first-in-command, messages for officials."""

from __future__ import annotations

from uuid import UUID, uuid4

from prometheus_client import REGISTRY

from services.routing.handlers import figures
from tests.integration.routing.world import Instance, registered


def stated() -> list[float | None]:
    """Cases that wait, the age of the oldest unread one, the age of the oldest message."""
    names = ("cases_to_review", "oldest_unreviewed_seconds", "oldest_alert_message_seconds")
    return [REGISTRY.get_sample_value(f"zhida_routing_{name}") for name in names]


def measure(county: Instance) -> None:
    with county.work() as uow:
        figures.measure(uow)


def test_cases_that_wait_are_counted_and_the_oldest_unread_one_is_timed(county: Instance, case_id: UUID):
    later = county.at("2016-11-07 10:30")
    county.hear(registered(uuid4(), later, number="XF20161107-0002"))
    measure(county)
    assert stated() == [2, 3600, 0]
    with county.work() as uow:
        uow.all("UPDATE case_record SET read_at = %(at)s WHERE id = %(id)s", at=later, id=case_id)
    county.at("2016-11-07 10:40")
    measure(county)
    assert stated() == [2, 600, 0]


def test_a_message_that_does_not_go_out_grows_old(county: Instance):
    now = county.at("2016-11-07 10:30")
    with county.work() as uow:
        uow.all(
            "INSERT INTO alert_message (id, official, medium, alerts, made_at, stage, attempts, failure)"
            " VALUES (%(id)s, 'o-1', 'mail', '[]', %(at)s, 'waiting', 1, 'unreachable')",
            id=uuid4(), at=now,
        )  # fmt: skip
    county.at("2016-11-07 11:30")
    measure(county)
    assert stated()[2] == 3600
