"""How a visit ends without a reception, and the way back; telling who stands at the counter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain import queueing
from services.intake.domain.finding import check_sought, has_number, is_known_as
from services.intake.domain.visits import EndedFor, Visit, Visitor
from services.intake.workflow import VisitStage
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CLERK
from tests.unit.intake.reception_builders import NOW, a_visit

WAITING = a_visit(stage=VisitStage.WAITING, ticket=3)


def close(visit: Visit, action: str, reason: EndedFor | None = None) -> Visit:
    return queueing.close(visit, action, reason=reason, by=CLERK, now=NOW)


@pytest.mark.parametrize(
    ("visit", "action", "reason", "stage"),
    [
        (a_visit(), "cancel", EndedFor.SLIP, VisitStage.CANCELLED), (a_visit(), "no_show", None, VisitStage.NO_SHOW),
        (WAITING, "leave", EndedFor.TIRED, VisitStage.LEFT),
    ],
)  # fmt: skip
def test_an_ending_says_why_and_who_wrote_it_down_and_twice_changes_nothing(
    visit: Visit, action: str, reason: EndedFor | None, stage: VisitStage
) -> None:
    ended = close(visit, action, reason)
    assert (ended.stage, ended.ended_for, ended.ended_by, ended.ended_at) == (stage, reason, CLERK, NOW)
    assert close(ended, action, reason) is ended


@pytest.mark.parametrize(
    ("visit", "action", "reason"),
    [
        (a_visit(), "cancel", None),
        (a_visit(), "cancel", EndedFor.TIRED),
        (WAITING, "leave", None),
        (WAITING, "leave", EndedFor.SLIP),
    ],
)
def test_a_cancellation_and_a_leaving_need_a_reason_of_their_own(visit: Visit, action: str, reason: EndedFor | None) -> None:
    with pytest.raises(Refused) as refusal:
        close(visit, action, reason)
    assert refusal.value.field == "ended_for"


@pytest.mark.parametrize(
    ("visit", "action", "reason"),
    [(a_visit(), "cancel", EndedFor.SLIP), (a_visit(), "no_show", None), (WAITING, "leave", EndedFor.PERSONAL)],
)
def test_what_was_written_down_by_mistake_is_taken_back_whole(visit: Visit, action: str, reason: EndedFor | None) -> None:
    back = queueing.take_back(close(visit, action, reason), visit.held_on)
    assert back == visit
    assert queueing.take_back(back, visit.held_on) is back


def test_nobody_waits_again_on_a_day_that_is_over_and_a_booking_of_it_may_be_open_again() -> None:
    tomorrow = WAITING.held_on + timedelta(days=1)
    with pytest.raises(Conflict):
        queueing.take_back(close(WAITING, "leave", EndedFor.TIRED), tomorrow)
    assert queueing.take_back(close(a_visit(), "no_show"), tomorrow).stage is VisitStage.BOOKED


def test_a_reception_that_took_place_is_not_taken_back() -> None:
    with pytest.raises(Conflict):
        queueing.take_back(a_visit(stage=VisitStage.RECEIVING, ticket=1), NOW.date())


# -- at the counter ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " ", "张", "123", "１２３"])
def test_too_little_is_not_looked_for(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_sought(text)
    assert refusal.value.field == "visitor"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a003", True), ("Ａ００３", True), ("A004", False), ("431023-V2016-000012", True), ("000012", True), ("00012", False), ("2016", False),
    ],
)  # fmt: skip
def test_a_ticket_and_a_number_find_their_visit(text: str, found: bool) -> None:
    assert has_number(check_sought(text), a_visit(number="431023-V2016-000012", ticket=3)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张小明", True), ("张 小明", True), ("小明", False), ("张小", False), ("买买提·艾力", True), ("买买提艾力", True), ("13873512345", True),
        ("138 7351 2345", True), ("+86 138-7351-2345", True), ("2345", True), ("2346", False), ("1387", False), ("a2345", False),
    ],
)  # fmt: skip
def test_a_whole_name_and_a_telephone_number_or_its_end_tell_who_comes(text: str, found: bool) -> None:
    who: Any = Visitor(name="张小明", phone="138-7351-2345", representatives=("买买提·艾力",))
    assert is_known_as(check_sought(text), who) is found
    assert not is_known_as(check_sought(text), Visitor())
