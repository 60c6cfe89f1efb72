"""When a parked event is tried again: a pure function of what happened."""

from __future__ import annotations

from datetime import timedelta

from shared.errors import NotYet

_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600, 3600))
_WAITING = tuple(timedelta(milliseconds=milliseconds) for milliseconds in (20, 100, 500, 2000))
NOT_YET_ALARM = timedelta(minutes=10)


def next_attempt(attempts: int, fault: BaseException) -> timedelta | None:
    """How long to wait after the `attempts`-th failed try (from 1); None: no more tries, a person has to look.

    An event whose cause has not arrived is tried for ever: the cause may be as late as an outage is long. The alarm
    after NOT_YET_ALARM is raised by its age, not by its tries.
    """
    if isinstance(fault, NotYet):
        return _WAITING[min(attempts, len(_WAITING)) - 1]
    return _DELAYS[attempts - 1] if attempts <= len(_DELAYS) else None
