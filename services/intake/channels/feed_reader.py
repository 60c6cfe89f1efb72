"""`CONTENT-TYPE <document >posts`: a feed in a sandbox of its own, so that one that was written to choke its reader chokes it alone.

What it prints is one JSON object: `posts`, or `fault` with the code of why there are none.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from xml.sax import SAXException

import feedparser

from services.intake.domain.submission import LONGEST_TEXT
from services.intake.mail.hypertext import words_of
from services.intake.mail.reading import clean

LONGEST = LONGEST_TEXT + 1  # one more, that a longer one is seen to be longer
LONGEST_OUTPUT = 48 * 2**20
LONGEST_LINE, LONGEST_URL, LONGEST_AUTHOR = 300, 2000, 50
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_NARROWER = (b"gb2312", b"gbk", b"gb_2312-80", b"x-gbk", b"cp936")
_STRANGE = re.compile("[^\x00-\x7f]+")
# Numbers of halves of characters and of none: the library cannot bear them, and one post shall not cost the others.
_NO_CHARACTER = re.compile(
    rb"&#(?:[xX]0*(?:[dD][89a-fA-F][0-9a-fA-F]{2}|[0-9a-fA-F]{7,}|11[0-9a-fA-F]{4})|0*(?:5[5-7]\d{3}|\d{8,}));?"
)
_ENDED = re.compile(rb"</\s*(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>\s*(?:<!--.*-->\s*)?$", re.IGNORECASE | re.DOTALL)


def read(raw: bytes, content_type: str) -> dict[str, Any]:
    """The posts of a document, or why it is none."""
    readable, charset = _honest(_NO_CHARACTER.sub(b"&#xFFFD;", raw), content_type)
    # A stream, for the library takes a text that looks like an address for one, and fetches it.
    found = feedparser.parse(
        io.BytesIO(readable), response_headers={"content-type": charset}, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        return {"fault": "not_a_feed"}
    broken = found.bozo and isinstance(found.get("bozo_exception"), SAXException)
    if broken and not _ENDED.search(raw.replace(b"\0", b"")[-4096:].rstrip()):
        return {"fault": "broken_off"}  # half a post would be taken for a whole one, and the whole one for an edit
    return {"posts": list(_posts(found.entries))}


def _honest(raw: bytes, content_type: str) -> tuple[bytes, str]:
    """The document in UTF-8 and a type that says so, where it is not what it calls itself.

    Who says GB2312 or GBK often writes GB18030, and so does who says UTF-8 or nothing. Single broken characters do not make
    UTF-8 anything else: nearly every UTF-8 text reads as GB18030, too, as nonsense.
    """
    named = _CHARSET.search(content_type.encode("ascii", "replace")) or _CHARSET.search(raw[:200])
    charset = named[1].lower() if named else b""
    if charset not in (b"", b"utf-8", b"utf8", *_NARROWER) or b"\0" in raw[:4]:
        return raw, content_type
    text = raw.decode("utf-8", "replace")
    broken, strange = text.count("\ufffd"), sum(map(len, _STRANGE.findall(text)))
    if charset in _NARROWER or broken * 4 >= strange > 0:
        with suppress(UnicodeDecodeError):
            text, broken = raw.decode("gb18030"), 1
    return (text.encode(), "application/xml; charset=utf-8") if broken else (raw, content_type)


def _posts(entries: list[Any]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        try:
            yield _post(entry)
        except Exception:  # one strange post shall not cost the others
            yield {"fault": "broken", "guid": _line(entry.get("id"), LONGEST_URL), "original": clean(repr(entry))[:LONGEST]}


def _post(entry: Any) -> dict[str, Any]:
    """One post in words. Its HTML is kept as `original`, for what the words leave out."""
    bodies = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    texts = [_said(body) for body in bodies]
    text = max(texts, key=len, default="")
    author = entry.get("author_detail") or {}
    url = _line(entry.get("link"), LONGEST_URL)
    return {
        "guid": _line(entry.get("id"), LONGEST_URL), "url": url if url.lower().startswith(("http://", "https://")) else "",
        "title": _line(_said(entry.get("title_detail") or {}), LONGEST_LINE), "text": text[:LONGEST],
        "author": _line(author.get("name") or entry.get("author"), LONGEST_AUTHOR),
        "posted_at": _instant(entry.get("published_parsed") or entry.get("updated_parsed")),
        "original": clean(max((str(body.get("value") or "") for body in bodies), key=len, default=""))[:LONGEST],
    }  # fmt: skip


def _said(detail: Any) -> str:
    value = str(detail.get("value") or "")
    return clean(value if detail.get("type") == "text/plain" else words_of(value)).strip()


def _line(value: Any, longest: int) -> str:
    return " ".join(clean(str(value or "")).split())[:longest]


def _instant(parsed: Any) -> str | None:
    """An instant in UTC, if it is one: boards tell of a year 0 and of the 31st of February."""
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).isoformat()
    except (TypeError, ValueError, OverflowError):
        return None


def main() -> None:
    """Read, and tell."""
    try:
        said = json.dumps(read(sys.stdin.buffer.read(), sys.argv[1]))
    except (MemoryError, RecursionError):
        said = json.dumps({"fault": "too_costly"})
    except Exception:  # whatever the library met: a clerk looks at the document
        said = json.dumps({"fault": "broken"})
    sys.stdout.write(said if len(said) <= LONGEST_OUTPUT else json.dumps({"fault": "too_large"}))


if __name__ == "__main__":
    main()
