"""What an instance may not instruct itself: it goes to the superior, who decides on it as on a case of its own (art. 30, 46)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.directory import Directory
from services.routing.domain.guard import Bars, posts_of
from services.routing.workflow import CASE
from shared.contract.person import Person
from shared.errors import Conflict, Refused

LONGEST_REFERENCE = 200


@dataclass(frozen=True, kw_only=True)
class Referral:
    """A case went up: to the instance of `superior`, or on paper by `reference`. Never edited."""

    case_id: UUID
    superior: str | None
    reference: str
    by: Person
    at: datetime


def superior_of(directory: Directory) -> str | None:
    """The nearest organisation above that works in an instance of its own, or None."""
    above = list(directory.chain(directory.own))[1:]
    return next((code for code in above if code in directory.organisations and directory.organisations[code].has_instance), None)


def must_go_up(bars: Bars | None, directory: Directory) -> bool:
    """Whether nobody here may instruct the case: the own organisation or each first-in-command is barred from it."""
    if bars is None:
        return False
    heads = [
        one for one in directory.officials.values() if one.active and one.in_post(frozenset({"first_in_command"}), directory.own)
    ]
    return directory.own in bars.organisations or all(bars.bar(one.official, posts_of(one.official, directory)) for one in heads)


def refer_up(
    case: Case, bars: Bars | None, directory: Directory, *, reference: str, by: Person, now: datetime
) -> tuple[Case, Referral]:
    """The case as it stands once it went up, and the record of that. From now on the superior decides on it.

    Raises Conflict for a case that is another's already, Refused for one that somebody here may instruct, one without a
    brief (the superior sees nothing else), and one that can only go on paper without saying where.
    """
    if case.origin != directory.own:
        raise Conflict("case", "该件已由上级办理。", "请等待上级处理。")
    if not must_go_up(bars, directory):
        raise Refused("case", "该件可以由本级一把手批阅，不须报上级。", "请由本级一把手批阅。")
    superior, reference = superior_of(directory), reference.strip()
    if superior is None and not reference:
        raise Refused("reference", "上级没有接入本系统，须按文件报送。", "请写明报送的机关和文号。")
    if len(reference) > LONGEST_REFERENCE:
        raise Refused("reference", "报送机关和文号不能超过%(most)d字。", "请缩短后重新提交。", most=LONGEST_REFERENCE)
    if superior is not None and not case.brief.strip():
        raise Refused("case", "本件还没有交办摘要，上级只看得到摘要。", "请登记员先写好交办摘要。")
    moved = replace(case, stage=CASE.move(case.stage, "refer"), origin=superior or case.origin)
    return moved, Referral(case_id=case.id, superior=superior, reference=reference, by=by, at=now)


def refer_again(case: Case) -> Case:
    """The petitioner is not satisfied with what the superior concluded: it is the superior's again. Raises Conflict."""
    stage = CASE.move(case.stage, "refer_again")
    return replace(case, stage=stage, concluded_at=None, concluded_by=None, closed_at=None, close_reason=None, archived_at=None)


def conclude_above(
    case: Case, *, round_number: int, outcome: str, summary: str, answer: str, by: Person, at: datetime
) -> Case:  # fmt: skip
    """The case as the superior concluded it. Raises Conflict, Refused."""
    if not answer.strip():
        raise Refused("answer", "给信访人的答复不能为空。", "请写明给信访人的答复。")
    return replace(
        case, stage=CASE.move(case.stage, "conclude_above"), round=max(case.round, round_number), outcome=outcome,
        summary=summary.strip(), answer=answer.strip(), concluded_by=by, concluded_at=at,
    )  # fmt: skip
