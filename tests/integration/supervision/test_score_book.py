"""The score book: exactly one entry for each rule and cause, whoever writes it and however he dies; a rebuilt one is the same."""

from __future__ import annotations

import threading
from datetime import date
from uuid import uuid4

import psycopg2
import pytest

from services.supervision.domain import scores as domain
from services.supervision.handlers import adopt_policy, fire_due, keep_book, scores
from services.supervision.handlers import book as handlers
from tests.integration.supervision.carrying import (
    SUPERVISOR,
    VICE,
    a_case,
    book,
    closed,
    county,
    decide,
    entry_of,
    judged,
    object_to,
    record_of,
    take,
    whole_story,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import SECRETARY, TOWNSHIP, TOWNSHIP_SECRETARY, moment

UNIT_HEAD = TOWNSHIP_SECRETARY["official"]
PERIOD = (date(2016, 11, 1), date(2016, 12, 31))


@pytest.fixture(autouse=True)
def people(world: Supervision) -> None:
    county(world)


def test_a_case_runs_through_and_each_occasion_stands_in_the_book_once(world: Supervision):
    case = whole_story(world)
    assert book(world) == [
        ("late-unit", TOWNSHIP, -2), ("late-unit", TOWNSHIP, -2), ("duty-done", VICE, 1), ("duty-done", VICE, 1),
        ("returned-unit", TOWNSHIP, -1), ("skip-level", VICE, 0), ("dissatisfied-unit", TOWNSHIP, -1), ("duty-late", VICE, -1),
        ("duty-late", VICE, -1), ("duty-late", VICE, -1), ("settled", VICE, 5),
    ]  # fmt: skip
    told = world.told("score.recorded")
    assert sorted((data["rule"], data["points"]) for _, data in told) == sorted((rule, points) for rule, _, points in book(world))
    causes = {row["event_id"] for row in world.rows("SELECT event_id::text FROM event_log")}
    own = {data["cause"] for _, data in told if data["rule"] not in ("returned-unit", "dissatisfied-unit", "settled")}
    assert own <= causes, "each entry points at the event that it rests on"
    assert world.told("score.recorded", subject=case) == told


def test_a_rebuilt_book_equals_the_live_one_and_gives_back_what_was_lost(world: Supervision):
    whole_story(world)
    entry = entry_of(world, "duty-late")
    objection = object_to(world, entry, VICE)
    decide(world, objection, becomes=0)
    world.do(lambda uow: scores.annul_skip_level(uow, record_of(world), SUPERVISOR, "记错了案件"))
    assert world.do(handlers.rebuilt) == world.do(handlers.live)
    live, told = world.do(handlers.live), len(world.told())
    world.do(lambda uow: uow.all("TRUNCATE score_entry"))
    world.do(lambda uow: handlers.restore(uow, handlers.rebuilt(uow).values()))
    assert world.do(handlers.live) == live
    assert len(world.told()) == told, "nothing is told again"


def test_a_rebuild_notices_an_entry_that_follows_from_nothing_and_one_that_was_altered(world: Supervision):
    whole_story(world)
    stray = uuid4()
    copied = "case_id, policy, 'made-up', kind, detail, whom, code, person, 9, cap, cause, at, recorded_at"
    for statement in (
        "ALTER TABLE score_entry DISABLE TRIGGER keep_entry",
        "UPDATE score_entry SET points = 50 WHERE rule = 'settled'",
        f"INSERT INTO score_entry SELECT '{stray}', {copied} FROM score_entry WHERE rule = 'settled'",
        "ALTER TABLE score_entry ENABLE TRIGGER keep_entry",
    ):
        with world.database.unit_of_work() as uow:
            uow.all(statement)
    anew, live = world.do(handlers.rebuilt), world.do(handlers.live)
    assert live.keys() - anew.keys() == {stray}
    assert [live[each].rule for each in anew if anew[each] != live[each]] == ["settled"]


def test_two_schedulers_judge_each_of_400_misses_exactly_once(world: Supervision):
    cases = [uuid4() for _ in range(100)]
    world.clock("2016-11-07 09:30")
    for number in range(0, 100, 20):
        world.hear(*[world.issued(case, "2016-11-07 09:30", number=str(case)) for case in cases[number : number + 20]])
    world.clock("2016-11-18 00:00")
    while world.do(fire_due):
        pass
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        for _ in range(40):
            world.do(lambda uow: keep_book(uow, limit=20))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    judged(world)
    assert book(world) == [("late-unit", TOWNSHIP, -2)] * 200  # of 300 misses; a receipt is not scored
    assert len(world.told("score.recorded")) == 200
    assert world.rows("SELECT count(*) AS n FROM score_occasion WHERE judged_at IS NULL") == [{"n": 0}]


def test_whoever_dies_before_his_commit_leaves_every_occasion_to_the_next(world: Supervision):
    a_case(world)
    with pytest.raises(RuntimeError), world.database.unit_of_work() as uow:  # noqa: PT012
        assert keep_book(uow)
        uow.flush()
        raise RuntimeError("killed")
    assert book(world) == []
    judged(world)
    assert len(book(world)) == 2


def test_ids_of_chance_would_be_caught(world: Supervision, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(domain, "uuid5", lambda *_: uuid4())
    whole_story(world)
    assert world.do(handlers.rebuilt) != world.do(handlers.live)


def test_an_event_that_is_heard_again_after_a_restore_scores_nothing_further(world: Supervision):
    case, assignment = a_case(world)
    judged(world)
    before = book(world)
    data = {
        "assignment_id": str(assignment), "reply_id": str(uuid4()), "round": 1, "reasons": "重写", "by": SECRETARY,
        "returned_at": moment("2016-11-18 00:00"),
    }  # fmt: skip
    event = world.event("assignment.returned", case, data, teller="routing")
    world.hear(event)
    world.hear(event)  # as it would be were its inbox row lost
    judged(world)
    assert book(world) == [*before, ("returned-unit", TOWNSHIP, -1)]


def test_what_a_settlement_earned_is_lost_when_the_case_goes_on_after_all(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    closed(world, case, "2016-11-30 10:00")
    world.clock("2016-12-05 10:00")
    again = {"round": 2, "cause": "dissatisfied", "reopened_at": moment("2016-12-05 10:00")}
    world.hear(world.event("case.reopened", case, again, teller="routing"))
    judged(world)
    assert [each for each in book(world) if each[1] == VICE] == [("settled", VICE, 5), ("unsettled", VICE, -5)]
    closed_again = {"reason": "satisfied", "by": None, "closed_at": moment("2016-12-08 10:00")}
    world.clock("2016-12-08 10:00")
    world.hear(world.concluded(case, "2016-12-08 10:00", round=2), world.event("case.closed", case, closed_again))
    judged(world)
    assert sum(points for _, code, points in book(world) if code == VICE) == 5, "settled is settled once"
    assert world.do(handlers.rebuilt) == world.do(handlers.live)


def test_of_a_superiors_case_nobody_is_scored_here(world: Supervision):
    case, assignment = uuid4(), uuid4()
    world.clock("2016-11-07 09:30")
    world.hear(world.issued(case, "2016-11-07 09:30", assignment=assignment, org="431000"))
    world.clock("2016-12-01 00:00")
    world.do(fire_due)
    judged(world)
    assert book(world) == []


def test_the_policy_in_force_when_it_happened_decides(world: Supervision):
    first, assignment = a_case(world)
    world.do(lambda uow: adopt_policy(uow, "regulation-2022"))
    world.clock("2016-11-19 00:00")
    late = {
        "assignment_id": str(assignment), "reply_id": str(uuid4()), "round": 1, "reasons": "重写", "by": SECRETARY,
        "returned_at": moment("2016-11-18 23:00"),
    }  # fmt: skip
    world.hear(world.event("assignment.returned", first, late, teller="routing"))
    world.hear(world.event("case.dissatisfied", first, {"round": 1, "at": moment("2016-11-17 23:00"), "source": "petitioner"}))
    judged(world)
    rows = {row["rule"]: row["policy"] for row in world.rows("SELECT rule, policy FROM score_entry WHERE kind <> 'late'")}
    assert rows == {"returned-unit": "regulation-2022/3", "dissatisfied-unit": "yongxing/3"}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE score_entry SET points = 0", "correct it by a further one"),
        ("DELETE FROM score_entry", "correct it by a further one"),
        ("UPDATE score_occasion SET kind = 'late'", "what happened is not altered"),
        ("DELETE FROM score_occasion", "what happened is not altered"),
    ],
)
def test_the_database_keeps_the_book(world: Supervision, statement: str, said: str):
    whole_story(world)
    with pytest.raises(psycopg2.errors.RaiseException, match=said):
        world.rows(statement)
