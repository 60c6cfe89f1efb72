"""Use cases of follow-up as plain functions, and the table of what it hears. Modules by topic."""

from services.followup.handlers.asking import correct_try, mark_difficult, record_try
from services.followup.handlers.checking import record_check
from services.followup.handlers.deciding import close_by_decision
from services.followup.handlers.heard import HEARS, preload
from services.followup.handlers.in_force import adopt_policy

__all__ = [
    "HEARS",
    "adopt_policy",
    "close_by_decision",
    "correct_try",
    "mark_difficult",
    "preload",
    "record_check",
    "record_try",
]
