"""Waiting for something to become true, never longer than said."""

import time
from collections.abc import Callable

_PAUSE, _LONGEST = 0.03, 0.5  # seconds between two looks


def until(condition: Callable[[], bool], *, timeout: float, what: str) -> float:
    """Seconds until ``condition()`` was true; TimeoutError naming ``what`` after ``timeout`` seconds.

    The pause is as long as the look before it took: what is waited for needs the machine more than whoever looks.
    """
    started = looked = time.monotonic()
    while not condition():
        now = time.monotonic()
        if now - started > timeout:
            raise TimeoutError(f"waited {timeout:g} s for {what}")
        time.sleep(min(max(_PAUSE, now - looked), _LONGEST))
        looked = time.monotonic()
    return time.monotonic() - started
