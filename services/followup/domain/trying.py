"""Tries of staff to reach a petitioner, and when they are enough. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.followup.domain.case import ZONE, FollowedCase
from services.followup.domain.policy import FollowPolicy
from services.followup.domain.task import WAITING, Task, check_own_word
from services.followup.workflow import TASK, CaseStage, TaskStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

STAFF_MANNERS = ("visit", "telephone", "letter", "email", "posted_answer")
STAFF_RESULTS = ("satisfied", "not_satisfied", "not_reached")
LONGEST_NOTE = 200
# Telephone and identity numbers, addresses of mail and web: whoever reads a note must not learn who was asked.
_DATES = re.compile(r"(?<!\d)\d{4}-\d{1,2}-\d{1,2}(?!\d)")
_IDENTIFYING = re.compile(r"\d(?:[ \-]?[\dXx]){6,}|@|https?:|www\.", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One try of staff to ask, with its result. What the petitioner said stays with the petitioner; `note` is staff's own."""

    id: UUID
    task_id: UUID
    case_id: UUID
    manner: str
    result: str
    by: Person
    at: datetime
    note: str = ""
    answers: Mapping[str, bool] = field(default_factory=dict)
    corrects: bool = False


def check_try(
    case: FollowedCase, task: Task, *, by: Person, handlers: Collection[str], manner: str, result: str, note: str = ""
) -> None:  # fmt: skip
    """Refuse a record that may not be made. `handlers` are the officials who were responsible.

    Raises Forbidden, Conflict, Refused.
    """
    if by.official == task.concluded_by.official:
        raise Forbidden("official", "办结人不得回访自己办结的信访件。", "请由其他回访员记录。")
    if by.official in handlers:
        raise Forbidden("official", "责任人不得回访自己办理的信访件。", "请由其他回访员记录。")
    if case.stage is not CaseStage.FOLLOWED or task.stage not in WAITING:  # one that a decision closed asks no more
        raise Conflict("result", "本轮回访已有结果，不能再记录。", "请刷新页面，查看已记录的结果。")
    if manner not in STAFF_MANNERS:
        raise Refused("manner", "没有这种回访方式。", "请从列表中选择。")
    if result not in STAFF_RESULTS:
        raise Refused("result", "没有这种回访结果。", "请从列表中选择。")
    check_own_word(case, task, result)
    check_note(note)


def check_note(note: str) -> None:
    """Refuse a note that tells who was asked. Raises Refused."""
    if len(note) > LONGEST_NOTE:
        raise Refused("note", "备注最多 %(max)s 个字。", "请缩短备注。", max=LONGEST_NOTE)
    if _IDENTIFYING.search(_DATES.sub("", note)):
        raise Refused(
            "note", "备注里不得有电话、证件号码、邮箱或网址。", "只写联系的情况，如“无人接听”“约好明天再打”；姓名和住址也不要写。"
        )


def out_of_reach(tries: Iterable[Try], policy: FollowPolicy) -> bool:
    """Whether so many tries on so many different days, by the county's days, were in vain."""
    vain = [each.at.astimezone(ZONE).date() for each in tries if each.result == "not_reached"]
    return len(vain) >= policy.tries and len(set(vain)) >= policy.try_days


def give_up(task: Task, *, at: datetime) -> Task:
    """The task of whoever could not be reached: a result of its own, which closes nothing."""
    return task if task.stage is TaskStage.UNREACHABLE else replace(task, stage=TASK.move(task.stage, "give_up"), settled_at=at)
