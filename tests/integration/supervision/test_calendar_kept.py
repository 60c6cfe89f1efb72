"""The working calendar as people keep it: what they change is on record, moves no limit, and can be looked at as it was."""

import logging
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from services.supervision.domain.calendar import DayMark
from services.supervision.handlers import Watch, fire_due, listing, watching
from services.supervision.handlers import calendar as keeping
from services.supervision.handlers.in_force import calendar_of
from shared.contract.person import Person
from shared.errors import Refused
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import SECRETARY, moment

FIRST = "2026-05-18 09:00"  # a Monday
BY = Person.of({**SECRETARY, "official": "o-431023-sup", "name": "王建平", "post": "督查室主任"})
ALL = listing.sight("o-431023-sup", {"431023-sup"}, {"431023*"})
REASON = "国办发明电〔2026〕99 号"


@pytest.fixture
def case(kept: Supervision) -> UUID:
    """Its receipt is due on 25 May, a Monday."""
    case = uuid4()
    kept.clock(FIRST)
    kept.hear(kept.issued(case, FIRST))
    return case


def enter(
    world: Supervision, first: str, mark: DayMark = DayMark.DAY_OFF, name: str = "临时放假", *, last: str = "", key=None
) -> Any:
    return world.do(
        lambda uow: keeping.change_days(
            uow, key or uuid4(), first=date.fromisoformat(first), last=date.fromisoformat(last or first), mark=mark, name=name,
            reason=REASON, by=BY,
        )
    )  # fmt: skip


def reach(world: Supervision, last: str) -> int:
    done: int = world.do(lambda uow: keeping.extend_calendar(uow, uuid4(), last=date.fromisoformat(last), reason=REASON, by=BY))
    return done


def differing(world: Supervision, who: dict[str, Any] = ALL) -> list[tuple[str, str, bool]]:
    rows = world.do(lambda uow: keeping.differences(uow, who, uow.now))
    return [(row["obligation"], moment_of(row["would_be"]), row["movable"]) for row in rows]


def moment_of(instant: Any) -> str:
    return str(instant.isoformat(timespec="minutes"))


def decide(world: Supervision, who: dict[str, Any] = ALL) -> int:
    chosen = {row["id"] for row in world.rows("SELECT id FROM deadline")}
    done: int = world.do(lambda uow: keeping.recount(uow, who, chosen, by=BY, reason="通知有变"))
    return done


def due(world: Supervision, obligation: str = "receive") -> Any:
    return world.rows("SELECT due_at FROM deadline WHERE obligation = %(o)s", o=obligation)[0]["due_at"]


# -- changes ------------------------------------------------------------------------------------------------------
def test_a_change_is_kept_with_who_why_and_what_it_was(kept: Supervision):
    kept.clock(FIRST)
    enter(kept, "2026-05-20", last="2026-05-21")
    enter(kept, "2026-05-20", DayMark.ORDINARY, "")
    (first, second) = kept.do(keeping.history)
    assert (first.changed_by, first.reason, moment_of(first.changed_at)) == (BY, REASON, "2026-05-18T01:00+00:00")
    assert [(e["day"], e["was"], e["mark"]) for e in first.entries] == [
        ("2026-05-20", "ordinary", "day_off"), ("2026-05-21", "ordinary", "day_off"),
    ]  # fmt: skip
    assert [(e["day"], e["was"], e["was_name"], e["mark"]) for e in second.entries] == [
        ("2026-05-20", "day_off", "临时放假", "ordinary")
    ]
    calendar = kept.do(calendar_of)
    assert (calendar.is_working(date(2026, 5, 20)), calendar.is_working(date(2026, 5, 21))) == (True, False)


def test_the_same_form_again_changes_nothing(kept: Supervision):
    key = uuid4()
    assert len(enter(kept, "2026-05-20", key=key)) == 1
    assert enter(kept, "2026-05-22", key=key) == []
    assert len(kept.do(keeping.history)) == 1


def test_a_change_is_never_altered(kept: Supervision):
    enter(kept, "2026-05-20")
    for statement in ("UPDATE calendar_change SET reason = 'x'", "DELETE FROM calendar_change"):
        with pytest.raises(Exception, match="make another one"):
            kept.rows(statement)


# -- limits stay until somebody decides ---------------------------------------------------------------------------
def test_a_change_moves_no_limit_and_shows_which_would_differ(kept: Supervision, case: UUID):
    before = due(kept)
    enter(kept, "2026-05-20")
    assert due(kept) == before
    assert differing(kept) == [("receive", "2026-05-26T16:00+00:00", True)]
    assert kept.told("deadline.moved") == []
    other = uuid4()
    kept.hear(kept.issued(other, FIRST))  # what begins now is counted by the calendar of now
    assert {row["due_at"].day for row in kept.rows("SELECT due_at FROM deadline WHERE obligation = 'receive'")} == {25, 26}


