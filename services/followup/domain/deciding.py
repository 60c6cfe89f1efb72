"""A case is closed without a satisfied petitioner only by a decision: with authority, reasons, and a notice of the review. Pure."""

from __future__ import annotations

from collections.abc import Collection

from services.followup.domain.case import FollowedCase
from services.followup.domain.task import Task, concluded_here
from services.followup.workflow import CaseStage, TaskStage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

SHORTEST, LONGEST = 10, 2000


def may_decide(case: FollowedCase, task: Task) -> bool:
    """Whether the case stands where a decision may close it.

    Its petitioner could not be reached, or was not satisfied and no new round has begun. What a superior concluded, he decides.
    """
    if case.stage is not CaseStage.FOLLOWED or not concluded_here(case, task):
        return False
    unanswered = task.stage is TaskStage.UNREACHABLE
    return unanswered or (task.stage is TaskStage.NOT_SATISFIED and case.instructed_round <= task.round)


def check_decision(
    case: FollowedCase, task: Task, *, by: Person, handlers: Collection[str], authority: str, reasons: str
) -> None:  # fmt: skip
    """Refuse a closing that may not be. Raises Forbidden, Conflict, Refused."""
    if by.official == task.concluded_by.official or by.official in handlers:
        raise Forbidden("authority", "办结人和责任人不得决定结案。", "请由没有办理本件的人员，依照有权机关的决定办理。")
    if not may_decide(case, task):
        raise Conflict("reasons", "本件现在不能经决定结案。", "信访人未答复的请继续回访；已重新批示的，等办结后再定。")
    if not 2 <= len(authority.strip()) <= 200:
        raise Refused("authority", "须写明由谁、在哪一天或哪次会议上决定。", "如“2016年12月20日领导小组第5次会议”。")
    if not SHORTEST <= len(reasons.strip()) <= LONGEST:
        raise Refused(
            "reasons",
            "结案理由须有 %(least)s 至 %(most)s 个字。",
            "理由会原样告知信访人，请写清依据。",
            least=SHORTEST,
            most=LONGEST,
        )


def ends_round(task: Task) -> int:
    """The last round that the decision ends: after a "not satisfied", the one that was owed and is not done."""
    return task.round + 1 if task.stage is TaskStage.NOT_SATISFIED else task.round
