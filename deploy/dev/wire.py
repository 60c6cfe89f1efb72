"""A wire between two programs of this machine that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from deploy.dev.ports import LOOPBACK

CHUNK = 65536


class Wire:
    """Carries TCP connections from a port of its own (kept for its life) to `upstream`: a port of this machine, or a socket's file."""

    def __init__(self, upstream: int | Path, host: str = LOOPBACK) -> None:
        self.upstream = upstream
        self._open = True
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = socket.create_server((host, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        self._open = False
        with self._lock:
            ended, self._sockets = self._sockets, set()
        for each in ended:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Carry again."""
        self._open = True

    def close(self) -> None:
        """End it for good."""
        self.cut()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # closing alone would let whoever accepts wait for ever
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if not self._open:
                client.close()
                continue
            try:
                server = self._connect()
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._sockets |= {client, server}
            join(client, server, self._ended)

    def _connect(self) -> socket.socket:
        if isinstance(self.upstream, int):
            return socket.create_connection((LOOPBACK, self.upstream), timeout=5)
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self.upstream))
        return server

    def _ended(self, *ends: socket.socket) -> None:
        with self._lock:
            self._sockets -= {*ends}


def join(one: socket.socket, other: socket.socket, ended: Callable[..., None] = lambda *ends: None) -> None:
    """Carry what comes from either to the other, on threads, until one of them ends; then both do."""
    for source, target in ((one, other), (other, one)):
        threading.Thread(target=_carry, args=(source, target, ended), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, ended: Callable[..., None]) -> None:
    try:
        while data := source.recv(CHUNK):
            target.sendall(data)
    except OSError:
        pass
    ended(source, target)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
