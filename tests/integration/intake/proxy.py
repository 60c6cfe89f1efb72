"""A line to a server that breaks where a test wants it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from deploy.dev.ports import LOOPBACK, free_port


@dataclass
class Line:
    """One connection: what went over it so far in each direction, and the two sockets."""

    number: int
    client: socket.socket
    server: socket.socket
    sent: dict[str, bytes] = field(default_factory=lambda: {"client": b"", "server": b""})

    def cut(self) -> None:
        """Break it at once, in both directions."""
        for end in (self.client, self.server):
            with suppress(OSError):  # it was broken from there
                end.shutdown(socket.SHUT_RDWR)


Rule = Callable[[Line, str, bytes], bytes | None]
"""What of some bytes goes on, by line and direction (`client` speaks or `server`); None: the line breaks instead."""


def plain(line: Line, speaker: str, data: bytes) -> bytes:
    """A line that does not break."""
    return data


class Proxy:
    """Stands between client and server; `rule` says what goes over, and may be changed at any time."""

    def __init__(self, upstream: int, rule: Rule = plain) -> None:
        self.rule, self.port = rule, free_port()
        self.lines: list[Line] = []
        self.most_at_once = 0
        self._upstream, self._open = upstream, 0
        self._counting = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, self.port))
        self._listener.settimeout(0.1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._listener.close()
        for line in self.lines:
            line.cut()

    def said(self, word: bytes) -> int:
        """How often clients said a word, on all lines."""
        return sum(line.sent["client"].count(word) for line in self.lines)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                server = socket.create_connection((LOOPBACK, self._upstream), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            client.settimeout(None)
            line = Line(len(self.lines), client, server)
            self.lines.append(line)
            with self._counting:
                self._open += 1
                self.most_at_once = max(self.most_at_once, self._open)
            threading.Thread(target=self._carry, args=(line,), daemon=True).start()

    def _carry(self, line: Line) -> None:
        back = threading.Thread(target=self._pump, args=(line, "server", line.server, line.client), daemon=True)
        back.start()
        self._pump(line, "client", line.client, line.server)
        back.join()
        line.client.close()
        line.server.close()
        with self._counting:
            self._open -= 1

    def _pump(self, line: Line, speaker: str, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                passed = self.rule(line, speaker, data)
                line.sent[speaker] += data
                if passed is None:
                    break
                target.sendall(passed)
        except OSError:
            pass
        line.cut()


def breaks(word: bytes, *, forwarded: bool, lines: int) -> Rule:
    """The first lines break when the client says a word: before the server hears it, or after it heard and before it answers."""

    def rule(line: Line, speaker: str, data: bytes) -> bytes | None:
        if line.number >= lines:
            return data
        said = word in line.sent["client"]
        if speaker == "server":
            return None if said else data
        if word not in line.sent["client"] + data:
            return data
        return data if forwarded else None

    return rule


def rewrites(pairs: Sequence[tuple[bytes, bytes]]) -> Rule:
    """A server that says something else."""

    def rule(line: Line, speaker: str, data: bytes) -> bytes:
        for old, new in pairs if speaker == "server" else ():
            data = data.replace(old, new)
        return data

    return rule
