"""The pieces of a RabbitMQ definitions file: users, virtual hosts, permissions, policies.

broker.apply(merged({"vhosts": [vhost("county")]}, {"users": [user("431023", secret)]}))
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

Entry = dict[str, Any]
Definitions = Mapping[str, Sequence[Entry]]


def vhost(name: str) -> Entry:
    """A virtual host."""
    return {"name": name}


def user(name: str, password: str, *tags: str) -> Entry:
    """A user who may sign in with the password; tags such as "administrator" open the management API."""
    return {
        "name": name,
        "password_hash": _hashed(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(tags),
    }


def permission(name: str, host: str, *, configure: str = ".*", write: str = ".*", read: str = ".*") -> Entry:
    """What the user may declare, publish to and consume from in a virtual host, as regular expressions."""
    return {"user": name, "vhost": host, "configure": configure, "write": write, "read": read}


def topic_permission(name: str, host: str, exchange: str, *, write: str, read: str) -> Entry:
    """Which routing keys the user may publish (write) and bind (read) on a topic exchange."""
    return {"user": name, "vhost": host, "exchange": exchange, "write": write, "read": read}


def policy(
    host: str,
    name: str,
    pattern: str,
    definition: Mapping[str, Any],
    *,
    apply_to: str = "queues",
    priority: int = 0,
) -> Entry:
    """Tunables for the queues or exchanges whose name matches the pattern."""
    return {
        "vhost": host,
        "name": name,
        "pattern": pattern,
        "apply-to": apply_to,
        "priority": priority,
        "definition": dict(definition),
    }


def merged(*parts: Definitions) -> dict[str, list[Entry]]:
    """All entries of all parts, by section; of two for the same thing RabbitMQ takes the later."""
    whole: dict[str, list[Entry]] = {}
    for part in parts:
        for section, entries in part.items():
            whole.setdefault(section, []).extend(entries)
    return whole


def _hashed(password: str) -> str:
    """RabbitMQ's own form: four random bytes, then SHA-256 of them and the password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
