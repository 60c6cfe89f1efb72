"""Where an outgoing request goes: a name is looked up once, and only what was found and is allowed is connected to."""

from __future__ import annotations

import socket
from collections.abc import Callable

from services.intake.domain.web_addresses import Target, Unfetched, allowed

Resolver = Callable[[str, int], list[str]]


def lookup(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver has them. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def addresses(asked: Target, *, private: bool, resolver: Resolver = lookup) -> list[str]:
    """The addresses of a target, looked up once and all of them allowed. Raises Unfetched; whoever connects uses these alone."""
    try:
        found = list(dict.fromkeys(resolver(asked.host, asked.port)))
    except (OSError, UnicodeError) as fault:
        raise Unfetched("no_such_host") from fault
    if not found:
        raise Unfetched("no_such_host")
    if not all(allowed(address, private=private) for address in found):
        raise Unfetched("address_refused")
    return found
