"""Reading a feed that anybody may have written: in a process that ends by itself, whatever is in it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services.intake.domain.boards import Post
from shared import errors
from shared.confined import Died, Sandbox

SANDBOX = Sandbox(module="services.intake.channels.feed_reader", memory=300 * 2**20, seconds=20, patience=40)
LONGEST_ANSWER = 48 * 2**20  # bytes of what the reader says


class Unreadable(errors.Unreadable):
    """Keep the document for a clerk; `code` says why: not_a_feed, broken_off, broken, too_costly, too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_feed(raw: bytes, content_type: str = "") -> list[Post]:
    """The posts of an RSS or Atom document, in its order. Raises Unreadable."""
    try:
        said: dict[str, Any] = json.loads(SANDBOX.run(raw, content_type, most=LONGEST_ANSWER))
    except (Died, ValueError) as fault:
        raise Unreadable("too_costly") from fault
    if code := said.get("fault"):
        raise Unreadable(code)
    return [_post(one) for one in said["posts"]]


def _post(said: dict[str, Any]) -> Post:
    posted_at = said.pop("posted_at", None)
    return Post(**said, posted_at=datetime.fromisoformat(posted_at) if posted_at else None)
