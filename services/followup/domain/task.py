"""Follow-up tasks, tries to reach the petitioner, and answers (M17, M18). Pure: `now` is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.followup.domain.case import FollowedCase
from services.followup.workflow import TASK, CaseStage, TaskStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

ZONE = ZoneInfo("Asia/Shanghai")
LIMIT_DAYS = 7
SAMPLE_EVERY = 5  # of the tasks, whose records the supervision office may look at again

MANNER_OF_CHANNEL = {
    "letter": "letter", "visit": "visit", "call": "telephone", "email": "email", "post": "posted_answer",
}  # fmt: skip
# Through these a petitioner who gave neither name nor address can be answered all the same.
REACHED_BY_ITSELF = frozenset({"email", "post"})
STAFF_MANNERS = ("visit", "telephone", "letter", "email", "posted_answer")
STAFF_RESULTS = ("satisfied", "not_satisfied", "not_reached")
Source = Literal["petitioner", "staff"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """To ask the petitioner of one case, once in each round. `answer` is what the petitioner was told."""

    id: UUID
    case_id: UUID
    round: int
    manner: str
    stage: TaskStage
    opened_at: datetime
    due_at: datetime
    outcome: str
    answer: str
    concluded_by: Person
    sampled: bool
    settled_at: datetime | None = None
    settled_by: Person | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Try:
    """One try of staff to ask, with its result. What the petitioner said stays with the petitioner."""

    id: UUID
    task_id: UUID
    case_id: UUID
    manner: str
    result: str
    by: Person
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a petitioner answered on the tracking page; one counts in each round, others are kept."""

    id: UUID
    case_id: UUID
    round: int
    settled: bool
    satisfied: bool
    answered_at: datetime
    counted: bool


def manner_for(channel: str, identity: str) -> str:
    """How the petitioner is to be asked: as he came; whoever left no address, on the tracking page (M17)."""
    if identity == "anonymous" and channel not in REACHED_BY_ITSELF:
        return "tracking_page"
    return MANNER_OF_CHANNEL[channel]


def due_after(now: datetime) -> datetime:
    """The end of the seventh day after the conclusion came, as an instant in UTC."""
    last = now.astimezone(ZONE).date() + timedelta(days=LIMIT_DAYS + 1)
    return datetime.combine(last, time(0), ZONE).astimezone(UTC)


def open_task(
    case: FollowedCase, *, task_id: UUID, round_number: int, outcome: str, answer: str, concluded_by: Person,
    now: datetime,
) -> tuple[FollowedCase, Task]:  # fmt: skip
    """The case with the task that its conclusion calls for."""
    task = Task(
        id=task_id, case_id=case.id, round=round_number, manner=manner_for(case.channel, case.identity),
        stage=TaskStage.OPEN, opened_at=now, due_at=due_after(now), outcome=outcome, answer=answer,
        concluded_by=concluded_by, sampled=task_id.int % SAMPLE_EVERY == 0,
    )  # fmt: skip
    return replace(case, open_round=round_number), task


def check_try(task: Task, *, by: Person, manner: str, result: str) -> None:
    """Refuse a record that may not be made. Raises Forbidden, Conflict, Refused."""
    if by.official == task.concluded_by.official:
        raise Forbidden("official", "办结人不得回访自己办结的信访件。", "请由其他回访员记录。")
    if task.stage is not TaskStage.OPEN:
        raise Conflict("result", "本轮回访已有结果，不能再记录。", "请刷新页面，查看已记录的结果。")
    if manner not in STAFF_MANNERS:
        raise Refused("manner", "没有这种回访方式。", "请从列表中选择。")
    if result not in STAFF_RESULTS:
        raise Refused("result", "没有这种回访结果。", "请从列表中选择。")


def settle(task: Task, *, satisfied: bool, source: Source, by: Person | None, at: datetime) -> Task:
    """The task with the petitioner's word. Raises Conflict when another came first."""
    stage = TASK.move(task.stage, "satisfy" if satisfied else "dissatisfy")
    return replace(task, stage=stage, settled_at=at, settled_by=by, source=source)


def says_settled(*, settled: bool, satisfied: bool) -> bool:
    """Whether an answer closes the case: only when the matter is settled and the petitioner is satisfied."""
    return settled and satisfied


def counts(case: FollowedCase, task: Task) -> bool:
    """Whether a petitioner's answer is the valid one of its round: the first word, from whichever side, is."""
    return case.stage is CaseStage.FOLLOWED and task.stage is TaskStage.OPEN


def withdraw(task: Task, *, at: datetime) -> Task:
    """The task, of which nothing is asked any more. Raises Conflict when it is over."""
    return replace(task, stage=TASK.move(task.stage, "withdraw"), settled_at=at)
