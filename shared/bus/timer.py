"""The nameko entrypoint for what a service does every so often."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint

from shared.connection import Connection, connect, faults
from shared.errors import Unavailable
from shared.metrics import expect_timer, record_tick

log = logging.getLogger(__name__)
QUICK, SLOW = 0.05, 0.5  # seconds between two ticks of a simulated instance: after its clock was moved, and while nothing happens


class Every(Entrypoint):
    """Runs a method each `seconds`, never twice at once in a process; what it does must bear several processes.

    In a simulated instance it ticks much faster, for the driver waits for what is due and lets hours pass in a second; most of all
    when the clock has just been moved.
    """

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seconds = self._next = seconds
        self._clock: WatchedClock | None = None
        self._seen: Any = None

    def start(self) -> None:
        """Start ticking."""
        self._running = True
        settings = self.container.config["settings"]
        if settings.simulated:
            self._clock = _CLOCKS.setdefault(settings.org, WatchedClock(settings.service_url(self.container.service_name)))
            self._seconds, self._next = min(self._seconds, max(SLOW, self._seconds / 600)), QUICK
        expect_timer(self.container.service_name, self.method_name, self._seconds)
        self._thread = self.container.spawn_managed_thread(self._run, identifier=f"timer {self.method_name}")

    def stop(self) -> None:
        """Finish the tick at hand."""
        self._running = False
        self._thread.wait()

    def _run(self) -> None:
        while self._running:
            done = Signal()

            def handle_result(worker_ctx: Any, result: Any, exc_info: Any, done: Signal = done) -> tuple[Any, Any]:
                done.send((result, exc_info))
                return result, None

            self.container.spawn_worker(self, (), {}, handle_result=handle_result)
            result, exc_info = done.wait()
            record_tick(self.container.service_name, self.method_name, "failed" if exc_info else "done")
            if exc_info and not isinstance(exc_info[1], Unavailable):
                log.error("timer %s of %s failed", self.method_name, self.container.service_name, exc_info=exc_info)
            if exc_info or not result:  # a tick that found work looks again at once
                self._pause()
            elif self._clock:
                self._next = QUICK

    def _pause(self) -> None:
        until = time.monotonic() + min(self._next, self._seconds)
        self._next *= 2
        while self._running and time.monotonic() < until:
            if self._clock and self._clock.instant() != self._seen:
                self._seen, self._next = self._clock.instant(), QUICK
                return
            eventlet.sleep(min(QUICK if self._clock else 0.1, self._seconds))


every: Callable[..., Any] = Every.decorator


class WatchedClock:
    """The time that a simulated instance's driver has set, asked for by all timers of a process together."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._instant: Any = None
        self._again = 0.0

    def instant(self) -> Any:
        """The instant that was set last; None before the first."""
        if time.monotonic() >= self._again:
            self._again = math.inf  # one asks, the others take what is known
            try:
                self._instant, pause = self._ask(), QUICK
            except Unavailable:
                self._connection, pause = None, 1.0
            self._again = time.monotonic() + pause
        return self._instant

    def _ask(self) -> Any:
        with faults():
            if self._connection is None:
                self._connection = connect(self._url, "platform")
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT instant FROM platform.simulated_clock")
                row = cursor.fetchone()
        return row[0] if row else None


_CLOCKS: dict[str, WatchedClock] = {}  # one for the timers of all services here
