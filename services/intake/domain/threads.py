"""Mails that belong to a case that is there already: what they answer, and what a clerk has not read of them yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contract.person import Person

TAG_LENGTH = 26  # 128 bits in base32
_TAG = re.compile(r"[+\-=]([0-9a-hjkmnp-tv-z]{26})@", re.IGNORECASE)
_OURS = re.compile(r"<([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})@[^<>]*>", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d-])\d{6,12}-\d{4}-\d{6,9}(?![\d-])")


class Kind(StrEnum):
    """What joined a case: somebody's words, a server's report that ours did not arrive, a machine's answer."""

    ANSWER = "answer"
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """A mail that joined a case; its words and bytes lie sealed beside it. `stranger`: from another address than the petitioner's."""

    id: UUID
    case_id: UUID
    key: UUID  # by its Message-ID: the same mail joins once
    kind: Kind
    stranger: bool
    received_at: datetime
    size: int
    seen_at: datetime | None
    seen_by: Person | None = None


def arrive(
    *, id: UUID, case_id: UUID, key: UUID, kind: Kind, stranger: bool, size: int, news: bool, now: datetime
) -> Correspondence:
    """A mail joins its case. What is no news (an absence note, a delay) waits for nobody."""
    return Correspondence(
        id=id, case_id=case_id, key=key, kind=kind, stranger=stranger, received_at=now, size=size, seen_at=None if news else now
    )


def see(mail: Correspondence, *, by: Person, now: datetime) -> Correspondence:
    """A clerk has read it; whoever was first stays named."""
    return mail if mail.seen_at else replace(mail, seen_at=now, seen_by=by)


def tagged(address: str, tag: str, delimiter: str) -> str:
    """An address of ours that names a case or a message by its tag: letters+7k2m...@yongxing.example."""
    local, _, domain = address.rpartition("@")
    return f"{local}{delimiter}{tag}@{domain}"


def tags(addresses: Iterable[str]) -> tuple[str, ...]:
    """The tags that some addresses bear, made up or real."""
    return tuple(dict.fromkeys(found[1].lower() for address in addresses if (found := _TAG.search(address))))


def plain(address: str) -> str:
    """An address of ours without its tag, in small letters."""
    return _TAG.sub("@", address.strip().lower())


def messages_of_ours(message_ids: Iterable[str]) -> tuple[UUID, ...]:
    """The messages to petitioners that some Message-IDs may be of: `<id@domain>`."""
    return tuple(UUID(found[1]) for text in message_ids if (found := _OURS.fullmatch(text.strip())))


def mentioned(title: str) -> tuple[str, ...]:
    """The numbers of petitions that a title names. Numbers can be guessed, so a person decides whether they belong together."""
    return tuple(dict.fromkeys(_NUMBER.findall(title)))[:5]
