"""Whom to ask, what was answered, and what follows from it: entities and rules, without any I/O."""

from services.followup.domain.case import Closing, FollowedCase, close, not_asked
from services.followup.domain.task import (
    STAFF_MANNERS,
    STAFF_RESULTS,
    ZONE,
    Answer,
    Source,
    Task,
    Try,
    check_try,
    counts,
    due_after,
    manner_for,
    open_task,
    says_settled,
    settle,
    withdraw,
)

__all__ = [
    "STAFF_MANNERS",
    "STAFF_RESULTS",
    "ZONE",
    "Answer",
    "Closing",
    "FollowedCase",
    "Source",
    "Task",
    "Try",
    "check_try",
    "close",
    "counts",
    "due_after",
    "manner_for",
    "not_asked",
    "open_task",
    "says_settled",
    "settle",
    "withdraw",
]
