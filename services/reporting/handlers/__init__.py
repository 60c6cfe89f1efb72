"""Use cases of reporting as plain functions, and the table of what it hears. Modules by topic."""

from services.reporting.handlers.projecting import HEARS, preload

__all__ = ["HEARS", "preload"]
