"""Asking servers of others: never for longer than said, and at an address that was checked.

The name is resolved once, every address is checked, and the connection goes to what was checked: a name that means another
address a moment later leads nowhere else. A watch ends the whole exchange at its limit, whichever step it hangs in.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from time import monotonic

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from shared.web_addresses import Resolver, Target, Unfetched, addresses, lookup


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds to connect, to wait for the next byte and in all; bytes of an answer, unpacked; redirects."""

    connect: float = 5
    read: float = 15
    total: float = 25  # a process that is told to end has half a minute
    largest: int = 8 * 2**20
    redirects: int = 3


class Asker:
    """Asks one server. `private`: addresses of the county's own network are allowed, for the first host alone."""

    def __init__(
        self, *, agent: str, private: bool = False, limits: Limits = Limits(), resolver: Resolver = lookup,
        trust: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self._agent, self._private, self.limits, self._resolver = agent, private, limits, resolver
        self._trust = trust or ssl.create_default_context()

    @contextmanager
    def exchange(
        self, asked: Target, first: Target, end: float, method: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Iterator[BaseHTTPResponse]:
        """The answer's head, its body still to be read; over at `end` (monotonic). `first` is who was meant. Raises Unfetched."""
        watch = _Watch(end)
        connection = HTTPConnection(asked.host, asked.port, timeout=self.limits.read)
        try:
            with _said_as_faults(watch):
                connection.sock = self._connect(asked, private=self._private and asked.host == first.host, watch=watch)
                own = {"Host": asked.named, "User-Agent": self._agent, "Accept-Encoding": "gzip", "Connection": "close"}
                connection.request(method, asked.path, body, {**own, **headers}, preload_content=False, decode_content=False)
                yield connection.getresponse()
        finally:
            watch.cancel()
            connection.close()

    def _connect(self, asked: Target, *, private: bool, watch: _Watch) -> socket.socket:
        """A socket to one of the target's addresses, with TLS checked against its name where it is https."""
        found = addresses(asked, private=private, resolver=self._resolver)
        for address in found[:-1]:
            with suppress(OSError):
                return self._secured(watch.over(self._dial(address, asked.port, watch)), asked, watch)
        return self._secured(watch.over(self._dial(found[-1], asked.port, watch)), asked, watch)

    def _dial(self, address: str, port: int, watch: _Watch) -> socket.socket:
        made = socket.create_connection((address, port), timeout=min(self.limits.connect, watch.left()))
        made.settimeout(self.limits.read)
        return made

    def _secured(self, plain: socket.socket, asked: Target, watch: _Watch) -> socket.socket:
        if asked.scheme == "http":
            return plain
        secured = self._trust.wrap_socket(plain, server_hostname=asked.host, do_handshake_on_connect=False)
        watch.over(secured)
        secured.do_handshake()
        return secured


class _Watch:
    """Shuts the connection when the time for the whole exchange is over, whatever it waits for."""

    def __init__(self, end: float) -> None:
        self._end = end
        self._socket: socket.socket | None = None
        self.over_time = False
        self._timer = threading.Timer(self.left(), self._shut)
        self._timer.daemon = True
        self._timer.start()

    def left(self) -> float:
        """Seconds that are left, a little at least: a wait of 0 would mean for ever."""
        return max(self._end - monotonic(), 0.001)

    def over(self, made: socket.socket) -> socket.socket:
        """Watch over this socket from now on."""
        self._socket = made
        if self.over_time:
            raise TimeoutError
        return made

    def cancel(self) -> None:
        """Nothing is watched any more."""
        self._timer.cancel()
        self._timer.join()

    def _shut(self) -> None:
        self.over_time = True
        if self._socket is not None:
            with suppress(OSError):
                # The plain one's: the secured one's own would let go of its keys in the middle of another thread's reading.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@contextmanager
def _said_as_faults(watch: _Watch) -> Iterator[None]:
    try:
        yield
    except Unfetched:
        if watch.over_time:
            raise Unfetched("too_slow") from None
        raise
    except Exception as fault:  # a hostile server makes the library raise a dozen kinds
        raise _fault_of(fault, watch) from fault
    if watch.over_time:  # an end that was forced may look like an end
        raise Unfetched("too_slow")


def _fault_of(fault: Exception, watch: _Watch) -> Unfetched:
    if watch.over_time or isinstance(fault, TimeoutError):
        return Unfetched("too_slow")
    if isinstance(fault, ssl.SSLCertVerificationError):
        return Unfetched("untrusted")
    if isinstance(fault, ssl.SSLError):
        return Unfetched("no_tls")
    if isinstance(fault, OSError) and not isinstance(fault, HTTPException | HTTPError):
        return Unfetched("unreachable", type(fault).__name__)
    return Unfetched("broken_off", type(fault).__name__)
