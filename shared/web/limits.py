"""How often one visitor may ask for one view: at the view's own rate, or the site's. Each request is counted once.

The counting is the library `limits`'; its Flask extension asks five times for each request, a tenth of a registration's time.
"""

import secrets
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from ipaddress import IPv6Address
from time import time
from typing import Any, TypeVar

from flask import current_app, request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from shared.web import session

SALT = secrets.token_bytes(16)  # made at each start: visitors are counted without keeping who they are
Rate = str | Callable[[], str]  # "30 per minute"
View = TypeVar("View", bound=Callable[..., Any])
_parsed = cache(parse)


class Limiter:
    """The counters of one process, in its memory."""

    def __init__(self) -> None:
        self.enabled = True
        self.reset()

    def reset(self) -> None:
        """Forget every count: a new site begins without."""
        self.storage = MemoryStorage()
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
        """Count this request. Raises TooManyRequests, which says when to come again."""
        endpoint = request.endpoint
        if not self.enabled or not endpoint:
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
