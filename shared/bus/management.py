"""The broker's management API, as far as bindings are compared and neighbours joined by it."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

TIMEOUT = 5.0


def part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def call(address: str, method: str, path: str, body: object = None) -> Any:
    """The decoded answer, None for an empty one; `address` holds the sign-in. Raises OSError, which names neither it nor the password."""
    parts = urlsplit(address)
    sign_in = base64.b64encode(f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()).decode()
    url = urlunsplit((parts.scheme, f"{parts.hostname}:{parts.port or 15672}", path, "", ""))
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())  # noqa: S310
    request.add_header("Authorization", f"Basic {sign_in}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - from the settings
            text = answer.read()
    except urllib.error.HTTPError as refusal:
        raise OSError(f"the broker at {parts.hostname} refuses {method} {path}: {refusal.code} {refusal.reason}") from refusal
    return json.loads(text) if text.strip() else None


def rights_of(address: str, vhost: str, user: str) -> dict[str, str]:
    """What a user is granted in a virtual host, in the form of `shared/bus/rights.py`; topics of every exchange. Raises OSError."""
    have = call(address, "GET", f"/api/permissions/{part(vhost)}/{part(user)}")
    found = {kind: str(have[kind]) for kind in ("configure", "write", "read")}
    topics = call(address, "GET", f"/api/topic-permissions/{part(vhost)}/{part(user)}")
    if len(topics) > 1:
        found["topics"] = f"of {len(topics)} exchanges"
    return found | {f"topic_{kind}": topics[0][kind] for kind in ("write", "read") if topics}


def vhost_of(uri: str) -> str:
    """The virtual host of an AMQP address."""
    return unquote(urlsplit(uri).path[1:]) or "/"
