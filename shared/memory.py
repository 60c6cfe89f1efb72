"""The garbage collector in a process that has started: what is there stays, and what comes is mostly gone without its help."""

from __future__ import annotations

import gc


def settle() -> None:
    """Look no more at what was made at the start, and less often at what comes: a request or a batch leaves few cycles behind.

    Left to itself the collector begins after 700 new objects; that took a tenth of the registrations (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
