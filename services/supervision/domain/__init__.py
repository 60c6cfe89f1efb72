"""What is owed by when: entities and rules, without any I/O."""

from services.supervision.domain.authority import extend, hand_over, pause, resume, went_up
from services.supervision.domain.calendar import CalendarChange
from services.supervision.domain.deadline import (
    Deadline,
    Fact,
    KnownAssignment,
    SupervisedCase,
    confide,
    is_late,
    miss,
    next_warning,
    over,
    warn,
)
from services.supervision.domain.docket import Docket
from services.supervision.domain.following import followed_up, owe_follow_up
from services.supervision.domain.recount import recount
from services.supervision.domain.reviewing import assign_review, owe_review, review_decided

__all__ = [
    "CalendarChange",
    "Deadline",
    "Docket",
    "Fact",
    "KnownAssignment",
    "SupervisedCase",
    "assign_review",
    "confide",
    "extend",
    "followed_up",
    "hand_over",
    "is_late",
    "miss",
    "next_warning",
    "over",
    "owe_follow_up",
    "owe_review",
    "pause",
    "recount",
    "resume",
    "review_decided",
    "warn",
    "went_up",
]
