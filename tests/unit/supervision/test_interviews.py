"""An interview is called, appointed, held and recorded by others than whom it is about."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.supervision.domain import interviews
from services.supervision.domain.interviews import Interview
from services.supervision.workflow import InterviewStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.supervision.supervision_builders import TOWNSHIP_SECRETARY, at

SECRETARY = Person(official="o-431023-secretary", name="赵明", post="县委书记", organisation="431023")
CALLED, MEETS = at("2016-12-06 09:00"), at("2016-12-08 15:00")


def called() -> Interview:
    return interviews.call(uuid4(), TOWNSHIP_SECRETARY, SECRETARY, reasons="督办后仍未办结", now=CALLED)


def appointed() -> Interview:
    return interviews.appoint(called(), SECRETARY, place="县委小会议室", meets_at=MEETS, now=CALLED)


def held(interview: Interview, by: Person = SECRETARY, **changes) -> Interview:
    told = {
        "held_at": MEETS, "attended": ("赵明", "何立新"), "record": "说明了原因。", "demands": "十日内办结。", "until": date(2016, 12, 18),
        "now": MEETS + timedelta(hours=2), **changes,
    }  # fmt: skip
    return interviews.hold(interview, by, **told)


def test_it_is_called_appointed_held_and_recorded():
    done = held(appointed())
    assert (done.stage, done.place, done.meets_at) == (InterviewStage.HELD, "县委小会议室", MEETS)
    assert (done.attended, done.demands, done.recorded_by) == (("赵明", "何立新"), "十日内办结。", SECRETARY)


def test_nobody_calls_himself_in_or_has_a_hand_in_his_own():
    with pytest.raises(Forbidden):
        interviews.call(uuid4(), SECRETARY, SECRETARY, reasons="", now=CALLED)
    for step in (
        lambda: interviews.appoint(called(), TOWNSHIP_SECRETARY, place="x", meets_at=MEETS, now=CALLED),
        lambda: held(appointed(), TOWNSHIP_SECRETARY),
        lambda: interviews.cancel(called(), TOWNSHIP_SECRETARY, reasons="x", now=CALLED),
    ):
        with pytest.raises(Forbidden):
            step()


def test_it_is_appointed_again_for_another_time_but_not_for_one_that_is_over():
    later = interviews.appoint(appointed(), SECRETARY, place="县委大会议室", meets_at=MEETS + timedelta(days=1), now=CALLED)
    assert later.meets_at == MEETS + timedelta(days=1)
    with pytest.raises(Refused, match="须晚于现在"):
        interviews.appoint(called(), SECRETARY, place="x", meets_at=CALLED, now=CALLED)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"held_at": CALLED - timedelta(minutes=1)}, "须在通知之后"),
        ({"held_at": MEETS + timedelta(hours=3)}, "须在通知之后"),
        ({"attended": ()}, "没有写明参加人"),
        ({"until": date(2016, 12, 7)}, "整改期限早于"),
    ],
)
def test_a_record_that_does_not_hold_together_is_refused(changes, rule):
    with pytest.raises(Refused, match=rule):
        held(appointed(), **changes)


def test_what_was_not_appointed_is_not_held_and_what_was_held_is_not_cancelled():
    with pytest.raises(Conflict):
        held(called())
    with pytest.raises(Conflict):
        interviews.cancel(held(appointed()), SECRETARY, reasons="x", now=MEETS)


def test_it_is_called_off_with_reasons():
    off = interviews.cancel(appointed(), SECRETARY, reasons="已经办结", now=MEETS)
    assert (off.stage, off.cancelled_for, off.cancelled_by) == (InterviewStage.CANCELLED, "已经办结", SECRETARY)
