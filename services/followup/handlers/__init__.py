"""Use cases of follow-up as plain functions, and the table of what it hears. Modules by topic."""

from services.followup.handlers.asking import record_try
from services.followup.handlers.heard import HEARS, preload

__all__ = ["HEARS", "preload", "record_try"]
