"""RabbitMQ's management API, as far as setting up and looking at a private broker needs it."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote


class ManagementError(RuntimeError):
    """The broker refused; ``status`` is the HTTP status, the message holds the broker's reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status


def part(name: str) -> str:
    """A name as one part of a path: the virtual host "/" becomes "%2F"."""
    return quote(name, safe="")


def call(base: str, user: str, password: str, method: str, path: str, body: object = None) -> Any:
    """The decoded answer, None for an empty one. ManagementError if refused, OSError after 30 s."""
    request = urllib.request.Request(  # noqa: S310 - only the private broker's own address
        base + path, method=method, data=None if body is None else json.dumps(body).encode()
    )
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = answer.read()
    except urllib.error.HTTPError as refusal:
        raise ManagementError(refusal.code, refusal.read().decode(errors="replace")) from refusal
    return json.loads(text) if text.strip() else None
