"""The nameko side of links: queues for the subordinates' instances, and the readers of what superiors send."""

from __future__ import annotations

import logging
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from shared.bus import topology
from shared.bus.broker import FAULTS, connect
from shared.bus.consumer import Bus
from shared.bus.inbox import Incoming
from shared.bus.link import LinkReader
from shared.bus.parked import park_unreadable
from shared.config import Settings
from shared.errors import Unavailable

log = logging.getLogger(__name__)


class Links(DependencyProvider):
    """Declares the queue of each linked subordinate and carries in what each superior sends."""

    def start(self) -> None:
        """Start a reader for each superior."""
        self.settings: Settings = self.container.config["settings"]
        self._running = True
        self._readers = [LinkReader(self.settings, superior, uri, self._keep) for superior, uri in self.settings.links.items()]
        self._threads = [self.container.spawn_managed_thread(reader.run, identifier="link") for reader in self._readers]
        if self.settings.subordinates:
            self._threads.append(self.container.spawn_managed_thread(self._keep_queues, identifier="link queues"))

    def stop(self) -> None:
        """Let the readers finish the batch at hand."""
        self._running = False
        for reader in self._readers:
            reader.stop()
        for thread in self._threads:
            thread.wait()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """Nothing for the worker's methods."""

    def _keep_queues(self) -> None:
        """Declare the subordinates' queues at the start and each minute, so that nothing is told into the void."""
        left = 0.0
        while self._running:
            if left <= 0:
                left = 60.0 if self._declare() else 2.0
            eventlet.sleep(0.5)
            left -= 0.5

    def _declare(self) -> bool:
        try:
            connection = connect(self.settings.amqp_uri("routing"), f"{self.settings.org} links")
            try:
                for subordinate in self.settings.subordinates:
                    topology.declare_link(connection, subordinate)
            finally:
                connection.close()
            return True
        except (Unavailable, *FAULTS) as fault:
            log.warning("queues of subordinates: %s", fault)
            return False

    def _keep(self, body: bytes, key: str, content_type: str | None, error: str) -> None:
        """Park what nobody here may read, or nobody hears, with its bytes."""
        database = next(d for d in self.container.dependencies if isinstance(d, Bus)).database
        message = Incoming(body=body, routing_key=key, content_type=content_type, user=None, message_id=None, redelivered=False)
        with database.unit_of_work() as uow:
            park_unreadable(uow, message, error)
