"""A TCP path of its own through the kernel, on which packets of one direction can be lost: a network namespace and a veth pair.

    program -> Wire (a port) -> socket's file -> this module in the namespace -> veth -> Wire (a port) -> the broker

A packet is lost because its sender believes the other end to have another hardware address, which needs no filter of the kernel's.
`python -m tests.faults.crossing FILE HOST PORT` is the part that runs in the namespace.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import uuid
from pathlib import Path

from deploy.dev.processes import Process
from deploy.dev.waiting import until
from deploy.dev.wire import Wire, join

NOBODY = "02:00:00:00:00:99"


class Crossing:
    """The path to a port of this machine; `file` is where its near end is reached. Raises CalledProcessError where namespaces are not permitted."""

    def __init__(self, folder: Path, port: int) -> None:
        name = uuid.uuid4().hex[:6]
        self._space, self._near, self._far = f"zhida-{name}", f"zn{name}", f"zf{name}"
        net = f"10.{int(name[:2], 16)}.{int(name[2:4], 16)}"
        self._here, self._there = f"{net}.1", f"{net}.2"
        self._make()
        self._far_end = Wire(port, self._here)
        self.file = folder / f"{name}.socket"
        command = [
            "ip",
            "netns",
            "exec",
            self._space,
            sys.executable,
            "-m",
            "tests.faults.crossing",
            str(self.file),
            self._here,
            str(self._far_end.port),
        ]
        self._process = Process(f"crossing-{name}", command, folder=folder, cwd=Path(__file__).parents[2], die_with_parent=True)
        self._open()

    def _open(self) -> None:
        self._process.start()
        until(self.file.exists, timeout=20, what="the crossing")

    def _make(self) -> None:
        run("ip", "netns", "add", self._space)
        run("ip", "link", "add", self._near, "type", "veth", "peer", "name", self._far)
        run("ip", "link", "set", self._far, "netns", self._space)
        run("ip", "addr", "add", f"{self._here}/24", "dev", self._near)
        run("ip", "link", "set", self._near, "up")
        self._inside("addr", "add", f"{self._there}/24", "dev", self._far)
        self._inside("link", "set", self._far, "up")
        self._inside("link", "set", "lo", "up")
        self._addresses = {"down": self._address(), "up": self._address(run("ip", "link", "show", self._near))}
        self.mend()

    def _address(self, shown: str = "") -> str:
        words = (shown or self._inside("link", "show", self._far)).split()
        return words[words.index("link/ether") + 1]

    def lose(self, way: str) -> None:
        """From now on no packet goes "up", from the namespace to the broker, or "down", back."""
        self._believe(way, NOBODY)

    def mend(self) -> None:
        """Packets go both ways."""
        for way, address in self._addresses.items():
            self._believe(way, address)

    def crash(self) -> None:
        """What is under way is lost, the kernel's share too; connections end, and new ones are carried."""
        self._process.stop(by=signal.SIGUSR1)
        self.file.unlink()
        self._far_end.cut()
        self._far_end.mend()
        self._open()

    def _believe(self, way: str, address: str) -> None:
        if way == "up":
            self._inside("neigh", "replace", self._here, "lladdr", address, "dev", self._far, "nud", "permanent")
        else:
            run("ip", "neigh", "replace", self._there, "lladdr", address, "dev", self._near, "nud", "permanent")

    def _inside(self, *arguments: str) -> str:
        return run("ip", "-n", self._space, *arguments)

    def close(self) -> None:
        """Take the path away."""
        self._process.kill()
        self._far_end.close()
        run("ip", "netns", "del", self._space)


def run(*command: str) -> str:
    """What a command prints. Raises CalledProcessError."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """In the namespace: carry from a socket's file, which no namespace shuts off, to an address of the veth pair."""
    file, host, port = sys.argv[1:]
    targets: list[socket.socket] = []

    def crash(*_: object) -> None:
        for each in targets:
            if each.fileno() >= 0:  # or the kernel would go on sending what it has of a connection that is closed
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os._exit(1)

    signal.signal(signal.SIGUSR1, crash)
    server = socket.socket(socket.AF_UNIX)
    server.bind(file)
    server.listen()
    while True:
        client, _ = server.accept()
        try:
            target = socket.create_connection((host, int(port)), timeout=5)
        except OSError:
            client.close()
            continue
        target.settimeout(None)
        targets.append(target)
        join(client, target)


if __name__ == "__main__":
    main()
