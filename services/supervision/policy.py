"""The policy: what is owed, by whom, within how many days of what. Data, of which a case keeps the version it
began under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from services.supervision.working_calendar import DayKind

if TYPE_CHECKING:
    from services.supervision.score_rules import Scores

CASE_CLASSES = ("ordinary", "complex")
PARTS = ("handling", "lead", "joint")


class Obligation(StrEnum):
    """What somebody owes."""

    RECEIVE = "receive"
    OBJECTION = "objection"  # a right with a limit: it lapses, and nobody is late
    PROGRESS = "progress"
    REPLY = "reply"
    CONCLUDE = "conclude"
    FOLLOW_UP = "follow_up"  # the petitioner is asked, or cannot be reached
    REVIEW = "review"  # the review that the petitioner asked for is decided


class Start(StrEnum):
    """What a limit runs from. Rounds are missing on purpose: none restarts a clock."""

    FIRST_DISPATCH = "first_dispatch"
    ASSIGNMENT = "assignment"
    RECEIPT = "receipt"
    REOPENING = "reopening"
    CONCLUSION = "conclusion"
    REVIEW = "review"
    FINAL_REVIEW = "final_review"


class Words(dict[str, str]):
    """A text in the languages of the pages, by `zh` and `en`."""

    def in_language(self, language: str) -> str:
        """The text in that language, or in Chinese."""
        return self.get(language) or self["zh"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One limit. `days` is None for a limit that ends with the case's limit of conclusion."""

    id: str
    obligation: Obligation
    classes: frozenset[str]
    parts: frozenset[str]
    start: Start
    days: int | None
    kind: DayKind
    words: Words
    basis: Words


class PeriodKind(StrEnum):
    """What is summed up each week, supervised each half month, and published every two months."""

    WEEK = "week"
    HALF_MONTH = "half_month"
    TWO_MONTHS = "two_months"


class Step(StrEnum):
    """A step of the ladder, in the order in which they lead upwards."""

    REMINDER = "reminder"
    NOTICE = "notice"
    INTERVIEW = "interview"
    SUGGESTION = "suggestion"
    CIRCULAR = "circular"
    BUNDLE = "bundle"

    @property
    def height(self) -> int:
        """How far up it stands."""
        return tuple(Step).index(self)


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A step as a policy has it: for the miss of which obligations, how many days after the step before it (the first: after
    the miss), or with the end of the period of the office in which these days end. `answer_days` are given to do what it demands;
    `document` is the word before the year of its number.
    """

    step: Step
    obligations: frozenset[Obligation]
    after_days: int
    rounds: PeriodKind | None
    answer_days: int
    document: str
    words: Words
    basis: Words


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """What follows when somebody misses what he owes. From `urgent_from_round` of instruction on a notice waits for no round."""

    rungs: tuple[Rung, ...]
    urgent_from_round: int | None

    def rungs_for(self, obligation: Obligation) -> tuple[Rung, ...]:
        """The steps that follow a miss of this obligation, upwards."""
        return tuple(rung for rung in self.rungs if obligation in rung.obligations)

    def rung(self, step: Step, obligation: Obligation) -> Rung | None:
        """That step, where it follows a miss of this obligation."""
        return next((rung for rung in self.rungs_for(obligation) if rung.step is step), None)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A version of a policy. `warnings` are shares of the time in percent; of 100 the miss itself tells. `late_after` is in seconds."""

    name: str
    version: int
    title: Words
    source: Words
    warnings: tuple[int, ...]
    late_after: int
    rules: tuple[Rule, ...]
    scores: Scores | None
    ladder: Ladder | None
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name and version, as deadlines and events name it."""
        return f"{self.name}/{self.version}"

    @property
    def shares(self) -> tuple[int, ...]:
        """The warnings that come before the limit."""
        return tuple(share for share in self.warnings if share < 100)

    @property
    def counts_working_days(self) -> bool:
        """Whether any limit needs the working calendar."""
        return any(rule.kind is DayKind.WORKING for rule in self.rules)

    def named(self, rule_id: str) -> Rule | None:
        """The rule of that id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def rule(self, obligation: Obligation, case_class: str, start: Start, part: str | None = None) -> Rule | None:
        """The rule for what a case of this class owes from this start, or None when nothing is owed.

        `part` is the addressee's, for obligations of an assignment.
        """
        for rule in self.rules:
            fits = rule.obligation is obligation and case_class in rule.classes and rule.start is start
            if fits and (part is None or part in rule.parts):
                return rule
        return None
