"""Reviews and final reviews: asked for by the petitioner, handed to a reviewer, decided, told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.followup import store
from services.followup.domain import review as domain
from services.followup.domain.case import FollowedCase
from services.followup.domain.review import Review
from services.followup.handlers.asking import handlers_of
from services.followup.handlers.in_force import policy_of
from services.followup.handlers.settling import drop_open_task, go_on, write
from services.followup.workflow import ReviewStage
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.directory import OFFICIALS
from shared.errors import NotFound, Refused


def assign(
    uow: UnitOfWork, review_id: UUID, *, by: Person, posts: Sequence[str], official: str = "", organ: str = ""
) -> Review:  # fmt: skip
    """Say who reviews: an official of the directory who had nothing to do with the case, or an organ in words.

    Raises NotFound, Forbidden, Conflict, Refused.
    """
    case, review = _lock(uow, review_id, by.official, posts)
    reviewer = _person(uow, official) if official else None
    rows = uow.all(store.SQL["who_answered_case"], case=case.id)
    involved = handlers_of(uow, case.id) | {row["official"] for row in rows}
    earlier = {each.decided_by.official for each in _others(uow, review) if each.decided_by}
    made = domain.assign(review, reviewer=reviewer, organ=organ, by=by, involved=involved, earlier=earlier, now=uow.now)
    if reviewer is not None and not _may_review(uow, case.id, reviewer):
        raise Refused("reviewer", "该人员不能复查本件。", "请另选复查人。")
    return _tell(uow, made, by)


def hear(uow: UnitOfWork, review_id: UUID, *, by: Person, posts: Sequence[str], begun: date, ended: date) -> Review:
    """A hearing was held, and its days do not count (art. 36). Raises NotFound, Conflict, Refused."""
    _case, review = _lock(uow, review_id, by.official, posts)
    return _tell(uow, domain.hear(review, begun=begun, ended=ended, now=uow.now), by, heard=True)


def _tell(uow: UnitOfWork, review: Review, by: Person, *, heard: bool = False) -> Review:
    """Keep who decides it, and by when, and tell it."""
    told = {
        "review_id": str(review.id), "level": review.level, "reviewer": review.reviewer.as_data() if review.reviewer else None,
        "organ": review.organ, "due_at": instant(review.due_at), "hearing_days": review.hearing_days, "heard": heard,
        "by": by.as_data(), "at": instant(uow.now),
    }  # fmt: skip
    uow.tell("review.assigned", review.case_id, told)
    return uow.rows(store.REVIEWS).put(review)


def decide(
    uow: UnitOfWork, review_id: UUID, *, by: Person, posts: Sequence[str], of_office: bool, decision: str, answer: str, document: str
) -> Review:  # fmt: skip
    """Decide, or write down what an organ without an instance decided; the petitioner is told, and `redo` reopens the case.

    Sent again it changes nothing. Raises NotFound, Forbidden, Conflict, Refused.
    """
    case, review = _lock(uow, review_id, by.official, posts)
    same = (review.decision, review.answer, review.decided_by) == (decision, answer.strip(), by)
    if review.stage is ReviewStage.DECIDED and same:
        return review
    policy = policy_of(uow, case.policy)
    made = domain.decide(
        review, policy, decision=decision, answer=answer, document=document, by=by, of_office=of_office, now=uow.now
    )
    uow.rows(store.REVIEWS).put(made)
    told = {
        "review_id": str(made.id), "level": made.level, "decision": decision, "answer": made.answer, "document": made.document,
        "final_until": instant(made.final_until) if made.final_until else None, "by": by.as_data(), "at": instant(uow.now),
    }  # fmt: skip
    uow.tell("review.decided", case.id, told)
    write(case, "review_decided", {"days": policy.review_days if made.level == "review" else 0}, uow)
    if decision == "redo":
        found = uow.one(store.SQL["last_round_of_case"], case=case.id)
        round_number = found["round"] if found and found["round"] else 1
        drop_open_task(case, uow)
        go_on(case, round_number, cause="review", source="staff", at=uow.now, uow=uow)
    return made


def _lock(uow: UnitOfWork, review_id: UUID, official: str, posts: Sequence[str]) -> tuple[FollowedCase, Review]:
    found = uow.one(store.SQL["place_of_review"], id=review_id, official=official, posts=list(posts))
    case = uow.rows(store.CASES).get(found["case_id"]) if found else None
    review = uow.rows(store.REVIEWS).get(review_id) if found else None
    if case is None or review is None:
        raise NotFound("review", "没有找到这件复查。", "请返回列表，重新选择。")
    return case, review


def _person(uow: UnitOfWork, official: str) -> Person:
    found = uow.rows(OFFICIALS).get(official)
    if found is None or not found.active or not found.posts:
        raise Refused("reviewer", "名录里没有这名在任人员。", "请从名录中选择。")
    post = found.posts[0]
    return Person(official=found.official, name=found.name, post=post["title"], organisation=post["organisation"])


def _may_review(uow: UnitOfWork, case_id: UUID, person: Person) -> bool:
    """Neither barred nor of a unit that handled the case, in any of his posts: he would find no such review."""
    known = uow.rows(OFFICIALS).get(person.official)
    posts = [post["organisation"] for post in known.posts] if known else []
    found = uow.one(store.SQL["may_review_case"], case=case_id, official=person.official, posts=posts)
    return found is not None and bool(found["may"])


def _others(uow: UnitOfWork, review: Review) -> list[Review]:
    return [each for each in uow.rows(store.REVIEWS).where("case_id = %s", review.case_id) if each.id != review.id]