def test_a_decision_moves_them_in_its_own_name(kept: Supervision, case: UUID):
    enter(kept, "2026-05-20")
    assert decide(kept) == 1
    ((_, told),) = kept.told("deadline.moved", subject=case)
    assert (told["cause"], told["by"]["official"], told["reason"]) == ("recounted", "o-431023-sup", "通知有变")
    assert (told["was_due_at"], told["due_at"]) == (moment("2026-05-26 00:00"), moment("2026-05-27 00:00"))
    assert moment_of(due(kept)) == "2026-05-26T16:00+00:00"
    assert (differing(kept), decide(kept)) == ([], 0)


def test_a_limit_that_was_moved_fires_at_its_new_instant_and_not_before(kept: Supervision, case: UUID):
    enter(kept, "2026-05-20")
    decide(kept)
    kept.clock("2026-05-26 00:00")
    kept.do(fire_due)
    assert kept.told("deadline.missed", subject=case) == []
    kept.clock("2026-05-27 00:00")
    while kept.do(fire_due):
        pass
    assert [data["due_at"] for _, data in kept.told("deadline.missed", subject=case)] == [moment("2026-05-27 00:00")]


def test_a_limit_that_would_have_passed_stays_where_it_is(kept: Supervision, case: UUID):
    enter(kept, "2026-05-23", DayMark.WORKING, "调休")  # a Saturday: the fifth day would have been that one
    kept.clock("2026-05-24 09:00")
    assert differing(kept) == [("receive", "2026-05-23T16:00+00:00", False)]
    assert decide(kept) == 0
    assert moment_of(due(kept)) == "2026-05-25T16:00+00:00"


def test_who_is_barred_or_has_another_scope_neither_sees_nor_moves(kept: Supervision, case: UUID):
    enter(kept, "2026-05-20")
    elsewhere = listing.sight("o-431023-sup", {"431023-sup"}, {"431024*"})
    assert (differing(kept, elsewhere), decide(kept, elsewhere)) == ([], 0)
    told = {"organisations": [], "officials": ["o-431023-sup"], "barred_at": moment(FIRST)}
    kept.hear(kept.event("case.barred", case, told, teller="routing"))
    assert (differing(kept), decide(kept)) == ([], 0)


def test_the_database_refuses_a_limit_that_moves_without_a_record_of_it(kept: Supervision, case: UUID):
    with pytest.raises(Exception, match="does not move without authority"):
        kept.do(lambda uow: uow.all("UPDATE deadline SET due_at = due_at + interval '1 day'"))
    kept.do(lambda uow: uow.all("UPDATE deadline SET due_at = due_at + interval '1 day', recounted = interval '1 day'"))


# -- how far it reaches -------------------------------------------------------------------------------------------
def test_the_calendar_reaches_further_only_over_a_year_that_was_entered_and_what_waited_is_tried_again(kept: Supervision):
    kept.clock("2026-11-20 09:00")
    park = (
        "INSERT INTO parked (event_id, type, lane, subject, reason, error, routing_key, body, properties, attempts, next_attempt_at)"
        " VALUES (%(id)s, 'x', 'x', 'x', 'failed', 'CalendarEnds: calendar: 工作日历只覆盖', 'x', '', '{}', 7, NULL)"
    )
    kept.do(lambda uow: uow.all(park, id=str(uuid4())))
    assert kept.do(keeping.beyond) == 1
    with pytest.raises(Refused):
        reach(kept, "2027-12-31")
    enter(kept, "2027-01-01", name="元旦")
    enter(kept, "2027-02-05", last="2027-02-11", name="春节")
    assert reach(kept, "2027-12-31") == 1
    assert kept.rows("SELECT next_attempt_at IS NOT NULL AS again FROM parked") == [{"again": True}]
    assert kept.do(calendar_of).last == date(2027, 12, 31)
    assert kept.do(keeping.history)[-1].was_last == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("today", "left", "said"),
    [("2026-10-01 12:00", 91, 0), ("2026-10-02 00:00", 90, 1), ("2026-12-31 23:59", 0, 1), ("2027-01-01 00:00", -1, 1)],
)
def test_its_end_is_told_long_before_by_figure_and_log(kept: Supervision, monkeypatch, caplog, today: str, left: int, said: int):
    monkeypatch.setattr(watching, "EVERY", 0.0)
    watch = Watch()
    kept.clock(today)
    with caplog.at_level(logging.WARNING):
        kept.do(watch.look)
        kept.do(watch.look)  # once a day
    assert REGISTRY.get_sample_value("zhida_calendar_left_seconds") == left * 86_400
    assert sum("working calendar ends" in record.message for record in caplog.records) == said


def test_it_is_looked_at_once_a_minute(kept: Supervision):
    watch = Watch()
    kept.clock("2026-10-02 09:00")
    kept.do(watch.look)
    kept.clock("2026-11-02 09:00")
    kept.do(watch.look)
    assert watch.spoke == date(2026, 10, 2)
