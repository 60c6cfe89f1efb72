"""The nameko side of links: the readers of what superiors send."""

from __future__ import annotations

import logging
from typing import Any

from nameko.extensions import DependencyProvider

from shared.bus.consumer import Bus
from shared.bus.link import LinkReader
from shared.bus.parked import Incoming, park_unreadable
from shared.config import Settings

log = logging.getLogger(__name__)


class Links(DependencyProvider):
    """Carries in what each superior sends."""

    def start(self) -> None:
        """Start a reader for each superior."""
        self.settings: Settings = self.container.config["settings"]
        self._readers = [LinkReader(self.settings, superior, uri, self._keep) for superior, uri in self.settings.links.items()]
        self._threads = [self.container.spawn_managed_thread(reader.run, identifier="link") for reader in self._readers]

    def stop(self) -> None:
        """Let the readers finish the batch at hand."""
        for reader in self._readers:
            reader.stop()
        for thread in self._threads:
            thread.wait()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """Nothing for the worker's methods."""

    def _keep(self, body: bytes, key: str, content_type: str | None, error: str) -> None:
        """Park what nobody here may read, or nobody hears, with its bytes."""
        database = next(d for d in self.container.dependencies if isinstance(d, Bus)).database
        message = Incoming(body=body, routing_key=key, content_type=content_type, user=None, message_id=None, redelivered=False)
        with database.unit_of_work() as uow:
            park_unreadable(uow, message, error)
