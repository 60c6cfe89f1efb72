"""What is wrong with a file, in one line."""

from __future__ import annotations

from typing import Any


def first(messages: Any, where: str = "") -> str:
    """`boards.0.url: Not a valid URL.`: the first mistake and where it stands."""
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return first(inner, f"{where}.{name}".strip(".") if name != "_schema" else where)
    return f"{where}: {messages[0] if isinstance(messages, list) else messages}"
