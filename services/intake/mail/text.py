"""What the bytes and headers of a mail say as text, whatever charset they name and whatever they are in."""

from __future__ import annotations

import re
from email.header import decode_header
from email.message import Message

LONGEST_HEADER = 100_000  # characters; of a longer one the rest is not read
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_GUESSES = ("utf-8", "gb18030", "big5")
# Names under which senders use more than the standard that they name.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}


def header(message: Message, name: str) -> str:
    """A header in one clean line, whatever it was encoded in; the library's own reading is tried last, it raises."""
    return next(iter(every(message, name)), "")[:1000]


def every(message: Message, name: str) -> list[str]:
    """All headers of a name, as `header` reads one; at most fifty."""
    found = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return [" ".join(clean(unfold(str(raw)[:LONGEST_HEADER])).split()) for raw in found[:50]]


def unfold(text: str) -> str:
    """A header's encoded words and stray bytes as text; what cannot be decoded stays as it was written."""
    text = decode(text.encode("utf-8", "surrogateescape"), None)
    try:
        pieces = decode_header(text)
    except Exception:  # the reader of encoded words raises several kinds
        return text
    return "".join(_piece(*piece) for piece in pieces)


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    return decode(piece, charset.partition("*")[0]) if charset else piece.decode("raw-unicode-escape", "replace")


def decode(data: bytes, charset: str | None) -> str:
    """Text in the charset that is named, else in the first that fits; never raises."""
    named = (charset or "").strip().lower()
    for guess in ([_WIDER.get(named, named)] if named else []) + list(_GUESSES):
        try:
            return data.decode(guess)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    try:
        return data.decode(_WIDER.get(named, named) or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def clean(text: str) -> str:
    """Text without controls and marks of direction, with one kind of line end."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
