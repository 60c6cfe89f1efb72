"""Mails that are hard to read, made here instead of being kept: `python -m tests.corpus.intake FOLDER` writes them out.

Each entry: the bytes, and what the reader must make of them: a subject and a piece of the text, or the code of its refusal.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

HEAD = b"From: Duo Shuo <duoshuo@example.org>\r\nTo: letters@yongxing.example\r\nMessage-ID: <%s@example.org>\r\n"
PLAIN = b"Subject: water\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
WATER = "永兴十里洞村民希望喝上健康的水"
# In GB18030 and not in GB2312: 㵲 (four bytes) and 鎔 (GBK).
RARE = "朱鎔基路㵲水河边井水发黑"


@dataclass(frozen=True)
class Sample:
    """One mail and what is expected: `reason` a refusal's code, else `subject` and `text` to be found."""

    name: str
    raw: bytes
    subject: str = ""
    text: str = ""
    reason: str = ""
    automatic: str = ""
    attachments: tuple[str, ...] = ()


def samples() -> Iterator[Sample]:
    """The whole corpus."""
    yield from _charsets()
    yield from _headers()
    yield from _structures()
    yield from _multiparts()
    yield from _broken()
    yield from _automatic()


def _mail(name: str, headers: bytes, body: bytes) -> bytes:
    return HEAD % name.encode() + headers + b"\r\n" + body


def _text(name: str, charset: str, body: bytes, encoding: str = "8bit") -> bytes:
    kind = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n".encode()
    return _mail(name, b"Subject: water\r\n" + kind, body)


def _charsets() -> Iterator[Sample]:
    gb = RARE.encode("gb18030")
    yield Sample("utf8", _text("utf8", "utf-8", RARE.encode()), "water", RARE)
    yield Sample("gb18030_labelled_gb2312", _text("a", "gb2312", gb), "water", RARE)
    yield Sample("gb18030_labelled_gb2312_base64", _text("b", '"GB2312"', base64.encodebytes(gb), "base64"), "water", RARE)
    yield Sample("gb18030_labelled_gbk", _text("c", "GBK", gb), "water", RARE)
    yield Sample("gb18030_labelled_utf8", _text("d", "utf-8", gb), "water", RARE)
    yield Sample("gb18030_without_label", _mail("e", b"Subject: water\r\n", gb), "water", RARE)
    yield Sample("unknown_charset", _text("f", "x-martian", RARE.encode()), "water", RARE)
    yield Sample("charset_with_nul", _text("g", "utf\x008", RARE.encode()), "water", RARE)
    yield Sample("big5", _text("h", "big5", "井水發黑".encode("big5")), "water", "井水發黑")
    yield Sample("broken_base64", _text("i", "utf-8", b"6L+Z5pivIQ=\r\n===", "base64"), "water", "这是")
    yield Sample("utf8_cut_in_a_character", _text("j", "utf-8", RARE.encode()[:-1]), "water", "")
    yield Sample("unknown_transfer_encoding", _text("k", "utf-8", RARE.encode(), "x-martian"), "water", RARE)


