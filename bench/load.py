"""A lean load of registrations: keep-alive connections, standard library only, bounded in count and time.

`python -m bench.load URL CONNECTIONS COUNT SECONDS [RATE]` sends COUNT petitions, each with a key of its own, and prints one JSON
object. Without RATE each connection sends its next request when the last one is answered; with RATE requests begin on a fixed
schedule of so many a second, whatever the answers take (a request that finds no free connection waits, and its wait counts).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

PATH = "/api/intake/petitions"
PETITION = json.dumps(
    {
        "title": "十里洞村村民希望喝上健康的水", "identity": "anonymous", "matter_type": "appeal",
        "text": "村里的造纸厂把污水直接排进小溪，溪水发黑发臭，全村几百人的饮水成了问题，多次反映没有结果，请求调查处理。" * 3,
    },
    ensure_ascii=False,
).encode()  # fmt: skip


class Load:
    """What is left to send, and what came of what was sent."""

    def __init__(self, address: str, count: int, seconds: float, rate: float) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self._tickets = iter(range(count))
        self._rate, self._begun = rate, time.perf_counter()
        self._end = self._begun + seconds
        self.latencies: list[float] = []
        self.answered: list[tuple[str, float]] = []  # number, instant of the answer on the machine's monotonic clock
        self.faults: list[str] = []

    def tickets(self) -> Iterator[float]:
        """The instant at which each next request is meant to begin, until count or time is used up."""
        for ticket in self._tickets:
            meant = self._begun + ticket / self._rate if self._rate else time.perf_counter()
            if meant > self._end or time.perf_counter() > self._end:
                return
            yield meant

    async def connection(self) -> None:
        """One connection's life."""
        streams = None
        for meant in self.tickets():
            await asyncio.sleep(max(0.0, meant - time.perf_counter()))
            try:
                streams = streams or await asyncio.open_connection(self.host, self.port)
                status, body, closing = await asyncio.wait_for(_ask(*streams, f"{self.host}:{self.port}"), timeout=30)
                now = time.perf_counter()
                if status == 201:
                    self.latencies.append(now - meant)
                    self.answered.append((json.loads(body)["number"], now))
                else:
                    self.faults.append(f"status {status}: {body[:200]!r}")
            except (OSError, EOFError, TimeoutError, ValueError) as fault:
                self.faults.append(repr(fault))
                closing = True
            if closing and streams:
                streams[1].close()
                streams = None
        if streams:
            streams[1].close()

    async def run(self, connections: int) -> dict[str, Any]:
        """All connections to their end."""
        await asyncio.gather(*(self.connection() for _ in range(connections)))
        seconds = max((at for _, at in self.answered), default=self._begun) - self._begun
        return {
            "seconds": seconds, "latencies": self.latencies, "answered": self.answered, "errors": len(self.faults),
            "first_errors": self.faults[:3],
        }  # fmt: skip


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> tuple[int, bytes, bool]:
    """Status, body, and whether the server closes the connection."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(PETITION)}\r\n\r\n"
    )
    writer.write(head.encode() + PETITION)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(answer.split("content-length:", 1)[1].split("\r\n", 1)[0])
    return int(answer[9:12]), await reader.readexactly(length), "connection: close" in answer


def main() -> None:
    """Send and print."""
    address, connections, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    rate = float(sys.argv[5]) if len(sys.argv) > 5 else 0.0

    async def run() -> dict[str, Any]:
        return await Load(address, count, seconds, rate).run(connections)

    print(json.dumps(asyncio.run(run())))


if __name__ == "__main__":
    main()
