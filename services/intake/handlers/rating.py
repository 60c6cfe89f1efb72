"""What the petitioner says after the conclusion, on the tracking page or by a one-case link. Words are sealed and told to nobody."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.intake.domain import rating as domain
from services.intake.domain.petition import Means, Petition
from services.intake.domain.rating import FollowUp, Rating, ReviewRequest, Scribe
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.casework import lock, reach
from services.intake.handlers.looking import tie_of
from services.intake.handlers.sealed import sealed_of
from services.intake.store import FOLLOW_UPS, PETITIONS, REVIEW_REQUESTS, SQL
from services.intake.vault.crypto import Vault
from shared.contract.envelope import instant, uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound

TOKEN_BYTES = 32


def record_answer(uow: UnitOfWork, vault: Vault, case_id: UUID, rating: Rating, *, medium: str = "tracking_page") -> None:
    """The petitioner's answer to the follow-up of a round, once. Raises Conflict when nothing is asked, Refused.

    What was answered goes to follow-up alone and is not kept here: units never see it (decision 14).
    """
    case = _locked(uow, case_id)
    domain.check_words(rating.words)
    question = uow.rows(FOLLOW_UPS).put(domain.answer(case, uow.rows(FOLLOW_UPS).get(case_id, rating.round), uow.now))
    reach(uow, case_id, "answered", rating.round)
    _keep(uow, vault, case_id, rating.round, "answer", rating.words)
    _tell(uow, question, rating, medium=medium)


def correct_answer(uow: UnitOfWork, vault: Vault, case_id: UUID, rating: Rating) -> None:
    """The petitioner corrects his answer within a day. Raises Conflict, Refused."""
    _locked(uow, case_id)
    domain.check_words(rating.words)
    question = uow.rows(FOLLOW_UPS).put(domain.correct(_latest(uow, case_id, rating.round), uow.now))
    reach(uow, case_id, "answer_corrected", rating.round)
    _keep(uow, vault, case_id, rating.round, "correction", rating.words)
    _tell(uow, question, rating, corrects=True)


def _tell(
    uow: UnitOfWork, question: FollowUp, rating: Rating, *, medium: str = "tracking_page", corrects: bool = False
) -> None:  # fmt: skip
    data: dict[str, Any] = {
        "round": rating.round, "settled": rating.settled, "satisfied": rating.satisfied, "answered_at": instant(uow.now),
        "answers": rating.told(question), "medium": medium,
    }  # fmt: skip
    uow.tell("petitioner.answered", question.case_id, data | ({"corrects": True} if corrects else {}))


def contest(uow: UnitOfWork, vault: Vault, case_id: UUID, *, round: int, words: str, scribe: Scribe | None = None) -> None:
    """The petitioner contests that he was satisfied, as staff wrote. Raises Conflict, Refused."""
    _locked(uow, case_id)
    domain.check_words(words)
    uow.rows(FOLLOW_UPS).put(domain.contest(_latest(uow, case_id, round), uow.now))
    _ask(uow, vault, case_id, round, "contested", "contest", words, scribe)


def ask_to_reopen(uow: UnitOfWork, vault: Vault, case_id: UUID, *, round: int, words: str, scribe: Scribe | None = None) -> None:
    """The petitioner has a closed case go on. Raises Conflict, Refused."""
    case = _locked(uow, case_id)
    domain.check_reasons(words, "reopen_words")
    uow.rows(FOLLOW_UPS).put(domain.ask_to_reopen(case, _latest(uow, case_id, round), uow.now))
    _ask(uow, vault, case_id, round, "reopen", "reopen", words, scribe)


def _ask(
    uow: UnitOfWork, vault: Vault, case_id: UUID, round: int, ground: str, kind: str, words: str, scribe: Scribe | None
) -> None:  # fmt: skip
    reach(uow, case_id, "contested" if ground == "contested" else "reopen_asked", round)
    _keep(uow, vault, case_id, round, kind, words, scribe)
    uow.tell("case.reopen_requested", case_id, {"ground": ground, "round": round, "requested_at": instant(uow.now)})


def ask_for_review(uow: UnitOfWork, vault: Vault, case_id: UUID, *, level: str, words: str, scribe: Scribe | None = None) -> None:
    """The petitioner asks for a review (art. 35) or the final one (art. 36), with reasons. Raises Conflict, Refused."""
    case = _locked(uow, case_id)
    domain.check_reasons(words, "review_words")
    asked, question = reviews_of(uow, case_id), last_question(uow, case_id)
    domain.check_review(case, question, asked, level, uow.now)
    request = ReviewRequest(id=uuid7(uow.now), case_id=case_id, level=level, asked_at=uow.now)
    uow.rows(REVIEW_REQUESTS).put(request)
    reach(uow, case_id, f"{level}_asked", case.round)
    _keep(uow, vault, case_id, case.round, level, words, scribe)
    uow.tell("review.requested", case_id, {"review_id": str(request.id), "level": level, "requested_at": instant(uow.now)})


def open_for_scribe(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    """The petition, locked, for staff who may write down what its petitioner says. Raises Hidden, also to whoever handled it, and his unit."""
    case = lock(uow, case_id, viewer)
    if any(tie_of(uow, case_id, viewer)):
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    return case


def write_down(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, wish: str, means: Means, words: str) -> None:
    """Staff write down what a petitioner says who does not use the tracking page: it counts like his own word there.

    Who wrote it down, and how he knows, is kept with the words. Raises Hidden, Conflict, Refused.
    """
    open_for_scribe(uow, case_id, viewer)
    domain.check_reasons(words, "wish_words")
    scribe, question = Scribe(by=viewer.person, means=means), last_question(uow, case_id)
    if wish in ("review", "final"):
        ask_for_review(uow, vault, case_id, level=wish, words=words, scribe=scribe)
        return
    act = contest if wish == "contest" else ask_to_reopen
    act(uow, vault, case_id, round=question.round if question else 0, words=words, scribe=scribe)


def reviews_of(uow: UnitOfWork, case_id: UUID) -> list[ReviewRequest]:
    """The reviews that were asked for."""
    return uow.rows(REVIEW_REQUESTS).where("case_id = %s", case_id)


def last_question(uow: UnitOfWork, case_id: UUID) -> FollowUp | None:
    """The latest question of a case."""
    found = uow.one(SQL["last_question_of_case"], case_id=case_id)
    return uow.rows(FOLLOW_UPS).get(case_id, found["round"]) if found and found["round"] else None


def _latest(uow: UnitOfWork, case_id: UUID, round: int) -> FollowUp | None:
    """The question of that round, if it is the latest one: of a round that another has overtaken nothing more is said."""
    question = last_question(uow, case_id)
    return question if question is not None and question.round == round else None


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What the tracking page offers now: the question that waits, and until when what may be said."""

    question: FollowUp | None
    asked: bool
    correct_until: datetime | None
    contests: bool
    reopen_until: datetime | None
    review: tuple[str, datetime] | None
    reviews: list[ReviewRequest]


