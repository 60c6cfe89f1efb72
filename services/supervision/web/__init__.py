"""Supervision's pages: what is owed and how urgently, and the policy in force. Modules by topic; one blueprint."""

from services.supervision.web import deadlines, policy
from services.supervision.web.common import READERS, WORDS, blueprint

__all__ = ["READERS", "WORDS", "blueprint", "deadlines", "policy"]
