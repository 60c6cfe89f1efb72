"""No sequence of what can happen to a case moves its limit, but by an extension and by pauses; and these exactly."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from services.supervision import domain
from services.supervision.domain import Docket
from services.supervision.policy import Obligation
from services.supervision.workflow import OWED, Stage
from services.supervision.working_calendar import due_at
from shared.errors import NotYet, Refused
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, JOINT_HEAD, TOWNSHIP_SECRETARY, ZONE, Book, at

BEGIN = at("2016-11-07 09:30")
LIMITS = {"ordinary": at("2016-11-18 00:00"), "complex": at("2017-01-07 00:00")}
PEOPLE = {"handling": TOWNSHIP_SECRETARY, "lead": COUNTY_LEADER, "joint": JOINT_HEAD}
NONE = timedelta(0)


class Case(RuleBasedStateMachine):
    """A case in which anything happens, beside a model that knows nothing but who gave how much time."""

    @initialize(case_class=st.sampled_from(list(LIMITS)))
    def begin(self, case_class: str) -> None:
        self.book, self.now = Book(), BEGIN
        self.case_class, self.given, self.stood, self.extended = case_class, NONE, NONE, False
        self.paused_at: datetime | None = None
        self.base: dict = LIMITS
        self.assignments = [self._dispatch(1, "handling", case_class)]
        self.round = 1

    def _step(self, action: str, *args, **kwargs) -> None:
        when = self.now.astimezone(ZONE).replace(tzinfo=None).isoformat()
        self.book.step(when, action, *args, **kwargs)

    def _dispatch(self, number: int, part: str, case_class: str):
        made = uuid4()
        self._step(
            "dispatch", assignment=made, round_number=number, part=part, to=PEOPLE[part], at=self.now, case_class=case_class,
            told_by="431023",
        )  # fmt: skip
        return made, part

    @property
    def limit(self):
        return self.base[self.case_class] + self.given + self.stood

    @property
    def late(self) -> bool:
        return self.paused_at is None and self.now >= self.limit

    @rule(minutes=st.integers(1, 4 * 24 * 60))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(part=st.sampled_from(list(PEOPLE)))
    def another_round(self, part: str) -> None:
        self.round += 1
        self.assignments.append(self._dispatch(self.round, part, self.case_class))

    @rule(data=st.data(), verb=st.sampled_from(["receive", "object_to", "progress", "reply", "send_back", "withdraw", "approve"]))
    def somebody_acts(self, data, verb: str) -> None:
        assignment, part = data.draw(st.sampled_from(self.assignments))
        more: dict = {
            "progress": {"part": part}, "withdraw": {"reason": "replaced"}, "approve": {"replied": True},
            "send_back": {"round_number": self.round, "part": part, "to": PEOPLE[part]},
        }.get(verb, {})  # fmt: skip
        self._step(verb, assignment, at=self.now, **more)
        if verb == "receive":
            self._step("may_object", assignment, round_number=1, part=part, to=PEOPLE[part], at=self.now)

    @rule(part=st.sampled_from(list(PEOPLE)))
    def a_post_changes_hands(self, part: str) -> None:
        assignment, _ = self.assignments[-1]
        self._step("hand_over", assignment, PEOPLE[part], COUNTY_LEADER, at=self.now)

    @rule(case_class=st.sampled_from(list(LIMITS)))
    def classified(self, case_class: str) -> None:
        late = self.late
        self._step("classify", case_class, at=self.now)
        if not late:
            self.case_class = case_class

    @rule(days=st.integers(1, 30))
    def extended_by_authority(self, days: int) -> None:
        late = self.late
        try:
            self._step("extend", uuid4(), days=days, at=self.now)
        except Refused:
            assert self.extended
            return
        assert not self.extended
        self.extended = True
        self.given += NONE if late else timedelta(days=days)

    @rule()
    def paused_by_authority(self) -> None:
        try:
            self._step("pause", uuid4(), at=self.now)
        except Refused:
            assert self.paused_at is not None
            return
        self.paused_at = self.now

    @precondition(lambda self: self.paused_at is not None)
    @rule()
    def resumed_by_authority(self) -> None:
        self._step("resume", self.book.case.pause, at=self.now)
        self.stood += self.now - (self.paused_at or self.now)
        self.paused_at = None

    @rule()
    def closed_as_settled_without_a_conclusion(self) -> None:
        try:
            self._step("close", reason="satisfied", at=self.now)
        except NotYet:
            return
        raise AssertionError("closed without a conclusion")

    @invariant()
    def the_limit_is_what_the_policy_gave_and_authority_added(self) -> None:
        if not hasattr(self, "book"):
            return
        if self.book.stages("conclude")[-1] == "missed":
            return  # it stays where it was missed
        assert self.book.case.conclude_by == self.limit
        for each in self.book.deadlines.values():
            if (
                each.stage in OWED
                and each.stage is not Stage.MISSED
                and each.obligation in (Obligation.CONCLUDE, Obligation.REPLY)
            ):
                assert each.due_at == self.limit
                if each.obligation is Obligation.CONCLUDE:
                    assert each.moved_by == self.given + self.stood
            assert (each.stage is Stage.PAUSED) <= (self.paused_at is not None)


RUN = settings(max_examples=120, stateful_step_count=40, deadline=None, derandomize=True)
Case.TestCase.settings = RUN
test_no_sequence_moves_a_limit_without_authority = Case.TestCase


def restart(self: Docket, rule, start) -> object:
    """A limit that forgets what was given."""
    limit = self.case.conclude_by if rule.days is None else due_at(start, rule.days, rule.kind, self.calendar())
    return limit, NONE


def longer(page: Docket, assignment, former, to, *, at) -> None:
    """A hand-over that gives a day with it."""
    for deadline in page.owed(Obligation.CONCLUDE):
        page.put(replace(deadline, due_at=deadline.due_at + timedelta(days=1)))


@pytest.mark.parametrize(("where", "name", "broken"), [(Docket, "_limit", restart), (domain, "hand_over", longer)])
def test_a_clock_that_somebody_moves_is_noticed(monkeypatch, where, name, broken):
    monkeypatch.setattr(where, name, broken)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Case, settings=settings(RUN, phases=[Phase.generate]))
