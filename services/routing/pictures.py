"""A photograph of handwriting as a picture that holds nothing else: upright, and without place, camera or author.

Decoders are where files bite, so one is read in a process of its own, with little memory and time and without our environment:

    python -m services.routing.pictures <photograph >picture
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import threading
from typing import Any

MEMORY, SECONDS, PATIENCE = 512 * 2**20, 10, 20
MOST_PIXELS = 60_000_000  # telephones take up to 50 million
LONGEST_SIDE = 2000  # pixels: handwriting stays readable
_gate = threading.BoundedSemaphore(2)


class CannotDraw(Exception):
    """The file is broken, not what it says, or too much to decode."""


def drawn_anew(content: bytes) -> bytes:
    """The picture as JPEG. Raises CannotDraw."""
    command = [sys.executable, "-P", "-X", "utf8", "-m", "services.routing.pictures"]
    with _gate:
        try:
            child = subprocess.run(  # noqa: S603 - our own module
                command, input=content, capture_output=True, timeout=PATIENCE, check=False, env={"LANG": "C.UTF-8"}
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise CannotDraw from None
    if child.returncode or not child.stdout:
        raise CannotDraw
    return child.stdout


def _upright(content: bytes) -> Any:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # ours counts what is decoded: a large JPEG is decoded at half its size
    picture: Any = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture.convert("RGBA"))
        picture = white
    picture = picture.convert("L" if picture.mode in ("1", "L", "I;16", "I", "F") else "RGB")
    return Image.frombytes(picture.mode, picture.size, picture.tobytes())  # the points and nothing else


def main() -> None:
    """Draw what comes in; any fault ends the process with 1, and with nothing said."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    try:
        out = io.BytesIO()
        _upright(sys.stdin.buffer.read()).save(out, "JPEG", quality=85)
    except BaseException:  # what went wrong is nobody's business but the file's
        raise SystemExit(1) from None
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
