"""What the petitioner may say after the conclusion: his answer and its correction, a contest, that the case go on, a review. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.intake.domain.petition import Means, Petition
from services.intake.domain.submission import CHINA
from services.intake.workflow import Stage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

LONGEST = 2000
# What staff may write down for a petitioner who does not use the tracking page. An answer they record in follow-up.
WISHES = ("contest", "reopen", "review", "final")
SETTLED, SATISFIED = "settled", "satisfied"
# Where follow-up told no terms of its policy: questions from before it had one.
TERMS = {"link_days": 14, "correct_hours": 24, "contest_days": 30, "reopen_days": 0, "review_days": 30}
OVER = frozenset({Stage.CLOSED, Stage.ARCHIVED})


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """The petitioner is asked, once for each round, whether the matter is settled. What was answered is not kept here.

    `questions` and `terms` are those of follow-up's policy; `recorded_at` when staff wrote down that he was satisfied.
    """

    case_id: UUID
    round: int
    task_id: UUID
    due_at: datetime
    asked_at: datetime
    answered_at: datetime | None = None
    questions: tuple[dict[str, Any], ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    corrected_at: datetime | None = None
    recorded_at: datetime | None = None
    contest_until: datetime | None = None
    contested_at: datetime | None = None
    reopen_asked_at: datetime | None = None

    def term(self, name: str) -> int:
        """A term of the policy."""
        return self.terms.get(name, TERMS[name])


@dataclass(frozen=True, kw_only=True)
class Scribe:
    """Who wrote down what a petitioner said, and how he came to know of it."""

    by: Person
    means: Means


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What a petitioner answers; `answers` to the further questions, by their codes; `words` are his own."""

    round: int
    settled: bool
    satisfied: bool
    answers: Mapping[str, bool] = field(default_factory=dict)
    words: str = ""

    def told(self, question: FollowUp) -> list[dict[str, Any]]:
        """The answers as an event tells them, as far as the policy asked for them. The petitioner's own words are not among them."""
        given = {**self.answers, SETTLED: self.settled, SATISFIED: self.satisfied}
        return [{"question": each["code"], "yes": given[each["code"]]} for each in question.questions if each["code"] in given]


@dataclass(frozen=True, kw_only=True)
class ReviewRequest:
    """That the petitioner asked for a review (art. 35) or the final review (art. 36), and what was decided."""

    id: UUID
    case_id: UUID
    level: str
    asked_at: datetime
    decision: str = ""
    answer: str = ""
    document: str = ""
    decided_at: datetime | None = None
    final_until: datetime | None = None
    reviewer: str = ""  # the official who decides: he reads the reasons


def _end_of_day(start: datetime, days: int) -> datetime:
    return datetime.combine(start.astimezone(CHINA).date() + timedelta(days=days + 1), time(), CHINA)


def is_asked(case: Petition, question: FollowUp | None) -> bool:
    """Whether the petitioner's answer is awaited."""
    if question is None or question.answered_at or question.recorded_at:
        return False
    return case.stage is Stage.CONCLUDED and question.round == case.round


def answer(case: Petition, question: FollowUp | None, now: datetime) -> FollowUp:
    """The petitioner's one answer of a round. Raises Conflict when nothing is asked, or it was answered."""
    if question is not None and question.answered_at and question.round == case.round:
        raise Conflict("round", "这一轮回访您已经回答过。", "如情况有变，请联系信访接待室。")
    if question is None or not is_asked(case, question):
        raise Conflict("round", "现在没有等待您回答的回访。", "请刷新页面，查看最新进展。")
    return replace(question, answered_at=now)


def correctable_until(question: FollowUp | None) -> datetime | None:
    """Until when the petitioner may correct his own answer; None when there is nothing to correct."""
    if question is None or question.answered_at is None or question.term("correct_hours") == 0:
        return None
    return question.answered_at + timedelta(hours=question.term("correct_hours"))


def correct(question: FollowUp | None, now: datetime) -> FollowUp:
    """The round's answer, corrected. Raises Conflict."""
    until = correctable_until(question)
    if question is None or until is None or now >= until:
        raise Conflict("round", "更正的时间已过，或者没有可以更正的评价。", "如情况有变，请联系信访接待室。")
    return replace(question, corrected_at=now)


def may_contest(question: FollowUp | None, now: datetime) -> bool:
    """Whether a "satisfied" stands that staff wrote down, and the time to contest it is not over."""
    if question is None or question.contest_until is None or question.contested_at:
        return False
    return now < question.contest_until


def contest(question: FollowUp | None, now: datetime) -> FollowUp:
    """The petitioner says that he is not satisfied, whatever staff wrote. Raises Conflict."""
    if question is None or not may_contest(question, now):
        raise Conflict("round", "没有可以提出异议的记录，或者提出异议的时间已过。", "如情况有变，请联系信访接待室。")
    return replace(question, contested_at=now)


def reopen_until(case: Petition, question: FollowUp | None) -> datetime | None:
    """Until when the petitioner may have the closed case go on; None when he may not."""
    if question is None or case.stage not in OVER or case.close_reason != "satisfied" or case.closed_at is None:
        return None
    if question.reopen_asked_at is not None or question.term("reopen_days") == 0:
        return None
    return _end_of_day(case.closed_at, question.term("reopen_days"))


def ask_to_reopen(case: Petition, question: FollowUp | None, now: datetime) -> FollowUp:
    """The petitioner has the closed case go on. Raises Conflict."""
    until = reopen_until(case, question)
    if question is None or until is None or now >= until:
        raise Conflict("round", "这件信访件现在不能要求重新办理。", "有新的情况，请重新提交，并写明原编号。")
    return replace(question, reopen_asked_at=now)


def review_open(
    case: Petition, question: FollowUp | None, asked: Collection[ReviewRequest], now: datetime
) -> tuple[str, datetime] | None:
    """The level of review that may be asked for now, and until when; None when none may.

    Of each answer, and of a closing by decision, one review; against what it said the final one. While one is under way none is asked for.
    """
    last = max(asked, key=lambda each: (each.asked_at, each.decided_at is None, each.level == "final"), default=None)
    if case.withdrawn_at or question is None or (last is not None and last.decided_at is None):
        return None
    since = case.closed_at if case.close_reason == "decision" else case.concluded_at
    if since is not None and (last is None or last.asked_at < since):
        until = _end_of_day(since, question.term("review_days"))
        if now < until:
            return ("review", until)
    if last is not None and last.final_until is not None and now < last.final_until:
        return ("final", last.final_until)
    return None


def check_words(words: str) -> None:
    """Refuse words that are too long. Raises Refused."""
    if len(words) > LONGEST:
        raise Refused("words", "最多 %(max)s 个字。", "请写得短一些。", max=LONGEST)


def check_reasons(words: str, name: str) -> None:
    """Refuse reasons that lack or are too long; `name` is the form's. Raises Refused."""
    if not 1 <= len(words.strip()) <= LONGEST:
        raise Refused(name, "请写明理由，最多 %(max)s 个字。", "请写清楚您不服的是什么、理由是什么。", max=LONGEST)


def check_review(case: Petition, question: FollowUp | None, asked: Collection[ReviewRequest], level: str, now: datetime) -> None:
    """Refuse a review that may not be asked for now. Raises Conflict."""
    found = review_open(case, question, asked, now)
    if found is None or found[0] != level:
        raise Conflict(
            "level", "现在不能申请复查或复核：已经申请过，或者三十日的期限已过。", "请查看办理过程，或联系信访接待室。"
        )
