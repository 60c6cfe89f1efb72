"""What an outgoing request may connect to. Names, redirects and resolvers belong to others; the county's own network does not."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

from shared.errors import Unavailable

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]
PORTS = {"http": 80, "https": 443}
# What `allow_private` opens. Never link-local: there clouds answer with the keys of the machine that asks.
PRIVATE = tuple(
    map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
# Never, whatever the library of the day holds to be global: what a network keeps for itself, and where clouds keep such keys.
NEVER = tuple(map(ip_network, ("169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "100.100.100.0/24")))
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9._:-]{1,253}")


class Unfetched(Unavailable):
    """Back off and try again: a board did not answer as it should. `code` says why, `status` is what HTTP said, if it did.

    `retry_after`: seconds that the server asked for.
    """

    def __init__(self, code: str, detail: str = "", *, status: int = 0, retry_after: float = 0) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.status, self.retry_after = code, status, retry_after


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address on the web, taken apart: `host` in ASCII, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The host as the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target(url: str) -> Target:
    """The address, if it is one that may be asked at all. Raises Unfetched: another scheme, a user, a stray character."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError) as fault:
        raise Unfetched("bad_address") from fault
    odd = _ODD.search(url) or "@" in parts.netloc or not _HOST.fullmatch(host)
    if odd or parts.scheme not in PORTS or port == 0:
        raise Unfetched("bad_address")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{quote(parts.query, safe=_QUERY)}" if parts.query else "")
    return Target(scheme=parts.scheme, host=host, port=port or PORTS[parts.scheme], path=path)


_QUERY = "/%:@!$&'()*+,;=~-._?[]|{}"


def allowed(text: str, *, private: bool = False) -> bool:
    """Whether an address may be connected to: one of the public internet, or with `private` one of the county's own network.

    An address that stands for another one (mapped, translated, tunnelled) is refused, whatever it stands for.
    """
    try:
        address: Address = ip_address(text)
    except ValueError:  # also fe80::1%eth0
        return False
    if any(address.version == net.version and address in net for net in NEVER):
        return False
    if any(address.version == net.version and address in net for net in PRIVATE):
        return private
    if address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified:
        return False
    stands_for_another = isinstance(address, IPv6Address) and (address.sixtofour or address.teredo or address.ipv4_mapped)
    return address.is_global and not stands_for_another


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
