"""More time (art. 34): asked for by the person responsible, given once for each case by the issuer's first-in-command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.assignment import Assignment
from services.routing.workflow import AT_WORK, EXTENSION, AssignmentStage, ExtensionStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

MOST_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Extension:
    """A request and its decision. `said` are the decision's reasons, those of a granted one being for the petitioner.

    In an instance that is told of somebody else's nobody asked.
    """

    id: UUID
    case_id: UUID
    assignment_id: UUID
    stage: ExtensionStage
    days: int
    reasons: str
    asked_by: Person | None = None
    asked_at: datetime | None = None
    said: str | None = None
    decided_by: Person | None = None
    decided_at: datetime | None = None


def check_days(days: int) -> None:
    """Refuse what is no extension, and more than the regulation gives."""
    if not 1 <= days <= MOST_DAYS:
        raise Refused("days", "延期天数须为1至30日（条例第三十四条）。", "请填写1至30之间的整数。")


def _check_first(known: Collection[Extension]) -> None:
    if any(one.stage is ExtensionStage.GRANTED for one in known):
        raise Conflict("days", "本件已经延期过一次，不能再延（条例第三十四条）。", "请在延长后的期限内办结。")


def _check_runs(missed: bool) -> None:
    if missed:
        raise Conflict("days", "办理期限已经届满，不能再延期。", "请尽快办结，并说明逾期原因。")


def ask(
    assignment: Assignment, known: Collection[Extension], by: Person, *, extension_id: UUID, days: int, reasons: str, missed: bool,
    now: datetime,
) -> Extension:  # fmt: skip
    """A request, while the limit runs. `known` are the case's earlier ones; `missed`: the limit has passed.

    Raises Conflict, Refused.
    """
    if assignment.parent is not None:
        raise Refused("days", "分派的事项不能单独申请延期。", "请向分派给您的责任人说明，由其申请。")
    if assignment.stage not in AT_WORK | {AssignmentStage.RETURNED}:
        raise Conflict("days", "该项交办现在不能申请延期。", "请刷新页面，查看最新进展。")
    check_days(days)
    if not reasons.strip():
        raise Refused("extension_reasons", "申请延期须说明理由。", "请写明为什么不能按期办结。")
    _check_first(known)
    if any(one.stage is ExtensionStage.ASKED and one.assignment_id == assignment.id for one in known):
        raise Conflict("days", "已经申请过延期，正在等待决定。", "请等待交办单位决定。")
    _check_runs(missed)
    return Extension(
        id=extension_id, case_id=assignment.case_id, assignment_id=assignment.id, stage=ExtensionStage.ASKED, days=days,
        reasons=reasons.strip(), asked_by=by, asked_at=now,
    )  # fmt: skip


def grant(
    asked: Extension, known: Collection[Extension], by: Person, *, days: int, said: str, missed: bool, now: datetime
) -> Extension:
    """More time, with reasons that the petitioner is told (art. 34). Raises Conflict, Refused."""
    check_days(days)
    if not said.strip():
        raise Refused("said", "准予延期须写明告知信访人的理由。", "请写明理由，不要提及其他人的姓名。")
    _check_first(known)
    _check_runs(missed)
    stage = EXTENSION.move(asked.stage, "grant")
    return replace(asked, stage=stage, days=days, said=said.strip(), decided_by=by, decided_at=now)


def refuse(asked: Extension, by: Person, *, said: str, now: datetime) -> Extension:
    """No more time, with reasons for whoever asked. Raises Conflict, Refused."""
    if not said.strip():
        raise Refused("said", "不予延期须说明理由。", "请写明理由。")
    stage = EXTENSION.move(asked.stage, "refuse")
    return replace(asked, stage=stage, said=said.strip(), decided_by=by, decided_at=now)
