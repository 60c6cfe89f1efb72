"""Deadlines fire exactly once, never early, and late only by the length of an outage."""

import threading
from collections import Counter
from uuid import UUID, uuid4

import pytest

from services.supervision.handlers import fire_due
from shared.errors import Unavailable
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import SECRETARY, moment, names

FIRST = "2016-11-07 09:30"
DUE = "2016-11-18 00:00"

SEED = """
WITH made AS (
    INSERT INTO supervised_case (id, number, title, case_class, ours, clock, responsible_since, led, concluded_round, owed)
    SELECT gen_random_uuid(), n::text, '批量', 'ordinary', true, 'first_dispatch', 1, false, 0, '[]'
    FROM generate_series(1, %(count)s) n RETURNING id
)
INSERT INTO deadline (id, case_id, obligation, round, organisation, policy, rule, started_at, due_at, set_at, late_after,
                      warnings, stage, warned, warn_at)
SELECT gen_random_uuid(), id, 'conclude', 1, '431023', 'yongxing/1', 'conclude-ordinary-10',
       %(due)s::timestamptz - interval '10 days', %(due)s, %(due)s::timestamptz - interval '10 days', 600,
       '[50, 75, 90]', 'pending', 0, NULL
FROM made
"""


def seed(world: Supervision, count: int, due: str = moment(DUE)) -> None:
    world.do(lambda uow: uow.all(SEED, count=count, due=due))


def fire(world: Supervision, limit: int = 1000) -> int:
    return world.do(lambda uow: fire_due(uow, limit=limit))


def missed_of(world: Supervision) -> Counter:
    return Counter(data["deadline_id"] for _, data in world.told("deadline.missed"))


def test_nothing_fires_before_its_instant_and_everything_at_it(world: Supervision):
    seed(world, 3)
    world.clock("2016-11-17 23:59:59.999")
    assert fire(world) == 0
    world.clock(DUE)
    assert fire(world) == 3
    assert fire(world) == 0
    (one, *_) = world.told("deadline.missed")
    assert one[1]["late"] is False
    assert one[1]["fired_at"] == one[1]["due_at"] == moment(DUE)


def test_the_articles_case_is_missed_at_the_end_of_2016_11_17(world: Supervision):
    case = uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST))
    world.clock(DUE)
    while fire(world):
        pass
    missed = {data["obligation"]: data for _, data in world.told("deadline.missed", subject=case)}
    assert set(missed) == {"receive", "reply", "conclude"}
    assert missed["conclude"]["due_at"] == "2016-11-17T16:00:00.000Z"
    assert missed["conclude"]["late"] is False
    assert missed["receive"]["late"] is True  # nobody fired for nine days
    assert missed["reply"]["responsible"]["official"] == "o-431023104-secretary"


def test_an_outage_of_a_day_is_marked(world: Supervision):
    seed(world, 2)
    world.clock("2016-11-19 00:00")
    fire(world)
    assert {data["late"] for _, data in world.told("deadline.missed")} == {True}


def test_two_schedulers_fire_each_of_2000_deadlines_exactly_once(world: Supervision):
    seed(world, 2000)
    world.clock(DUE)
    fired, start = [], threading.Barrier(2)

    def run() -> None:
        start.wait()
        while count := fire(world, limit=100):
            fired.append(count)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while count := fire(world):  # what was skipped because the other one held it
        fired.append(count)
    counted = missed_of(world)
    assert len(counted) == sum(fired) == 2000
    assert set(counted.values()) == {1}


def die_before_commit(world: Supervision, death: str) -> None:
    with world.database.unit_of_work() as uow:
        assert fire_due(uow) == 50
        uow.flush()
        if death == "process":
            raise RuntimeError("killed")
        backend = uow.one("SELECT pg_backend_pid() AS pid")
        assert backend is not None
        world.do(lambda other: other.all("SELECT pg_terminate_backend(%(pid)s)", pid=backend["pid"]))
        uow.one("SELECT 1")


@pytest.mark.parametrize(("death", "fault"), [("process", RuntimeError), ("connection", Unavailable)])
def test_a_scheduler_that_dies_before_its_commit_leaves_every_deadline_to_the_next(world: Supervision, death, fault):
    seed(world, 50)
    world.clock(DUE)
    with pytest.raises(fault):
        die_before_commit(world, death)
    assert world.told("deadline.missed") == []
    assert fire(world) == 50
    assert set(missed_of(world).values()) == {1}


def test_a_reply_that_comes_while_the_deadline_is_being_claimed_wins(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-17 23:00")
    world.hear(world.issued(case, FIRST, assignment=assignment), world.received(case, assignment, FIRST))
    world.clock(DUE)
    reply = world.replied(case, assignment, "2016-11-17 23:59")
    with world.database.unit_of_work() as handling:
        world._preload([reply], handling)  # the handler holds the case
        assert fire(world) == 0  # the scheduler waits for nobody
        world._hears["assignment.replied"](reply, handling)
    fire(world)
    assert [data["obligation"] for _, data in world.told("deadline.missed")] == ["conclude"]
    assert world.rows("SELECT stage FROM deadline WHERE obligation = 'reply'") == [{"stage": "met"}]


def test_a_reply_that_comes_while_the_deadline_is_firing_is_late_or_not_by_its_own_instant(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=assignment), world.received(case, assignment, FIRST))
    world.clock(DUE)
    reply = world.replied(case, assignment, "2016-11-18 00:00:01")
    waiting = threading.Thread(target=world.hear, args=(reply,))
    with world.database.unit_of_work() as scheduling:
        assert fire_due(scheduling) == 3  # the right to object has lapsed, too
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive(), "the handler has to wait for the case"
    waiting.join(10)
    assert names(world.told("deadline.missed", "deadline.met", subject=case)) == [
        "deadline.met", "deadline.missed", "deadline.missed", "deadline.met",
    ]  # fmt: skip
    assert world.told("deadline.met")[1][1]["in_time"] is False
    assert fire(world) == 0


