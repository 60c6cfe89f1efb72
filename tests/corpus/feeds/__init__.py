"""Feeds that are hard to read, made here instead of being kept: `python -m tests.corpus.feeds FOLDER` writes them out.

Each document says which titles the reader must find, in order, or the code of why it can be none; `...` stands for anything
that is said within the limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType

WATER = "永兴十里洞村民希望喝上健康的水"
RARE = "朱鎔基路㵲水河边井水发黑"  # in GB18030 and not in GB2312
HEAD = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True)
class Document:
    """A document, its type as the server says, and what is to be made of it."""

    name: str
    raw: bytes
    titles: tuple[str, ...] | EllipsisType = ...
    fault: str = ""
    content_type: str = "application/rss+xml"
    text: str = ""
    original: str = ""


def rss(items: str, *, head: str = HEAD, doctype: str = "") -> str:
    """An RSS feed around some items."""
    return f'{head}{doctype}<rss version="2.0"><channel><title>论坛</title>{items}</channel></rss>'


def item(title: str = WATER, **parts: str) -> str:
    """One item; parts by element."""
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in ({"title": title} | parts).items())
    return f"<item>{inner}</item>"


def documents() -> Iterator[Document]:
    """The whole corpus."""
    yield from _kinds()
    yield from _charsets()
    yield from _bombs()
    yield from _broken()
    yield from _posts()
    yield from _pages()


def _made(name: str, source: str, /, *titles: str, **more: str) -> Document:
    return Document(name, source.encode("utf-8", "surrogatepass"), titles, **more)


def _kinds() -> Iterator[Document]:
    yield _made("rss", rss(item()), WATER)
    yield _made("rss_empty", rss(""))
    content = '<content type="html">&lt;p&gt;一&lt;p&gt;二</content>'
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>{WATER}</title>{content}</entry></feed>'
    yield _made("atom", HEAD + atom, WATER, text="一\n二")
    yield _made(
        "atom_xhtml",
        HEAD + atom.replace('type="html">&lt;p&gt;一&lt;p&gt;二', 'type="xhtml"><div><p>一</p></div>'),
        WATER,
        text="一",
    )
    yield _made(
        "rdf",
        f'{HEAD}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">{item()}</rdf:RDF>',
        WATER,
    )
    yield _made("without_declaration", rss(item(), head=""), WATER)
    yield _made("as_text_plain", rss(item()), WATER, content_type="text/plain")
    yield _made("as_nonsense_type", rss(item()), WATER, content_type=';;;="charset=x-martian')


def _charsets() -> Iterator[Document]:
    for charset in ("gb2312", "gbk", "gb18030"):
        text = rss(item(RARE), head=f'<?xml version="1.0" encoding="{charset}"?>')
        yield Document(f"gb18030_as_{charset}", text.encode("gb18030"), (RARE,))
    yield Document("gb18030_as_utf8", rss(item(RARE)).encode("gb18030"), (RARE,))
    yield Document("gb18030_without_label", rss(item(RARE), head="").encode("gb18030"), (RARE,))
    yield Document("gb18030_by_header", rss(item(RARE), head="").encode("gb18030"), (RARE,), content_type="text/xml; charset=gbk")
    yield Document(
        "utf8_with_one_broken_character",
        rss(item(WATER) + item("x")).encode().replace("水".encode(), b"\xe6\xb0", 1),
        (WATER[:-1] + "\ufffd", "x"),
    )
    yield Document("utf16", rss(item(), head='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"), (WATER,))
    yield Document("utf8_with_mark", b"\xef\xbb\xbf" + rss(item()).encode(), (WATER,))
    yield Document(
        "big5",
        rss(item("井水發黑"), head='<?xml version="1.0" encoding="big5"?>').replace("论坛", "論壇").encode("big5"),
        ("井水發黑",),
    )
    yield Document("unknown_charset", rss(item(), head='<?xml version="1.0" encoding="x-martian"?>').encode(), (WATER,))


def _bombs() -> Iterator[Document]:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    yield _made("billion_laughs", rss(item("&a11;"), doctype=f'<!DOCTYPE r [<!ENTITY a0 "ha">{laughs}]>'), "&a11;")
    big = f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]>'
    yield Document("quadratic_blow_up", rss(item("&a;" * 20_000), doctype=big).encode())
    for name, target in (("file", "file:///etc/passwd"), ("web", "http://127.0.0.1:1/")):
        text = rss(item("x&a;"), doctype=f'<!DOCTYPE r [<!ENTITY a SYSTEM "{target}">]>')
        yield _made(f"external_entity_{name}", text, "x")
    yield _made("external_parameter", rss(item(), doctype='<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">'), WATER)
    yield _made(
        "include", rss('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>' + item()), WATER
    )
    yield Document("nested_100000", rss("<a>" * 100_000).encode())
    yield Document("attributes_10000", rss("<item " + " ".join(f"a{n}='x'" for n in range(10_000)) + "/>").encode())
    yield Document("angle_brackets", ("<" * 500_000).encode(), fault="not_a_feed")


def _broken() -> Iterator[Document]:
    whole = rss(item(text="x" * 50) + item("第二条"))
    yield Document("empty", b"", fault="not_a_feed")
    yield Document("blank", b" \n" * 100, fault="not_a_feed")
    yield Document("zeros", b"\0" * 100_000, fault="not_a_feed")
    yield Document("noise", bytes(range(256)) * 400, fault="not_a_feed")
    yield _made("a_page", "<!doctype html><title>404</title><p>没有</p>", content_type="text/html", fault="not_a_feed")
    yield _made("json", '{"items": []}', fault="not_a_feed")
    for cut in (20, 60, 120):
        yield Document(f"cut_off_{cut}", whole.encode()[:-cut], fault="broken_off")
    yield _made("bare_ampersand", rss(item("甲 & 乙")), "甲 & 乙")
    yield _made("unclosed_mark", rss("<item><title>甲</title><description><p>乙</description></item>"), "甲", text="乙")
    yield _made("nul", rss(item("甲\0乙")), "甲乙")
    yield _made("controls", rss(item("甲\x1b[31m乙\x07")), "甲[31m乙")
    yield _made("half_a_character", rss(item("甲&#xD800;乙") + item("&#55296;丙")), "甲\ufffd乙", "\ufffd丙")
    yield _made("raw_half_a_character", rss(item("甲\ud800乙")), "甲\ufffd\ufffd\ufffd乙")
    yield _made("enormous_number", rss(item(f"甲&#{'9' * 5000};乙")), "甲\ufffd乙")
    yield _made("turned_round", rss(item("水\u202egnp.exe")), "水gnp.exe")


def _posts() -> Iterator[Document]:
    yield _made("no_guid", rss(item() + item("另一条")), WATER, "另一条")
    yield _made("guid_twice", rss(item(guid="1") + item("另一条", guid="1")), WATER, "另一条")
    yield _made("no_words", rss("<item><guid>1</guid></item>"), "")
    yield _made("huge_title", rss(item("题" * 500_000)), "题" * 300)
    yield _made("huge_guid", rss(item(guid="g" * 500_000)), WATER)
    yield _made("huge_author", rss(item(author="人" * 500_000)), WATER)
    yield Document("huge_text", rss(item(description="水" * 1_000_000)).encode(), (WATER,))
    yield _made("script_address", rss(item(link="javascript:alert(1)")), WATER)
    for year in ("0000", "0001", "9999", "99999", "-1"):
        yield _made(f"year_{year}", rss(item(pubDate=f"Mon, 07 Nov {year} 09:30:00 GMT")), WATER)
    yield _made("no_such_day", rss(item(pubDate="2016-02-31T25:61:61Z")), WATER)
    many = "".join(item(f"第{n}条", guid=str(n), description="井水发黑，请书记过问。") for n in range(10_000))
    yield _made("ten_thousand", rss(many), *(f"第{n}条" for n in range(10_000)))


def _pages() -> Iterator[Document]:
    def page(name: str, html: str, text: str, original: str = "") -> Document:
        return _made(f"page_{name}", rss(item(description=f"<![CDATA[{html}]]>")), WATER, text=text, original=original)

    yield page("with_script", "<p>井水</p><script>steal()</script><style>p{}</style>发黑", "井水\n发黑", "<script>steal()")
    yield page("with_event", '<img src=x onerror="steal()">井水', "井水")
    yield page("with_entities", "甲 &lt;乙&gt; &amp;nbsp; &#27700;", "甲 <乙> &nbsp; 水")
    yield page("comment_without_end", "井水<!-- 发黑", "井水")
    yield page("comments_100000", "井水" + "<!--" * 100_000, "井水")
    yield page("marks_100000", "<b>" * 100_000 + "井水", "井水")
    yield page("scripts_50000", "井水" + "<script>" * 50_000, "井水")
    yield page("attribute_without_end", '井水<a href="' + "x" * 200_000, "井水")


def write(folder: Path) -> None:
    """Write the corpus as .xml files."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents():
        (folder / f"{document.name}.xml").write_bytes(document.raw)
