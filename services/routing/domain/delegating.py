"""A part of an assignment, which its person responsible hands on in his own organisation; he signs upward himself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.routing.domain.assignment import Assignment, issue
from services.routing.domain.case import Part
from services.routing.domain.directory import Directory
from services.routing.workflow import AT_WORK, OPEN, AssignmentStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused


def receivers(directory: Directory, responsible: Person) -> list[Person]:
    """Whom a part may be handed on to: the people of his own organisation and of what lies under it, working in this instance."""
    found = []
    for official in directory.officials.values():
        if not official.active or official.official == responsible.official:
            continue
        for post in official.posts:
            if directory.within(post.organisation, responsible.organisation) and not directory.works_elsewhere(post.organisation):
                person = official.in_post(None, post.organisation)
                found += [person] if person else []
                break
    return found


def hand_on(
    assignment: Assignment, parts: Collection[Assignment], to: Person | None, *, assignment_id: UUID, text: str, now: datetime
) -> Assignment:
    """A part of the assignment for `to` (None: nobody who may have it). `parts` are those handed on before.

    Raises Conflict, Refused.
    """
    if assignment.parent is not None:
        raise Refused("receiver", "分派的事项不能再分派。", "请由责任人另行分派。")
    if assignment.stage not in AT_WORK | {AssignmentStage.RETURNED}:
        raise Conflict("receiver", "该项交办现在不能分派。", "请先签收，或刷新页面查看最新进展。")
    if to is None:
        raise Refused("receiver", "只能分派给本单位及下属单位的在职同志。", "请从名单中选择。")
    if any(part.responsible.official == to.official and part.stage in OPEN for part in parts):
        raise Conflict("receiver", "已经分派给%(name)s，尚未办完。", "请等待其回复，或先撤回。", name=to.name)
    if not text.strip():
        raise Refused("task", "分派要求不能为空。", "请写明要办什么、何时报您。")
    return issue(
        assignment_id=assignment_id, case_id=assignment.case_id, instruction_id=assignment.instruction_id,
        round_number=assignment.round, part=Part.HANDLING, responsible=to, issued_by=assignment.responsible,
        issuer=assignment.instance, instance=assignment.instance, now=now, parent=assignment.id, text=text.strip(),
    )  # fmt: skip
