"""A document as PDF. It is set in a process of its own, whose memory is given back when it is done."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reporting.documents.official import Document
from shared.errors import Unavailable

_ROOM = Path(__file__).parents[1]
_STYLES = ("official.css", "official-paper.css")
_AT_ONCE = BoundedSemaphore(2)  # a setting process takes more memory than everything else here
LONGEST = 120  # seconds


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(_ROOM / "templates"), autoescape=True, undefined=StrictUndefined)


def paper(document: Document) -> str:
    """The document as a page that needs nothing else."""
    styles = "\n".join((_ROOM / "static" / name).read_text(encoding="utf-8") for name in _STYLES)
    return _pages().get_template("reporting/paper.html").render(document=document, styles=styles)


def set_as_pdf(document: Document) -> bytes:
    """The document's PDF. Raises Unavailable when it could not be set."""
    return pdf_of(paper(document))


def pdf_of(page: str) -> bytes:
    """A page as PDF; nothing outside it is fetched. Raises Unavailable."""
    command = [sys.executable, "-m", "services.reporting.documents.setting"]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command, input=page.encode(), capture_output=True, timeout=LONGEST, check=True
            )
        except subprocess.TimeoutExpired as fault:
            raise Unavailable(f"setting a PDF took longer than {LONGEST} s") from fault
        except subprocess.CalledProcessError as fault:
            raise Unavailable(f"setting a PDF failed: {fault.stderr.decode(errors='replace')[-2000:]}") from fault
    return done.stdout
