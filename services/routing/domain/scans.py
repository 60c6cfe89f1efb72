"""A scanned signature page: what may be one, told by its bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from shared.errors import Refused

LARGEST = 5 * 2**20
_BEGINNINGS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "pdf": b"%PDF-"}
# What a name may not hold: what steers a terminal or turns the direction of writing, and what parts folders.
_STEERING = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]")


@dataclass(frozen=True, kw_only=True, repr=False)
class Scan:
    """A page as it was uploaded."""

    name: str
    form: str
    sha256: str
    content: bytes


def read_scan(name: str, content: bytes) -> Scan:
    """The page, named without what steers a screen. Raises Refused for what is empty, too large, or no picture and no PDF."""
    plain = _STEERING.sub("", name).strip()[-100:] or "page"
    if not content:
        raise Refused("page", "签字页“%(name)s”是空的。", "请重新选择文件。", name=plain)
    if len(content) > LARGEST:
        raise Refused("page", "签字页超过%(most)s MB。", "请降低扫描分辨率后再传。", most=LARGEST // 2**20)
    form = next((form for form, mark in _BEGINNINGS.items() if content.startswith(mark)), None)
    if form is None:
        raise Refused("page", "签字页只能是 PNG、JPEG 或 PDF。", "请重新扫描后再传。")
    return Scan(name=plain, form=form, sha256=hashlib.sha256(content).hexdigest(), content=content)
