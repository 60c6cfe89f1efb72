"""Files as petitioners, and people who wish them ill, send them. What is dangerous is made here and kept nowhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache
from typing import Any

from PIL import Image, PngImagePlugin, TiffImagePlugin

from tests import canaries

CANARY, MARK = canaries.IN_PICTURE, "canary-in-picture"
GPS = 34853  # EXIF's tag of the place where a photo was taken
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = b"MZ\x90\x00" + b"\x00" * 60
PAGE = b"<!DOCTYPE html><script>alert(1)</script>"


def _bytes(picture: Image.Image, form: str, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def _drawn(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    """The left half white, so that a turn shows."""
    picture = Image.new(mode, size, 0)
    picture.paste(255 if mode in ("1", "L") else (255,) * len(mode), (0, 0, size[0] // 2, size[1]))
    return picture


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = "ImageDescription " + CANARY, CANARY, 6  # turned by a quarter
    exif.get_ifd(GPS).update({1: "N", 2: (26.0, 7.0, 38.0), 3: "E", 4: (113.0, 6.0, 58.0)})
    return exif


@cache
def photo(size: tuple[int, int] = (40, 30)) -> bytes:
    """A telephone's photo: place, author, a comment, and a note in its IPTC block."""
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{CANARY}</x:xmpmeta>".encode()
    plain = _bytes(_drawn(size), "JPEG", exif=_exif(), comment=CANARY.encode(), xmp=xmp)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x20" + CANARY.encode()
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + plain[2:] + CANARY.encode()


@cache
def screenshot() -> bytes:
    """A PNG with text chunks, plain, packed and international, and a place in its EXIF chunk."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "canary " + CANARY.encode().hex())
    texts.add_itxt("Author", CANARY)
    texts.add_text("Packed", CANARY.encode().hex(), zip=True)
    return _bytes(_drawn(mode="RGBA"), "PNG", pnginfo=texts, exif=_exif())


@cache
def fax(pages: int = 3) -> bytes:
    """A TIFF of several pages, black and white, with an author."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[315] = MARK
    sheets = [_drawn((1000 + number, 700), "1") for number in range(pages)]
    return _bytes(sheets[0], "TIFF", save_all=True, append_images=sheets[1:], compression="group4", tiffinfo=tags)


@cache
def webp() -> bytes:
    return _bytes(_drawn(), "WEBP", exif=_exif(), xmp=CANARY.encode())


@cache
def scanned_pdf(pages: int = 2) -> bytes:
    """Scanned pages, by an author, with a script that would run at opening."""
    sheets = [_drawn((300, 400)) for _ in range(pages)]
    plain = _bytes(sheets[0], "PDF", save_all=True, append_images=sheets[1:], author=MARK, title=CANARY)
    return plain.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", 1)


@cache
def bomb(side: int = 60_000, lines: int = 20) -> bytes:
    """A PNG of some kilobytes that says to be gigabytes; of its lines so many are there."""
    rows = zlib.compressobj(9)
    line = b"\x00" * (1 + side * 3)
    data = b"".join(rows.compress(line) for _ in range(lines)) + rows.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def zipped(**names: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in names.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def docx(*, macros: bool = False) -> bytes:
    parts = {"[Content_Types]_dot_xml": b"<Types/>", "word__document_dot_xml": b"<w/>"}
    return zipped(**parts | ({"word__vbaProject_dot_bin": b"\x00"} if macros else {}))


def zip_bomb() -> bytes:
    return zipped(a=b"\x00" * 20_000_000)


def slip_zip() -> bytes:
    """A zip that would write out of its folder, and a link in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("../../../../etc/cron.d/x", b"* * * * * root true")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    return out.getvalue()


def ole(stream: str, *, macros: bool = False) -> bytes:
    inside = stream.encode("utf-16-le") + ("_VBA_PROJECT".encode("utf-16-le") if macros else b"")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500 + inside


def mp4(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 40


ACCEPTED: dict[str, bytes] = {
    "amr": b"#!AMR\n\x3c\x00", "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ", "mp3": b"ID3\x04\x00", "aac": b"\xff\xf1\x50\x80",
    "m4a": mp4(b"M4A "), "mp4": mp4(b"isom"), "ogg": b"OggS\x00", "heic": mp4(b"heic"), "pdf": b"%PDF-1.4\n", "rtf": b"{\\rtf1 }",
    "doc": ole("WordDocument"), "xls": ole("Workbook"), "ppt": ole("PowerPoint Document"), "ole": ole("Something"),
    "zip": zipped(a=b"a"), "docx": docx(), "xlsx": zipped(xl__workbook_dot_xml=b"<x/>"), "txt": "你好，书记。\r\n".encode(),
    "pptx": zipped(ppt__presentation_dot_xml=b"<p/>"), "ofd": zipped(OFD_dot_xml=b"<o/>"),
    "odf": zipped(mimetype=b"application/vnd.oasis.opendocument.text"),
}  # fmt: skip
ACCEPTED["odf"] = b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text"

REFUSED: dict[str, bytes] = {
    "empty": b"", "windows program": PROGRAM, "linux program": b"\x7fELF\x02\x01", "mac program": b"\xcf\xfa\xed\xfe\x07",
    "java class": b"\xca\xfe\xba\xbe\x00", "shell script": b"#!/bin/sh\nrm -rf ~\n", "page": PAGE, "late page": b"\n \n" + PAGE,
    "wide page": PAGE.decode().encode("utf-16"), "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "php": b"<?php system('id');",
    "batch": b"@echo off\r\nformat c:", "short cut": b"L\x00\x00\x00\x01\x14\x02\x00" + b"\x00" * 60,
    "noise": bytes(range(256)) * 4, "half a gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
}  # fmt: skip
