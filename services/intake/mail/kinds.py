"""Whether a person wrote a mail, whether a machine may answer it (RFC 3834), and what a returned one says (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import cast

from services.intake.mail.text import clean, decode, header

MOST_HOPS = 100  # RFC 5321, 6.3: so many Received headers are a loop
_STATUSES = ("message/delivery-status", "message/global-delivery-status")
_LISTS = ("List-Id", "List-Post", "List-Unsubscribe", "List-Help")
# What programs set before the subject of what they answer; with a colon or alone, so that a person's words are not taken for it.
_AWAY = re.compile(
    r"^[\s\[【(（]*((外出|休假|离开)?(自动|自動)(回复|回覆|答复|答覆|应答)|auto(matic)?[ -]?(reply|response)|out[ -]of[ -](the[ -])?office"
    r"([ -](auto)?[ -]?(reply|response|message))?|vacation (reply|response))\s*([\]】)）:：]|$)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_SAYS_SO = re.compile(r"(?<![\d.])([45])\d\d[ -](?:#?([45]\.\d{1,3}\.\d{1,3})\s)?")
LONGEST_REPORT = 20_000  # characters of a report that are looked at


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What a server says of a mail that it could not deliver.

    `final`: it has given up. `status`: the enhanced code, as 5.1.1, or empty. `of`: Message-IDs of what came back.
    """

    final: bool
    status: str
    of: tuple[str, ...]


def automatic(message: Message, *, null_sender: bool = False) -> str:
    """Why no person can have written a mail: loop, bounce, auto_reply, null_sender, bulk; empty for a person's."""
    kind = header(message, "Auto-Submitted").lower()
    if header(message, "X-Loop") or len(_named(message, "Received")) > MOST_HOPS:
        return "loop"
    if _report(message) == "delivery-status":
        return "bounce"
    if kind not in ("", "no") or _report(message) or _marked(message) or _AWAY.match(header(message, "Subject")):
        return "auto_reply"
    if null_sender or header(message, "Return-Path") == "<>":
        return "null_sender"
    return "bulk" if _precedence(message) or any(header(message, name) for name in _LISTS) else ""


def answerable(message: Message) -> bool:
    """Whether the sender does not mind an answer by a machine."""
    return header(message, "X-Auto-Response-Suppress").lower() in ("", "none")


def returned(message: Message) -> Returned | None:
    """What came back, if the mail is a server's report on one; in its standard form, or in a server's own words."""
    if _report(message) == "delivery-status":
        return _standard(message)
    if message.get_content_maintype() == "text" and header(message, "Auto-Submitted").lower() != "auto-replied":
        payload = message.get_payload(decode=True)
        found = _SAYS_SO.search(decode(payload[:LONGEST_REPORT], None)) if isinstance(payload, bytes) else None
        if found:
            return Returned(final=True, status=found[2] or f"{found[1]}.0.0", of=())
    return None


def _standard(message: Message) -> Returned | None:
    action, status, of = "", "", []
    for part in _parts(message):
        if part.get_content_type() in _STATUSES:
            for block in _blocks(part):
                action = action or header(block, "Action").lower()
                status = status or (_STATUS.findall(header(block, "Status")) or [""])[0]
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            of.append(header(_enclosed(part), "Message-ID"))
    if action not in ("failed", "delayed"):
        return None  # delivered, relayed, expanded: nothing came back
    return Returned(final=action == "failed", status=status, of=tuple(found for found in of if found))


def _parts(message: Message) -> list[Message]:
    return cast("list[Message]", message.get_payload())[:20] if message.is_multipart() else []


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status: of the mail, then of each recipient."""
    if header(part, "Content-Transfer-Encoding").lower() in ("base64", "quoted-printable"):
        plain = Message()  # the library takes the encoded lines for fields
        plain["Content-Transfer-Encoding"] = header(part, "Content-Transfer-Encoding")
        plain.set_payload(part.as_string()[:LONGEST_REPORT].partition("\n\n")[2])
        payload = plain.get_payload(decode=True)
        text = clean(decode(payload, None)) if isinstance(payload, bytes) else ""
        yield from (HeaderParser().parsestr(block.lstrip()) for block in text.split("\n\n")[:20])
    else:
        yield from _parts(part)


def _enclosed(part: Message) -> Message:
    """The mail that came back, or what of its headers did."""
    if part.is_multipart():
        return cast("list[Message]", part.get_payload())[0]
    payload = part.get_payload(decode=True)
    return HeaderParser().parsestr(clean(decode(payload, None)).lstrip() if isinstance(payload, bytes) else "")


def _report(message: Message) -> str:
    """The kind of a multipart/report: delivery-status, disposition-notification; empty when it is none."""
    if message.get_content_type() != "multipart/report":
        return ""
    kind = str(message.get_param("report-type") or "").lower()
    if kind in ("delivery-status", "") and any(part.get_content_type() in _STATUSES for part in _parts(message)):
        return "delivery-status"
    return kind or "unknown"


def _marked(message: Message) -> bool:
    """The marks of older programs that answer by themselves."""
    names = ("X-Autoreply", "X-Autorespond", "X-Autogenerated", "X-AutoReply-From", "X-Mail-Autoreply")
    return any(header(message, name).lower() not in ("", "no") for name in names)


def _precedence(message: Message) -> bool:
    return header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply")


def _named(message: Message, name: str) -> list[str]:
    return [key for key in message.keys() if key.lower() == name.lower()]  # noqa: SIM118 - a message iterates otherwise
