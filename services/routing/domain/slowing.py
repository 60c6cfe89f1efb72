"""How tries to sign in are slowed: guessing costs time, and nobody can keep somebody else out.

Three counts. A name tried from an address: few failures in a row are free. An address, for whatever names: many are, since
a whole office may share it. A name, over all addresses that it never signed in from: many make further such addresses wait,
each from its own first try on, so that others' tries never prolong the wait.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FREE_TRIES = 3
LONGEST_WAIT = timedelta(minutes=5)
FREE_OF_ADDRESS = 20
LONGEST_OF_ADDRESS = timedelta(minutes=1)
FREE_OF_NAME = 20
STRANGERS_WAIT = timedelta(seconds=20)
FADES = timedelta(minutes=1)  # in which one failure of an address or a name is forgotten
NONE = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Tries:
    """Failures counted under one key, since when they have been counted or faded, and until when the next try has to wait."""

    failures: int
    last_at: datetime
    not_before: datetime

    def failed(self, now: datetime, wait: timedelta) -> Tries:
        """One failure more, and a wait after it."""
        since = self.last_at if self.failures else now
        return Tries(failures=self.failures + 1, last_at=since, not_before=max(self.not_before, now + wait))

    def faded(self, now: datetime) -> Tries:
        """The failures without those forgotten by now. Parts of a minute are kept: frequent tries do not stop it."""
        steps = max(0, int((now - self.last_at) / FADES))
        return replace(self, failures=max(0, self.failures - steps), last_at=self.last_at + steps * FADES)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What bears on one try: `pair` counts the name at this address.

    `fresh`: the pair is tried for the first time; `known`: the name has signed in from this address.
    """

    pair: Tries
    address: Tries
    name: Tries
    fresh: bool
    known: bool


def wait_after(failures: int, free: int = FREE_TRIES, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long to wait after so many failures: nothing at first, then doubling from a second."""
    if failures < free:
        return NONE
    return min(timedelta(seconds=2 ** min(failures - free, 20)), longest)


def begin(counts: Counts, now: datetime) -> tuple[timedelta, Counts]:
    """How long this try has to wait, and the counts after it.

    A try that need not wait counts as a failure until it has succeeded; one that has to wait does not count.
    """
    wait = max(counts.pair.not_before, counts.address.not_before) - now
    if wait > NONE:
        return wait, counts
    name = counts.name.faded(now)
    suspected = not counts.known and name.failures >= FREE_OF_NAME
    if suspected and counts.fresh:
        return STRANGERS_WAIT, replace(counts, pair=replace(counts.pair, not_before=now + STRANGERS_WAIT))
    address = counts.address.faded(now)
    slow = max(wait_after(counts.pair.failures + 1), STRANGERS_WAIT if suspected else NONE)
    return NONE, replace(
        counts,
        # A pair fades only by success or by a whole day's rest.
        pair=replace(counts.pair.failed(now, slow), last_at=now),
        address=address.failed(now, wait_after(address.failures + 1, FREE_OF_ADDRESS, LONGEST_OF_ADDRESS)),
        name=counts.name if counts.known else name.failed(now, NONE),
    )


def succeeded(counts: Counts) -> Counts:
    """The counts of address and name without this try, after a right password; the pair is forgotten altogether.

    An address is not forgiven others' failures: who holds an account cannot clear the way for guessing at more.
    """
    address, name = counts.address, counts.name
    return replace(
        counts,
        address=replace(address, failures=max(0, address.failures - 1), not_before=address.last_at),
        name=name if counts.known else replace(name, failures=max(0, name.failures - 1)),
    )
