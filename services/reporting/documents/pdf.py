"""A document as PDF. It is set in a sandbox: a process of its own, with nothing of ours in its environment, whose memory is given back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pypdfium2 import PdfDocument, PdfiumError

from services.reporting.documents.official import Document
from shared.confined import Died, Sandbox
from shared.errors import Busy, Refused, Unavailable

log = logging.getLogger(__name__)
_ROOM = Path(__file__).parents[1]
_STYLES = ("official.css", "official-paper.css")
# Of address space: two hundred rows in each of three tables take 300 MB. Pango starts threads.
SANDBOX = Sandbox(module="services.reporting.documents.setting", memory=2**30, seconds=110, patience=120, threads=True)
LARGEST = 64 * 2**20  # bytes of a PDF
PATIENCE = 5  # seconds of waiting for a turn
_gate = BoundedSemaphore(2)  # a setting process takes more memory than everything else here
_places = BoundedSemaphore(4)  # being set, or waiting for it: the other threads of a web process (eight) go on to answer


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
    """The document's PDF. Raises Busy when too many are being set, Unavailable when it could not be."""
    return pdf_of(paper(document))


def pdf_of(page: str, enclosed: Mapping[str, str] | None = None) -> bytes:
    """A page as PDF; nothing outside it is fetched. `enclosed` are files within it, by name. Raises Busy, Unavailable."""
    told = json.dumps({"page": page, "enclosed": dict(enclosed or {})}).encode()
    with _turn():
        try:
            return SANDBOX.run(told, most=LARGEST)
        except Died as fault:
            log.error("a PDF of %d bytes was not set: %s", len(told), fault)
            raise Unavailable(f"setting a PDF: {fault}") from fault


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise _busy()
    try:
        if not _gate.acquire(timeout=PATIENCE):
            raise _busy()
        try:
            yield
        finally:
            _gate.release()
    finally:
        _places.release()


def _busy() -> Busy:
    return Busy("form", "同时制作PDF的人太多，这份没有制成。", "请过一会儿再点一次；急用请先看网页。")


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
