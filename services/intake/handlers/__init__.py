"""Use cases of intake, by topic: registration, casework, looking, mails; and what it hears.

`HEARS` and `preload` are what the worker's consumer needs.
"""

from services.intake.handlers.heard import HEARS, preload

__all__ = ["HEARS", "preload"]
