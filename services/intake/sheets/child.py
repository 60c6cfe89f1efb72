"""The process that reads one table, in a sandbox of its own: `AFTER <file >rows`.

It writes JSON, a line each: first {"sheet", "row", "headings"}, then [row, cells] for each row after number AFTER, last
{"end": rows}; or {"fault": code}. Whatever a file does to it, it does to it alone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from services.intake.domain.headings import read_headings
from services.intake.sheets import MOST_IN_ALL, MOST_IN_ROW, MOST_OF_BYTE, Rows, Unreadable, text, xlsx

HEAD_ROWS = 30  # within which the headings must stand
MOST_PARTS, MOST_UNPACKED, MOST_RATIO, SMALL = 10_000, 2**30, 200, 64 * 2**20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def tables(file: BinaryIO) -> Iterator[tuple[str, Rows]]:
    """(name, rows) of each table of the file that may hold old cases. Raises Unreadable."""
    head = file.read(2048)
    file.seek(0)
    if not head.strip(b"\x00\r\n\t "):
        raise Unreadable("empty")
    if head.startswith(b"PK\x03\x04"):
        yield from _zipped(file)
    elif head.startswith(OLE):
        content = file.read()
        if ENCRYPTED in content:
            raise Unreadable("encrypted")
        yield from _legacy(content)
    elif head.lstrip(b"\xef\xbb\xbf\r\n\t ").lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"<meta")):
        raise Unreadable("page")
    elif head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"PK", b"Rar!", b"7z\xbc\xaf", b"GIF8", b"\x1f\x8b", b"{\\rtf")):
        raise Unreadable("no_table")
    else:
        yield "", text.rows(file)


def _zipped(file: BinaryIO) -> Iterator[tuple[str, Rows]]:
    try:
        archive = ZipFile(file)
    except (BadZipFile, ValueError, NotImplementedError, OSError) as fault:
        raise Unreadable("broken") from fault
    guard(archive)
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        book = xlsx.Workbook(archive)
        for name, path in book.sheets():
            yield name, book.rows(path)
    elif names & {"xl/workbook.bin", "content.xml"}:
        file.seek(0)
        yield from _legacy(file.read())
    else:
        raise Unreadable("no_table")


def _legacy(content: bytes) -> Iterator[tuple[str, Rows]]:
    from services.intake.sheets import legacy  # only here: most files need no other reader

    book = legacy.Workbook(content)
    for name, path in book.sheets():
        yield name, book.rows(path)


def guard(archive: ZipFile) -> None:
    """Refuse an archive that swells: by its parts, their size unpacked, and how much smaller they are packed. Raises Unreadable."""
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_RATIO * max(packed, 1)):
        raise Unreadable("bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted")


def bounded(rows: Rows, most: int) -> Rows:
    """The rows, as long as each is of a size that can be handed over, and all have at most `most` characters. Raises Unreadable."""
    told = 0
    for number, cells in rows:
        size = sum(map(len, cells))
        told += size
        if size > MOST_IN_ROW:
            raise Unreadable("long_row", number)
        if told > most:
            raise Unreadable("bomb", number)
        yield number, cells


def lines(file: BinaryIO, after: int) -> Iterator[Any]:
    """What is written, as JSON values."""
    seen, most = 0, max(MOST_IN_ALL, MOST_OF_BYTE * file.seek(0, os.SEEK_END))
    file.seek(0)
    for name, found in tables(file):
        rows = bounded(found, most)
        head = list(islice(rows, HEAD_ROWS))
        seen += len(head)
        place = next((at for at, (_, cells) in enumerate(head) if read_headings(cells)), None)
        if place is None:
            continue
        number, headings = head[place]
        yield {"sheet": name, "row": number, "headings": headings}
        count = 0
        for number, cells in chain(head[place + 1 :], rows):
            count += 1
            if number > after:
                yield [number, cells]
        yield {"end": count}
        return
    raise Unreadable("no_headings" if seen else "empty")


def main() -> None:
    """Read, and tell."""
    write = sys.stdout.write
    try:
        for value in lines(sys.stdin.buffer, int(sys.argv[1])):
            write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    except Unreadable as fault:
        write(json.dumps({"fault": fault.code, "row": fault.row}) + "\n")
    except (MemoryError, RecursionError):
        write(json.dumps({"fault": "too_large", "row": 0}) + "\n")
    except BrokenPipeError:
        os._exit(0)  # nobody wants to know any more
    sys.stdout.flush()


if __name__ == "__main__":
    main()