def _headers() -> Iterator[Sample]:
    body = b"Content-Type: text/plain; charset=utf-8\r\n", WATER.encode()
    word = base64.b64encode(WATER.encode("gb18030")).decode()

    def subject(name: str, raw: bytes) -> bytes:
        return _mail(name, b"Subject: " + raw + b"\r\n" + body[0], body[1])

    yield Sample("subject_utf8_8bit", subject("l", WATER.encode()), WATER, WATER)
    yield Sample("subject_gb18030_8bit", subject("m", WATER.encode("gb18030")), WATER, WATER)
    yield Sample("subject_encoded_gb2312", subject("n", f"=?gb2312?B?{word}?=".encode()), WATER, WATER)
    yield Sample("subject_language_tag", subject("o", f"=?gb18030*zh?B?{word}?=".encode()), WATER, WATER)
    half = WATER.encode("utf-8")
    first, second = (base64.b64encode(part).decode() for part in (half[:10], half[10:]))
    folded = f"=?utf-8?B?{first}?=\r\n =?utf-8?B?{second}?=".encode()
    yield Sample("subject_split_in_a_character", subject("p", folded), WATER, WATER)
    yield Sample("subject_broken_word", subject("q", b"=?utf-8?B?!!!?= water"), "water", WATER)
    yield Sample("subject_mixed", subject("r", "急件 ".encode() + f"=?gb18030?B?{word}?=".encode()), WATER, WATER)
    yield Sample("subject_with_direction_marks", subject("s", "水\u202egnp.exe".encode()), "水gnp.exe", WATER)
    yield Sample("subject_long", subject("t", b"A" * 70_000), "AAAA", WATER)
    yield Sample("no_subject", _mail("u", body[0], body[1]), WATER, WATER)
    yield Sample("no_message_id", b"From: a@example.org\r\n" + PLAIN + WATER.encode(), "water", WATER)
    yield Sample("from_is_nonsense", b"From: <<<@@>>>\x00\r\nSubject: water\r\n\r\n" + WATER.encode(), "water", WATER)
    yield Sample("from_group", b"From: undisclosed-recipients:;\r\nSubject: water\r\n\r\n" + WATER.encode(), "water", WATER)
    yield Sample("bare_line_feeds", b"From: a@example.org\nSubject: water\n\n" + WATER.encode(), "water", WATER)
    yield Sample("many_headers", b"X: y\r\n" * 5_000 + PLAIN + WATER.encode(), "water", WATER)


def _structures() -> Iterator[Sample]:
    html = EmailMessage()
    html["Subject"], html["Message-ID"] = "water", "<html@example.org>"
    html.set_content(f"<style>p{{}}</style><p>{WATER}</p><script>steal()</script><div>第二行", subtype="html")
    yield Sample("html_only", html.as_bytes(), "water", WATER)
    both = EmailMessage()
    both["Subject"], both["Message-ID"] = "water", "<both@example.org>"
    both.set_content(WATER)
    both.add_alternative("<p>other</p>", subtype="html")
    both.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="../../扫描件.pdf")
    yield Sample("alternative_with_attachment", both.as_bytes(), "water", WATER, attachments=("扫描件.pdf",))
    scan = EmailMessage()
    scan["Subject"], scan["Message-ID"] = WATER, "<scan@example.org>"
    scan.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="信.jpg")
    yield Sample("scan_without_text", scan.as_bytes(), WATER, WATER, attachments=("信.jpg",))
    forwarded = EmailMessage()
    forwarded["Subject"], forwarded["Message-ID"] = "fwd", "<fwd@example.org>"
    forwarded.set_content("请看附件")
    forwarded.add_attachment(both)
    yield Sample("message_in_message", forwarded.as_bytes(), "fwd", "请看附件", attachments=("message.eml",))


def _multiparts() -> Iterator[Sample]:
    word = base64.b64encode("信件.doc".encode("gb18030")).decode()
    odd = (
        b'Subject: water\r\nContent-Type: multipart/mixed; boundary=x\r\n',
        b"--x\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n"
        + RARE.encode("gb18030") + f'\r\n--x\r\nContent-Type: application/msword; name="=?gb2312?B?{word}?="\r\n'.encode()
        + b"Content-Disposition: attachment\r\n\r\nx\r\n--x--\r\n",
    )  # fmt: skip
    yield Sample("attachment_named_by_encoded_word", _mail("v", *odd), "water", RARE, attachments=("信件.doc",))
    yield Sample(
        "multipart_without_parts",
        _mail("w", b"Subject: water\r\nContent-Type: multipart/mixed; boundary=x\r\n", WATER.encode()),
        "water",
        WATER,
    )
    yield Sample(
        "multipart_without_boundary",
        _mail("x", b"Subject: water\r\nContent-Type: multipart/mixed\r\n", WATER.encode()),
        "water",
        WATER,
    )
    yield Sample("multipart_cut_off", _mail("y", odd[0], odd[1][:90]), "water", "朱鎔基路")
    yield Sample("nested_20", nested(20), "nested", WATER)
    yield Sample("nested_200", nested(200), reason="too_deep")
    yield Sample("nested_5000", nested(5_000), reason="too_deep")
    parts = b"".join(b"--x\r\nContent-Type: image/png\r\n\r\nx\r\n" for _ in range(2_000))
    yield Sample("two_thousand_parts", _mail("z", odd[0], parts + b"--x--"), reason="too_deep")


