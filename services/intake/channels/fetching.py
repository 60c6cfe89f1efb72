"""Fetching from servers of others: politely, through few redirects, each checked, and never more than said."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urljoin

from urllib3.response import BaseHTTPResponse

from shared.asking import Asker
from shared.web_addresses import PORTS, Target, Unfetched, target

FOLLOWED = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({429, 503})
LONGEST_RETRY = 86_400.0  # seconds
LONGEST_ANSWER = 64 * 1024  # bytes of an answer to what was posted
_AT_ONCE = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What a server gave to ask by whether something changed: opaque, and sent back as it came."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer:
    """An answer, whole: a body that was cut off is none. `unchanged`: the server says that it is the same as remembered."""

    status: int
    body: bytes
    content_type: str = ""
    remembered: Remembered = Remembered()

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing new."""
        return self.status == 304


class Client(Asker):
    """Asks one board's server. `private`: addresses of the county's own network are allowed, for the board's own host alone."""

    def get(self, url: str, known: Remembered = Remembered()) -> Answer:
        """Fetch a document, through at most so many redirects, each checked like the first address. Raises Unfetched."""
        headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"}
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
        first = asked = target(url)
        end, at = monotonic() + self.limits.total, url
        for _ in range(self.limits.redirects + 1):
            with self.exchange(asked, first, end, "GET", headers) as response:
                if response.status not in FOLLOWED:
                    return _answer(response, self.limits.largest)
                to = response.headers.get("Location", "")
            at = _joined(at, to)
            asked = _next(asked, target(at), first)
        raise Unfetched("redirects")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Hand something in; redirects are not followed. Raises Unfetched, also for every answer but 2xx."""
        asked = target(url)
        end = monotonic() + self.limits.total
        with self.exchange(asked, asked, end, "POST", headers, body) as response:
            return _answer(response, LONGEST_ANSWER)


def _joined(at: str, to: str) -> str:
    try:
        return urljoin(at, to)
    except ValueError as fault:
        raise Unfetched("bad_address") from fault


def _next(from_: Target, to: Target, first: Target) -> Target:
    """Where a redirect leads, if it may be followed: not from https to http, and to no port but the usual and the board's own."""
    if (from_.scheme == "https" and to.scheme == "http") or to.port not in {*PORTS.values(), first.port}:
        raise Unfetched("redirect_refused")
    return to


def _answer(response: BaseHTTPResponse, largest: int) -> Answer:
    status, headers = response.status, response.headers
    if not (200 <= status < 300 or status == 304):
        code, later = (
            "busy" if status in BUSY else "refused",
            _retry_after(headers.get("Retry-After", ""), headers.get("Date", "")),
        )
        raise Unfetched(code, str(status), status=status, retry_after=later)
    remembered = Remembered(etag=_kept(headers.get("ETag")), last_modified=_kept(headers.get("Last-Modified")))
    return Answer(
        status=status, body=b"" if status in (204, 304) else _read(response, largest), content_type=_kept(headers.get("Content-Type")),
        remembered=remembered,
    )  # fmt: skip


def _kept(value: str | None) -> str:
    """A header's value that can be sent back: short and without anything that would begin a new line."""
    return value if value and len(value) <= 500 and value.isascii() and value.isprintable() else ""


def _read(response: BaseHTTPResponse, largest: int) -> bytes:
    """The body, unpacked. Raises Unfetched as soon as it is larger than allowed, and when it ends too early."""
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip", ""):
        raise Unfetched("packing", packing[:20])
    taken, got = _Taken(largest, packed="gzip" in packing), b"more"
    while got:
        got = response.read1(_AT_ONCE) or b""
        taken.add(got)
    return taken.whole()


class _Taken:
    """A body as it comes in, unpacked piece by piece, so that a small bomb stays small."""

    def __init__(self, largest: int, *, packed: bool) -> None:
        self._largest, self._packed = largest, packed
        self._pieces: list[bytes] = []
        self._size = self._came = 0
        self._unpacker = zlib.decompressobj(wbits=31)

    def add(self, piece: bytes) -> None:
        self._came += len(piece)
        self._check(self._came)
        while piece and self._packed:
            if self._unpacker.eof:  # a file may hold several, one behind the other
                self._unpacker = zlib.decompressobj(wbits=31)
            self._keep(self._unpacker.decompress(piece, self._largest - self._size + 1))
            piece = self._unpacker.unused_data
        self._keep(piece)

    def whole(self) -> bytes:
        if self._packed and self._came and not self._unpacker.eof:
            raise Unfetched("broken_off")
        return b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        self._check(self._size)
        self._pieces.append(piece)

    def _check(self, size: int) -> None:
        if size > self._largest:
            raise Unfetched("too_large")


def _retry_after(value: str, now: str) -> float:
    """Seconds that a server asks to wait, in so many words or as a date by its own clock; 0 when it makes no sense."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY)
    with suppress(ValueError, TypeError, OverflowError):
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(now)
        return min(max(wait.total_seconds(), 0.0), LONGEST_RETRY)
    return 0.0
