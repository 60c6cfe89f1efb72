"""What a process says of itself: alive, ready, and its figures, served beside the work and not through it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from shared.metrics import record_part


class Health:
    """Parts that have to be up before the process is ready. Alive says only that the process answers."""

    def __init__(self) -> None:
        self._parts: dict[str, bool] = {}
        self.draining = False

    def expect(self, part: str) -> None:
        """The process is not ready before this part is."""
        record_part(part, self._parts.setdefault(part, False))

    def tell(self, part: str, up: bool) -> None:
        """A part came up or went down."""
        self._parts[part] = up
        record_part(part, up)

    def ready(self) -> tuple[bool, str]:
        """Whether work can be given to this process, and a line for each part."""
        lines = [f"{name}: {'up' if up else 'down'}" for name, up in sorted(self._parts.items())]
        if self.draining:
            lines.append("draining")
        return all(self._parts.values()) and not self.draining, "\n".join(lines) + "\n"


HEALTH = Health()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages: dict[str, Callable[[], tuple[int, str, bytes]]] = {
            "/livez": lambda: (200, "text/plain", b"ok\n"),
            "/readyz": self._ready,
            "/metrics": lambda: (200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(REGISTRY)),
        }
        page = pages.get(self.path)
        status, kind, body = page() if page else (404, "text/plain", b"not found\n")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _ready(self) -> tuple[int, str, bytes]:
        ready, text = HEALTH.ready()
        return (200 if ready else 503), "text/plain", text.encode()

    def log_message(self, format: str, *args: object) -> None:
        """Probes are not worth a line."""


def serve(port: int, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Answer /livez, /readyz and /metrics on a thread of its own."""
    server = ThreadingHTTPServer((host, port), _Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
