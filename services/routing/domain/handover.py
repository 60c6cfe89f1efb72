"""When a post changes hands: whoever holds it now is responsible for what its former holder was; no clock moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.assignment import Assignment
from services.routing.domain.directory import ADDRESSABLE, Directory, Official, Post
from services.routing.workflow import OPEN
from shared.contract.person import Person
from shared.errors import Conflict, Refused

# Posts of which an organisation has one: who holds it now is the successor. Of several vice heads nobody knows which.
SOLE = frozenset({"first_in_command", "unit_head"})


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Who was responsible, who is, who said so, and why. Never edited."""

    id: UUID
    case_id: UUID
    assignment_id: UUID
    former: Person
    successor: Person
    by: Person
    reason: str
    at: datetime


def _holds(official: Official, person: Person) -> Post | None:
    """The post in which `person` is responsible, if `official` holds it."""
    fits = (post for post in official.posts if (post.organisation, post.title) == (person.organisation, person.post))
    return next(fits, None) if official.active else None


def vacated(directory: Directory, person: Person) -> str | None:
    """Why a person responsible no longer holds the post in which he is it: `left`, `changed_post`, or None while he does."""
    found = directory.officials.get(person.official)
    if found is None or not found.active:
        return "left"
    return None if _holds(found, person) else "changed_post"


def _as(official: Official, post: Post) -> Person:
    return Person(official=official.official, name=official.name, post=post.title, organisation=post.organisation)


def candidates(directory: Directory, former: Person) -> list[Person]:
    """Who may take over: whoever holds the post now; else those of the organisation whom a case may be handed to; else its people."""
    others = [one for one in directory.officials.values() if one.active and one.official != former.official]
    holders = [_as(one, post) for one in others if (post := _holds(one, former)) is not None]
    heads = [person for one in others if (person := one.in_post(ADDRESSABLE, former.organisation)) is not None]
    return holders or heads or [person for one in others if (person := one.in_post(None, former.organisation)) is not None]


def heir(directory: Directory, former: Person) -> Person | None:
    """Who takes over without being asked: the only holder now of a post of which there is one, after its former holder."""
    if vacated(directory, former) is None:
        return None
    holders = [
        (one, post) for one in directory.officials.values()
        if one.official != former.official and (post := _holds(one, former)) is not None
    ]  # fmt: skip
    sole = len(holders) == 1 and not SOLE.isdisjoint(holders[0][1].roles)
    return _as(*holders[0]) if sole else None


def hand_over(
    assignment: Assignment, to: Person, *, by: Person, reason: str, handover_id: UUID, now: datetime
) -> tuple[Assignment, Handover]:
    """The assignment with another person responsible. Raises Conflict when it is over, Refused."""
    former = assignment.responsible
    if assignment.stage not in OPEN:
        raise Conflict("successor", "该项交办已经结束，不需要移交。", "请刷新页面，查看最新进展。")
    if to.official == former.official or to.organisation != former.organisation:
        raise Refused("successor", "只能移交给本单位的其他同志。", "请从名单中选择接手的同志。")
    record = Handover(
        id=handover_id, case_id=assignment.case_id, assignment_id=assignment.id, former=former, successor=to, by=by, reason=reason,
        at=now,
    )  # fmt: skip
    return replace(assignment, responsible=to), record
