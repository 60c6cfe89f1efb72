"""What petitions are about: a tree of two levels, which a county may make its own. Pure: the day is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeAlias

from shared.errors import Refused

Category: TypeAlias = str  # a code, as `environment` or `environment.water`
UNSORTED: Category = ""  # not sorted yet, as after a mail
PATTERN = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?"
SEPARATOR = "."


class Unfit(ValueError):
    """Mend the file: the entry at `place` (from 0) breaks a rule in its field `field`."""

    def __init__(self, place: int, field: str, rule: str) -> None:
        super().__init__(rule)
        self.place, self.field, self.rule = place, field, rule


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One category; `since` is the first day on which it may be chosen, `until` the last. Outside of them it is only read."""

    code: Category
    zh: str
    en: str
    since: date = date.min
    until: date = date.max

    @property
    def top(self) -> Category:
        """The code of its top level, which may be its own."""
        return self.code.partition(SEPARATOR)[0]


@dataclass(frozen=True)
class Tree:
    """The categories of an instance, in the order in which forms show them."""

    entries: tuple[Entry, ...]

    @cached_property
    def _known(self) -> dict[str, Entry]:
        return {entry.code: entry for entry in self.entries}

    def offered(self, on: date) -> Iterator[tuple[Entry, list[Entry]]]:
        """Each top level with its parts, as far as they may be chosen on a day. A retired top level takes its parts along."""
        for top in self.entries:
            if top.top == top.code and top.since <= on <= top.until:
                parts = [part for part in self.entries if part.top == top.code != part.code]
                yield top, [part for part in parts if part.since <= on <= part.until]

    def check(self, code: Category, on: date) -> Category:
        """The code, when it may be chosen on that day or is empty. Raises Refused, naming the field."""
        entry = self._known.get(code)
        top = entry and self._known.get(entry.top)
        if code != UNSORTED and not (entry and top and entry.since <= on <= entry.until and top.since <= on <= top.until):
            raise Refused("category", "问题类别中没有“%(code)s”，或者它已停用。", "请从列出的类别中选择。", code=code)
        return code

    def name(self, code: str, language: str) -> str:
        """What a category is called. One that nobody knows is called by its top level, and without that by its code."""
        top = self._known.get(code.partition(SEPARATOR)[0])
        own = self._known.get(code, top)
        if own is None or top is None:
            return code
        word = own.en if language == "en" else own.zh
        return word if own is top else f"{top.en if language == 'en' else top.zh} / {word}"


def grown(entries: Iterable[Entry], standard: Iterable[Entry] = ()) -> Tree:
    """The tree of a county's entries. What is in the standard tree alone is kept to be read. Raises Unfit."""
    own = list(entries)
    if not own:
        raise Unfit(0, "code", "At least one category is needed.")
    before: set[str] = set()
    for place, entry in enumerate(own):
        if entry.code in before:
            raise Unfit(place, "code", f"{entry.code} stands there twice.")
        if entry.top not in before | {entry.code}:
            raise Unfit(place, "code", f"Its top level {entry.top} does not stand before it.")
        if entry.since > entry.until:
            raise Unfit(place, "until", "Ends before it begins.")
        before.add(entry.code)
    retired = [replace(entry, until=date.min) for entry in standard if entry.code not in before]
    return Tree((*own, *retired))
