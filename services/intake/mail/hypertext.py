"""What a page says, without its marks. One pass over it, however it was written: a page may come from anybody in the world."""

from __future__ import annotations

import html
import re

LONGEST = 1_000_000  # characters of a page that are read
_MARK = re.compile(r"<!--|</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[!?/][^<>]*>")
_CUT_OFF = re.compile(r"<[a-zA-Z/!?][^<>]*\Z")
_BLOCKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote", "pre", "hr"})
_SILENT = {name: re.compile(rf"</{name}\b[^<>]*>?", re.IGNORECASE) for name in ("script", "style", "template", "noscript")}
_COMMENT = re.compile("-->")
_ENORMOUS = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")  # a number that is no character, and dear to be read


def words_of(page: str) -> str:
    """The words, a line for each block; scripts, styles and comments say nothing. Never raises; time grows with the length."""
    said, at, page = [], 0, _CUT_OFF.sub("", page[:LONGEST])
    while mark := _MARK.search(page, at):
        said.append(_read(page[at : mark.start()]))
        name, at = (mark[1] or "").lower(), mark.end()
        if name in _BLOCKS:
            said.append("\n")
        closing = _COMMENT if mark[0] == "<!--" else _SILENT.get(name) if mark[0][1] != "/" else None
        if closing:
            closed = closing.search(page, at)
            at = closed.end() if closed else len(page)  # what is never closed runs to the end
    said.append(_read(page[at:]))
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _read(text: str) -> str:
    """A piece between two marks."""
    return html.unescape(_ENORMOUS.sub("", text)) if "&" in text else text
