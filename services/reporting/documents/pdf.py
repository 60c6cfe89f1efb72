"""A document as PDF. It is set in a process of its own, whose memory is given back when it is done."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pypdfium2 import PdfDocument, PdfiumError

from services.reporting.documents.official import Document
from shared.errors import Refused, Unavailable

_ROOM = Path(__file__).parents[1]
_STYLES = ("official.css", "official-paper.css")
_AT_ONCE = BoundedSemaphore(2)  # a setting process takes more memory than everything else here
LONGEST = 120  # seconds


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(_ROOM / "templates"), autoescape=True, undefined=StrictUndefined)


def paper(document: Document) -> str:
    """The document as a page that needs nothing else."""
    return _pages().get_template("reporting/paper.html").render(document=document, styles=styles(*_STYLES))


def styles(*names: str) -> str:
    """Style sheets, to stand within a page."""
    return "\n".join((_ROOM / "static" / name).read_text(encoding="utf-8") for name in names)


def set_as_pdf(document: Document) -> bytes:
    """The document's PDF. Raises Unavailable when it could not be set."""
    return pdf_of(paper(document))


def pdf_of(page: str, enclosed: Mapping[str, str] | None = None) -> bytes:
    """A page as PDF; nothing outside it is fetched. `enclosed` are files within it, by name. Raises Unavailable."""
    told = json.dumps({"page": page, "enclosed": dict(enclosed or {})}).encode()
    command = [sys.executable, "-m", "services.reporting.documents.setting"]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command, input=told, capture_output=True, timeout=LONGEST, check=True
            )
        except subprocess.TimeoutExpired as fault:
            raise Unavailable(f"setting a PDF took longer than {LONGEST} s") from fault
        except subprocess.CalledProcessError as fault:
            raise Unavailable(f"setting a PDF failed: {fault.stderr.decode(errors='replace')[-2000:]}") from fault
    return done.stdout


def enclosed(body: bytes) -> dict[str, Any]:
    """The record that lies within a dossier's PDF, or that the file is. Raises Refused when there is none."""
    try:
        if body.startswith(b"%PDF"):
            body = bytes(PdfDocument(body).get_attachment(0).get_data())
        found = json.loads(body)
        return {name: found[name] for name in ("case", "number", "head", "entries")}
    except (PdfiumError, ValueError, KeyError, TypeError) as fault:
        raise Refused(
            "file", "there is no dossier's record in it.", "Give a dossier's PDF, or the dossier.json within it."
        ) from fault
