"""Pages of strangers' files as pictures that hold nothing else."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import pytest
from PIL import Image

from services.intake.files import showing
from tests.unit.intake import intake_files as files
from tests.unit.intake.a_prisoner import peak

PICTURES = {"jpeg": files.photo, "png": files.screenshot, "tiff": files.fax, "webp": files.webp, "pdf": files.scanned_pdf}


def shown(content: bytes, form: str, number: int = 1) -> Image.Image:
    return Image.open(io.BytesIO(showing.page(lambda: content, form, number)))


@pytest.mark.parametrize("form", PICTURES)
def test_a_page_that_is_shown_holds_neither_place_nor_author_nor_words(form):
    content = PICTURES[form]()
    marks = [files.CANARY.encode(), files.MARK.encode(), files.MARK.encode("utf-16-be")]
    assert any(mark in content for mark in marks), "the original holds them: that is what the test is about"
    page = showing.page(lambda: content, form, 1)
    assert not any(mark in page for mark in [*marks, b"Exif", b"http", b"JavaScript", b"Photoshop", b"xmp"])
    picture = Image.open(io.BytesIO(page))
    assert picture.format == "JPEG"
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_place_was_in_the_photo_before():
    with Image.open(io.BytesIO(files.photo())) as original:
        assert original.getexif().get_ifd(files.GPS)[2] == (26.0, 7.0, 38.0)


def test_a_photo_that_was_taken_sideways_stands_upright():
    assert shown(files.photo((40, 30)), "jpeg").size == (30, 40)


def test_each_page_of_a_letter_is_shown():
    assert showing.count_pages(files.fax(3), "tiff") == 3
    assert [shown(files.fax(3), "tiff", number).width for number in (1, 3)] == [1000, 1002]
    assert showing.count_pages(files.scanned_pdf(2), "pdf") == 2
    assert max(shown(files.scanned_pdf(2), "pdf", 2).size) == showing.LONGEST_SIDE
    for content, form in ((files.fax(3), "tiff"), (files.scanned_pdf(2), "pdf")):
        with pytest.raises(showing.CannotShow):
            showing.page(partial(bytes, content), form, 4)


def test_a_large_scan_is_shown_at_a_size_that_can_be_read():
    assert max(shown(files.photo((5000, 300)), "jpeg").size) == showing.LONGEST_SIDE


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (files.bomb(), "png"), (files.photo()[:300], "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"%PDF-1.4\n%%EOF", "pdf"),
        (b"II*\x00\xff\xff\xff\xff", "tiff"), (files.screenshot()[:-40], "png"), (b"RIFF\x00\x00\x00\x00WEBP", "webp"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "jpeg"),
    ],
    ids=["bomb", "half a photo", "no picture", "empty pdf", "lost tiff", "cut png", "empty webp", "postscript"],
)  # fmt: skip
def test_what_cannot_be_decoded_is_said_to_be_so_and_harms_nothing(content, form):
    with pytest.raises(showing.CannotShow):
        showing.count_pages(content, form)
    with pytest.raises(showing.CannotShow):
        showing.page(lambda: content, form, 1)


@pytest.mark.parametrize(
    ("content", "task"), [(files.bomb(), "look"), (files.bomb(6300, 6300), "1"), (files.photo((7000, 7000)), "1")]
)
def test_no_decoding_takes_more_memory_than_a_machine_can_spare(content, task):
    form = "png" if content[:4] == b"\x89PNG" else "jpeg"
    assert 20 * 1024 < peak(showing.SANDBOX, content, task, form) < 300 * 1024  # kB


def test_it_is_the_limit_that_stops_a_decoder(monkeypatch):
    """The twin: with less memory than a decoder needs to start, a good page is not shown either."""
    monkeypatch.setattr(showing, "SANDBOX", replace(showing.SANDBOX, memory=16 * 2**20))
    with pytest.raises(showing.CannotShow):
        showing.page(files.photo, "jpeg", 1)
