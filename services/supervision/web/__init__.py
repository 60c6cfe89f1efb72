"""Supervision's pages: what is owed and how urgently, the ladder, who carries what, what it counts, and the policy in force.

Modules by topic; one blueprint.
"""

from services.supervision.web import (
    calendar,
    charge,
    deadlines,
    duties,
    interviews,
    ladder,
    limits,
    mine,
    objections,
    policy,
    scores,
    skip_levels,
)
from services.supervision.web.common import READERS, WORDS, blueprint

__all__ = [
    "READERS", "WORDS", "blueprint", "calendar", "charge", "deadlines", "duties", "interviews", "ladder", "limits", "mine", "objections",
    "policy", "scores", "skip_levels",
]  # fmt: skip
