"""Reading a mail that anybody in the world may have written. The standard library does the parsing, and nothing is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from itertools import islice
from typing import cast

from services.intake.hypertext import words_of
from shared import errors

LARGEST = 25 * 2**20  # bytes
MOST_PARTS, DEEPEST = 500, 30
LONGEST_TEXT, LONGEST_LINE = 100_000, 200
CUT = "\n……（正文过长，其余见原件）"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ENDING = re.compile(
    r"\.(pdf|jpe?g|png|gif|bmp|tiff?|webp|heic|txt|docx?|xlsx?|pptx?|wps|et|ofd|mp3|amr|m4a|wav|mp4|mov|zip|rar|7z|eml)$"
)
_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,190}")
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


class Unreadable(errors.Unreadable):
    """Keep the mail and show it to a clerk; `reason` is a code: too_large, broken, too_deep, no_text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, repr=False)
class Mail:
    """What a mail says. `automatic` is a code when no person wrote it: auto_reply, loop, bulk, null_sender; else empty."""

    message_id: str
    sender_name: str
    sender_address: str
    subject: str
    text: str
    sent: str
    attachments: tuple[str, ...]
    automatic: str


def parse(raw: bytes, *, null_sender: bool = False) -> Mail:
    """Read an RFC 5322 message of any quality. Raises Unreadable and nothing else. `null_sender`: the envelope had none."""
    if len(raw) > LARGEST:
        raise Unreadable("too_large")
    try:
        try:
            return _read(message_from_bytes(raw, policy=policy.default), null_sender)
        except (Unreadable, RecursionError):
            raise
        except Exception:  # the newer reader raises where the older one shrugs
            return _read(message_from_bytes(raw, policy=policy.compat32), null_sender)
    except Unreadable:
        raise
    except RecursionError as fault:
        raise Unreadable("too_deep") from fault
    except Exception as fault:  # a dozen kinds have been seen; whichever it is, a clerk looks at the mail
        raise Unreadable("broken") from fault


def preview(raw: bytes, longest: int) -> str:
    """The beginning of a mail's bytes as text, for a person's eyes."""
    return clean(_decode(raw if len(raw) <= longest else raw[:longest].rpartition(b"\n")[0], None))


def attached(raw: bytes) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of each attached file, in the order of `Mail.attachments`; also of a mail that `parse` refuses for its text.

    None of a mail that cannot be taken apart. Never raises.
    """
    for reader in (policy.default, policy.compat32):
        try:
            parts = list(islice(_walk(message_from_bytes(raw, policy=reader)), MOST_PARTS))
            return tuple((name, _content(part)) for part in parts if (name := _attachment(part)))
        except Exception:  # noqa: S112 - as in `parse`: a dozen kinds have been seen, and the other reader shrugs
            continue
    return ()


def ending(name: str) -> str:
    """A file name's ending, if it is one of those that are looked at or listened to and not run; else `.bin`."""
    found = _ENDING.search(name.lower())
    return found[0] if found else ".bin"


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return cast("list[Message]", part.get_payload())[0].as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _read(message: Message, null_sender: bool) -> Mail:
    parts = list(islice(_walk(message), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        raise Unreadable("too_deep")
    attachments = tuple(name for part in parts if (name := _attachment(part)))
    subject, text = _header(message, "Subject"), _text(parts)
    if not text and subject and attachments:
        text = subject  # a scan with a heading: the clerk reads the scan
    name, address = parseaddr(_header(message, "From"))
    automatic = _automatic(message, null_sender)
    if not text and not automatic:
        raise Unreadable("no_text")
    return Mail(
        message_id=_header(message, "Message-ID"), sender_name=name.strip(),
        sender_address=address if _ADDRESS.fullmatch(address) else "",
        subject=subject[:LONGEST_LINE] or text.split("\n", 1)[0][:30], text=text, sent=_header(message, "Date"),
        attachments=attachments, automatic=automatic,
    )  # fmt: skip


def _walk(message: Message, depth: int = 0) -> Iterator[Message]:
    """The leaves, in order. A message inside the message counts as one leaf: it is somebody else's words."""
    if depth > DEEPEST:
        raise Unreadable("too_deep")
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        yield message
        return
    for part in cast("list[Message]", message.get_payload()):
        yield from _walk(part, depth + 1)


def _header(message: Message, name: str) -> str:
    """A header in one clean line, whatever it was encoded in; the library's own reading is tried last, it raises."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return " ".join(clean(_unfold(str(raw))).split())[:1000]


def _unfold(text: str) -> str:
    """A header's encoded words and stray bytes as text; what cannot be decoded stays as it was written."""
    text = _decode(text.encode("utf-8", "surrogateescape"), None)
    try:
        pieces = decode_header(text)
    except Exception:  # the reader of encoded words raises several kinds
        return text
    return "".join(_piece(*piece) for piece in pieces)


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    return _decode(piece, charset.partition("*")[0]) if charset else piece.decode("raw-unicode-escape", "replace")


def _decode(data: bytes, charset: str | None) -> str:
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
    """A text without what no page shows: control characters, halves of characters, marks that turn the reading round."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _text(parts: list[Message]) -> str:
    """The plain texts of the message; failing them, the words of its HTML."""
    for kind in ("text/plain", "text/html"):
        found = [_body(part) for part in parts if _kind(part) == kind and not _attachment(part)]
        if kind == "text/html":
            found = [words_of(text) for text in found]
        if joined := "\n\n".join(text for text in (clean(text).strip() for text in found) if text):
            return joined if len(joined) <= LONGEST_TEXT else joined[: LONGEST_TEXT - len(CUT)] + CUT
    return ""


def _kind(part: Message) -> str:
    """A part's type; one that calls itself multipart and has no parts is read as plain text."""
    return "text/plain" if part.get_content_maintype() == "multipart" else part.get_content_type()


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decode(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def _attachment(part: Message) -> str:
    """An attached file's name without its folders, or what stands for one; empty for a body."""
    name = part.get_filename()
    if name:
        return re.split(r"[/\\]", clean(_unfold(str(name))).strip())[-1][:LONGEST_LINE] or "attachment"
    if part.get_content_type() == "message/rfc822":
        return "message.eml"
    return "attachment" if part.get_content_disposition() == "attachment" else ""


def _automatic(message: Message, null_sender: bool) -> str:
    if _header(message, "X-Loop"):
        return "loop"
    if _header(message, "Auto-Submitted").lower() not in ("", "no"):
        return "auto_reply"
    if null_sender or _header(message, "Return-Path") == "<>":
        return "null_sender"
    return "bulk" if _header(message, "Precedence").lower() in ("bulk", "junk", "auto_reply") else ""
