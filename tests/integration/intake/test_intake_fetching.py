"""Fetching from servers that anybody may run: bounded in time, size and memory, and never from an address of the county's own."""

from __future__ import annotations

import itertools
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from services.intake.channels.fetching import Client, Remembered
from shared.asking import Limits
from shared.web_addresses import Unfetched, target
from tests.corpus.feeds.answers import FEED, OK, answers
from tests.integration.intake.board_server import answering

AGENT = "Zhida/1 (431023; +https://yongxing.example)"
TIGHT = Limits(connect=4, read=4, total=6, largest=2_000_000)


def client(**more: Any) -> Client:
    given: dict[str, Any] = {"agent": AGENT, "private": True, "limits": TIGHT}
    return Client(**given | more)


@pytest.mark.parametrize("hard", list(answers()), ids=lambda hard: hard.name)
def test_each_hard_answer_is_taken_whole_or_refused_with_a_code(hard):
    next(iter(hard.chunks()), b"")  # what is dear to make is made before the clock runs
    begun = time.monotonic()
    with answering(hard.chunks) as url:
        if not hard.fault:
            assert client().get(url).body == hard.body
        else:
            with pytest.raises(Unfetched) as refused:
                client().get(url)
            assert (refused.value.code, refused.value.status) == (hard.fault, hard.status)
            assert refused.value.retry_after == hard.retry_after
    assert time.monotonic() - begun < TIGHT.total + 4


def test_a_bomb_never_grows_in_memory():
    bomb = next(hard for hard in answers() if hard.name == "bomb")
    list(bomb.chunks())
    tracemalloc.start()
    with answering(bomb.chunks) as url, pytest.raises(Unfetched, match="too_large"):
        client().get(url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * TIGHT.largest


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_a_server_that_drips_is_left_when_the_time_is_over(first):
    stopping = threading.Event()

    def drips():
        yield first
        for _ in itertools.count():
            stopping.wait(0.05)
            yield b"x"

    begun = time.monotonic()
    with answering(drips) as url, pytest.raises(Unfetched, match="too_slow"):
        client(limits=Limits(connect=1, read=1, total=1.5)).get(url)
    assert 1 < time.monotonic() - begun < 4


def test_a_server_that_says_nothing_is_left():
    stopping = threading.Event()

    def silent():
        stopping.wait(3)
        return iter(())

    with answering(silent) as url, pytest.raises(Unfetched, match="too_slow"):
        client(limits=Limits(connect=1, read=0.3, total=5)).get(url)


def test_nobody_there_is_unreachable_and_no_name_is_no_such_host():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unfetched, match="unreachable"):
            client().get(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    with pytest.raises(Unfetched, match="no_such_host"):
        client().get("http://zhida-nowhere.invalid/")


def test_the_server_is_told_who_asks_and_what_is_known():
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            talking, _ = listening.accept()
            with talking:
                heads.append(talking.recv(65536))
                talking.sendall(b'HTTP/1.1 304 Same\r\nETag: "2"\r\n\r\n')

        talking = threading.Thread(target=talk)
        talking.start()
        port = listening.getsockname()[1]
        answer = client().get(f"http://127.0.0.1:{port}/水?q=水", Remembered(etag='"1"', last_modified="Mon"))
        talking.join()
    assert answer.unchanged
    lines = heads[0].decode().split("\r\n")
    assert lines[0] == "GET /%E6%B0%B4?q=%E6%B0%B4 HTTP/1.1"
    assert {f"User-Agent: {AGENT}", 'If-None-Match: "1"', "If-Modified-Since: Mon", f"Host: 127.0.0.1:{port}"} <= set(lines)
    assert "Accept-Encoding: gzip" in lines


# -- where it never goes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://localhost/", "http://①②⑦.0.0.1/", "http://127.0.0.1./",
        "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_every_way_to_write_an_inner_address_is_refused(url):
    with pytest.raises(Unfetched, match=r"address_refused|no_such_host"):
        client(private=False).get(url)


def test_a_name_is_resolved_once_and_the_connection_goes_where_was_checked():
    """A name that means the public internet when it is checked and the county's own network a moment later."""
    asked = []

    def turncoat(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["127.0.0.2"]

    with answering(lambda: [OK + b"\r\n" + FEED]) as url:
        port = target(url).port
        with pytest.raises(Unfetched, match="unreachable"):  # 127.0.0.2: what was checked, and nobody is there
            client(resolver=turncoat).get(f"http://forum.example:{port}/")
    assert asked == ["forum.example"]


def test_one_inner_address_among_many_is_enough_to_refuse():
    with pytest.raises(Unfetched, match="address_refused"):
        client(private=False, resolver=lambda *_: ["8.8.8.8", "10.0.0.1"]).get("http://forum.example/")


def test_a_redirect_is_checked_like_the_first_address():
    to = b"HTTP/1.1 302 Found\r\nLocation: http://inner.example:%d/\r\n\r\n"
    with answering(lambda: [OK + b"\r\n" + FEED]) as inner:
        port = target(inner).port
        moved = [to % port]
        names = {"forum.example": "127.0.0.1", "inner.example": "127.0.0.1"}
        with answering(lambda: moved) as outer:
            moved[0] = to % target(outer).port
            with pytest.raises(Unfetched, match="address_refused"):  # private is for the board's own host alone
                client(resolver=lambda host, _: [names[host]]).get(outer.replace("127.0.0.1", "forum.example"))


@pytest.fixture
def secured(tmp_path):
    """A server with a certificate for forum.example: (port, who trusts it, what it says)."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=forum.example", "-addext", "subjectAltName=DNS:forum.example", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    said = [OK + b"\r\n" + FEED]
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listening.accept()
                    with suppress(OSError), server.wrap_socket(plain, server_side=True) as talking:
                        talking.recv(65536)
                        talking.sendall(said[0])

        threading.Thread(target=talk, daemon=True).start()
        yield listening.getsockname()[1], ssl.create_default_context(cafile=str(certificate)), said
        listening.shutdown(socket.SHUT_RDWR)


def here(*_: object) -> list[str]:
    return ["127.0.0.1"]


def test_a_certificate_is_checked_against_the_name_that_was_asked_for(secured):
    port, trusting, _ = secured
    assert client(trust=trusting, resolver=here).get(f"https://forum.example:{port}/").body == FEED
    with pytest.raises(Unfetched, match="untrusted"):
        client(resolver=here).get(f"https://forum.example:{port}/")
    with pytest.raises(Unfetched, match="untrusted"):  # a right certificate of somebody else
        client(trust=trusting, resolver=here).get(f"https://other.example:{port}/")


def test_from_https_nothing_leads_to_http(secured):
    port, trusting, said = secured
    said[0] = b"HTTP/1.1 301 Moved\r\nLocation: http://forum.example:%d/\r\n\r\n" % port
    with pytest.raises(Unfetched, match="redirect_refused"):
        client(trust=trusting, resolver=here).get(f"https://forum.example:{port}/")


def test_what_speaks_no_tls_is_said_to_speak_none():
    with answering(lambda: [b"HTTP/1.1 400 This is http\r\n\r\n"]) as plain, pytest.raises(Unfetched, match="no_tls"):
        client(resolver=here).get(plain.replace("http://127.0.0.1", "https://forum.example"))
