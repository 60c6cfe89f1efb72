"""How often one visitor may ask for one view: at the view's own rate, or the site's. Each request is counted once.

The counting is the library `limits`'. Its Flask extension asks five times for each request, a tenth of a registration's time,
and its store in memory starts a hundred threads a second, each of which goes through every counter; so both are ours.
"""

import secrets
import threading
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from ipaddress import IPv6Address
from time import time
from typing import Any, TypeVar

from flask import current_app, request
from limits import parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from shared.web import session

SALT = secrets.token_bytes(16)  # made at each start: visitors are counted without keeping who they are
Rate = str | Callable[[], str]  # "30 per minute"
View = TypeVar("View", bound=Callable[..., Any])
_parsed = cache(parse)


class Counters(Storage):
    """Counters in this process's memory, each for one window of time. A window that is over is forgotten by and by."""

    STORAGE_SCHEME = ["zhida"]
    base_exceptions = ()
    MANY = 10_000  # beyond so many those that are over are looked for, at most once a minute

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._swept = 0.0

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, and begin its window if there is none; what it stands at."""
        now = time()
        with self._lock:
            count, end = self._counts.get(key, (0, 0.0))
            count, end = (count + amount, end) if end > now else (amount, now + expiry)
            self._counts[key] = count, end
            if len(self._counts) > self.MANY and now - self._swept > 60:
                self._swept = now
                self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        return count

    def get(self, key: str) -> int:
        """What a counter stands at."""
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time() else 0

    def get_expiry(self, key: str) -> float:
        """When its window ends, in seconds of the epoch."""
        return self._counts.get(key, (0, time()))[1]

    def check(self) -> bool:
        """Memory is there."""
        return True

    def reset(self) -> int:
        """Forget every counter; how many there were."""
        count = len(self._counts)
        self._counts = {}
        return count

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counts.pop(key, None)


class Limiter:
    """How often who has asked for what, in one process."""

    def __init__(self) -> None:
        self.enabled = True
        self.reset()

    def reset(self) -> None:
        """Forget every count: a new site begins without."""
        self.storage = Counters()
        self._windows = FixedWindowRateLimiter(self.storage)

    def limit(self, rate: Rate) -> Callable[[View], View]:
        """This view has a rate of its own in place of the site's."""

        def mark(view: View) -> View:
            view.zhida_rate = rate  # type: ignore[attr-defined]
            return view

        return mark

    def exempt(self, view: View) -> View:
        """This view may be asked as often as anybody likes: probes."""
        return self.limit("")(view)

    def check(self) -> None:
        """Count this request, unless it is for a file of the pages. Raises TooManyRequests, which says when to come again."""
        endpoint = request.endpoint
        if not self.enabled or not endpoint or endpoint.rpartition(".")[2] == "static":
            return
        own = getattr(current_app.view_functions[endpoint], "zhida_rate", None)
        rate = current_app.config["RATE"] if own is None else own() if callable(own) else own
        if not rate:
            return
        limit, names = _parsed(rate), (_visitor(), endpoint)
        if not self._windows.hit(limit, *names):
            left = self._windows.get_window_stats(limit, *names).reset_time - time()
            raise TooManyRequests(retry_after=max(1, round(left + 0.5)))


def network(address: str | None) -> str:
    """What an address is counted by: IPv4 whole, of IPv6 the /64, all of which one visitor can use at will."""
    if address is None or ":" not in address:
        return address or ""
    try:
        found = IPv6Address(address)
    except ValueError:  # a socket of the machine itself
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def _visitor() -> str:
    reader = session.current_reader()
    return blake2b((reader.sid if reader else network(request.remote_addr)).encode(), key=SALT).hexdigest()
