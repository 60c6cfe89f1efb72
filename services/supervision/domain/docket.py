"""What a case owes, and what each thing that happens changes in it. `now` is handed in, nothing is read or written here.

Two instants matter everywhere: when something was done (which decides whether it was in time), and `now`, when this
service learns of it. What fell due in between without having fired is told first, so that each deadline that fell due is
missed exactly once, whatever stood still meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.supervision.domain.deadline import Deadline, Fact, SupervisedCase, earlier, next_warning, over, runs, without_pause
from services.supervision.policy import Obligation, Policy, Rule, Start
from services.supervision.workflow import DEADLINE, OWED, RUNNING, Stage
from services.supervision.working_calendar import CalendarEnds, DayKind, WorkingCalendar, due_at
from shared.contract.person import Person
from shared.errors import NotYet

O = Obligation  # noqa: E741 - a column of a table of rules, as wide as one letter
MAIN_PARTS = ("handling", "lead")
# What the limit of conclusion carries along: a pause stops these clocks, and no other.
WORK = (O.CONCLUDE, O.PROGRESS, O.REPLY)
OF_THE_CASE = tuple(each for each in O if each is not O.REVIEW)  # a review is decided whatever becomes of the case


class Docket:
    """A case with what it owes while an event is applied; `changed` and `facts` are what came of it."""

    def __init__(
        self, case: SupervisedCase, owed: Iterable[Deadline], *, policy: Policy, calendar: Callable[[], WorkingCalendar],
        org: str, now: datetime, new_id: Callable[[], UUID],
    ) -> None:  # fmt: skip
        self.case, self.policy, self.now = case, policy, now
        self.calendar, self._org, self.new_id = calendar, org, new_id
        self._deadlines = {deadline.id: deadline for deadline in owed}
        self.changed: dict[UUID, Deadline] = {}
        self.facts: list[Fact] = []

    def owed(self, *obligations: Obligation, assignment: UUID | None = None) -> Iterator[Deadline]:
        """What is still owed, of these kinds, of one assignment if it is named."""
        for deadline in list(self._deadlines.values()):
            fits = deadline.obligation in obligations and assignment in (None, deadline.assignment_id)
            if fits and deadline.stage in OWED:
                yield deadline

    def name(self, *, number: str, title: str) -> None:
        """What the case is called; the latest assignment's word stands."""
        self.case = replace(self.case, number=number, title=title)

    # -- what happens ----------------------------------------------------------------------------------------
    def dispatch(
        self, *, assignment: UUID, round_number: int, part: str, to: Person, at: datetime, case_class: str, told_by: str,
        wanted_by: datetime | None = None,
    ) -> None:  # fmt: skip
        """An assignment was issued. The first one of a case starts its clocks; no later one restarts them."""
        if self.case.closed_at is not None:
            return
        if self.case.first_dispatched_at is None:
            self._first_dispatch(round_number, to, at, case_class, ours=told_by == self._org)
        self.classify(case_class, at=at)
        self._take_over(round_number, part, to, at)
        self.owe(O.RECEIVE, Start.ASSIGNMENT, at, round_number, to, assignment, part)
        self._owe_reply(at, round_number, to, assignment, part, wanted_by)

    def receive(self, assignment: UUID, *, at: datetime) -> None:
        """Receipt was acknowledged; an objection to jurisdiction, a report or a reply acknowledges it too."""
        self.meet(self.owed(O.RECEIVE, assignment=assignment), at)

    def may_object(self, assignment: UUID, *, round_number: int, part: str, to: Person, at: datetime) -> None:
        """From the receipt on the unit may object, for as long as the policy says (art. 23); where no holidays are known, without end."""
        if self.case.closed_at is None and not self.case.concluded_round:
            with suppress(CalendarEnds):
                self.owe(O.OBJECTION, Start.RECEIPT, at, round_number, to, assignment, part)

    def object_to(self, assignment: UUID, *, at: datetime) -> None:
        """An objection was made: who objects has received the assignment; every other clock goes on (art. 23)."""
        self.receive(assignment, at=at)
        self.meet(self.owed(O.OBJECTION, assignment=assignment), at)

    def progress(self, assignment: UUID, *, part: str, at: datetime) -> None:
        """Progress was reported. A joint unit's report is none of the case's, nor is anybody else's while one has the lead."""
        self.receive(assignment, at=at)
        if part not in MAIN_PARTS or (self.case.led and part != "lead"):
            return
        self.case = replace(self.case, progressed_at=self.case.progressed_at or at)
        self.meet(self.owed(O.PROGRESS), at)

    def reply(self, assignment: UUID, *, at: datetime) -> None:
        """A signed reply was given."""
        self.receive(assignment, at=at)
        self.meet(self.owed(O.REPLY, assignment=assignment), at)
        self.end(self.owed(O.OBJECTION, assignment=assignment), at, "replied")

    def send_back(
        self, assignment: UUID, *, round_number: int, part: str, to: Person | None, at: datetime, wanted_by: datetime | None = None
    ) -> None:  # fmt: skip
        """A reply was returned: another one is owed, by the same limit as before."""
        if to is not None and not any(self.owed(O.REPLY, assignment=assignment)):
            given = self.case.stood_still + timedelta(days=self.case.extended_by)
            self._owe_reply(at, round_number, to, assignment, part, wanted_by and wanted_by + given)

    def approve(self, assignment: UUID, *, replied: bool, at: datetime) -> None:
        """The assignment is done; without a reply none is owed any more."""
        self.receive(assignment, at=at)
        self.end(self.owed(O.OBJECTION, assignment=assignment), at, "approved")
        still = self.owed(O.REPLY, assignment=assignment)
        if replied:
            self.meet(still, at)
        else:
            self.end(still, at, "approved")

    def withdraw(self, assignment: UUID, *, at: datetime, reason: str) -> None:
        """The assignment ended without a reply that counts."""
        self.end(self.owed(O.RECEIVE, O.OBJECTION, O.REPLY, assignment=assignment), at, reason)

    def escalate(self, lead: Person, *, round_number: int, at: datetime) -> None:
        """A leader takes the lead: from now on it is he who owes progress and conclusion."""
        self._take_over(round_number, "lead", lead, at)

    def classify(self, case_class: str, *, at: datetime) -> None:
        """The case was found to be of another class: what runs is replaced, and counts from where it began.

        What was missed stays missed: nobody gets out of it by calling the case complex afterwards.
        """
        if case_class == self.case.case_class or self.case.closed_at is not None:
            return
        self.case = replace(self.case, case_class=case_class)
        if self.case.conclude_by is None or self.case.concluded_round:
            return
        self.catch_up(at)
        if not runs(self.case, at):
            return
        self._reclassify(O.CONCLUDE, at)
        self._reclassify(O.PROGRESS, at)
        for reply in self.owed(O.REPLY):
            if reply.due_at != self.case.conclude_by and not (reply.limited_by and reply.due_at < self.case.conclude_by):
                self.end([reply], at, "class_changed")
                about = (reply.started_at, reply.round, reply.responsible, reply.assignment_id)
                self.owe(O.REPLY, Start.ASSIGNMENT, *about, given=reply.moved_by, wanted_by=reply.wanted_by)

    def conclude(self, *, round_number: int, at: datetime) -> None:
        """The case is concluded: the result stands for the progress report too, and nobody owes anything further."""
        self.case = replace(without_pause(self.case), concluded_round=round_number)
        self.meet(self.owed(O.CONCLUDE, O.PROGRESS), at)
        self.end(self.owed(O.RECEIVE, O.OBJECTION, O.REPLY), at, "concluded")

    def reopen(self, *, round_number: int, at: datetime) -> None:
        """The case goes on because the petitioner is not satisfied, with a clock of its own; one that was closed since stays so."""
        if self.case.closed_at and at < self.case.closed_at:
            return
        self.case = replace(
            without_pause(self.case), closed_at=None, concluded_round=0, progressed_at=None, clock=Start.REOPENING,
            clock_began_at=at, stood_still=timedelta(0), extended_by=0,
        )  # fmt: skip
        self.end(self.owed(O.CONCLUDE, O.PROGRESS), at, "reopened")
        self.owe(O.CONCLUDE, Start.REOPENING, at, round_number, self.case.responsible)
        self.owe(O.PROGRESS, Start.REOPENING, at, round_number, self.case.responsible)

    def close(self, *, reason: str, at: datetime) -> None:
        """Nothing is owed; a case reopened since goes on. Raises NotYet when settled, but its conclusion is not known here."""
        if self.case.clock is Start.REOPENING and at < (self.case.clock_began_at or at):
            return
        if reason == "satisfied" and not self.case.concluded_round:
            raise NotYet("case.closed came before the case.concluded that it rests on")
        self.case = replace(without_pause(self.case), closed_at=at)
        self.end(self.owed(*OF_THE_CASE), at, reason)

    # -- how it is written down ------------------------------------------------------------------------------
    def _first_dispatch(self, round_number: int, to: Person, at: datetime, case_class: str, *, ours: bool) -> None:
        self.case = replace(
            self.case, first_dispatched_at=at, case_class=case_class, ours=ours,
            responsible=self.case.responsible or to, clock_began_at=at,
        )  # fmt: skip
        self.owe(O.CONCLUDE, Start.FIRST_DISPATCH, at, round_number, self.case.responsible)
        self.owe(O.PROGRESS, Start.FIRST_DISPATCH, at, round_number, self.case.responsible)

    def _take_over(self, round_number: int, part: str, to: Person, at: datetime) -> None:
        """Who answers for the case: the lead before whoever handles it, a later round before an earlier."""
        if part not in MAIN_PARTS or (round_number, part == "lead") <= (self.case.responsible_since, self.case.led):
            return
        self.case = replace(self.case, responsible=to, responsible_since=round_number, led=part == "lead")
        self.pass_to(to, self.owed(O.CONCLUDE, O.PROGRESS), at)

    def pass_to(self, to: Person, deadlines: Iterable[Deadline], at: datetime) -> None:
        """Somebody else owes these from `at` on; what fell due before was missed by whoever owed it then."""
        for deadline in self._overtaken(deadlines, at):
            self.put(replace(deadline, responsible=to, organisation=to.organisation))

    def owe(
        self, obligation: Obligation, start: Start, at: datetime, round_number: int, who: Person | None,
        assignment: UUID | None = None, part: str | None = None, given: timedelta = timedelta(0), wanted_by: datetime | None = None,
    ) -> None:  # fmt: skip
        rule = self.policy.rule(obligation, self.case.case_class or "", start, part)
        if rule is not None:
            limit, moved = self._limit(rule, at)
            own = given if rule.days else timedelta(0)  # the case's limit has it already
            limit, wanted_by = limit + own, wanted_by and wanted_by + given
            due = earlier(self.case, limit, wanted_by, at)
            moved = moved + own if due == limit else timedelta(0)  # what the instruction wants has it already
            self._set(rule, (due, moved), at, max(round_number, 1), who, assignment, wanted_by)

    def _owe_reply(
        self, at: datetime, round_number: int, who: Person, assignment: UUID, part: str, wanted_by: datetime | None
    ) -> None:
        """A reply is owed within the case's limit or, where that is earlier, the instruction's. Of a case's limit that has
        passed the missed conclusion speaks; an instruction's that has not is owed all the same."""
        wanted_by = wanted_by if wanted_by is not None and wanted_by > at else None
        if wanted_by is not None or runs(self.case, at):
            self.owe(O.REPLY, Start.ASSIGNMENT, at, round_number, who, assignment, part, wanted_by=wanted_by)

    def _limit(self, rule: Rule, start: datetime) -> tuple[datetime, timedelta]:
        """By when, and how much of that was given by authority."""
        if rule.days is None:  # a reply, which is owed only while the case has a limit
            return self.case.conclude_by or start, timedelta(0)
        calendar = self.calendar() if rule.kind is DayKind.WORKING else WorkingCalendar.none()
        given = self.case.stood_still if rule.obligation in (O.CONCLUDE, O.PROGRESS) else timedelta(0)
        if rule.obligation is O.CONCLUDE:
            given += timedelta(days=self.case.extended_by)
        return due_at(start, rule.days, rule.kind, calendar) + given, given

    def _set(
        self, rule: Rule, limit: tuple[datetime, timedelta], start: datetime, round_number: int, who: Person | None,
        assignment: UUID | None, wanted_by: datetime | None = None,
    ) -> None:  # fmt: skip
        due, given = limit
        if rule.obligation is O.CONCLUDE:
            self.case = replace(self.case, policy=self.policy.id, conclude_by=due)
        if not self.case.concluded_here and rule.obligation in (O.CONCLUDE, O.PROGRESS):
            return  # the superior's to conclude; only the limit is known here
        deadline = Deadline(
            id=self.new_id(), case_id=self.case.id, obligation=rule.obligation, round=round_number,
            assignment_id=assignment, responsible=who, organisation=who.organisation if who else self._org,
            policy=self.policy.id, rule=rule.id,
            started_at=start, due_at=due, moved_by=given, set_at=self.now, late_after=self.policy.late_after, wanted_by=wanted_by,
            warnings=() if rule.obligation is O.OBJECTION else self.policy.shares, stage=Stage.PENDING,
        )  # fmt: skip
        self.begin(deadline)

    def begin(self, deadline: Deadline) -> None:
        """Something is owed from now on; while the case's clock stands still, so does what it carries along."""
        # A share that had passed before anything was owed warns nobody.
        warned, warn_at = next_warning(deadline, self.now)
        after = self.put(replace(deadline, warned=warned, warn_at=warn_at))
        self.facts.append(Fact("deadline.set", deadline, {"set_at": self.now}))
        if self.case.paused_at is not None and deadline.obligation in WORK:
            self.stop(after, self.case.paused_at)

    def stop(self, deadline: Deadline, at: datetime, **by: object) -> None:
        """A running clock stands still; `by` is whose word that is, as far as it is known here."""
        after = self.put(replace(deadline, stage=DEADLINE.move(deadline.stage, "pause"), warn_at=None))
        self.facts.append(Fact("deadline.paused", after, {"paused_at": at, **by}))

    def _reclassify(self, obligation: Obligation, at: datetime) -> None:
        old, began = next(self.owed(obligation), None), self.case.clock_began_at
        rule = self.policy.rule(obligation, self.case.case_class or "", self.case.clock)
        limit = self._limit(rule, began) if rule and began else None
        if old and rule and (old.stage is Stage.MISSED or (limit and old.due_at == limit[0])):
            return
        self.end([old] if old else [], at, "class_changed")
        if rule and limit and began and not (obligation is O.PROGRESS and self.case.progressed_at):
            round_number = old.round if old else max(self.case.responsible_since, 1)
            self._set(rule, limit, began, round_number, self.case.responsible, None)

    def catch_up(self, at: datetime) -> None:
        """Tell what fell due before `at` and has not fired, because the clocks stood still or the news was quicker."""
        list(self._overtaken(self.owed(*Obligation), at))

    def _overtaken(self, deadlines: Iterable[Deadline], at: datetime) -> Iterator[Deadline]:
        """These deadlines, those that fell due by `at` missed first; a right that had lapsed by then is none of them any more."""
        for deadline in deadlines:
            if deadline.stage in RUNNING and deadline.due_at <= at:
                after, fact = over(deadline, self.now)
                self.facts.append(fact)
                deadline = self.put(after)
            if deadline.stage in OWED:
                yield deadline

    def meet(self, deadlines: Iterable[Deadline], at: datetime) -> None:
        for deadline in self._overtaken(deadlines, at):
            in_time = deadline.stage is Stage.PAUSED or at < deadline.due_at
            stage = DEADLINE.move(deadline.stage, "meet" if in_time else "meet_late")
            after = self.put(replace(deadline, stage=stage, ended_at=at, warn_at=None))
            self.facts.append(Fact("deadline.met", after, {"met_at": at, "in_time": in_time}))

    def end(self, deadlines: Iterable[Deadline], at: datetime, reason: str) -> None:
        for deadline in self._overtaken(deadlines, at):
            stage = DEADLINE.move(deadline.stage, "withdraw")
            after = self.put(replace(deadline, stage=stage, ended_at=at, reason=reason, warn_at=None))
            self.facts.append(Fact("deadline.withdrawn", after, {"withdrawn_at": at, "reason": reason}))

    def put(self, deadline: Deadline) -> Deadline:
        self._deadlines[deadline.id] = self.changed[deadline.id] = deadline
        owed = tuple(str(each.id) for each in self._deadlines.values() if each.stage in OWED)
        self.case = replace(self.case, owed=owed)
        return deadline
