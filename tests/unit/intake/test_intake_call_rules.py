"""Calls: in whatever order their messages come, what is known of them is the same; and the duty to ring back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import calls
from services.intake.domain.calls import (
    Attempt,
    Call,
    CallBack,
    GivenUpFor,
    Limits,
    Outcome,
    Result,
    Told,
    attempt,
    check_at,
    complete,
    get_through,
    give_up,
    hear,
    let_go,
    miss,
    miss_again,
    title_of,
    write_up,
)
from services.intake.domain.submission import Identity, Petitioner
from services.intake.workflow import CallBackStage
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CASE, CLERK, NOW, a_submission

MINUTE = timedelta(minutes=1)
LIMITS = Limits(first=timedelta(hours=1), again=timedelta(hours=4), attempts=3, days=2)


def a_call(**changes: Any) -> Call:
    given: dict[str, Any] = {"id": CASE, "line": "hot", "started_at": NOW}
    return Call(**given | changes)


def heard(*messages: tuple[Told, int, str]) -> Call:
    call = a_call(started_at=NOW + messages[0][1] * MINUTE)
    for told, minute, extension in messages:
        call = hear(call, told, NOW + minute * MINUTE, extension)
    return call


messages = st.lists(
    st.tuples(st.sampled_from(Told), st.integers(0, 9), st.sampled_from(["", "801", "802"])), min_size=1, max_size=6
)


@given(messages, st.randoms(use_true_random=False))
def test_any_order_and_any_message_twice_ends_in_the_same(told, chance):
    again = [*told, *chance.sample(told, chance.randint(0, len(told)))]
    chance.shuffle(again)
    assert heard(*again) == heard(*told)


def test_a_call_that_was_missed_at_one_telephone_and_answered_at_another_is_answered():
    story = (
        (Told.RINGING, 0, ""),
        (Told.MISSED, 1, "801"),
        (Told.ANSWERED, 2, "802"),
        (Told.ENDED, 3, ""),
        (Told.RECORDED, 4, ""),
    )
    for order in permutations(story):
        call = heard(*order)
        assert (call.missed, call.answered_at, call.extension, call.recorded) == (False, NOW + 2 * MINUTE, "802", True)
    assert heard(*story[:2]).missed
    assert not heard(story[0]).missed


def test_a_ringing_that_ends_without_an_answer_is_missed_since_then():
    call = heard((Told.RINGING, 0, ""), (Told.ENDED, 1, ""))
    assert (call.missed, call.missed_since) == (True, NOW + MINUTE)
    assert heard((Told.MISSED, 2, ""), (Told.ENDED, 3, "")).missed_since == NOW + 2 * MINUTE
    assert a_call().missed_since == NOW


@pytest.mark.parametrize("days", [-4000, 1])
def test_an_instant_that_nobody_with_a_clock_gives_is_refused(days):
    check_at(NOW, NOW)
    with pytest.raises(Refused):
        check_at(NOW + timedelta(days=days), NOW)


def test_a_call_is_written_up_once():
    call = write_up(a_call(), Outcome.CASE, by=CLERK, case_id=CASE, now=NOW + MINUTE)
    assert (call.outcome, call.answered_at, call.ended_at) == (Outcome.CASE, NOW, NOW + MINUTE)
    assert write_up(call, Outcome.CASE, by=CLERK, case_id=CASE, now=NOW) is call
    with pytest.raises(Conflict):
        write_up(call, Outcome.SILENT, by=CLERK, case_id=None, now=NOW)
    kept = write_up(a_call(answered_at=NOW - MINUTE, ended_at=NOW), Outcome.SILENT, by=CLERK, case_id=None, now=NOW + MINUTE)
    assert (kept.answered_at, kept.ended_at) == (NOW - MINUTE, NOW)


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (" 井水 ", "x", "井水"), ("", "井水发黑。已经三年了", "井水发黑"), ("", " 第一行\n第二行。", "第一行"), ("", "真的吗？是的", "真的吗"),
        ("", "长" * 41, "长" * 39 + "…"), ("", "长" * 40, "长" * 40), ("", "", ""),
    ],
)  # fmt: skip
def test_a_title_is_made_of_the_first_sentence(title, text, expected):
    assert title_of(title, text) == expected


@pytest.mark.parametrize(
    ("who", "number", "chosen", "identity", "expected"),
    [
        (Petitioner(), "138", None, Identity.CONFIDENTIAL, "138"), (Petitioner(), "", None, Identity.ANONYMOUS, ""),
        (Petitioner(name="陈"), "", None, Identity.CONFIDENTIAL, ""), (Petitioner(), "138", Identity.ANONYMOUS, Identity.ANONYMOUS, ""),
        (Petitioner(name="陈", phone="139"), "138", Identity.NAMED, Identity.NAMED, "139"),
        (Petitioner(name="陈"), "138", Identity.NAMED, Identity.NAMED, "138"),
    ],
)  # fmt: skip
def test_the_number_is_taken_along_unless_the_caller_stays_anonymous(who, number, chosen, identity, expected):
    given = a_submission(petitioner=who, identity=chosen or Identity.ANONYMOUS)
    found = complete(given, number, chosen=chosen is not None)
    assert (found.identity, found.petitioner.phone) == (identity, expected)


# -- ringing back -----------------------------------------------------------------------------------------------------


def a_duty(**changes: Any) -> CallBack:
    given: dict[str, Any] = {
        "id": CASE, "line": "hot", "stage": CallBackStage.WAITING, "missed_at": NOW, "due_at": NOW + timedelta(hours=1),
    }  # fmt: skip
    return CallBack(**given | changes)


def tried(hours: float, result: Result = Result.NO_ANSWER) -> Attempt:
    return Attempt(id=UUID(int=int(hours * 60)), call_back_id=CASE, at=NOW + timedelta(hours=hours), by=CLERK, result=result)


def test_a_missed_call_is_due_within_the_limit_and_another_joins_it_without_a_later_one():
    duty = miss(a_call(missed_at=NOW), LIMITS)
    assert (duty.due_at, duty.calls) == (NOW + timedelta(hours=1), 1)
    joined = miss_again(duty, a_call(missed_at=NOW + 5 * MINUTE), LIMITS)
    assert (joined.due_at, joined.calls, joined.missed_at) == (duty.due_at, 2, NOW)
    earlier = miss_again(duty, a_call(missed_at=NOW - 5 * MINUTE), LIMITS)
    assert (earlier.due_at, earlier.missed_at) == (duty.due_at - 5 * MINUTE, NOW - 5 * MINUTE)
    after_a_try = miss_again(replace(duty, attempts=1, due_at=NOW + timedelta(hours=5)), a_call(missed_at=NOW), LIMITS)
    assert after_a_try.due_at == NOW + timedelta(hours=5)


def test_an_attempt_in_vain_sets_the_next_limit_and_one_that_reaches_ends_the_duty():
    again = attempt(a_duty(), tried(0.5), LIMITS)
    assert (again.stage, again.attempts, again.due_at) == (CallBackStage.WAITING, 1, NOW + timedelta(hours=4.5))
    reached = attempt(again, tried(5, Result.REACHED), LIMITS)
    assert (reached.stage, reached.attempts, reached.ended_by) == (CallBackStage.REACHED, 2, CLERK)
    with pytest.raises(Conflict):
        attempt(reached, tried(6, Result.BUSY), LIMITS)


@pytest.mark.parametrize("times", [[], [1, 2, 3], [1, 30]])
def test_nobody_gives_up_before_enough_attempts_on_enough_days(times):
    with pytest.raises(Refused) as refused:
        give_up(a_duty(), [tried(hours) for hours in times], GivenUpFor.UNREACHABLE, LIMITS, by=CLERK, now=NOW)
    assert refused.value.values == {"days": 2, "attempts": 3}


def test_after_enough_attempts_a_duty_ends_with_a_reason_once():
    ended = give_up(a_duty(), [tried(1), tried(2), tried(30)], GivenUpFor.NOT_IN_SERVICE, LIMITS, by=CLERK, now=NOW)
    assert (ended.stage, ended.reason) == (CallBackStage.GIVEN_UP, GivenUpFor.NOT_IN_SERVICE)
    with pytest.raises(Conflict):
        give_up(ended, [tried(1), tried(2), tried(30)], GivenUpFor.REFUSES, LIMITS, by=CLERK, now=NOW)


def test_a_call_that_was_answered_after_all_is_no_duty_any_more_unless_there_is_another_or_somebody_tried():
    assert (let_go(a_duty(), NOW).stage, let_go(a_duty(), NOW).calls) == (CallBackStage.ANSWERED, 0)
    assert (let_go(a_duty(calls=2), NOW).stage, let_go(a_duty(calls=2), NOW).calls) == (CallBackStage.WAITING, 1)
    assert let_go(a_duty(attempts=1), NOW).stage is CallBackStage.WAITING
    ended = a_duty(stage=CallBackStage.REACHED)
    assert let_go(ended, NOW) is ended


def test_whoever_rings_again_and_is_talked_to_need_not_be_rung_back():
    assert get_through(a_duty(), by=CLERK, now=NOW).stage is CallBackStage.ANSWERED
    ended = a_duty(stage=CallBackStage.GIVEN_UP)
    assert get_through(ended, by=CLERK, now=NOW) is ended


def test_every_outcome_but_a_case_ends_a_call_without_one():
    assert set(calls.WITHOUT_CASE) == set(Outcome) - {Outcome.CASE}
