"""B2: whole lives of ordinary cases, through all five services, per second.

A life: registered, instructed and handed to a named official, received, replied, approved, concluded, the petitioner asked and
satisfied, closed, archived; and at rest: every event of it told, delivered, and handled by each of its hearers. The worker (one
process with all five services), the bus and the database are the product's. What officials do is done by this process straight
through the services' use cases, up to 50 of a kind in a unit of work, as soon as the bus has brought what it rests on.

It is held against the floor's hops per second, measured beside it, divided by the hops of one life: the events that one life
put into the five inboxes, counted afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from bench.delays import SECRETARY, enrol
from bench.figures import Line, Measure, Say, Spread, ratio_of_pairs
from bench.ground import Ground
from bench.hops import floor_once
from bench.registrations import start
from deploy.dev.instance import Instance
from deploy.dev.rest import Rest
from services.followup.handlers import record_try
from services.intake.domain.submission import Channel, Submission
from services.intake.handlers.registration import register
from services.intake.vault.crypto import open_vault
from services.routing import handlers
from shared.contract.person import Person

GOAL = 0.5
PAIRS = 3
TOGETHER = 50  # what one unit of work does
PATIENCE = 300.0
HANDLER, OFFICE = "o-431023-epb-director", "o-431023-office-clerk"
ASKER = Person(official="o-431023-followup", name="回访员", post="回访员", organisation="431023-xf")
REPLY: dict[str, Any] = {
    "outcome": "supported",
    "findings": "情况属实。",
    "measures": ["责令停产"],
    "answer": "已责令停产，水质复检合格。",
}

# What waits for each act of an official: service, statement that finds it, the act.
Act = Callable[[Any, UUID], Any]
ACTS: Sequence[tuple[str, str, Act]] = (
    ("routing", "SELECT id FROM case_record WHERE stage = 'registered' ORDER BY queued_at",
     lambda uow, case: handlers.instruct(uow, case, SECRETARY, "请办理并报结果。", [(HANDLER, "handling")], "ordinary")),
    ("routing", "SELECT id FROM assignment WHERE stage = 'issued' ORDER BY issued_at",
     lambda uow, assignment: handlers.receive(uow, assignment, HANDLER)),
    ("routing", "SELECT id FROM assignment WHERE stage = 'received' ORDER BY issued_at",
     lambda uow, assignment: handlers.reply(uow, assignment, HANDLER, **REPLY)),
    ("routing", "SELECT reply_id FROM assignment WHERE stage = 'replied' ORDER BY issued_at",
     lambda uow, reply: handlers.approve(uow, reply, SECRETARY)),
    ("routing", "SELECT c.id FROM case_record c JOIN assignment a ON a.case_id = c.id WHERE c.stage = 'in_hand' AND a.stage = 'approved'",
     lambda uow, case: handlers.conclude(uow, case, OFFICE, outcome="supported", summary="已办结", answer="已责令停产。")),
    ("followup", "SELECT id FROM task WHERE stage = 'open' ORDER BY opened_at",
     lambda uow, task: record_try(uow, task, try_id=uuid4(), by=ASKER, posts=["431023-xf"], manner="telephone", result="satisfied")),
)  # fmt: skip


def measure(ground: Ground, *, full: bool, say: Say) -> Measure:
    """Floor and lives, alternating."""
    count, messages = (2_000, 100_000) if full else (300, 10_000)
    floors, lives, hops = [], [], 0.0
    for pair in range(1, PAIRS + 1):
        floors.append(floor_once(ground, messages))
        rate, hops = lives_once(ground, count)
        lives.append(rate)
        say(f"B2 pair {pair} of {PAIRS}: floor {floors[-1]:,.0f} hops/s, {rate:.1f} lives/s of {hops:.1f} hops")
    against = Spread(tuple(floor / hops for floor in floors))
    ours, ratio = Spread(tuple(lives)), ratio_of_pairs(lives, against.values)
    line = Line(
        what=f"whole lives, {hops:.0f} hops each",
        ours=ours,
        unit="/s",
        against=against,
        ratio=ratio,
        goal=f"≥ {GOAL}",
        met=ratio >= GOAL,
    )
    values = {
        "ratio": round(ratio, 4), "goal": GOAL, "count": count, "hops_of_a_life": round(hops, 2), "lives": ours.as_data(),
        "floor": Spread(tuple(floors)).as_data(),
    }  # fmt: skip
    return Measure(name="B2", title="whole lives", lines=[line], values=values)


def lives_once(ground: Ground, count: int) -> tuple[float, float]:
    """Lives per second and hops of one life, on a fresh county."""
    instance = ground.instance()
    worker = instance.worker()
    try:
        start(instance, worker)
        before, seconds = live_through(instance, count, ground.settle)
        return count / seconds, (_heard(instance) - before) / count
    finally:
        worker.stop()
        ground.drop(instance)


def live_through(instance: Instance, count: int, settle: Callable[[], None] = lambda: None) -> tuple[int, float]:
    """Live so many lives in an instance whose worker runs: what had been heard before, and the seconds from the first to rest."""
    enrol(instance)
    rest = Rest([instance])
    rest.wait(60)
    before = _heard(instance)
    settle()
    begun = time.perf_counter()
    _live(instance, count)
    rest.wait(PATIENCE)
    seconds = time.perf_counter() - begun
    _check(instance, count)
    return before, seconds


def _live(instance: Instance, count: int) -> None:
    """Do what officials do, wherever something waits for it, until every case has been archived."""
    vault, registered, end = open_vault(instance.settings.keys), 0, time.monotonic() + PATIENCE
    while not (registered == count and _archived(instance) == count):
        assert time.monotonic() < end, f"{_archived(instance)} of {count} lives ended within {PATIENCE:.0f} s"
        done = 0
        if registered < count:
            done = min(TOGETHER, count - registered)
            with instance.unit_of_work("intake") as uow:
                for _ in range(done):
                    register(
                        uow, vault, Submission(channel=Channel.LETTER, title="洞村饮水", text="溪水发黑，请求查处。"), key=uuid4()
                    )
            registered += done
        done += sum(_act(instance, *act) for act in ACTS)
        if not done:
            time.sleep(0.01)  # the bus is at work; what it brings is looked for again


def _act(instance: Instance, service: str, statement: str, act: Act) -> int:
    with instance.unit_of_work(service) as uow:
        waiting = [next(iter(row.values())) for row in uow.all(f"{statement} LIMIT {TOGETHER}")]
    if waiting:
        with instance.unit_of_work(service) as uow:
            for key in waiting:
                act(uow, key)
    return len(waiting)


def _archived(instance: Instance) -> int:
    with instance.unit_of_work("routing") as uow:
        found = uow.one("SELECT count(*) AS n FROM case_record WHERE stage = 'archived'")
    return int(found["n"]) if found else 0


def _heard(instance: Instance) -> int:
    return sum(int(instance.query(f"SELECT count(*) FROM {service}.inbox")[0][0]) for service in instance.services)


def _check(instance: Instance, count: int) -> None:
    """Refuse to count lives that were not lived to the end everywhere."""
    for service in instance.services:
        parked = instance.query(f"SELECT reason, error FROM {service}.parked WHERE dismissed_at IS NULL LIMIT 1")
        assert not parked, f"{service} parked an event: {parked[0]}"
    for name in ("case.registered", "case.archived"):
        told = instance.query("SELECT count(*) FROM reporting.received WHERE name = %s", name)[0][0]
        assert told == count, f"reporting heard {told} {name} of {count}"
