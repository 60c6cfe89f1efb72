"""What a file is, told by its bytes, whatever it is called."""

from __future__ import annotations

import pytest

from services.intake.domain.attachment import Kind
from services.intake.files import sniffing
from services.intake.web.words import WORDS
from shared.errors import Refused
from tests.unit.intake import intake_files as files

MB = 2**20


@pytest.mark.parametrize(("form", "content"), files.ACCEPTED.items(), ids=files.ACCEPTED)
def test_a_known_kind_is_told_by_its_bytes(form, content):
    assert sniffing.sniff(content, name="virus.exe", largest=MB).form == form
    assert form in sniffing.FORMS


@pytest.mark.parametrize(
    ("form", "content"),
    [("jpeg", files.photo()), ("png", files.screenshot()), ("tiff", files.fax()), ("webp", files.webp()), ("pdf", files.scanned_pdf())],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_picture_is_known_as_what_it_is(form, content):
    assert sniffing.sniff(content, name="letter.txt", largest=MB).form == form


@pytest.mark.parametrize("content", files.REFUSED.values(), ids=files.REFUSED)
def test_what_runs_or_is_nothing_is_refused_with_the_file_s_name_and_what_to_do(content):
    with pytest.raises(Refused) as refused:
        sniffing.sniff(content, name="来信.jpg", largest=MB)
    assert refused.value.field == "files"
    assert refused.value.values["name"] == "来信.jpg"
    assert refused.value.remedy.startswith("请")


def test_a_file_that_is_too_large_is_refused_with_the_limit():
    with pytest.raises(Refused) as refused:
        sniffing.sniff(files.photo() + b"\x00" * MB, name="a", largest=MB)
    assert refused.value.values["max"] == 1


@pytest.mark.parametrize(
    "content",
    [files.docx(macros=True), files.ole("WordDocument", macros=True), files.zipped(xl__macrosheets__a_dot_xml=b"", xl__workbook_dot_xml=b"")],
    ids=["docm", "doc", "xlm"],
)  # fmt: skip
def test_a_document_with_macros_is_marked_and_downloaded_under_an_ending_that_nothing_opens(content):
    sniffed = sniffing.sniff(content, name="a", largest=MB)
    assert sniffed.macros
    assert sniffing.ending(sniffed.form, macros=True) == ".bin"


def test_nothing_is_unpacked_so_nothing_swells():
    assert sniffing.sniff(files.zip_bomb(), name="a", largest=MB).form == "zip"
    assert sniffing.sniff(files.slip_zip(), name="a", largest=MB).form == "zip"


@pytest.mark.parametrize(
    ("text", "encoding"), [("井水发黑", "utf-8"), ("井水发黑", "gb18030"), ("井水发黑", "utf-16"), ("a\tb\x1b[0m", "utf-8")]
)
def test_plain_text_of_the_usual_encodings_is_text(text, encoding):
    assert sniffing.sniff(text.encode(encoding), name="a", largest=MB).form == "txt"


@pytest.mark.parametrize(
    ("form", "kind"),
    [("jpeg", Kind.PHOTO), ("heic", Kind.PHOTO), ("amr", Kind.RECORDING), ("mp4", Kind.RECORDING), ("pdf", Kind.DOCUMENT),
     ("docx", Kind.DOCUMENT), ("zip", Kind.OTHER)],
)  # fmt: skip
def test_a_form_says_what_a_file_most_likely_is(form, kind):
    assert sniffing.Sniffed(form=form).kind is kind


def test_each_form_has_its_word_and_an_ending_that_is_not_a_program_s():
    assert set(WORDS["forms"]) == sniffing.FORMS
    endings = {sniffing.ending(form, macros=False) for form in sniffing.FORMS}
    assert not endings & {".exe", ".htm", ".html", ".js", ".zip", ".rtf", ".lnk"}
    assert sniffing.ending("jpeg", macros=False) == ".jpg"