def nested(depth: int) -> bytes:
    """A text inside `depth` multiparts."""
    begin = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return (
        b"From: a@example.org\r\nSubject: nested\r\n"
        + begin
        + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        + WATER.encode()
        + b"\r\n"
    )


def _broken() -> Iterator[Sample]:
    yield Sample("empty", b"", reason="no_text")
    yield Sample("only_headers", _mail("0", b"Subject: water\r\n", b""), reason="no_text")
    yield Sample("blank_body", _mail("1", PLAIN[:-2], b" \r\n\t\r\n"), reason="no_text")
    yield Sample(
        "only_an_attachment_without_subject",
        b"Content-Type: image/png\r\nContent-Disposition: attachment\r\n\r\nx",
        reason="no_text",
    )
    yield Sample("nuls", _mail("2", PLAIN[:-2], b"\x00" * 50 + WATER.encode() + b"\x00"), "water", WATER)
    yield Sample("only_nuls", b"\x00" * 10_000, reason="no_text")
    yield Sample("controls", _mail("3", PLAIN[:-2], b"\x1b[31m" + WATER.encode() + b"\x07"), "water", WATER)
    yield Sample("not_a_mail", bytes(range(256)) * 40, text="", reason="any")
    yield Sample("a_megabyte_of_text", _mail("4", PLAIN[:-2], ("水" * 400_000).encode()), "water", "其余见原件")
    yield Sample(
        "hostile_html",
        _mail("5", b"Subject: water\r\nContent-Type: text/html\r\n", b"<!--" * 100_000 + b"<p>" * 100_000),
        reason="any",
    )
    yield Sample("larger_than_25_mb", _mail("6", PLAIN[:-2], b"x" * (25 * 2**20)), reason="too_large")
    yield Sample(
        "date_in_year_0", _mail("7", b"Date: Mon, 00 Jan 0000 99:99:99 +9999\r\n" + PLAIN[:-2], WATER.encode()), "water", WATER
    )
    yield Sample(
        "content_type_nonsense", _mail("8", b'Subject: water\r\nContent-Type: ;;;="\r\n', WATER.encode()), "water", WATER
    )
    yield Sample(
        "parameter_nonsense",
        _mail("9", b"Subject: water\r\nContent-Type: text/plain; charset*0*=x'y; charset*9=\r\n", WATER.encode()),
        "water",
        WATER,
    )


def _automatic() -> Iterator[Sample]:
    for name, header, code in (
        ("auto_reply", b"Auto-Submitted: auto-replied\r\n", "auto_reply"), ("own_mail_back", b"X-Loop: zhida\r\n", "loop"),
        ("bounce", b"Return-Path: <>\r\n", "null_sender"), ("newsletter", b"Precedence: bulk\r\n", "bulk"),
        ("person", b"Auto-Submitted: no\r\n", ""),
    ):  # fmt: skip
        yield Sample(name, _mail(name, header + PLAIN[:-2], WATER.encode()), "water", WATER, automatic=code)


def write(folder: Path) -> None:
    """Write the corpus as .eml files."""
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples():
        (folder / f"{sample.name}.eml").write_bytes(sample.raw)
