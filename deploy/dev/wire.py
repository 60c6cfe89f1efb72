"""A wire between two programs of this machine that can be cut, and that can swallow what goes one way."""

from __future__ import annotations

import contextlib
import socket
import threading

from deploy.dev.ports import LOOPBACK

CHUNK = 65536


class Wire:
    """Carries TCP connections from a port of its own (kept for its life) to `upstream`, a port of this machine."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._open = True
        self._swallows: set[str] = set()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = socket.create_server((LOOPBACK, 0))
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
        """Carry again, both ways."""
        self._swallows.clear()
        self._open = True

    def swallow(self, way: str) -> None:
        """What goes "up" to the upstream, or "down" from it, is read and lost; connections stay open."""
        self._swallows.add(way)

    def close(self) -> None:
        """End it for good."""
        self.cut()
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
                server = socket.create_connection((LOOPBACK, self._upstream), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._sockets |= {client, server}
            for way, source, target in (("up", client, server), ("down", server, client)):
                threading.Thread(target=self._carry, args=(way, source, target), daemon=True).start()

    def _carry(self, way: str, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK):
                if way not in self._swallows:
                    target.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._sockets -= {source, target}
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
