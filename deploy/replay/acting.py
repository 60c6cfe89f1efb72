"""The people of a replayed county at work: each step of the plan done by whoever does it, through the product's use cases."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from deploy.replay import words
from deploy.replay.county import Act as Deed
from deploy.replay.county import County
from deploy.replay.course import Act, Pace, Round, Step
from deploy.replay.doors import Doors
from deploy.replay.lots import Lots
from deploy.replay.plan import Planned
from services.followup import handlers as followup
from services.intake.domain.rating import Rating
from services.intake.handlers import rating
from services.routing import handlers as routing
from shared.database import UnitOfWork

_OPEN = """
SELECT case_id, id, part, stage, responsible ->> 'official', reply_id FROM routing.assignment
WHERE case_id = ANY(%s::uuid[]) AND stage IN ('issued', 'received', 'progressed', 'returned', 'replied') ORDER BY part DESC, 5
"""
_TASKS = "SELECT case_id, id, round, manner FROM followup.task WHERE case_id = ANY(%s::uuid[]) AND stage = 'open'"
Todo = Sequence[tuple[Planned, Step]]


class Handed(NamedTuple):
    """An assignment that is open."""

    id: UUID
    part: str
    stage: str
    official: str
    reply: UUID | None


class People:
    """Everybody who acts by the plan; `cases` are known once they are registered."""

    def __init__(self, county: County, lots: Lots, doors: Doors) -> None:
        self.county, self._lots, self._doors = county, lots, doors
        self.cases: dict[str, UUID] = {}
        self._acts: dict[Act, Callable[[Todo], None]] = {
            Act.REGISTER: self._register, Act.INSTRUCT: self._instruct, Act.CONCLUDE: self._conclude, Act.RECEIVE: self._receive,
            Act.PROGRESS: self._progress, Act.REPLY: self._reply, Act.ASK: self._ask,
        }  # fmt: skip

    def do(self, todo: Todo) -> None:
        """Everything that is due in one part of a day, kind by kind."""
        for act, deal in self._acts.items():
            some = [(case, step) for case, step in todo if step.act is act]
            if some:
                deal(some)

    def _open(self, todo: Todo) -> dict[UUID, list[Handed]]:
        found: dict[UUID, list[Handed]] = {self.cases[case.name]: [] for case, _ in todo}
        for case_id, *row in self.county.query(_OPEN, list(map(str, found))):
            found[UUID(str(case_id))].append(Handed(*row))
        return found

    # -- the counter ------------------------------------------------------------------------------------------------------
    def _register(self, todo: Todo) -> None:
        for case, _ in todo:
            self.cases[case.name] = self._doors.take(case, self._matter(case), self._place(case))

    def _matter(self, case: Planned) -> words.Matter:
        if case.article:
            return words.ARTICLE
        code = self.county.people.code
        fits = [each for each in words.MATTERS if f"{code}{each.unit}" == case.unit]
        return self._lots.pick(fits or [each for each in words.MATTERS if each.unit is None], "matter", case.name)

    def _place(self, case: Planned) -> str:
        code = self.county.people.code
        township = case.unit if case.unit.isdigit() else ""
        return (
            f"{code}104"
            if case.article
            else township or self._lots.pick(tuple(f"{code}{n}" for n in (100, 101, 104)), "place", case.name)
        )

    # -- the first-in-command and his office ------------------------------------------------------------------------------
    def _instruct(self, todo: Todo) -> None:
        open_ = self._open(todo)
        self._each("routing", todo, lambda case, step: self._instructing(case, step, open_[self.cases[case.name]]))

    def _instructing(self, case: Planned, step: Step, open_: list[Handed]) -> Callable[[UnitOfWork], None]:
        people, case_id = self.county.people, self.cases[case.name]
        head = people.town if case.article else people.heads[case.unit]
        text = self._lots.pick(words.FIRST_ROUND if step.why is None else words.ROUNDS[step.why], "text", case.name, step.day)
        addressees = self._addressees(case, step, head)
        answered = [each for each in open_ if each.stage == "replied" and each.part != "joint"]
        judged = step.why in (Round.RETURNED, Round.FURTHER)
        verdict = "approved" if step.why is Round.FURTHER else "returned"

        def act(uow: UnitOfWork) -> None:
            if step.why in (None, Round.DISSATISFIED):
                routing.review(uow, case_id, people.secretary.official)
            answers = answered[0].reply if judged else None
            routing.instruct(
                uow, case_id, people.secretary.official, text, addressees, case.case_class, answers=answers, verdict=verdict,
                earlier="withdrawn" if judged else "goes_on",
            )  # fmt: skip

        return act

    def _addressees(self, case: Planned, step: Step, head: str) -> list[tuple[str, str]]:
        people = self.county.people
        if case.article and step.why is Round.RETURNED:
            environment = people.heads[f"{people.code}-epb"]
            return [(people.leads[1], "lead"), (people.discipline, "joint"), (environment, "joint")]
        if case.article and step.why is Round.FURTHER:
            return [(people.discipline, "handling")]
        if case.article and step.why is Round.DISSATISFIED:
            return [(people.leads[1], "handling")]
        called = case.draft is not None and case.draft.pace is Pace.CALLED
        led = step.why in (Round.RETURNED, Round.DISSATISFIED) and not called
        if led and self._lots.happens(300, "led", case.name, step.day):
            return [(self._lots.pick(people.leads, "lead", case.name), "lead"), (head, "joint")]
        return [(head, "handling")]

    def _conclude(self, todo: Todo) -> None:
        open_ = self._open(todo)
        self._each("routing", todo, lambda case, step: self._concluding(case, step.day, open_[self.cases[case.name]]))

    def _concluding(self, case: Planned, day: date, open_: list[Handed]) -> Callable[[UnitOfWork], None]:
        people, case_id = self.county.people, self.cases[case.name]

        def act(uow: UnitOfWork) -> None:
            if case.article and day.month == 11:
                routing.record_accountability(
                    uow, case_id, people.office.official, kind="decision", person="柏林镇相关责任人", organisation=f"{people.code}104",
                    measure="党内警告，责令书面检查", decided_by="县委常委会", meeting="县委常委会会议", decided_on=day,
                )  # fmt: skip
            for each in open_:
                if each.stage == "replied" and each.reply:
                    routing.approve(uow, each.reply, people.secretary.official)
            answer = str(words.HANDLED["answer"])
            routing.conclude(uow, case_id, people.director, outcome="supported", summary="已办结。", answer=answer)

        return act

    # -- the units --------------------------------------------------------------------------------------------------------
    def _receive(self, todo: Todo) -> None:
        self._units(todo, {"issued"}, lambda each, case, step: functools.partial(routing.receive, by=each.official))

    def _progress(self, todo: Todo) -> None:
        report = functools.partial(routing.progress, text=words.PROGRESS)
        self._units(todo, {"received"}, lambda each, case, step: functools.partial(report, by=each.official))

    def _reply(self, todo: Todo) -> None:
        def replying(each: Handed, case: Planned, step: Step) -> Any:
            said: dict[str, Any] = words.PLAYED_DOWN if _played_down(case, step) else words.HANDLED
            return functools.partial(routing.reply, by=each.official, **said)

        self._units(todo, {"received", "progressed", "returned"}, replying)

    def _units(self, todo: Todo, stages: set[str], deal: Callable[[Handed, Planned, Step], Any]) -> None:
        open_ = self._open(todo)
        deeds: list[Deed] = []
        for case, step in todo:
            case_id = self.cases[case.name]
            deeds += [
                (case_id, functools.partial(deal(each, case, step), assignment_id=each.id))
                for each in open_[case_id]
                if each.stage in stages
            ]
        self.county.do("routing", deeds)

    # -- whoever asks, and the petitioners ----------------------------------------------------------------------------------
    def _ask(self, todo: Todo) -> None:
        tasks = {
            UUID(str(row[0])): row[1:] for row in self.county.query(_TASKS, [str(self.cases[case.name]) for case, _ in todo])
        }
        by_staff, themselves = list[Deed](), list[Deed]()
        for case, step in todo:
            case_id = self.cases[case.name]
            task, number, manner = tasks[case_id]
            if manner == "tracking_page" or self._lots.happens(350, "answers himself", case.name, step.day):
                said = Rating(round=number, settled=step.satisfied, satisfied=step.satisfied)
                act = functools.partial(rating.record_answer, vault=self.county.vault, case_id=case_id, rating=said)
                themselves.append((case_id, act))
            else:
                asker = self.county.people.asker
                by_staff.append((case_id, functools.partial(
                    followup.record_try, task_id=task, try_id=uuid4(), by=asker, posts=[asker.organisation], manner=manner,
                    result="satisfied" if step.satisfied else "not_satisfied",
                )))  # fmt: skip
        self.county.do("followup", by_staff)
        self.county.do("intake", themselves)

    def _each(self, service: str, todo: Todo, deal: Callable[[Planned, Step], Callable[[UnitOfWork], object]]) -> None:
        self.county.do(service, [(self.cases[case.name], deal(case, step)) for case, step in todo])


def _played_down(case: Planned, step: Step) -> bool:
    """Whether the next thing that happens after this reply is its return."""
    after = case.course.steps[case.course.steps.index(step) + 1 :]
    return bool(after) and after[0].why is Round.RETURNED