def offered(uow: UnitOfWork, case: Petition) -> Offered:
    """What the petitioner may say now."""
    question, reviews, now = last_question(uow, case.id), reviews_of(uow, case.id), uow.now
    correct, reopen = domain.correctable_until(question), domain.reopen_until(case, question)
    return Offered(
        question=question, asked=domain.is_asked(case, question), correct_until=correct if correct and now < correct else None,
        contests=domain.may_contest(question, now), reopen_until=reopen if reopen and now < reopen else None,
        review=domain.review_open(case, question, reviews, now), reviews=sorted(reviews, key=lambda each: each.asked_at),
    )  # fmt: skip


# -- links -----------------------------------------------------------------------------------------------------------
def make_link(uow: UnitOfWork, case_id: UUID, round: int) -> str:
    """The token of a link that serves this case and round, once, for the policy's days; empty when nothing is asked. Only its hash
    is kept: the token stands in the mail alone.
    """
    question = uow.rows(FOLLOW_UPS).get(case_id, round)
    if question is None or question.answered_at or question.recorded_at:
        return ""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires = uow.now + timedelta(days=question.term("link_days"))
    uow.all(SQL["add_rating_link"], token_hash=_hash(token), case_id=case_id, round=round, now=uow.now, expires_at=expires)
    return token


def of_link(uow: UnitOfWork, token: str) -> tuple[Petition, FollowUp]:
    """The case and the question that a link serves.

    Raises NotFound in the same words for one that never was, was used, is over, or whose question is answered.
    """
    found = uow.one(SQL["rating_link"], token_hash=_hash(token), now=uow.now)
    case = uow.rows(PETITIONS).get(found["case_id"]) if found else None
    question = uow.rows(FOLLOW_UPS).get(found["case_id"], found["round"]) if found else None
    if case is None or question is None or not domain.is_asked(case, question):
        raise _no_link()
    return case, question


def answer_by_link(uow: UnitOfWork, vault: Vault, token: str, rating: Rating) -> Petition:
    """The petitioner's answer by a link: to the round for which it was made, whatever the form says. Raises NotFound, Refused."""
    case, question = of_link(uow, token)
    if not uow.all(SQL["use_rating_link"], token_hash=_hash(token), now=uow.now):
        raise _no_link()
    record_answer(uow, vault, case.id, replace(rating, round=question.round), medium="email")
    return case


def _no_link() -> NotFound:
    return NotFound("token", "链接无效、已经用过，或者已经过期。", "请在“进度查询”凭编号和查询码评价。")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _locked(uow: UnitOfWork, case_id: UUID) -> Petition:
    case = uow.rows(PETITIONS).get(case_id)
    if case is None:
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    return case


def _keep(
    uow: UnitOfWork, vault: Vault, case_id: UUID, round: int, kind: str, words: str, scribe: Scribe | None = None
) -> None:  # fmt: skip
    if words.strip():
        sealed = sealed_of(uow, vault, case_id).key.seal("remark", words.strip().encode())
        uow.all(
            SQL["add_remark"],
            id=uuid7(uow.now),
            case_id=case_id,
            round=round,
            kind=kind,
            text=sealed,
            now=uow.now,
            **_told_by(scribe),
        )


def _told_by(scribe: Scribe | None) -> dict[str, str | None]:
    if scribe is None:
        return {"recorded_by": None, "means": None}
    return {"recorded_by": json.dumps(scribe.by.as_data(), ensure_ascii=False), "means": scribe.means.value}
