"""The nameko entrypoint for what a service does every so often."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint

from shared.errors import Unavailable
from shared.metrics import expect_timer, record_tick

log = logging.getLogger(__name__)


class Every(Entrypoint):
    """Runs a method each `seconds`, never twice at once in a process; what it does must bear several processes."""

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seconds = seconds

    def start(self) -> None:
        """Start ticking; much faster in a simulated instance, whose driver waits for what is due and lets hours pass in a second."""
        self._running = True
        if self.container.config["settings"].simulated:
            self._seconds = min(self._seconds, max(0.05, self._seconds / 600))
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

    def _pause(self) -> None:
        until = time.monotonic() + self._seconds
        while self._running and time.monotonic() < until:
            eventlet.sleep(min(0.1, self._seconds))


every: Callable[..., Any] = Every.decorator