def test_a_case_found_complex_while_its_deadline_is_claimed_has_the_new_limit_alone(world: Supervision):
    case = uuid4()
    world.hear(world.issued(case, FIRST))
    world.clock("2016-11-17 23:59")
    fire(world)
    found = {"case_class": "complex", "by": SECRETARY, "at": moment("2016-11-17 23:58")}
    event = world.event("case.classified", case, found, teller="routing")
    world.clock(DUE)
    with world.database.unit_of_work() as handling:
        world._preload([event], handling)
        assert fire(world) == 0
        world._hears["case.classified"](event, handling)
    fire(world)
    missed = [data["obligation"] for _, data in world.told("deadline.missed", subject=case)]
    assert sorted(missed) == ["progress", "receive"]
    rows = world.rows("SELECT stage, due_at FROM deadline WHERE obligation = 'conclude' ORDER BY due_at")
    assert [row["stage"] for row in rows] == ["withdrawn", "pending"]


def test_what_was_met_or_withdrawn_before_never_fires(world: Supervision):
    met, withdrawn, assignment = uuid4(), uuid4(), uuid4()
    world.clock("2016-11-07 14:00")
    world.hear(world.issued(met, FIRST, assignment=assignment), world.issued(withdrawn, FIRST))
    world.hear(
        world.replied(met, assignment, "2016-11-07 12:00"), world.concluded(met, "2016-11-07 13:00"),
        world.event("case.closed", withdrawn, {"reason": "withdrawn", "by": None, "closed_at": moment("2016-11-07 14:00")}),
    )  # fmt: skip
    world.clock("2017-06-01 00:00")
    assert fire(world) == 0
    assert world.told("deadline.missed") == []


def test_what_falls_due_while_the_schedulers_are_down_and_is_met_late_has_fired_once(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=assignment), world.received(case, assignment, FIRST))
    world.clock("2016-11-22 10:00")
    world.hear(world.replied(case, assignment, "2016-11-22 09:00"))
    fire(world)
    missed = [data for _, data in world.told("deadline.missed")]
    assert sorted(data["obligation"] for data in missed) == ["conclude", "reply"]
    assert {data["late"] for data in missed} == {True}


def test_warnings_are_told_once_each_as_their_time_comes(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-07 00:00")
    world.hear(
        world.issued(case, "2016-11-07 00:00", assignment=assignment), world.received(case, assignment, "2016-11-07 00:01")
    )
    for day in range(7, 19):
        for hour in ("00:00", "06:00", "12:00", "18:00"):
            world.clock(f"2016-11-{day:02d} {hour}")
            while fire(world):
                pass
    conclude = [
        (name, data.get("percent"))
        for name, data in world.told("deadline.approaching", "deadline.missed", subject=case)
        if data["obligation"] == "conclude"
    ]
    assert conclude == [
        ("deadline.approaching", 50), ("deadline.approaching", 75), ("deadline.approaching", 90), ("deadline.missed", None),
    ]  # fmt: skip


def test_the_limit_bounds_what_one_transaction_takes(world: Supervision):
    seed(world, 25)
    world.clock(DUE)
    assert [fire(world, limit=10) for _ in range(4)] == [10, 10, 5, 0]


def test_several_deadlines_of_one_case_fire_together_in_the_cases_order(world: Supervision):
    case = uuid4()
    world.hear(world.issued(case, FIRST), world.issued(case, FIRST))
    world.clock(DUE)
    assert fire(world) == 5
    versions = world.rows("SELECT caseversion FROM event_log WHERE subject = %(case)s ORDER BY id", case=str(case))
    assert [row["caseversion"] for row in versions] == list(range(1, 11))


# -- what the database itself refuses -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("stage = 'pending', missed_at = missed_at", "does not go from missed to pending"),
        ("missed_at = NULL", "stays on record"),
        ("missed_at = missed_at + interval '1 hour'", "stays on record"),
    ],
)
def test_a_miss_cannot_be_taken_back(world: Supervision, change: str, said: str):
    seed(world, 1)
    world.clock(DUE)
    fire(world)
    with pytest.raises(Exception, match=said):
        world.do(lambda uow: uow.all(f"UPDATE deadline SET {change}"))


def test_a_policys_version_cannot_be_altered(world: Supervision):
    world.hear(world.issued(uuid4(), FIRST))
    with pytest.raises(Exception, match="raise its version"):
        world.do(lambda uow: uow.all("UPDATE policy SET document = '{}'"))


def test_a_seeded_case_is_known_by_its_id(world: Supervision):
    seed(world, 1)
    (row,) = world.rows("SELECT case_id FROM deadline")
    assert isinstance(row["case_id"], UUID)
