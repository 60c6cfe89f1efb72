"""The ladder: dated steps, upwards only, each once for a miss, exact although nobody looked in time."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.supervision.domain import ladder
from services.supervision.domain.deadline import Deadline
from services.supervision.domain.ladder import Annulment, Climb, Doing, LadderStep
from services.supervision.policy import Ladder, Obligation, Step
from services.supervision.workflow import Stage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.supervision.supervision_builders import TOWNSHIP, TOWNSHIP_SECRETARY, at, read_policy

SUPERVISOR = Person(official="o-sup", name="王建平", post="县委督查室主任", organisation="431023-sup")
DUE = at("2016-11-18 00:00")


def rules(name: str = "yongxing") -> Ladder:
    found = read_policy(name).ladder
    assert found is not None
    return found


def missed(obligation: Obligation = Obligation.CONCLUDE, *, due: datetime = DUE, round: int = 1, **changes) -> Deadline:
    deadline = Deadline(
        id=uuid4(), case_id=uuid4(), obligation=obligation, round=round, assignment_id=None, responsible=TOWNSHIP_SECRETARY,
        organisation=TOWNSHIP, policy="yongxing/3", rule="conclude-ordinary-10", started_at=due - timedelta(days=10), due_at=due,
        set_at=due - timedelta(days=10), late_after=600, warnings=(), stage=Stage.MISSED, missed_at=due,
    )  # fmt: skip
    return replace(deadline, **changes)


class Miss:
    """A missed deadline and the steps that were taken for it."""

    def __init__(self, deadline: Deadline | None = None, policy: str = "yongxing", round: int = 1) -> None:
        self.deadline, self.rules = deadline or missed(), rules(policy)
        climb = ladder.begin(self.deadline, self.rules, round)
        assert climb is not None
        self.climb: Climb = climb
        self.steps: list[LadderStep] = []
        self.annulled: set[UUID] = set()

    def take(self, step: Step, now: datetime, by: Person | None = SUPERVISOR, reasons: str = "") -> LadderStep:
        taken = ladder.take(
            self.climb, self.rules, self.steps, self.annulled, step, Doing(by, reasons), deadline=self.deadline, number="永督〔2016〕1号",
            now=now, new_id=uuid4(),
        )  # fmt: skip
        self.steps.append(taken)
        self.climb = ladder.stand(self.climb, self.rules, self.steps, self.annulled)
        return taken

    def annul(self, step: LadderStep, by: Person = SUPERVISOR, reasons: str = "发错了对象") -> None:
        ladder.may_annul(step, self.annulled, by, reasons)
        self.annulled.add(step.id)
        self.climb = ladder.stand(self.climb, self.rules, self.steps, self.annulled)

    @property
    def next(self) -> tuple[Step | None, datetime | None]:
        return self.climb.next_step, self.climb.next_due


def test_a_miss_is_followed_by_a_reminder_at_once():
    miss = Miss()
    assert miss.next == (Step.REMINDER, DUE)
    reminder = miss.take(Step.REMINDER, DUE + timedelta(seconds=1), by=None)
    assert (reminder.due_at, reminder.late, reminder.by, reminder.until) == (DUE, False, None, None)
    assert reminder.responsible == TOWNSHIP_SECRETARY


def test_a_notice_is_due_with_the_end_of_the_half_month():
    miss = Miss()
    miss.take(Step.REMINDER, DUE, by=None)
    assert miss.next == (Step.NOTICE, at("2016-12-01 00:00"))
    notice = miss.take(Step.NOTICE, at("2016-12-01 09:00"))
    assert str(notice.until) == "2016-12-06"
    assert miss.next == (Step.INTERVIEW, at("2016-12-07 00:00")), "not before the day is over by which the notice wants an answer"


def test_a_miss_of_a_further_round_is_urgent_and_its_notice_waits_for_no_half_month():
    miss = Miss(missed(round=2))
    assert miss.climb.urgent
    miss.take(Step.REMINDER, DUE, by=None)
    assert miss.next == (Step.NOTICE, DUE)
    assert not Miss(missed(round=1)).climb.urgent
    never = replace(rules(), urgent_from_round=None)
    climb = ladder.begin(missed(round=9), never, 9)
    assert climb is not None
    assert not climb.urgent


def test_a_miss_is_urgent_by_the_round_that_the_case_has_come_to_whatever_round_its_limit_began_in():
    miss = Miss(round=2)
    miss.take(Step.REMINDER, DUE, by=None)
    assert miss.next == (Step.NOTICE, DUE)


def test_a_further_round_after_the_miss_makes_it_urgent_and_its_notice_due():
    miss = Miss()
    assert ladder.urge(miss.climb, miss.rules, (), ()).next_step is Step.REMINDER
    miss.take(Step.REMINDER, DUE + timedelta(minutes=3), by=None)
    urged = ladder.urge(miss.climb, miss.rules, miss.steps, miss.annulled)
    assert (urged.urgent, urged.next_step, urged.next_due) == (True, Step.NOTICE, DUE)
    receipt = Miss(missed(Obligation.RECEIVE))
    assert ladder.urge(receipt.climb, receipt.rules, (), ()).next_due == DUE
    miss.climb = urged
    miss.take(Step.NOTICE, at("2016-11-18 09:00"))
    assert ladder.urge(miss.climb, miss.rules, miss.steps, miss.annulled).next_due == at("2016-11-24 00:00")


def test_it_goes_up_to_the_four_bundles_and_ends_there():
    miss = Miss()
    miss.take(Step.REMINDER, DUE, by=None)
    miss.take(Step.NOTICE, at("2016-12-01 09:00"))
    miss.take(Step.INTERVIEW, at("2016-12-07 09:00"))
    assert miss.next == (Step.CIRCULAR, at("2017-01-01 00:00"))
    miss.take(Step.CIRCULAR, at("2017-01-01 09:00"))
    assert miss.next == (Step.BUNDLE, at("2017-01-01 09:00"))
    miss.take(Step.BUNDLE, at("2017-01-02 09:00"))
    assert miss.next == (None, None)


def test_a_circular_is_that_of_the_two_months_that_are_over_or_of_those_that_run_when_it_is_early():
    miss = Miss()
    miss.take(Step.INTERVIEW, at("2016-12-07 09:00"), reasons="急")
    early = miss.take(Step.CIRCULAR, at("2016-12-20 09:00"), reasons="急")
    assert str(ladder.circular_of(early).last) == "2016-12-31"
    miss.annul(early)
    assert str(ladder.circular_of(miss.take(Step.CIRCULAR, at("2017-01-03 09:00"))).last) == "2016-12-31"


def test_an_outage_is_marked_and_gives_nobody_time():
    miss = Miss()
    reminder = miss.take(Step.REMINDER, DUE + timedelta(days=1), by=None)
    assert reminder.late
    assert reminder.due_at == DUE
    assert miss.next == (Step.NOTICE, at("2016-12-01 00:00"))


def test_what_was_set_after_it_had_fallen_due_was_delayed_by_no_outage():
    miss = Miss(missed(set_at=DUE + timedelta(days=3)))
    assert not miss.take(Step.REMINDER, DUE + timedelta(days=3), by=None).late


def test_a_missed_receipt_ends_with_its_reminder():
    miss = Miss(missed(Obligation.RECEIVE))
    miss.take(Step.REMINDER, DUE, by=None)
    assert miss.next == (None, None)
    with pytest.raises(Refused, match="没有这一步"):
        miss.take(Step.NOTICE, DUE, reasons="急")


def test_nothing_follows_what_the_policy_does_not_name():
    assert ladder.begin(missed(Obligation.PROGRESS), rules("regulation-2022"), 1) is None


def test_passing_a_step_over_or_coming_early_needs_reasons():
    miss = Miss()
    with pytest.raises(Refused, match="须说明理由"):
        miss.take(Step.NOTICE, DUE)
    miss.take(Step.INTERVIEW, DUE, reasons="群众反映强烈")
    assert miss.next[0] is Step.CIRCULAR
    other = Miss()
    other.take(Step.REMINDER, DUE, by=None)
    with pytest.raises(Refused, match="须说明理由"):
        other.take(Step.NOTICE, at("2016-11-20 09:00"))
    assert other.take(Step.NOTICE, at("2016-11-20 09:00"), reasons="急件").reasons == "急件"


def test_nobody_goes_down_the_ladder_or_takes_a_step_twice():
    miss = Miss()
    miss.take(Step.INTERVIEW, DUE, reasons="急")
    for step in (Step.REMINDER, Step.NOTICE, Step.INTERVIEW):
        with pytest.raises(Conflict, match="逐级向上"):
            miss.take(step, DUE, reasons="急")


def test_a_step_that_was_annulled_may_be_taken_again_and_is_counted():
    miss = Miss()
    wrong = miss.take(Step.NOTICE, DUE, reasons="急")
    miss.annul(wrong)
    assert miss.next == (Step.REMINDER, DUE)
    again = miss.take(Step.NOTICE, DUE, reasons="急")
    assert (wrong.attempt, again.attempt) == (0, 1)
    with pytest.raises(Conflict, match="已经撤销"):
        miss.annul(wrong)


def test_annulling_is_for_others_and_with_reasons():
    miss = Miss()
    step = miss.take(Step.NOTICE, DUE, reasons="急")
    with pytest.raises(Forbidden):
        miss.annul(step, by=TOWNSHIP_SECRETARY)
    with pytest.raises(Refused, match="撤销须说明理由"):
        miss.annul(step, reasons="")
    assert Annulment(id=step.id, case_id=step.case_id, reasons="x", by=SUPERVISOR, at=DUE).id == step.id


def test_nobody_supervises_himself_and_nothing_is_sent_to_nobody():
    with pytest.raises(Forbidden):
        Miss().take(Step.NOTICE, DUE, by=TOWNSHIP_SECRETARY, reasons="急")
    with pytest.raises(Refused, match="没有责任人"):
        Miss(missed(responsible=None)).take(Step.NOTICE, DUE, reasons="急")


@pytest.mark.parametrize("stage", [Stage.MET, Stage.MET_LATE, Stage.WITHDRAWN, Stage.PENDING, Stage.PAUSED])
def test_what_is_no_longer_missed_has_no_further_step(stage):
    miss = Miss()
    miss.deadline = replace(miss.deadline, stage=stage)
    with pytest.raises(Conflict, match="不再要求"):
        miss.take(Step.NOTICE, DUE, reasons="急")


def test_who_nobody_can_be_reminded_for_is_passed_on_to_the_office():
    miss = Miss()
    passed = ladder.pass_over(miss.climb, miss.rules, Step.REMINDER)
    assert (passed.next_step, passed.next_due) == (Step.NOTICE, at("2016-12-01 00:00"))


@pytest.mark.parametrize(
    ("changes", "vain"),
    [
        ({"stage": Stage.MET}, True),
        ({"stage": Stage.WITHDRAWN, "reason": "moved"}, True),
        ({"stage": Stage.WITHDRAWN, "reason": "concluded"}, False),
        ({"stage": Stage.MET_LATE}, False),
        ({"stage": Stage.MISSED}, False),
        ({"stage": Stage.MET, "missed_at": None}, False),
    ],
)
def test_what_turned_out_to_be_in_time_was_taken_in_vain(changes, vain):
    assert ladder.in_vain(missed(**changes)) is vain


MOVES = st.lists(st.tuples(st.sampled_from([*Step, None]), st.integers(0, 40 * 24), st.booleans()), max_size=12)


@given(moves=MOVES, round=st.integers(1, 3))
def test_whatever_is_tried_steps_only_lead_upwards_and_none_counts_twice(moves, round):
    """None annuls the latest step; hours pass in between; a step is tried with reasons or without."""
    miss, now = Miss(missed(round=round)), DUE
    for step, hours, reasoned in moves:
        now += timedelta(hours=hours)
        standing = [one for one in miss.steps if one.id not in miss.annulled]
        if step is None:
            if standing:
                miss.annul(standing[-1])
            continue
        due = miss.next == (step, miss.next[1]) and miss.next[1] is not None and miss.next[1] <= now
        try:
            taken = miss.take(step, now, reasons="急" if reasoned else "")
        except (Refused, Conflict):
            continue
        assert due or reasoned
        assert taken.due_at <= now or reasoned
        assert all(one.step.height < step.height for one in standing)
    standing = [one for one in miss.steps if one.id not in miss.annulled]
    heights = [one.step.height for one in standing]
    assert heights == sorted(set(heights))
    assert len({(one.step, one.attempt) for one in miss.steps}) == len(miss.steps)
    assert miss.next[0] is None or miss.next[0].height > max(heights, default=-1)


@given(delay=st.integers(0, 60 * 24 * 60))
def test_when_the_reminder_is_late_its_date_and_all_that_follow_are_as_if_it_had_not_been(delay):
    late, punctual = Miss(), Miss()
    reminder = late.take(Step.REMINDER, DUE + timedelta(minutes=delay), by=None)
    punctual.take(Step.REMINDER, DUE, by=None)
    assert reminder.due_at == DUE
    assert reminder.late is (delay > 10)
    assert late.next == punctual.next
