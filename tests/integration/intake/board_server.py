"""A board as it stands out there: an HTTP server on loopback that serves a feed, takes replies, and misbehaves when told to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.corpus.feeds import item, rss

Respond = Callable[[BaseHTTPRequestHandler], None]


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that are gone: the tests kill them."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


class OutsideBoard:
    """A feed at /feed with an ETag that changes with it; replies to /reply. It can end and come back on the same port."""

    def __init__(self) -> None:
        self.posts: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.replies: list[tuple[dict[str, str], bytes]] = []
        self.respond: Respond | None = None
        self.reply_status = 200
        self.replying: Callable[[], None] = lambda: None
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def feed(self) -> bytes:
        """Its posts as RSS, the newest first, as boards do it."""
        items = [
            item(f"题{guid}", guid=guid, author=f"网友{guid}", link=f"{self.address}/t/{guid}", description=text)
            for guid, text in reversed(self.posts.items())
        ]
        return rss("".join(items)).encode()

    @property
    def etag(self) -> str:
        """Another one whenever a post is."""
        return f'"{abs(hash(tuple(self.posts.items())))}"'

    @property
    def address(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        board = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                board.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                (board.respond or board.serve)(self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                board.replies.append(({name.lower(): value for name, value in self.headers.items()}, body))
                board.replying()
                answer(self, board.reply_status, json.dumps({"url": f"{board.address}/t/reply"}).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """The feed, or that it has not changed."""
        if handler.headers.get("If-None-Match") == self.etag:
            answer(handler, 304, b"", ETag=self.etag)
        else:
            answer(handler, 200, self.feed, ETag=self.etag, Content_Type="application/rss+xml")

    def stop(self) -> None:
        """Be gone."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """One whole answer."""
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def cut_in_the_middle(board: OutsideBoard) -> Respond:
    """The first half of the feed, and then the line is dead."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        whole = board.feed
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(whole)))
        handler.send_header("ETag", board.etag)
        handler.end_headers()
        handler.wfile.write(whole[: len(whole) // 2])
        handler.connection.shutdown(socket.SHUT_RDWR)

    return respond


@contextmanager
def answering(chunks: Callable[[], Iterable[bytes]]) -> Iterator[str]:
    """A server that answers every request with these bytes and closes; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def talk(talking: socket.socket) -> None:
            with talking, suppress(OSError):
                talking.settimeout(10)
                talking.recv(65536)
                for chunk in chunks():
                    if ended.is_set():
                        return
                    talking.sendall(chunk)

        def listen() -> None:
            with suppress(OSError):
                while True:
                    talking, _ = listening.accept()
                    threading.Thread(target=talk, args=(talking,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/feed"
        finally:
            ended.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
