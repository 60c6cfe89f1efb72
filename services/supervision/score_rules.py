"""The rules of the score book: data of a policy's version, by which an occasion gives or costs points."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.supervision.policy import Obligation, Words
from shared.contract.supervision import DUTIES, LEVELS


class Kind(StrEnum):
    """What happens that a rule may score."""

    SETTLED = "settled"  # closed, for the petitioner says that the matter is settled
    UNSETTLED = "unsettled"  # it was not, after all: the case goes on
    SKIP_LEVEL = "skip_level"  # taken to a higher level
    DUTY_DONE = "duty_done"  # first evidence for one of the five duties, in time
    DUTY_LATE = "duty_late"  # none by the limit
    LATE = "late"  # a deadline was missed
    RETURNED = "returned"  # a reply was returned
    DISSATISFIED = "dissatisfied"  # the petitioner says that the matter is not settled


class Whom(StrEnum):
    """Who is scored: whoever carries the case, or the unit of the person responsible."""

    LEADER = "leader"
    UNIT = "unit"


# Where a kind has details, what they are: a rule may be for some of them.
DETAILS: dict[Kind, tuple[str, ...]] = {
    Kind.SKIP_LEVEL: LEVELS, Kind.DUTY_DONE: DUTIES, Kind.DUTY_LATE: DUTIES,
    Kind.LATE: tuple(str(each) for each in Obligation if each is not Obligation.OBJECTION),
}  # fmt: skip
GOOD = frozenset({Kind.SETTLED, Kind.DUTY_DONE})
# A duty belongs to the charge: only who carries the case has done it, or not, or has settled it. And a petitioner who goes up is no
# unit's fault.
OF_THE_LEADER = frozenset({Kind.UNSETTLED, Kind.SKIP_LEVEL, Kind.DUTY_DONE, Kind.DUTY_LATE})


@dataclass(frozen=True, kw_only=True)
class ScoreRule:
    """Points for each occasion; `cap` is the most that counts of them in a civil year. `only` are the details that it is for,
    all of them when empty; with `unless_overdue` it is void for a case that was overdue when it happened.
    """

    id: str
    kind: Kind
    whom: Whom
    points: int
    cap: int | None
    only: frozenset[str]
    unless_overdue: bool
    words: Words
    basis: Words

    def fits(self, kind: Kind, detail: str) -> bool:
        """Whether it scores such an occasion."""
        return kind is self.kind and (not self.only or detail in self.only)


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The section: within how many days the five duties are owed, and how long an entry can be objected to."""

    duties_within_days: int
    objection_days: int
    rules: tuple[ScoreRule, ...]

    def rule(self, rule_id: str) -> ScoreRule | None:
        """The rule of that name."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
