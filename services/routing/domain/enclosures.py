"""Handwriting and dictation beside an instruction: what may be enclosed, told by its bytes, and what it may not bring along."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.errors import Refused

LARGEST = 10 * 2**20
TOGETHER = 20 * 2**20  # bytes of one form's files
MOST = 6
# Form of file -> what its bytes begin with. Its name and what the browser says of it count for nothing.
_FORMS = tuple(
    (kind, form, re.compile(pattern, re.DOTALL))
    for kind, form, pattern in (
        ("picture", "jpeg", rb"\xff\xd8\xff"),
        ("picture", "png", rb"\x89PNG\r\n\x1a\n"),
        ("picture", "webp", rb"RIFF....WEBP"),
        ("sound", "wav", rb"RIFF....WAVE"),
        ("sound", "amr", rb"#!AMR"),
        ("sound", "3gp", rb"....ftyp3g"),
        ("sound", "m4a", rb"....ftyp"),
        ("sound", "webm", rb"\x1aE\xdf\xa3.{0,60}webm"),
        ("sound", "ogg", rb"OggS"),
        ("sound", "aac", rb"\xff[\xf1\xf9]"),
        ("sound", "mp3", rb"ID3|\xff[\xfa\xfb\xf2\xf3]"),
    )
)
# A film holds sound too; it is none.
_FILMS = {
    "3gp": re.compile(rb"hdlr.{8}vide", re.DOTALL), "m4a": re.compile(rb"hdlr.{8}vide", re.DOTALL),
    "webm": re.compile(rb"V_(?:VP[89]|AV1|MPEG)"), "ogg": re.compile(rb"\x80theora"),
}  # fmt: skip
_ASIDE = (b"udta", b"meta", b"uuid")  # where telephones write place, owner and model
_AROUND = (b"moov", b"trak")


@dataclass(frozen=True, kw_only=True, repr=False)
class Enclosed:
    """A file as it may be kept. `kind`: picture or sound."""

    kind: str
    form: str
    content: bytes


def look(content: bytes) -> Enclosed:
    """What a file is; of a recording without what telephones write beside the sound. Pictures are drawn anew before they are kept.

    Raises Refused for what is empty, too large, broken, or neither a picture nor a recording.
    """
    if not content:
        raise Refused("enclosures", "附件是空的。", "请重新选择文件。")
    if len(content) > LARGEST:
        raise Refused("enclosures", "附件超过%(most)s MB。", "请降低清晰度或缩短录音后再传。", most=LARGEST // 2**20)
    found = next(((kind, form) for kind, form, begins in _FORMS if begins.match(content)), None)
    if found is None:
        raise Refused(
            "enclosures", "附件只能是照片（JPEG、PNG、WebP）或录音（m4a、mp3、wav、ogg、webm、amr、3gp、aac）。", "请换一个文件。"
        )
    kind, form = found
    if form in _FILMS and _FILMS[form].search(content):
        raise Refused("enclosures", "附件是录像，不是录音。", "请只录音，或改附照片。")
    return Enclosed(kind=kind, form=form, content=_bare(form, content))


def check_number(waiting: int) -> None:
    """Raises Refused when more wait than an instruction may have."""
    if waiting > MOST:
        raise Refused("enclosures", "一次批示最多附%(most)s个文件。", "请去掉一些。", most=MOST)


def named(kind: str, number: int, form: str) -> str:
    """What it is called from now on: a name that its author's device gave it may tell of somebody."""
    return f"{'手写批示' if kind == 'picture' else '口述批示'}{number}.{'jpg' if form == 'jpeg' else form}"


def _bare(form: str, content: bytes) -> bytes:
    if form == "mp3" and content.startswith(b"ID3"):
        head = content[6:10]
        size = head[0] << 21 | head[1] << 14 | head[2] << 7 | head[3] if len(head) == 4 else 0
        return content[10 + size :]
    if form in ("m4a", "3gp"):
        boxes = bytearray(content)
        _blank(boxes, 0, len(boxes))
        return bytes(boxes)
    return content


def _blank(boxes: bytearray, start: int, end: int) -> None:
    """Empty the boxes that hold no sound, in their places, so that every other one is found where it was. Raises Refused."""
    while start < end:
        size, kind = int.from_bytes(boxes[start : start + 4]), bytes(boxes[start + 4 : start + 8])
        head = 8
        if size == 1:
            size, head = int.from_bytes(boxes[start + 8 : start + 16]), 16
        size = size or end - start
        if size < head or start + size > end:
            raise Refused("enclosures", "录音文件已损坏。", "请重新录音，或换一个文件。")
        if kind in _ASIDE:
            boxes[start + 4 : start + 8] = b"free"
            boxes[start + head : start + size] = bytes(size - head)
        elif kind in _AROUND:
            _blank(boxes, start + head, start + size)
        start += size
