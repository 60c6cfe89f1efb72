"""Supervision's pages: what is owed and how urgently, and the policy in force. Modules by topic; one blueprint."""

from services.supervision.web import calendar, deadlines, interviews, ladder, limits, mine, policy
from services.supervision.web.common import READERS, WORDS, blueprint

__all__ = ["READERS", "WORDS", "blueprint", "calendar", "deadlines", "interviews", "ladder", "limits", "mine", "policy"]
