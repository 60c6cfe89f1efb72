"""JSON logs: one object a line, with case and trace ids where there are any, and nobody's name."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_QUIET = ("amqp", "kombu", "yoyo", "werkzeug", "mail.log")


def configure(level: int = logging.INFO) -> None:
    """Send every logger's lines through one JSON formatter to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("nameko").setLevel(logging.CRITICAL)  # what a worker raised is logged where it is decided on
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
