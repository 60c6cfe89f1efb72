"""Asks a ClamAV daemon about bytes: clamd's own protocol over a Unix or TCP socket, nothing written to a disk."""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from time import monotonic

from services.intake.domain.attachment import Scan
from shared.errors import Unavailable

CONNECT, ANSWER = 2.0, 20.0  # seconds to reach the daemon; and for one file, from its first byte to the verdict
_CHUNK = 2**18
_FOUND = re.compile(rb"stream: (.{1,200}) FOUND\x00?", re.DOTALL)
_LIMITS = "Heuristics.Limits.Exceeded"  # with AlertExceedsMax it says so of what it looked into by halves: that is no virus


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the scanner said; `finding` is its name for what it found."""

    scan: Scan
    finding: str = ""


class Scanner:
    """`/run/clamav/clamd.ctl` or `host:port`. Holds no connection between two scans."""

    def __init__(self, address: str, *, patience: float = ANSWER) -> None:
        self._address, self._patience = address, patience

    def ping(self) -> None:
        """Raises Unavailable unless the daemon answers."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zPING\x00")
                answer = connection.recv(16)
        except OSError as fault:
            raise Unavailable(f"clamd: {type(fault).__name__}") from fault
        if answer.rstrip(b"\x00") != b"PONG":
            raise Unavailable("clamd: no answer")

    def scan(self, content: bytes) -> Verdict:
        """CLEAN, INFECTED, OVERSIZE beyond the daemon's limits, or FAILED when it will not read the file, or does not finish
        with it in time and answers others still. Raises Unavailable when it is away, or went away meanwhile.
        """
        try:
            connection = self._connect()
        except OSError as fault:
            raise Unavailable(f"clamd: {type(fault).__name__}") from fault
        try:
            with connection:
                return _verdict(_ask(connection, content, until=monotonic() + self._patience))
        except OSError:
            self.ping()
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


def _verdict(answer: bytes) -> Verdict:
    if found := _FOUND.fullmatch(answer):
        finding = found[1].decode("ascii", "replace")
        return Verdict(scan=Scan.OVERSIZE if finding.startswith(_LIMITS) else Scan.INFECTED, finding=finding)
    said = answer.rstrip(b"\x00")
    if said == b"stream: OK":
        return Verdict(scan=Scan.CLEAN)
    return Verdict(scan=Scan.OVERSIZE if b"size limit exceeded" in said else Scan.FAILED)


def _ask(connection: socket.socket, content: bytes, *, until: float) -> bytes:
    try:
        connection.settimeout(_left(until))
        connection.sendall(b"zINSTREAM\x00")
        for start in range(0, len(content), _CHUNK):
            part = content[start : start + _CHUNK]
            connection.settimeout(_left(until))
            connection.sendall(struct.pack(">I", len(part)) + part)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):  # it stops listening at its limit, and has said why
        pass
    answer = b""
    while not answer.endswith(b"\x00"):
        connection.settimeout(_left(until))
        part = connection.recv(4096)
        if not part:
            break
        answer += part
    if not answer:
        raise ConnectionResetError("no answer")
    return answer


def _left(until: float) -> float:
    if (left := until - monotonic()) <= 0:
        raise TimeoutError("out of time")
    return left
