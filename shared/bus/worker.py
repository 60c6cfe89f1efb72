"""The worker process: `python -m shared.bus.worker intake routing ...` runs the workers of these services in one process."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import importlib  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from nameko.runners import ServiceRunner  # noqa: E402

from shared import health, logs  # noqa: E402
from shared.config import Settings, load  # noqa: E402
from shared.memory import settle  # noqa: E402

log = logging.getLogger(__name__)
DRAIN = 25.0  # seconds; Kubernetes kills after 30


def service_class(name: str) -> type:
    """The nameko class of a service."""
    found: type = importlib.import_module(f"services.{name}.service").Service
    return found


def run(settings: Settings, classes: list[type]) -> None:
    """Run until SIGTERM or SIGINT, then drain: finish batches, acknowledge them, send what was told. Exits within DRAIN."""
    logs.configure()
    health.HEALTH.expect("start")  # before its parts are known a worker is not ready either
    server = health.serve(settings.health_port, settings.health_host) if settings.health_port else None
    runner = ServiceRunner({"settings": settings, "max_workers": 20})
    for cls in classes:
        runner.add_service(cls)

    def drain() -> None:
        health.HEALTH.draining = True
        eventlet.spawn_after(DRAIN, _give_up)
        runner.stop()

    def asked_to_stop(signum: int, frame: Any) -> None:
        if not health.HEALTH.draining:
            eventlet.spawn_n(drain)

    signal.signal(signal.SIGTERM, asked_to_stop)
    signal.signal(signal.SIGINT, asked_to_stop)
    runner.start()
    health.HEALTH.tell("start", True)
    settle()
    log.info("worker is up", extra={"services": [cls.name for cls in classes]})  # type: ignore[attr-defined]
    runner.wait()
    if server is not None:
        server.shutdown()
    log.info("worker has drained")


def _give_up() -> None:
    log.error("not drained within %.0f s: going down; what was not committed comes again", DRAIN)
    os._exit(1)


def main() -> None:
    """Run the services named on the command line, or all of the instance's."""
    settings = load()
    run(settings, [service_class(name) for name in sys.argv[1:] or settings.services])
    os._exit(0)  # greenlets of dead connections must not hold the process up


if __name__ == "__main__":
    main()
