"""Memory of a process that has started: what is there stays, what comes is mostly gone without the collector's help, and what is freed
goes back to the system.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

_MMAP_THRESHOLD = -3  # mallopt(3)


def settle() -> None:
    """Look no more at what was made at the start, and less often at what comes: a request or a batch leaves few cycles behind.

    Left to itself the collector begins after 700 new objects; that took a tenth of the registrations (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def give_back() -> None:
    """Let large pieces go back to the system as soon as they are freed.

    Left to itself the C library (glibc) takes such pieces from a heap once the first of them was freed, and keeps them: of three mails of
    25 MB a process held 308 MB, with this 256 MB. Elsewhere it changes nothing.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 1 << 20)
