"""Visits: who may book what, who is called next, what is recorded, who may see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain import queueing
from services.intake.domain import visits as domain
from services.intake.domain.reception import Act
from services.intake.domain.submission import Identity
from services.intake.domain.viewing import Hidden, Tie
from services.intake.domain.visits import Outcome, Record, VisitKind, Visitor
from services.intake.workflow import VisitStage
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CLERK, a_viewer
from tests.unit.intake.reception_builders import NOW, a_change, a_plan, a_visit, find, monday, tuesday

SESSION = find(a_plan(), monday())
MOMENT = datetime(2016, 11, 14, 1, 0, tzinfo=UTC)  # 9:00 of the session's day
OTHER = CLERK.__class__(official="o-b", name="唐立新", post="副县长", organisation="431023-gov")


def a_visitor(**changes: Any) -> Visitor:
    return Visitor(**{"name": "陈十里", "phone": "13873512345", "matter": "井水发黑"} | changes)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"matter": " "}, "matter"), ({"matter": "长" * 201}, "matter"), ({"group_size": 0}, "group_size"),
        ({"representatives": tuple("甲乙丙丁戊己"), "group_size": 20}, "representatives"),
        ({"representatives": ("甲", "乙"), "group_size": 1}, "representatives"), ({"name": " "}, "name"), ({"phone": ""}, "phone"),
        ({"group_size": 6}, "representatives"),
    ],
)  # fmt: skip
def test_a_booking_that_breaks_a_rule_is_refused_with_the_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        domain.check_visitor(a_visitor(**wrong), VisitKind.BOOKED)
    assert refusal.value.field == field


def test_a_group_sends_five_at_most_and_the_refusal_names_the_article() -> None:
    domain.check_visitor(a_visitor(group_size=30, representatives=tuple("甲乙丙丁戊")), VisitKind.BOOKED)
    for refused in (
        lambda: domain.check_visitor(a_visitor(group_size=30, representatives=tuple("甲乙丙丁戊己")), VisitKind.WALK_IN),
        lambda: domain.check_visitor(a_visitor(group_size=30), VisitKind.BOOKED),
        lambda: domain.check_inside(6, 30),
    ):
        with pytest.raises(Refused, match="《信访工作条例》第二十条"):
            refused()


def test_whatever_tells_who_comes_is_a_secret() -> None:
    assert a_visitor(representatives=("甲", "乙")).secrets == ("陈十里", "13873512345", "甲", "乙")


def test_whoever_comes_without_a_booking_may_stay_unnamed() -> None:
    domain.check_visitor(a_visitor(name="", phone="", group_size=9), VisitKind.WALK_IN)


@pytest.mark.parametrize(("inside", "group"), [(0, 1), (2, 1), (-1, 3)])
def test_who_goes_in_is_somebody_who_came(inside: int, group: int) -> None:
    with pytest.raises(Refused) as refusal:
        domain.check_inside(inside, group)
    assert refusal.value.field == "inside"
    domain.check_inside(5, 5)


def test_only_a_session_that_takes_place_is_booked_and_nobody_learns_why_one_does_not_suit() -> None:
    assert domain.check_bookable(SESSION, NOW, False) is SESSION
    cancelled = find(a_plan(a_change(Act.CANCEL, monday())), monday())
    for session, now, barred in (
        (None, NOW, False),
        (cancelled, NOW, False),
        (SESSION, SESSION.ends_at, False),
        (SESSION, NOW, True),
    ):
        with pytest.raises(Refused) as refusal:
            domain.check_bookable(session, now, barred)
        assert refusal.value.field == "session"
    assert "回避" not in str(refusal.value)
    assert domain.free_slots(cancelled, set(), NOW) == []


def test_nobody_goes_in_to_an_official_whom_the_case_does_not_suit_and_the_refusal_tells_the_way_out_and_no_reason() -> None:
    domain.check_receives(True)
    with pytest.raises(Conflict, match="转到另一队或窗口") as refusal:
        domain.check_receives(False)
    assert (refusal.value.field, "回避" in str(refusal.value)) == ("session", False)


def test_a_place_is_free_until_it_is_taken_or_its_time_has_come() -> None:
    assert domain.free_slots(SESSION, {0, 3}, NOW) == [1, 2, 4, 5, 6, 7, 8, 9]
    assert domain.free_slots(SESSION, set(), SESSION.slot_at(7)) == [8, 9]


def test_the_wanted_place_is_given_or_the_next_free_times_are_named() -> None:
    assert domain.choose_slot(SESSION, None, {0}, NOW) == 1
    assert domain.choose_slot(SESSION, 4, {0}, NOW) == 4
    with pytest.raises(Conflict) as refusal:
        domain.choose_slot(SESSION, 4, {4, 6}, NOW)
    assert refusal.value.values == {"times": "10:15、10:45、11:00"}
    with pytest.raises(Conflict) as refusal:  # nothing later is free: what is earlier is named
        domain.choose_slot(SESSION, 9, set(range(1, 10)), NOW)
    assert refusal.value.values == {"times": "09:00"}
    with pytest.raises(Conflict) as refusal:
        domain.choose_slot(SESSION, None, set(range(10)), NOW)
    assert refusal.value.field == "session"
    with pytest.raises(Conflict):
        domain.choose_slot(SESSION, 10, set(), NOW)


def test_a_telephone_holds_two_bookings_at_most_and_only_a_clerk_learns_that_one_does() -> None:
    for by_clerk, field in ((True, "phone"), (False, "session")):
        domain.check_phone(1, by_clerk=by_clerk)
        with pytest.raises(Refused) as refusal:
            domain.check_phone(2, by_clerk=by_clerk)
        assert refusal.value.field == field
    assert "已经约满" not in str(refusal.value)


def test_a_booking_takes_another_place_and_who_waits_waits_for_another() -> None:
    other = find(a_plan(a_change(Act.CANCEL, tuesday()), a_change(Act.RESTORE, tuesday())), tuesday())
    moved = domain.place(a_visit(), other, 2)
    assert (moved.stage, moved.session, moved.slot, moved.held_on, moved.told_sequence) == (
        VisitStage.BOOKED,
        other.id,
        2,
        other.held_on,
        2,
    )
    assert moved.slot_at == other.slot_at(2)
    waiting = a_visit(stage=VisitStage.WAITING)
    assert domain.place(waiting, SESSION, None).slot_at == waiting.slot_at
    counter = domain.place(waiting, None, None)
    assert (counter.session, counter.slot, counter.held_on, counter.told_sequence) == (None, None, waiting.held_on, 0)
    with pytest.raises(Conflict):
        domain.place(waiting, other, 2)
    with pytest.raises(Conflict):
        domain.place(a_visit(), None, None)


def test_a_booking_is_cancelled_once() -> None:
    gone = queueing.cancel(a_visit(), MOMENT)
    assert (gone.stage, gone.ended_at) == (VisitStage.CANCELLED, MOMENT)
    assert queueing.cancel(gone, NOW) is gone
    with pytest.raises(Conflict):
        queueing.cancel(a_visit(stage=VisitStage.WAITING), NOW)


def test_checking_in_gives_a_ticket_and_coming_late_keeps_the_first() -> None:
    here = domain.check_in(a_visit(group_size=8), ticket=7, inside=5, now=MOMENT)
    assert (here.stage, here.ticket_text, here.inside, here.checked_in_at) == (VisitStage.WAITING, "A007", 5, MOMENT)
    missed = queueing.step(queueing.step(here, "call", MOMENT), "no_show", MOMENT)
    again = domain.check_in(missed, ticket=30, inside=5, now=MOMENT)
    assert (again.ticket, again.ended_at) == (7, None)
    assert a_visit().ticket_text == ""
    with pytest.raises(Refused):
        domain.check_in(a_visit(group_size=8), ticket=7, inside=6, now=MOMENT)


def test_the_steps_of_a_reception_are_taken_once() -> None:
    visit = a_visit(stage=VisitStage.WAITING, ticket=1)
    called = queueing.step(visit, "call", MOMENT)
    assert (called.stage, called.called_at) == (VisitStage.CALLED, MOMENT)
    assert queueing.step(called, "call", NOW) is called
    assert queueing.step(called, "put_back", MOMENT).ended_at is None
    begun = queueing.step(called, "begin", MOMENT)
    assert (begun.stage, begun.begun_at) == (VisitStage.RECEIVING, MOMENT)
    assert queueing.step(begun, "leave", MOMENT).ended_at == MOMENT
    with pytest.raises(Conflict):
        queueing.step(begun, "call", MOMENT)


def test_who_is_called_next() -> None:
    """The booked whose time has come; then, by arrival, who came without or late; then who is early."""
    now = MOMENT + timedelta(minutes=35)

    def waiting(ticket: int, due: int | None, arrived: int | None) -> domain.Visit:
        at = None if due is None else MOMENT + timedelta(minutes=due)
        came = None if arrived is None else MOMENT + timedelta(minutes=arrived)
        return a_visit(id=UUID(int=ticket), stage=VisitStage.WAITING, ticket=ticket, slot_at=at, checked_in_at=came)

    visits = [
        waiting(1, None, -10), waiting(2, 45, -5), waiting(3, 30, 0), waiting(4, 0, 16), waiting(5, 15, 20), waiting(6, None, 12),
        waiting(7, None, None), waiting(8, None, 12),
    ]  # fmt: skip
    assert [visit.ticket for visit in queueing.order(visits, now)] == [5, 3, 1, 6, 8, 4, 7, 2]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Record(outcome=Outcome.ANSWERED, said=" ", answer="有"), "said"), (Record(outcome=Outcome.ANSWERED, said="水"), "spot_answer"),
        (Record(outcome=Outcome.REFUSED, said="水"), "spot_answer"),
    ],
)  # fmt: skip
def test_a_record_says_what_was_said_and_answered(wrong: Record, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        domain.check_record(wrong)
    assert refusal.value.field == field
    domain.check_record(Record(outcome=Outcome.REGISTERED, said="水"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"said": " "}, "said"), ({"answer": ""}, "spot_answer"), ({"reason": ""}, "amend_reason"), ({"said": "水"}, "said"),
    ],
)  # fmt: skip
def test_a_correction_changes_words_for_a_reason(changes: dict[str, str], field: str) -> None:
    visit, standing = a_visit(stage=VisitStage.DONE, outcome=Outcome.ANSWERED), {"said": "水", "answer": "有"}
    words = {"said": "井水", "answer": "有", "reason": "记错了"}
    domain.check_amendment(visit, words, standing)
    with pytest.raises(Refused) as refusal:
        domain.check_amendment(visit, words | changes, standing)
    assert refusal.value.field == field
    for early, before in ((a_visit(), standing), (visit, None)):
        with pytest.raises(Conflict):
            domain.check_amendment(early, words, before)


def test_a_reception_ends_with_who_received_and_what_came_of_it() -> None:
    case = UUID(int=4)
    done = domain.finish(
        a_visit(stage=VisitStage.RECEIVING, named_case=UUID(int=3)), outcome=Outcome.REGISTERED, received_by=OTHER, recorded_by=CLERK,
        case_id=case, now=MOMENT,
    )  # fmt: skip
    assert (done.stage, done.outcome, done.case_id, done.cases, done.substituted) == (
        VisitStage.DONE, Outcome.REGISTERED, case, (UUID(int=3), case), True,
    )  # fmt: skip
    assert not a_visit().substituted
    refused = domain.finish(
        a_visit(stage=VisitStage.RECEIVING),
        outcome=Outcome.REFUSED,
        received_by=None,
        recorded_by=CLERK,
        case_id=None,
        now=MOMENT,
    )
    assert not refused.substituted


def test_a_visit_opens_for_the_reception_room_and_for_who_receives_and_never_for_who_is_barred() -> None:
    clerk, leader = a_viewer("clerk"), a_viewer("leader", codes=("o-b", "431023-gov"))
    domain.check_may_open(clerk, False, set())
    domain.check_may_open(leader, True, {"o-x"})
    for viewer, receives, barred in (
        (leader, False, set()), (leader, True, {"431023-gov"}), (clerk, False, {"431023-xf"}), (a_viewer("auditor"), False, set()),
        (a_viewer("clerk", of_instance=False), False, set()),
    ):  # fmt: skip
        with pytest.raises(Hidden):
            domain.check_may_open(viewer, receives, barred)


@pytest.mark.parametrize(
    ("roles", "receives", "case", "tie", "expected"),
    [
        (("clerk",), False, None, Tie(), True), (("office", "leader"), True, Identity.CONFIDENTIAL, Tie(handled=True), False),
        (("office", "leader"), True, Identity.CONFIDENTIAL, Tie(granted=True), False), (("clerk",), False, Identity.ANONYMOUS, Tie(), True),
        (("leader",), True, None, Tie(), True), (("leader",), True, Identity.NAMED, Tie(granted=True), True),
        (("leader",), True, Identity.CONFIDENTIAL, Tie(), False), (("leader",), False, None, Tie(), False),
        (("first_in_command",), True, Identity.ANONYMOUS, Tie(), False),
    ],
)  # fmt: skip
def test_who_comes_is_told_to_no_more_people_than_the_case_allows(
    roles: tuple[str, ...], receives: bool, case: Identity | None, tie: Tie, expected: bool
) -> None:
    assert domain.may_identify_visitor(a_viewer(*roles), receives=receives, case=case, tie=tie) is expected
