"""Hostile and broken mails: each is read, or refused by a reason; nothing else ever comes out."""

from __future__ import annotations

import os
import random
import time
from email.message import EmailMessage

import pytest

from services.intake.mail import reading as mail
from services.intake.web.common import mailed
from tests.corpus.intake import WATER, Sample, samples

CORPUS = list(samples())


@pytest.mark.parametrize("sample", CORPUS, ids=lambda sample: sample.name)
def test_each_mail_of_the_corpus_is_read_or_refused_with_a_reason(sample: Sample):
    begun = time.monotonic()
    found = outcome_of(sample.raw)
    if isinstance(found, str):
        assert sample.reason in (found, "any")
    else:
        assert sample.reason in ("", "any")
        assert sample.subject in found.subject
        assert sample.text in found.text
        assert found.automatic == sample.automatic
        assert found.attachments == sample.attachments or sample.reason == "any"
        storable(found)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("sample", CORPUS, ids=lambda sample: sample.name)
def test_the_attached_files_are_those_that_the_mail_names_and_taking_it_apart_never_fails(sample: Sample):
    files, found = mail.attached(sample.raw), outcome_of(sample.raw)
    assert all(isinstance(content, bytes) for _, content in files)
    if isinstance(found, mail.Mail):
        assert tuple(name for name, _ in files) == found.attachments


def test_a_scan_without_a_word_is_still_taken_out_and_so_is_a_message_in_a_message():
    scan, inner = EmailMessage(), EmailMessage()
    scan.add_attachment(b"\xff\xd8scan", maintype="image", subtype="jpeg", filename="手写信.JPG")
    inner["Subject"] = "inner"
    inner.set_content("words")
    scan.add_attachment(inner)
    assert outcome_of(scan.as_bytes()) == "no_text"
    [(name, content), (attached, message)] = mail.attached(scan.as_bytes())
    assert (name, content, attached) == ("手写信.JPG", b"\xff\xd8scan", "message.eml")
    assert b"Subject: inner" in message


@pytest.mark.parametrize(
    ("name", "expected"),
    [("手写信.JPG", ".jpg"), ("a.b.pdf", ".pdf"), ("run.exe", ".bin"), ("page.html", ".bin"), ("x.svg", ".bin"), ("a.pdf.js", ".bin"),
     ("pdf", ".bin"), ('a.pdf"\r\nX: y', ".bin"), ("", ".bin")],
)  # fmt: skip
def test_only_an_ending_that_is_looked_at_is_kept(name, expected):
    assert mail.ending(name) == expected


def outcome_of(raw: bytes) -> mail.Mail | str:
    """The mail, or why it was refused."""
    try:
        return mail.parse(raw)
    except mail.Unreadable as refusal:
        return refusal.reason


def storable(found: mail.Mail) -> None:
    """What was read goes into JSON, UTF-8 and one line of a list."""
    everything = (
        found.subject,
        found.text,
        found.sender_name,
        found.sender_address,
        found.message_id,
        found.sent,
        *found.attachments,
    )
    for text in everything:
        text.encode("utf-8")
        assert "\x00" not in text
    assert all("\n" not in text for text in everything if text is not found.text)
    assert (found.subject.strip() and found.text.strip()) or found.automatic
    assert len(found.subject) <= 200
    assert len(found.text) <= 100_000


def test_a_null_sender_in_the_envelope_marks_a_bounce():
    assert mail.parse(b"Subject: a\r\n\r\nb", null_sender=True).automatic == "null_sender"


def test_an_address_that_cannot_be_written_to_is_no_address():
    for given, kept in (("a@example.org", "a@example.org"), ("no address", ""), ('"x,y"@example.org', "")):
        assert mail.parse(f"From: {given}\r\n\r\n{WATER}".encode()).sender_address == kept


def test_the_preview_of_a_long_mail_ends_at_a_line():
    raw = ("水" * 10 + "\n").encode() * 100
    assert mail.preview(raw, 1_000).replace("\n", "") == "水" * 10 * (1_000 // 31)
    assert mail.preview(b"\x00short\xff", 1_000).startswith("short")


@pytest.mark.parametrize("seed", range(8))
def test_damaged_mails_raise_nothing_but_unreadable(seed: int):
    chance = random.Random(seed)
    for sample in CORPUS:
        raw = bytearray(sample.raw[:4_000])
        for _ in range(chance.randrange(1, 30)):
            if raw:
                at = chance.randrange(len(raw))
                raw[at : at + chance.randrange(3)] = os.urandom(chance.randrange(4))
        found = outcome_of(bytes(raw))
        if isinstance(found, str):
            assert found in ("too_large", "broken", "too_deep", "no_text")
        else:
            storable(found)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Mon, 07 Nov 2016 08:40:00 +0800", "2016-11-07 08:40"),
        ("Sun, 06 Nov 2016 20:00:00 -0500", "2016-11-07 09:00"),
        ("Mon, 07 Nov 2016 08:40:00", "Mon, 07 Nov 2016 08:40:00"),
        ("Mon, 07 Nov 20160 08:40:00 +99999999", "Mon, 07 Nov 20160 08:40:00 +99999999"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_the_date_of_a_mail_is_shown_as_people_here_write_it_or_as_it_came(written, shown):
    assert mailed(written) == shown
