"""Waiting for something to become true, never longer than said."""

import time
from collections.abc import Callable

_PAUSE = 0.03  # seconds between two looks


def until(condition: Callable[[], bool], *, timeout: float, what: str) -> float:
    """Seconds until ``condition()`` was true; TimeoutError naming ``what`` after ``timeout`` seconds."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > timeout:
            raise TimeoutError(f"waited {timeout:g} s for {what}")
        time.sleep(_PAUSE)
    return time.monotonic() - started
