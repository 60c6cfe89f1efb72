"""Setting a PDF: nothing outside the page is fetched, nothing of ours is within reach, and it holds no web process up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import BoundedSemaphore, Thread
from time import monotonic

import pypdfium2
import pytest
from weasyprint import HTML

from services.reporting.documents import pdf
from shared.errors import Busy, Unavailable
from tests.unit.intake.a_prisoner import SANDBOX as PRISONER

ROOT = Path(__file__).parents[3]


class Heard(ThreadingHTTPServer):
    """Who listens here, and what he was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Heard)
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def listening() -> Iterator[Heard]:
    server = Heard()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def asking(url: str, secret: Path) -> str:
    """A page that asks for everything that a page can ask for, here and on the disk."""
    drawing = f"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='{url}/in-svg'/%3E%3C/svg%3E"
    return f"""<!doctype html><html><head><base href="{url}/"><link rel=stylesheet href="{url}/sheet.css">
    <link rel=attachment href="{secret.as_uri()}"><style>@import url({url}/imported.css);
    body {{ background: url({url}/background.png) }}
    li {{ list-style-image: url("{url}/dot.png") }} p::before {{ content: url({secret.as_uri()}) }}</style></head>
    <body><p>甲</p><ul><li>乙</ul><img src="{url}/picture.png"><img src="{secret.as_uri()}"><img src="{drawing}">
    <embed src="{url}/embedded"><object data="{url}/object"></object><iframe src="{url}/frame"></iframe>
    <a rel=attachment href="{secret.as_uri()}">丙</a></body></html>"""


def test_nothing_outside_the_page_is_fetched(listening: Heard, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    made = pypdfium2.PdfDocument(pdf.pdf_of(asking(listening.url, secret)))
    assert "甲" in made[0].get_textpage().get_text_range()
    assert made.count_attachments() == 0
    fount = (
        f"<style>@font-face {{ font-family: x; src: url({listening.url}/fount.woff2) }} p {{ font-family: x }}</style><p>甲</p>"
    )
    with pytest.raises(Unavailable):  # a fount would have to lie on the disk; ours are the system's
        pdf.pdf_of(fount)
    assert listening.asked == []


def test_without_the_refusal_the_same_page_would_have_fetched(listening: Heard, tmp_path: Path) -> None:
    """The twin: it is the refusal that keeps it in."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    made = pypdfium2.PdfDocument(HTML(string=asking(listening.url, secret)).write_pdf())
    assert {"/sheet.css", "/picture.png", "/background.png"} <= set(listening.asked)
    assert made.count_attachments() > 0


def test_the_setting_process_has_nothing_of_ours_and_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_REPORTING", "postgresql://secret")
    prisoner = replace(pdf.SANDBOX, module=PRISONER.module)
    assert prisoner.run(b"", "tell", most=1000).decode().startswith("/ ['LANG'] ")
    with pytest.raises(pdf.Died):
        replace(prisoner, memory=PRISONER.memory).run(b"", "take", most=1000)
    assert pdf.SANDBOX.memory <= 2**30
    assert pdf.SANDBOX.seconds < pdf.SANDBOX.patience <= 120


def test_a_page_that_takes_too_much_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SANDBOX", replace(pdf.SANDBOX, memory=64 * 2**20))
    with pytest.raises(Unavailable):
        pdf.pdf_of("<p>甲</p>")


def taken(how_many: int, gate: BoundedSemaphore) -> ExitStack:
    """So many places, until the end of the block."""
    held = ExitStack()
    for _ in range(how_many):
        held.enter_context(gate)
    return held


def test_whoever_gets_no_turn_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PATIENCE", 0.1)
    with taken(2, pdf._gate), pytest.raises(Busy, match="PDF"):
        pdf.pdf_of("<p>甲</p>")
    assert pdf.pdf_of("<p>甲</p>").startswith(b"%PDF"), "every place was given back"


def test_of_many_clicks_most_threads_stay_free_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """As deploy/k8s runs the web: a probe waits five seconds, six times; behind sixteen clicks it is answered at once."""
    [threads] = set(
        re.findall(r'--threads, "(\d+)"', "".join(path.read_text() for path in (ROOT / "deploy/k8s").rglob("*.yaml")))
    )
    assert flooded(int(threads), monkeypatch) < pdf.PATIENCE / 2


def test_if_all_waited_for_a_turn_nothing_else_would_be_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin."""
    monkeypatch.setattr(pdf, "PATIENCE", 1)
    monkeypatch.setattr(pdf, "_places", BoundedSemaphore(100))
    assert flooded(8, monkeypatch) >= pdf.PATIENCE


def flooded(threads: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """Sixteen clicks while two PDFs are being set: how long who comes after them waits."""

    def click() -> bool:
        with pytest.raises(Busy):
            pdf.pdf_of("<p>甲</p>")
        return True

    with taken(2, pdf._gate), ThreadPoolExecutor(threads) as pool:
        begun = monotonic()
        clicks = [pool.submit(click) for _ in range(16)]
        waited = pool.submit(lambda: monotonic() - begun).result()
        assert all(done.result() for done in clicks)
    return waited
