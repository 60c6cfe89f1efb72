"""Follow-up's pages. Modules by topic; one blueprint."""

from services.followup.web import closings, reviews, tasks
from services.followup.web.common import READERS, WORDS, blueprint

__all__ = ["READERS", "WORDS", "blueprint", "closings", "reviews", "tasks"]
