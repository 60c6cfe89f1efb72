"""Answers of servers that are hard to take: each is a way to make the bytes, and the code of what is to be said of it."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from tests.corpus.feeds import item, rss

OK = b"HTTP/1.1 200 OK\r\n"
FEED = rss(item()).encode()
LENGTH = b"Content-Length: %d\r\n\r\n" % len(FEED)


@dataclass(frozen=True)
class HardAnswer:
    """`fault` empty: it can be taken, and this is its body."""

    name: str
    chunks: Callable[[], Iterable[bytes]]
    fault: str = ""
    status: int = 0
    retry_after: float = 0
    body: bytes = FEED


def answers() -> Iterator[HardAnswer]:
    """All of them."""
    yield from _whole()
    yield from _cut_off()
    yield from _too_much()
    yield from _packed()
    yield from _refusals()
    yield from _redirects()


def _is(name: str, *chunks: bytes, fault: str = "", status: int = 0, retry_after: float = 0) -> HardAnswer:
    return HardAnswer(name, lambda: chunks, fault, status, retry_after)


def _chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end


def _whole() -> Iterator[HardAnswer]:
    yield _is("whole", OK + LENGTH + FEED)
    yield _is("without_length", OK + b"\r\n" + FEED)
    yield _is("in_chunks", _chunked(FEED[:10], FEED[10:]))
    yield _is("byte_by_byte", OK + LENGTH, *(FEED[at : at + 1] for at in range(len(FEED))))
    yield _is("more_than_its_length", OK + LENGTH + FEED + b"junk")
    yield _is("continued_first", b"HTTP/1.1 100 Continue\r\n\r\n" + OK + LENGTH + FEED)
    yield _is("odd_header", OK + b'X: \xff\xfe\r\nETag: "\xe6\xb0\xb4"\r\n' + LENGTH + FEED)


def _cut_off() -> Iterator[HardAnswer]:
    yield _is("nothing", fault="broken_off")
    yield _is("half_a_status", b"HTTP/1.1 20", fault="broken_off")
    yield HardAnswer("half_a_header", lambda: [OK + b"Content-Le"], body=b"")
    yield _is("half_a_body", OK + LENGTH + FEED[:40], fault="broken_off")
    yield _is("half_a_chunk", _chunked(FEED)[:-60], fault="broken_off")
    yield _is("no_last_chunk", _chunked(FEED, end=b""), fault="broken_off")
    yield _is("no_such_chunk", OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", fault="broken_off")
    yield _is("not_http", b"SSH-2.0-OpenSSH_9.2\r\n", fault="broken_off")
    yield _is("negative_length", OK + b"Content-Length: -1\r\n\r\n" + FEED)
    yield _is("two_lengths", OK + b"Content-Length: 5\r\n" + LENGTH + FEED, fault="broken_off")


def _too_much() -> Iterator[HardAnswer]:
    block = b"x" * 65536
    yield HardAnswer("endless_body", lambda: itertools.chain([OK + b"\r\n"], itertools.repeat(block)), "too_large")
    yield HardAnswer(
        "endless_chunks",
        lambda: itertools.chain([_chunked(end=b"")], itertools.repeat(b"3e8\r\n" + b"x" * 1000 + b"\r\n")),
        "too_large",
    )
    yield HardAnswer("endless_status", lambda: itertools.repeat(block), "broken_off")
    yield HardAnswer("endless_headers", lambda: itertools.chain([OK], itertools.repeat(b"X: y\r\n" * 100)), "broken_off")
    yield HardAnswer("endless_header", lambda: itertools.chain([OK + b"X: "], itertools.repeat(block)), "broken_off")
    yield HardAnswer("endless_continue", lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 50), "too_slow")
    yield _is("a_large_length", OK + b"Content-Length: 99999999999\r\n\r\n" + block * 40, fault="too_large")


@cache
def _bomb() -> bytes:
    return gzip.compress(b"\0" * 200_000_000, 1)


def _packed() -> Iterator[HardAnswer]:
    packed = gzip.compress(FEED)
    head = OK + b"Content-Encoding: gzip\r\n\r\n"
    yield _is("packed", head + packed)
    yield _is("packed_in_two_parts", head + gzip.compress(FEED[:30]) + gzip.compress(FEED[30:]))
    yield _is("packed_and_cut_off", head + packed[:-12], fault="broken_off")
    yield _is("packed_nonsense", head + FEED, fault="broken_off")
    yield HardAnswer("bomb", lambda: [head + _bomb()], "too_large")
    yield _is("packed_otherwise", OK + b"Content-Encoding: br\r\n\r\nxxxx", fault="packing")
    yield _is("packed_twice", OK + b"Content-Encoding: gzip, gzip\r\n\r\nxxxx", fault="packing")


def _refusals() -> Iterator[HardAnswer]:
    for status, code in (
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (410, "refused"),
        (500, "refused"),
        (502, "refused"),
    ):
        yield _is(f"status_{status}", b"HTTP/1.1 %d No\r\n\r\n" % status, fault=code, status=status)
    for name, header, wait in (
        ("", b"", 0), ("_seconds", b"Retry-After: 120\r\n", 120), ("_for_ever", b"Retry-After: 99999999999999\r\n", 86400),
        ("_nonsense", b"Retry-After: soon\r\n", 0), ("_negative", b"Retry-After: -5\r\n", 0),
        ("_date", b"Date: Mon, 07 Nov 2016 01:00:00 GMT\r\nRetry-After: Mon, 07 Nov 2016 01:10:00 GMT\r\n", 600),
        ("_past", b"Date: Mon, 07 Nov 2016 01:00:00 GMT\r\nRetry-After: Mon, 07 Nov 1994 01:10:00 GMT\r\n", 0),
        ("_year_99999", b"Date: x\r\nRetry-After: Mon, 07 Nov 99999 01:10:00 GMT\r\n", 0),
    ):  # fmt: skip
        yield _is(f"busy{name}", b"HTTP/1.1 429 Busy\r\n" + header + b"\r\n", fault="busy", status=429, retry_after=wait)
    yield _is("unavailable", b"HTTP/1.1 503 Later\r\nRetry-After: 30\r\n\r\n", fault="busy", status=503, retry_after=30)


def _redirects() -> Iterator[HardAnswer]:
    for name, to, fault in (
        ("to_itself", b"/feed", "redirects"), ("to_nowhere", b"", "redirects"),
        ("to_a_file", b"file:///etc/passwd", "bad_address"), ("to_gopher", b"gopher://127.0.0.1:70/", "bad_address"),
        ("with_a_user", b"http://user:secret@example.org/", "bad_address"), ("to_another_port", b"http://example.org:25/", "redirect_refused"),
        ("to_no_address", b"http://[::1", "bad_address"), ("to_a_line_more", b"/x\x0bHost:y", "bad_address"),
    ):  # fmt: skip
        yield _is(f"redirect_{name}", b"HTTP/1.1 302 Found\r\nLocation: " + to + b"\r\n\r\n", fault=fault)
    yield _is("redirect_without_address", b"HTTP/1.1 301 Moved\r\n\r\n", fault="redirects")
