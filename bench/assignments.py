"""Made assignments: what a clerk's brief says, and the unit that the case was given to.

A case is one of twelve kinds of matter and happened in one of six townships. Each of its facts speaks for a unit, and a county decides
by most of them; but part of the cases goes to the township whatever they say, and part to whoever was thought of that day. The
brief tells only some of the facts, the category is sometimes missing or another one, the place too. No unit's name stands
in a brief, no word is one unit's alone (`tests/unit/routing/test_routing_made_cases.py`), and nobody could be right about all of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.petitions import WORDS, Maker

COUNTY: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("assignments.yaml").read_text(encoding="utf-8"))
CODE = "431023"
ASTRAY = 0.07  # of the cases go to a unit that nothing speaks for
SORTED, MISTAKEN, PLACED = 0.82, 0.1, 0.8
UNSORTED = "other"
KINDS: dict[str, dict[str, Any]] = {kind["category"]: kind for kind in WORDS["matters"]}
TOWNS = tuple(f"{CODE}{100 + number}" for number in range(COUNTY["towns"]))
UNITS = (*(f"{CODE}-{name}" for name in COUNTY["bureaus"]), *TOWNS)


@dataclass(frozen=True, kw_only=True)
class Handled:
    """A case as routing knows it, and who was told to handle it."""

    title: str
    brief: str
    category: str
    place: str | None
    unit: str


class County:
    """Decides cases; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._r = random.Random(seed)
        self._maker = Maker(seed)

    def handled(self, count: int) -> Iterator[Handled]:
        """`count` cases."""
        names = list(COUNTY["matters"])
        often = [COUNTY["matters"][name]["often"] for name in names]
        for _ in range(count):
            yield self._one(self._r.choices(names, often)[0])

    def _one(self, category: str) -> Handled:
        r, decided = self._r, COUNTY["matters"][category]
        town = r.randrange(len(TOWNS))
        happened = r.sample(range(len(KINDS[category]["facts"])), r.choice((3, 4, 5)))
        told = happened[: r.choice((1, 2, 2, 3))]
        title, brief = self._maker.brief(KINDS[category], town, told)
        coded = r.random()
        return Handled(
            title=title, brief=brief, place=TOWNS[town] if r.random() < PLACED else None, unit=self._unit(decided, happened, town),
            category=category if coded < SORTED else r.choice(list(COUNTY["matters"])) if coded < SORTED + MISTAKEN else UNSORTED,
        )  # fmt: skip

    def _unit(self, decided: dict[str, Any], happened: list[int], town: int) -> str:
        draw = self._r.random()
        if draw < ASTRAY:
            return self._r.choice(UNITS)
        if draw < ASTRAY + decided["local"]:
            return TOWNS[town]
        ((most, _),) = Counter(decided["facts"][fact] for fact in happened).most_common(1)
        return f"{CODE}-{most}"
