"""Every feed of the corpus is read or refused with a code, within limits of time and memory, and nothing of it is fetched."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.intake.channels import feeds
from services.intake.channels.feeds import Unreadable, read_feed
from services.intake.domain.boards import why_unread
from services.intake.mail.hypertext import words_of
from tests.corpus.feeds import Document, documents, item, rss
from tests.unit.intake.a_prisoner import peak

CORPUS = list(documents())


@pytest.mark.parametrize("document", CORPUS, ids=lambda document: document.name)
def test_each_feed_of_the_corpus_is_read_or_refused_with_a_code(document: Document):
    begun = time.monotonic()
    try:
        posts, fault = read_feed(document.raw, document.content_type), ""
    except Unreadable as refused:
        posts, fault = [], refused.code
    assert time.monotonic() - begun < feeds.SANDBOX.patience + 5
    if document.fault or document.titles is not ...:
        assert fault == document.fault
    if document.titles is not ... and not fault:
        assert tuple(post.title for post in posts) == document.titles
    if document.text:
        assert document.text in posts[0].text
        assert document.original in posts[0].original
    said = "".join(post.title + post.text + post.author + post.url for post in posts)
    assert "\0" not in said
    assert "root:" not in said
    said.encode()  # no halves of characters
    assert all(post.url == "" or post.url.startswith("http") for post in posts)


def test_no_feed_costs_300_mb(monkeypatch):
    """Eight megabytes of `<item/>` would take 413 MB; the system holds the reader's address space, and what fills it is refused."""
    assert feeds.SANDBOX.memory <= 300 * 2**20
    small = replace(feeds.SANDBOX, memory=44 * 2**20)
    swelling = rss("<item/>" * 50_000).encode()
    assert 10 * 1024 < peak(small, swelling, "application/rss+xml") < small.memory / 1024  # kB
    monkeypatch.setattr(feeds, "SANDBOX", small)
    with pytest.raises(Unreadable, match="too_costly"):
        read_feed(swelling)
    assert len(read_feed(rss(item() * 500).encode())) == 500


def test_a_post_is_read_with_all_that_it_has():
    [post] = read_feed(
        rss(
            item(
                "井水 &lt;b&gt;发黑&lt;/b&gt;", guid="42", link="https://forum.example.org/42", author="多说无益",
                description="&lt;p&gt;请书记&lt;br&gt;过问&lt;/p&gt;", pubDate="Mon, 07 Nov 2016 09:30:00 +0800",
            )
        ).encode()
    )  # fmt: skip
    assert (post.guid, post.url, post.author) == ("42", "https://forum.example.org/42", "多说无益")
    assert (post.title, post.text.strip(), post.original) == ("井水 发黑", "请书记\n过问", "<p>请书记<br>过问</p>")
    assert post.posted_at == datetime(2016, 11, 7, 1, 30, tzinfo=UTC)


def test_a_post_without_words_is_there_and_unread():
    [post] = read_feed(rss("<item><guid>1</guid></item>").encode())
    assert (post.guid, why_unread(post)) == ("1", "no_text")


def test_a_feed_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(feeds, "SANDBOX", replace(feeds.SANDBOX, patience=0.01))
    with pytest.raises(Unreadable, match="too_costly"):
        read_feed(rss(item()).encode())


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("a < b 且 c > d & e", "a < b 且 c > d & e"),
        ("<p>一<p>二", "\n一\n二"),
        ("<P>一</P><BR/>二", "\n一\n\n二"),
        ("<script>x</script >一", "一"),
        ("一<!-- 二 -->三", "一三"),
        ("一<!-- 二", "一"),
        ("一<a href='x", "一"),
        ("&#x6c34;&#99999999999;&bogus;", "水&bogus;"),
        ("", ""),
    ],
)
def test_the_words_of_a_page_are_found_in_one_pass(page, words):
    assert words_of(page) == words


@pytest.mark.parametrize("piece", ["<!--", "<b>", "<a ", "<script>", "&", "&#", "<", "</", "<!", "&lt", "<div><!-- "])
def test_no_page_takes_longer_than_its_length_allows(piece):
    begun = time.process_time()
    words_of(piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 5
