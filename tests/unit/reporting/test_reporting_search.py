"""Search without a dictionary, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.search import asked, grams, normal
from services.reporting.web.export import as_csv, safe


def fits(query: str, text: str) -> bool:
    """What the database does: the index first, then the words themselves."""
    words, wanted = asked(query)
    haystack = normal(text)
    return set(wanted) <= set(grams(haystack)) and all(word in haystack for word in words)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("水", "健康的水", True), ("健康", "健康的水", True), ("健康的水", "健康的水", True), ("康健", "健康的水", False),
        ("健水", "健康的水", False), ("ａＢｃ", "Abc", True), ("2016", "永信〔2016〕101号", True),
        ("〔2016〕", "〔2016〕101号", True), ("永信[2016]101号", "永信〔2016〕101号", True), ("（2016）101", "永信〔2016〕101号", True),
        ("【2016】", "永信〔2016〕101号", True), ("(2015)101", "永信〔2016〕101号", False), ("(2016)", "(2016)5号", True),
        ("(201)", "永信〔2016〕101号", False), ("号", "永信〔2016〕101号", True), ("厂", "造纸厂", True), ("a", "CASE A", True),
        ("1", "101", True), ("道路 破损", "破损的道路", True), ("道路　破损", "破损的道路", True),
        ("道路 水", "破损的道路", False),
        ("的道", "破损的 道路", False), ("", "随便", True), ("  ", "随便", True), ("村民饮水", "村民饮用饮水", False),
        ("ABAB", "abaab bab", False), ("𠮷野", "𠮷野家", True),
    ],
)  # fmt: skip
def test_words_of_any_length_are_found(query: str, text: str, found: bool) -> None:
    assert fits(query, text) is found


def test_grams_are_characters_and_pairs_each_once_and_never_across_blanks() -> None:
    assert grams("水水 健康") == ["健", "健康", "康", "水", "水水"]
    assert grams("") == []


def test_a_query_asks_for_pairs_and_for_single_characters_only_where_it_has_no_more() -> None:
    assert asked("健康的 水") == (["健康的", "水"], ["健康", "康的", "水"])


@given(st.text(min_size=1, max_size=30), st.integers(0, 29), st.integers(1, 30))
def test_every_part_of_a_text_finds_the_text(text: str, start: int, length: int) -> None:
    haystack = normal(text)
    part = haystack[start : start + length]
    assert set(asked(part)[1]) <= set(grams(haystack))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+86", "'+86"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"), ("  =1", "'  =1"), ("\u3000=1", "'\u3000=1"), ("＝1", "'＝1"), ("|cmd", "'|cmd"),
        ("平常的字", "平常的字"), ("2016-11-07", "2016-11-07"), ("a=1", "a=1"), (3, "3"), (None, ""), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_is_never_a_formula(cell: object, written: str) -> None:
    assert safe(cell) == written


def test_a_file_opens_in_chinese_and_keeps_quotes_and_lines() -> None:
    body = as_csv([("编号", 10), ("=标题", 10)], [["1", '说"好",\n换行'], [None, "@x"]])
    assert body.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in body
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows == [["编号", "'=标题"], ["1", '说"好",\n换行'], ["", "'@x"]]
