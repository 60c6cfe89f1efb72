"""Supervision's pages: what is owed and how urgently, and the policy in force. Modules by topic; one blueprint."""

from services.supervision.web import deadlines, interviews, ladder, mine, policy
from services.supervision.web.common import READERS, WORDS, blueprint

__all__ = ["READERS", "WORDS", "blueprint", "deadlines", "interviews", "ladder", "mine", "policy"]
