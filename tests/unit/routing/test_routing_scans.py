"""A scanned signature page is told by its bytes, whatever it is called."""

import pytest

from services.routing.domain.scans import LARGEST, read_scan
from shared.errors import Refused

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@pytest.mark.parametrize(("content", "form"), [(PNG, "png"), (b"\xff\xd8\xff\xe0", "jpeg"), (b"%PDF-1.7", "pdf")])
def test_pictures_and_pdfs_are_taken(content: bytes, form: str) -> None:
    scan = read_scan("签字页.exe", content)
    assert (scan.form, len(scan.sha256), scan.name) == (form, 64, "签字页.exe")
    assert "content" not in repr(scan)


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>", b"PK\x03\x04", b" %PDF-1.7", PNG.ljust(LARGEST + 1)])
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="page"):
        read_scan("签字页.png", content)


def test_a_name_steers_nothing_and_leads_nowhere() -> None:
    assert read_scan("../../\u202egnp.\x00页", PNG).name == "....gnp.页"
    assert read_scan("/", PNG).name == "page"
