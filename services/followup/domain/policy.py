"""What the county decided about follow-up: data, of which a case keeps the version it began under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

# These two every policy asks, and both must be answered with yes before a petitioner counts as satisfied.
SETTLED, SATISFIED = "settled", "satisfied"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question, answered with yes or no."""

    code: str
    zh: str
    en: str | None = None

    def in_language(self, language: str) -> str:
        """The words in that language, or in Chinese."""
        return self.en if language == "en" and self.en else self.zh


@dataclass(frozen=True, kw_only=True)
class FollowPolicy:
    """A version of the policy. `tries` on `try_days` different days make "could not be reached"; `rounds` without a satisfied
    petitioner call for a leader.
    """

    name: str
    version: int
    limit_days: int
    tries: int
    try_days: int
    rounds: int
    sample_percent: int
    correct_hours: int
    link_days: int
    contest_days: int
    reopen_days: int
    review_days: int
    decide_days: int
    questions: tuple[Question, ...]
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name and version."""
        return f"{self.name}/{self.version}"

    @property
    def correctable(self) -> timedelta:
        """For how long whoever gave an answer may correct it."""
        return timedelta(hours=self.correct_hours)

    @property
    def terms(self) -> dict[str, int]:
        """What the petitioner may do, and for how long: told with each question, for the public pages are intake's."""
        return {
            "link_days": self.link_days, "correct_hours": self.correct_hours, "contest_days": self.contest_days,
            "reopen_days": self.reopen_days, "review_days": self.review_days,
        }  # fmt: skip

    def told(self) -> list[dict[str, str | None]]:
        """The questions as an event tells them."""
        return [{"code": each.code, "zh": each.zh, "en": each.en} for each in self.questions]
