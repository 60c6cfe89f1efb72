"""Reading a mail that anybody in the world may have written. The standard library does the parsing, and nothing is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesFeedParser
from email.utils import parseaddr
from itertools import islice
from typing import Any, cast

from services.intake.mail.hypertext import words_of
from services.intake.mail.kinds import Returned, answerable, automatic, returned
from services.intake.mail.text import clean, decode, every, header, unfold
from shared import errors

LARGEST = 25 * 2**20  # bytes
MOST_PARTS, DEEPEST = 500, 30
# The library's reader keeps each line as an object: 25 MB of empty lines would fill the memory. Attachments of that size have
# 350,000 lines.
MOST_LINES, PIECE = 500_000, 2**16
MOST_REFERENCES = 40
LONGEST_TEXT, LONGEST_LINE = 100_000, 200
CUT = "\n……（正文过长，其余见原件）"
_ENDING = re.compile(
    r"\.(pdf|jpe?g|png|gif|bmp|tiff?|webp|heic|txt|docx?|xlsx?|pptx?|wps|et|ofd|mp3|amr|m4a|wav|mp4|mov|zip|rar|7z|eml)$"
)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,190}")


class Unreadable(errors.Unreadable):
    """Keep the mail and show it to a clerk; `reason` is a code: too_large, broken, too_deep, too_many_lines, no_text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, repr=False)
class Mail:
    """What a mail says.

    `automatic`: a code when no person wrote it (`mail_kind.automatic`), else empty; `answerable`: a machine may answer it.
    `answers`: the Message-IDs of what it answers, the nearest first. `recipients`: every address that its headers name as one
    that it went to. `returned`: what a mail server says of a mail that it could not deliver.
    """

    message_id: str
    sender_name: str
    sender_address: str
    subject: str
    text: str
    sent: str
    attachments: tuple[str, ...]
    automatic: str
    answerable: bool
    answers: tuple[str, ...]
    recipients: tuple[str, ...]
    returned: Returned | None


def parse(raw: bytes, *, null_sender: bool = False, wordless: bool = False) -> Mail:
    """Read an RFC 5322 message of any quality. Raises Unreadable and nothing else.

    `null_sender`: the envelope had none. `wordless`: a person's mail without a text is read, too.
    """
    if len(raw) > LARGEST:
        raise Unreadable("too_large")
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
        raise Unreadable("too_many_lines")
    try:
        try:
            found = _read(_message(raw, policy.default), null_sender)
        except (Unreadable, RecursionError):
            raise
        except Exception:  # the newer reader raises where the older one shrugs
            found = _read(_message(raw, policy.compat32), null_sender)
    except Unreadable:
        raise
    except RecursionError as fault:
        raise Unreadable("too_deep") from fault
    except Exception as fault:  # a dozen kinds have been seen; whichever it is, a clerk looks at the mail
        raise Unreadable("broken") from fault
    if not found.text and not found.automatic and not wordless:
        raise Unreadable("no_text")
    return found


def _message(raw: bytes, reader: policy.Policy[Any]) -> Message:
    """The parts of a mail. Fed in pieces: read whole, it would lie in memory five times."""
    parser = BytesFeedParser(policy=reader)
    for at in range(0, len(raw), PIECE):
        parser.feed(raw[at : at + PIECE])
    return parser.close()


def preview(raw: bytes, longest: int) -> str:
    """The beginning of a mail's bytes as text, for a person's eyes."""
    return clean(decode(raw if len(raw) <= longest else raw[:longest].rpartition(b"\n")[0], None))


def attached(raw: bytes) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of each attached file, in the order of `Mail.attachments`; also of a mail that `parse` refuses for its text.

    None of a mail that cannot be taken apart. Never raises.
    """
    for reader in (policy.default, policy.compat32):
        try:
            parts = list(islice(_walk(_message(raw, reader)), MOST_PARTS))
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
    subject, text = header(message, "Subject"), _text(parts)
    if not text and subject and attachments:
        text = subject  # a scan with a heading: the clerk reads the scan
    name, address = parseaddr(header(message, "From"))
    return Mail(
        message_id=header(message, "Message-ID"), sender_name=name.strip(),
        sender_address=address if _ADDRESS.fullmatch(address) else "",
        subject=subject[:LONGEST_LINE] or text.split("\n", 1)[0][:30], text=text, sent=header(message, "Date"),
        attachments=attachments, automatic=automatic(message, null_sender=null_sender), answerable=answerable(message),
        answers=_answers(message), recipients=_recipients(message), returned=returned(message),
    )  # fmt: skip


def _answers(message: Message) -> tuple[str, ...]:
    nearest = _MESSAGE_ID.findall(" ".join(every(message, "In-Reply-To")))
    before = _MESSAGE_ID.findall(" ".join(every(message, "References")))
    return tuple(dict.fromkeys([*nearest[:5], *reversed(before)]))[:MOST_REFERENCES]


def _recipients(message: Message) -> tuple[str, ...]:
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    lines = [line[:10_000] for name in names for line in every(message, name)]
    return tuple(dict.fromkeys(found.lower() for line in lines for found in _ADDRESS.findall(line)))[:MOST_REFERENCES]


def _walk(message: Message, depth: int = 0) -> Iterator[Message]:
    """The leaves, in order. A message inside the message counts as one leaf: it is somebody else's words."""
    if depth > DEEPEST:
        raise Unreadable("too_deep")
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        yield message
        return
    for part in cast("list[Message]", message.get_payload()):
        yield from _walk(part, depth + 1)


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
    return decode(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def _attachment(part: Message) -> str:
    """An attached file's name without its folders, or what stands for one; empty for a body."""
    name = part.get_filename()
    if name:
        return re.split(r"[/\\]", clean(unfold(str(name))).strip())[-1][:LONGEST_LINE] or "attachment"
    if part.get_content_type() == "message/rfc822":
        return "message.eml"
    return "attachment" if part.get_content_disposition() == "attachment" else ""
