"""Pages of a petitioner's files as pictures that hold nothing else: no place, no camera, no author, no script.

This module is also the program that decodes one file, in a sandbox of its own:

    look FORM  <file      -> the number of pages that can be shown
    N FORM     <file      -> page N as JPEG
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from typing import Any

from shared.confined import Died, Sandbox

SANDBOX = Sandbox(module="services.intake.files.showing", memory=512 * 2**20, seconds=5, patience=15)
PATIENCE = 15  # seconds of waiting for a turn
LONGEST = 32 * 2**20  # bytes of a page: three for each point of it, and a JPEG is always smaller
MOST_PIXELS = 40_000_000  # an A4 page at 600 dots an inch has 35 million
LONGEST_SIDE = 2000  # pixels of a page that is shown: handwriting stays readable
MOST_PAGES = 200
# Of a process: more would only wait for the processor, with their files in memory. To open a file takes a quarter of the time that
# one of its pages takes (0.2 s of 0.8 s for 49 MB), so nothing that was opened is kept for the next page.
_gate = threading.BoundedSemaphore(2)


class CannotShow(Exception):
    """The file is broken, not what it says, or too much to decode; the original is kept whatever it is."""


class Busy(Exception):
    """Try again later: everybody's files are being decoded. Nothing is said of this one."""


def count_pages(content: bytes, form: str) -> int:
    """How many pages of a picture or a PDF can be shown. The first was decoded for it. Raises CannotShow, Busy."""
    return int(_run("look", form, lambda: content))


def page(content: Callable[[], bytes], form: str, number: int) -> bytes:
    """A page, from 1, as JPEG, upright and without any metadata. `content` is called when its turn has come, so that no more
    files are in memory than are decoded. Raises CannotShow, Busy, and what `content` raises.
    """
    return _run(str(number), form, content)


def _run(task: str, form: str, content: Callable[[], bytes]) -> bytes:
    if not _gate.acquire(timeout=PATIENCE):
        raise Busy("no turn")
    try:
        return SANDBOX.run(content(), task, form, most=LONGEST)
    except Died as fault:
        raise CannotShow(str(fault)) from None
    finally:
        _gate.release()


def _pages_of_pdf(content: bytes, task: str) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)  # scripts and forms stay asleep: no form environment is made
    if task == "look":
        _of_pdf(document, 0)
        return min(len(document), MOST_PAGES)
    return _of_pdf(document, int(task) - 1)


def _of_pdf(document: Any, index: int) -> Any:
    sheet = document[index]
    return sheet.render(scale=LONGEST_SIDE / max(*sheet.get_size(), 1)).to_pil()


def _pages_of_picture(content: bytes, task: str) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # ours counts what is decoded: a large JPEG is decoded at half its size
    picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "TIFF", "WEBP"))
    pages = min(getattr(picture, "n_frames", 1), MOST_PAGES)
    if task != "look":
        picture.seek(int(task) - 1)
    picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    if task == "look":
        picture.load()
        return pages
    return _upright(picture)


def _upright(picture: Any) -> Any:
    from PIL import Image, ImageOps

    if max(picture.size) > LONGEST_SIDE and picture.mode == "1":
        picture = picture.convert("L")  # or the strokes of a fax fall between the points that are kept
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture.convert("RGBA"))
        picture = white
    return picture.convert("L" if picture.mode in ("1", "L", "I;16", "I", "F") else "RGB")


def _bare(picture: Any) -> bytes:
    """The points and nothing else: what came with them stays behind, for a new picture is made of them."""
    from PIL import Image

    clean, out = Image.frombytes(picture.mode, picture.size, picture.tobytes()), io.BytesIO()
    clean.save(out, "JPEG", quality=85)
    return out.getvalue()


def main() -> None:
    """Decode what comes in and say what it is; any fault ends the process with 1, and with nothing said."""
    task, form = sys.argv[1:]
    content = sys.stdin.buffer.read()
    try:
        found = (_pages_of_pdf if form == "pdf" else _pages_of_picture)(content, task)
        said = str(found).encode() if task == "look" else _bare(found)
    except BaseException:  # the message of a fault may hold the file's words
        raise SystemExit(1) from None
    sys.stdout.buffer.write(said)


if __name__ == "__main__":
    main()
