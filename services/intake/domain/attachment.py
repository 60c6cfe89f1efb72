"""Files that belong to a petition: what each is, how its name is cleaned, in which order they stand. Pure: `now` is handed in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.contract.person import Person
from shared.errors import Refused

MOST_FILES = 20  # of one form
MOST_OF_CASE = 500
LONGEST_NAME = 200
UNNAMED = "附件"
# What turns the direction of a line, has no width, or steers a terminal: it would make a name read as another.
_DECEIVING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]")


class Kind(StrEnum):
    """What a file is of the petition: a page of the letter, its envelope, a photo, a recording, a document, something else."""

    SCAN = "scan"
    ENVELOPE = "envelope"
    PHOTO = "photo"
    RECORDING = "recording"
    DOCUMENT = "document"
    OTHER = "other"


class Scan(StrEnum):
    """What the virus scanner said. NONE: this instance had no scanner; WAITING: it was away; FAILED: it could not read the file or
    did not finish; OVERSIZE: the file is beyond the scanner's own limits.
    """

    NONE = "none"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"
    OVERSIZE = "oversize"


# How long a file that the scanner did not finish waits for its next turn; after the last it is not tried again.
AGAIN = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
_OWED = frozenset({Scan.NONE, Scan.WAITING})


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One file's row. Its name and its bytes are sealed under the case's key; `stored` is the file's name in the store.

    `pages` is how many pages of it can be shown: 0 for what is only downloaded, and for a picture that cannot be read.
    """

    id: UUID
    case_id: UUID
    position: int
    kind: Kind
    form: str  # what its bytes are, as `sniffing` has it
    size: int
    pages: int
    macros: bool
    unreadable: bool
    name: bytes
    stored: str
    scan: Scan
    finding: str  # the scanner's name for what it found
    added_at: datetime
    added_by: Person | None  # None: the petitioner
    removed_at: datetime | None = None
    removed_by: Person | None = None
    scan_tries: int = 0  # that the scanner did not finish
    scan_at: datetime | None = None  # when it is due for the scanner; none: no scan is owed


def clean_name(given: str) -> str:
    """A file's name without its folders and without what makes it read as another; at most 200 characters, never empty."""
    name = re.split(r"[/\\]", _DECEIVING.sub("", given))[-1]
    name = re.sub(r"\s+", " ", name).strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        kept = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
        name = name[: LONGEST_NAME - len(kept)] + kept
    return name or UNNAMED


def after_scan(attachment: Attachment, verdict: Scan, finding: str = "", *, now: datetime) -> Attachment:
    """The scanner's word on a file, and when it is asked again: at once if nobody was, ever later for what it did not finish.

    What it found once stays so: a newer word may only be worse.
    """
    if attachment.scan is Scan.INFECTED:
        return attachment
    tries, again = attachment.scan_tries, now if verdict in _OWED else None
    if verdict is Scan.FAILED:
        again = now + AGAIN[tries] if tries < len(AGAIN) else None
        tries += 1
    return replace(attachment, scan=verdict, finding=finding, scan_tries=tries, scan_at=again)


def put_off(attachment: Attachment, *, now: datetime) -> Attachment:
    """Ever later, without a word on the file: its bytes cannot be had, or the scanner went away with it in hand."""
    tries = attachment.scan_tries
    return replace(attachment, scan_tries=tries + 1, scan_at=now + AGAIN[min(tries, len(AGAIN) - 1)])


def check_open(attachment: Attachment) -> None:
    """Raise Refused for a file in which a virus was found: nobody opens it here."""
    if attachment.scan is Scan.INFECTED:
        raise Refused("attachment", "这个文件里发现了病毒，已经隔离。", "请信访人另交一份。")


def check_room(present: int, coming: int) -> None:
    """Raise Refused when a case would hold more files than anybody can read."""
    if present + coming > MOST_OF_CASE:
        raise Refused("files", "一件信访件最多 %(max)s 个附件。", "请合并成较少的文件后再交。", max=MOST_OF_CASE)


def arrange(attachments: Sequence[Attachment], places: Mapping[UUID, int], kinds: Mapping[UUID, Kind]) -> list[Attachment]:
    """Those whose place or kind changes: files by the place that was written beside each, equal places by the old order.

    Raises Refused for a file that is not one of the case's.
    """
    known = {attachment.id for attachment in attachments}
    if not {*places, *kinds} <= known:
        raise Refused("order", "附件清单已经变了。", "请刷新页面，核对后再调整顺序。")
    wanted = sorted(attachments, key=lambda one: (places.get(one.id, one.position), one.position))
    arranged = [
        replace(attachment, position=position, kind=kinds.get(attachment.id, attachment.kind))
        for position, attachment in enumerate(wanted, 1)
    ]
    return [attachment for attachment in arranged if attachment not in attachments]


def remove(attachment: Attachment, *, by: Person, now: datetime) -> Attachment:
    """Taken off the list, and kept. Twice changes nothing."""
    return attachment if attachment.removed_at else replace(attachment, removed_at=now, removed_by=by)


def put_back(attachment: Attachment) -> Attachment:
    """On the list again."""
    return replace(attachment, removed_at=None, removed_by=None)
