"""What a file is, told by its bytes. Its name and what its sender declared are somebody's word and count for nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.intake.domain.attachment import Kind
from shared.errors import Refused

_HEAD = 4096
# Form of file -> what its bytes begin with. The order counts: the particular stands before the general.
_BEGINNINGS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (form, re.compile(pattern, re.DOTALL))
    for form, pattern in (
        ("amr", rb"#!AMR"),
        ("pdf", rb"%PDF-"),
        ("jpeg", rb"\xff\xd8\xff"),
        ("png", rb"\x89PNG\r\n\x1a\n"),
        ("tiff", rb"II\*\x00|MM\x00\*"),
        ("webp", rb"RIFF....WEBP"),
        ("wav", rb"RIFF....WAVE"),
        ("heic", rb"....ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1)"),
        ("m4a", rb"....ftypM4[AB]"),
        ("mp4", rb"....ftyp"),
        ("aac", rb"\xff[\xf1\xf9]"),
        ("mp3", rb"ID3|\xff[\xfa\xfb\xf2\xf3]"),
        ("ogg", rb"OggS"),
        ("zip", rb"PK(?:\x03\x04|\x05\x06)"),
        ("ole", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("rtf", rb"\{\\rtf"),
    )
)
# Containers: what is in them, by names that stand in the clear. Nothing is unpacked, so nothing swells.
_INSIDE: dict[str, tuple[tuple[str, bytes], ...]] = {
    "zip": (("ofd", b"OFD.xml"), ("docx", b"word/document.xml"), ("xlsx", b"xl/workbook.xml"), ("pptx", b"ppt/presentation.xml"),
            ("odf", b"application/vnd.oasis.opendocument")),
    "ole": tuple((form, name.encode("utf-16-le")) for form, name in
                 (("doc", "WordDocument"), ("xls", "Workbook"), ("ppt", "PowerPoint Document"))),
}  # fmt: skip
_PROGRAM = re.compile(
    rb"MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|#!|L\x00\x00\x00\x01\x14\x02\x00|dex\n|!<arch>",
    re.DOTALL,
)
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php|%|x:|xsl:|hta:)|@echo\s|<!--", re.IGNORECASE
)  # fmt: skip
_MACROS = (b"vbaProject.bin", "_VBA_PROJECT".encode("utf-16-le"), b"Basic/script-lb.xml", b"xl/macrosheets/")
PICTURES = frozenset({"jpeg", "png", "tiff", "webp"})
SHOWN = PICTURES | {"pdf"}  # of which pages can be shown
_RECORDINGS = frozenset({"aac", "amr", "m4a", "mp3", "mp4", "ogg", "wav"})
_OFFICE = frozenset({"doc", "docx", "odf", "ofd", "ppt", "pptx", "xls", "xlsx"})
_ENDINGS = {"jpeg": "jpg", "tiff": "tif"}
FORMS = PICTURES | _RECORDINGS | _OFFICE | {"heic", "ole", "pdf", "rtf", "txt", "zip"}


@dataclass(frozen=True, kw_only=True)
class Sniffed:
    """What the bytes are. `macros`: an office document that brings programs of its own."""

    form: str
    macros: bool = False

    @property
    def paged(self) -> bool:
        """Whether this may be a page of a letter."""
        return self.form in SHOWN | {"heic"}

    @property
    def kind(self) -> Kind:
        """What a file of this form most likely is of a petition, when nobody said so."""
        if self.form in PICTURES | {"heic"}:
            return Kind.PHOTO
        if self.form in _RECORDINGS:
            return Kind.RECORDING
        return Kind.DOCUMENT if self.form in _OFFICE | {"pdf", "rtf", "txt"} else Kind.OTHER


def ending(form: str, *, macros: bool) -> str:
    """What a download's name ends in: its form's own, but `.bin` for what may hold programs, so that no click starts it."""
    return ".bin" if macros or form in ("ole", "odf", "rtf", "zip") else f".{_ENDINGS.get(form, form)}"


def sniff(content: bytes, *, name: str, largest: int) -> Sniffed:
    """What a file is. Raises Refused for one that is empty, too large, a program, a page with scripts, or of no known kind."""
    if not content:
        raise Refused("files", "“%(name)s”是空的。", "请核对后重新选择文件。", name=name)
    if len(content) > largest:
        raise Refused("files", "“%(name)s”超过 %(max)s MB。", "请压缩后再交，或分成几个文件。", name=name, max=largest // 2**20)
    head = content[:_HEAD]
    form = next((form for form, pattern in _BEGINNINGS if pattern.match(head)), "")
    if form:
        form = next((inner for inner, mark in _INSIDE.get(form, ()) if mark in content), form)
        return Sniffed(form=form, macros=form in _OFFICE | {"ole", "zip"} and any(mark in content for mark in _MACROS))
    _check_text(content, name)
    return Sniffed(form="txt")


def _check_text(content: bytes, name: str) -> None:
    """Raise Refused unless this is text, and nothing that a machine would run."""
    head = content[:_HEAD]
    if _PROGRAM.match(head):
        raise Refused("files", "“%(name)s”是程序，不能作附件。", "请交文档、图片、录音或录像。", name=name)
    if _MARKUP.search(_narrow(head)):
        raise Refused("files", "“%(name)s”是网页或脚本，不能作附件。", "请存为 PDF 或图片后再交。", name=name)
    if not _readable(content):
        raise Refused(
            "files",
            "“%(name)s”的格式不认识。",
            "请交 PDF、图片、录音、录像、办公文档或纯文本；其他格式请打成 zip 再交。",
            name=name,
        )


def _narrow(head: bytes) -> bytes:
    """The beginning with wide characters made narrow: markup hides in UTF-16, too."""
    return head.replace(b"\x00", b"")[:1024]


def _readable(content: bytes) -> bool:
    """Whether this is plain text: of a known encoding, without what no text holds."""
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "gb18030"):
        try:
            return not re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False
