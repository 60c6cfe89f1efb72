"""Follow-up tasks: whom to ask in which manner by when, and whose word is the valid one of a round. Pure: `now` is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.followup.domain.case import FollowedCase, end_of_day
from services.followup.domain.policy import SATISFIED, SETTLED, FollowPolicy
from services.followup.workflow import TASK, CaseStage, TaskStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

MANNER_OF_CHANNEL = {
    "letter": "letter", "visit": "visit", "call": "telephone", "email": "email", "post": "posted_answer",
}  # fmt: skip
# Through these a petitioner who gave neither name nor address can be answered all the same.
REACHED_BY_ITSELF = frozenset({"email", "post"})
Source = Literal["petitioner", "staff"]
WAITING = frozenset({TaskStage.OPEN, TaskStage.UNREACHABLE})
ANSWERED = frozenset({TaskStage.SATISFIED, TaskStage.NOT_SATISFIED})


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
    sampled: bool = False
    settled_at: datetime | None = None
    settled_by: Person | None = None
    source: str | None = None
    contest_until: datetime | None = None  # of a "satisfied" that staff wrote down
    contested_at: datetime | None = None
    corrected_at: datetime | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a petitioner answered himself; one counts in each round, with its corrections, and others are kept."""

    id: UUID
    case_id: UUID
    round: int
    settled: bool
    satisfied: bool
    answered_at: datetime
    counted: bool
    medium: str = "tracking_page"
    answers: Mapping[str, bool] = field(default_factory=dict)
    corrects: bool = False


def manner_for(channel: str, identity: str) -> str:
    """How the petitioner is to be asked: as he came; whoever left no address, on the tracking page (M17)."""
    if identity == "anonymous" and channel not in REACHED_BY_ITSELF:
        return "tracking_page"
    return MANNER_OF_CHANNEL[channel]


def open_task(
    case: FollowedCase, policy: FollowPolicy, *, task_id: UUID, round_number: int, outcome: str, answer: str, concluded_by: Person,
    now: datetime,
) -> tuple[FollowedCase, Task]:  # fmt: skip
    """The case with the task that its conclusion calls for."""
    task = Task(
        id=task_id, case_id=case.id, round=round_number, manner=manner_for(case.channel, case.identity),
        stage=TaskStage.OPEN, opened_at=now, due_at=end_of_day(now, policy.limit_days), outcome=outcome, answer=answer,
        concluded_by=concluded_by,
    )  # fmt: skip
    return replace(case, open_round=round_number), task


def is_sampled(lot: int, policy: FollowPolicy) -> bool:
    """Whether the supervision office asks again. `lot` is drawn when staff record, so that nobody knows it beforehand."""
    return lot % 100 < policy.sample_percent


def settle(
    task: Task, policy: FollowPolicy, *, satisfied: bool, source: Source, by: Person | None, at: datetime, lot: int = 0
) -> Task:
    """The task with the petitioner's word. Raises Conflict when another came first."""
    stage = TASK.move(task.stage, "satisfy" if satisfied else "dissatisfy")
    staff = source == "staff"
    return replace(
        task, stage=stage, settled_at=at, settled_by=by, source=source, sampled=staff and is_sampled(lot, policy),
        contest_until=end_of_day(at, policy.contest_days) if staff and satisfied else None,
    )  # fmt: skip


def says_settled(*, settled: bool, satisfied: bool) -> bool:
    """Whether an answer closes the case: only when the matter is settled and the petitioner is satisfied."""
    return settled and satisfied


def consistent(result: str, answers: Mapping[str, bool], policy: FollowPolicy) -> dict[str, bool]:
    """The answers that staff wrote down beside a result, held against it. Raises Refused for one that says otherwise."""
    asked = {each.code for each in policy.questions}
    known = {code: yes for code, yes in answers.items() if code in asked}
    if result == "not_reached":
        return {}
    deciding = {code: known[code] for code in (SETTLED, SATISFIED) if code in known}
    if result == "satisfied":
        known |= dict.fromkeys((SETTLED, SATISFIED), True)
    contradicts = not all(deciding.values()) if result == "satisfied" else len(deciding) == 2 and all(deciding.values())
    if contradicts:
        raise Refused("result", "回访结果与各项回答不一致。", "事情已解决、对结果也满意的，才记“满意”。")
    return known


def counts(case: FollowedCase, task: Task) -> bool:
    """Whether a petitioner's answer is the valid one of its round: the first word, from whichever side, is."""
    return case.stage is CaseStage.FOLLOWED and task.stage in WAITING


def may_correct(task: Task, policy: FollowPolicy, *, source: Source, by: Person | None, now: datetime) -> bool:
    """Whether whoever gave the round's answer may correct it still: for a day, and not after somebody asked again."""
    mine = task.source == source and (task.settled_by.official if task.settled_by else None) == (by.official if by else None)
    if not mine or task.stage not in ANSWERED or task.settled_at is None or task.contested_at or task.checked_at:
        return False
    return now < task.settled_at + policy.correctable


def concluded_here(case: FollowedCase, task: Task) -> bool:
    """Whether the round was concluded in the instance that follows the case up, and not by its superior."""
    return task.concluded_by.organisation.startswith(case.organisation)


def check_own_word(case: FollowedCase, task: Task, result: str) -> None:
    """Of a case that went up because it concerns those here, staff here write down no "satisfied". Raises Refused."""
    if result == "satisfied" and not concluded_here(case, task):
        raise Refused(
            "result", "由上级办结的信访件，是否满意以信访人本人的答复为准。", "请告知信访人在“进度查询”凭编号和查询码评价。"
        )


def check_correction(case: FollowedCase, task: Task, policy: FollowPolicy, *, by: Person, result: str, now: datetime) -> None:
    """Refuse a correction that staff may not make. Raises Forbidden, Conflict, Refused."""
    if task.settled_by is None or task.settled_by.official != by.official:
        raise Forbidden("result", "只能由记录人本人更正。", "请由原记录人更正，或由督查室复核。")
    if not may_correct(task, policy, source="staff", by=by, now=now):
        raise Conflict("result", "更正的时间已过，或者本轮结果已经复核。", "如记录有误，请报督查室复核。")
    if result not in ("satisfied", "not_satisfied"):
        raise Refused("result", "更正只能改为满意或不满意。", "请从列表中选择。")
    check_own_word(case, task, result)


def turn(task: Task, policy: FollowPolicy, *, satisfied: bool, at: datetime) -> Task:
    """The task with the corrected word: the same again changes nothing but the note of it. What staff correct is asked again."""
    moved = task.stage
    if satisfied != (task.stage is TaskStage.SATISFIED):
        moved = TASK.move(task.stage, "mend" if satisfied else "overturn")
    staff = task.source == "staff"
    until = end_of_day(at, policy.contest_days) if staff and satisfied else None
    return replace(task, stage=moved, corrected_at=at, contest_until=until, sampled=staff)


def may_contest(task: Task, now: datetime) -> bool:
    """Whether the petitioner may say that he was not satisfied, whatever staff wrote down."""
    return task.stage is TaskStage.SATISFIED and task.contest_until is not None and now < task.contest_until


def contest(task: Task, *, at: datetime) -> Task:
    """The task after the petitioner said so: his word counts."""
    return replace(task, stage=TASK.move(task.stage, "overturn"), source="petitioner", contested_at=at, contest_until=None)


def withdraw(task: Task, *, at: datetime) -> Task:
    """The task, of which nothing is asked any more. Raises Conflict when it is over."""
    return replace(task, stage=TASK.move(task.stage, "withdraw"), settled_at=at)
