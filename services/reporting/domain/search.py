"""Search for Chinese words of any length, without a dictionary: by single characters and pairs of neighbours. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# The brackets of a document's year that keyboards have in place of 〔 〕.
_YEAR = re.compile(r"[\[(【](\d{4})[\])】]")


def normal(text: str) -> str:
    """The text as it is compared: full-width and half-width, capital and small letters alike; blanks made one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(haystack: str) -> list[str]:
    """Every character and every pair of neighbours within the words of a normal text, sorted, each once."""
    found: set[str] = set()
    for word in haystack.split():
        found.update(word)
        found.update(map("".join, pairwise(word)))
    return sorted(found)


def asked(query: str) -> tuple[list[str], list[str]]:
    """(words, grams) of a query: a text fits that has all grams (the index finds it) and then all words in it.

    A year in other brackets than 〔 〕 is a word of its own, so that a number is found as people type it.
    """
    words = _YEAR.sub(r" \1 ", normal(query)).split()
    wanted: set[str] = set()
    for word in words:
        wanted.update(map("".join, pairwise(word)) if len(word) > 1 else word)
    return words, sorted(wanted)
