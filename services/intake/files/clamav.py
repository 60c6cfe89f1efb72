"""Asks a ClamAV daemon about bytes: clamd's own protocol over a Unix or TCP socket, nothing written to a disk."""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass

from services.intake.domain.attachment import Scan
from shared.errors import Unavailable

CONNECT, ANSWER = 2.0, 20.0  # seconds
_CHUNK = 2**18
_FOUND = re.compile(rb"stream: (.{1,200}) FOUND\x00?", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the scanner said; `finding` is its name for what it found."""

    scan: Scan
    finding: str = ""


class Scanner:
    """`/run/clamav/clamd.ctl` or `host:port`. Holds no connection between two scans."""

    def __init__(self, address: str) -> None:
        self._address = address

    def scan(self, content: bytes) -> Verdict:
        """CLEAN, INFECTED, or FAILED when the daemon will not read the file. Raises Unavailable when it is away."""
        try:
            with self._connect() as connection:
                connection.settimeout(ANSWER)
                answer = _ask(connection, content)
        except OSError as fault:
            raise Unavailable(f"clamd: {type(fault).__name__}") from fault
        if found := _FOUND.fullmatch(answer):
            return Verdict(scan=Scan.INFECTED, finding=found[1].decode("ascii", "replace"))
        if answer.rstrip(b"\x00") == b"stream: OK":
            return Verdict(scan=Scan.CLEAN)
        if not answer.rstrip(b"\x00").endswith(b"ERROR"):
            raise Unavailable("clamd: no answer")
        return Verdict(scan=Scan.FAILED)

    def _connect(self) -> socket.socket:
        if self._address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(CONNECT)
            try:
                connection.connect(self._address)
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self._address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT)


def _ask(connection: socket.socket, content: bytes) -> bytes:
    try:
        connection.sendall(b"zINSTREAM\x00")
        for start in range(0, len(content), _CHUNK):
            part = content[start : start + _CHUNK]
            connection.sendall(struct.pack(">I", len(part)) + part)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):  # it stops listening at its limit, and has said why
        pass
    answer = b""
    while not answer.endswith(b"\x00") and (part := connection.recv(4096)):
        answer += part
    return answer
