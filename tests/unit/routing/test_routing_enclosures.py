"""What may be enclosed with an instruction, told by its bytes, and what a recording may not bring along."""

import struct

import pytest

from services.routing.domain import enclosures
from services.routing.domain.enclosures import LARGEST, MOST, check_number, look, named
from shared.errors import Refused

PLACE = b"+26.1259+113.1134/"


def box(kind: bytes, content: bytes, wide: bool = False) -> bytes:
    """A box of an MP4 file."""
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content


def handler(kind: bytes) -> bytes:
    return box(b"mdia", box(b"hdlr", bytes(8) + kind + bytes(12)))


def recording(brand: bytes = b"M4A ", *, of: bytes = b"soun", more: bytes = b"") -> bytes:
    """A telephone's recording that says where it was made, in three places."""
    track = box(b"trak", handler(of) + box(b"udta", PLACE))
    return (
        box(b"ftyp", brand + bytes(4)) + box(b"moov", track + box(b"udta", PLACE, wide=True))
        + box(b"uuid", PLACE) + box(b"mdat", b"sound" * 20, wide=True) + more
    )  # fmt: skip


SOUNDS = {
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ", "amr": b"#!AMR\n\x3c", "ogg": b"OggS\x00\x02OpusHead", "aac": b"\xff\xf1P\x80",
    "mp3": b"\xff\xfb\x90\x00", "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webmA_OPUS", "m4a": recording(),
    "3gp": recording(b"3gp4"),
}  # fmt: skip
PICTURES = {"jpeg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 "}


@pytest.mark.parametrize(
    ("form", "content"), [*SOUNDS.items(), *PICTURES.items()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_pictures_and_recordings_are_told_by_their_bytes(form, content):
    found = look(content)
    assert (found.form, found.kind) == (form, "picture" if form in PICTURES else "sound")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"%PDF-1.7", b"MZ\x90\x00", b"<svg onload=alert(1)>", b"\xff\xd8\xff" + bytes(LARGEST),
        recording(of=b"vide"), recording(b"3gp5", of=b"vide"), SOUNDS["webm"] + b"V_VP9", SOUNDS["ogg"] + b"\x80theora",
        recording(more=b"\x00\x00\xff\xffmdat"), recording(more=b"\x00\x00\x00\x03mdat"), recording(more=b"\x00\x00"),
    ],
    ids=["empty", "pdf", "program", "svg", "large", "film", "telephone's film", "web film", "ogg film", "cut", "tiny box", "rest"],
)  # fmt: skip
def test_anything_else_is_refused_by_name_of_the_field(content):
    with pytest.raises(Refused) as refusal:
        look(content)
    assert refusal.value.field == "enclosures"


@pytest.mark.parametrize("brand", [b"M4A ", b"3gp4"])
def test_a_recording_does_not_say_where_it_was_made_and_sounds_as_before(brand):
    content = recording(brand, more=box(b"meta", PLACE))
    found = look(content)
    assert PLACE in content
    assert PLACE not in found.content
    assert len(found.content) == len(content)
    assert found.content.index(b"sound" * 20) == content.index(b"sound" * 20)


def test_a_last_box_that_reaches_to_the_end_is_kept():
    content = box(b"ftyp", b"M4A " + bytes(4)) + b"\x00\x00\x00\x00mdat" + b"sound"
    assert look(content).content == content


def test_tags_of_an_mp3_are_cut_off():
    tag = b"ID3\x03\x00\x00\x00\x00\x01\x02" + PLACE.ljust(130)
    assert look(tag + SOUNDS["mp3"]).content == SOUNDS["mp3"]
    assert look(b"ID3\x03").content == b""


def test_the_search_for_places_is_what_takes_them_out(monkeypatch):
    """The twin: a recording that is kept as it came tells the place."""
    monkeypatch.setattr(enclosures, "_ASIDE", ())
    assert PLACE in look(recording()).content


def test_six_go_with_an_instruction_and_are_called_by_what_they_are():
    check_number(MOST)
    with pytest.raises(Refused):
        check_number(MOST + 1)
    assert [named("picture", 1, "jpeg"), named("sound", 2, "m4a")] == ["手写批示1.jpg", "口述批示2.m4a"]
