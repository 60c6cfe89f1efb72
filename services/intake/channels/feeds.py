"""Reading a feed that anybody may have written: in a process that ends by itself, whatever is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from typing import Any

from services.intake.domain.boards import Post
from shared import errors

PATIENCE = 40  # seconds by the clock on the wall; the process itself may use half as many of the processor's


class Unreadable(errors.Unreadable):
    """Keep the document for a clerk; `code` says why: not_a_feed, broken_off, broken, too_costly, too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_feed(raw: bytes, content_type: str = "") -> list[Post]:
    """The posts of an RSS or Atom document, in its order. Raises Unreadable."""
    # Nothing of this process's environment goes along: it holds the database's password.
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - our own reader, in an environment of its own
            [sys.executable, "-m", "services.intake.channels.feed_reader", content_type], input=raw, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE, check=True,
        )  # fmt: skip
        said: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as fault:
        raise Unreadable("too_costly") from fault
    if code := said.get("fault"):
        raise Unreadable(code)
    return [_post(one) for one in said["posts"]]


def _post(said: dict[str, Any]) -> Post:
    posted_at = said.pop("posted_at", None)
    return Post(**said, posted_at=datetime.fromisoformat(posted_at) if posted_at else None)
