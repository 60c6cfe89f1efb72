"""What the county's own past assignments teach: which unit a case like this one was given to.

A complement naive Bayes over counts: in how many cases of each unit a word, a category, a place occurs. It is taught by counting
and explained by the same counts; who is suggested is for a person to take or leave.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any, NamedTuple
from uuid import UUID

from services.routing.domain.rules import Rule, Traits
from shared.errors import Refused

FEWEST_CASES, FEWEST_OF_UNIT, FEWEST_UNITS = 50, 3, 2
MOST_CASES, MOST_UNITS, MOST_WORDS = 20_000, 120, 5_000
RARE = 3  # cases that a word must stand in: what is rarer is a name or a slip of the pen
SMOOTHING = 1.0
ENOUGH = 20  # past cases that say something of a rule
PART = 5  # one case in so many is held out
ALIKE, TELLING = 5, 3  # cases of one kind that are worth counting; words that are named as reasons
MORE = 1.5  # times as often as in all cases, to be named as a reason
SHORTEST, LONGEST = 2, 8  # characters of a word


class Past(NamedTuple):
    """A case of the past and the units that were told to handle it in its first round."""

    id: UUID
    case: Traits
    units: tuple[str, ...]


class Alike(NamedTuple):
    """Of `of` cases of one kind, `given` went to the unit. `place`: they are of one place too."""

    given: int
    of: int
    category: str
    place: str


class Evidence(NamedTuple):
    """What speaks for a unit: like cases, and words of this one."""

    alike: Alike | None
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Model:
    """`cases`: how many each unit had. `counts`: in how many cases of each unit a trait stood.

    A trait is `w:word`, `c:category`, `p:place` or `c:category|p:place`.
    """

    units: tuple[str, ...]
    cases: tuple[int, ...]
    counts: Mapping[str, Mapping[int, int]]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Model:
        """From what `as_data` gave."""
        counts = {trait: {int(unit): n for unit, n in found.items()} for trait, found in data["counts"].items()}
        return cls(units=tuple(data["units"]), cases=tuple(data["cases"]), counts=counts)

    def as_data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"units": list(self.units), "cases": list(self.cases), "counts": self.counts}

    @cached_property
    def weights(self) -> dict[str, array[float]]:
        """How much each trait speaks for each unit: the more, the less it occurs in the cases of all others."""
        size = len(self.units)
        others: dict[str, array[float]] = {}
        for trait, found in self.counts.items():
            total = sum(found.values()) + SMOOTHING
            others[trait] = array("d", (total - found.get(unit, 0) for unit in range(size)))
        sums = [sum(row[unit] for row in others.values()) for unit in range(size)]
        raw = {trait: array("f", (log(sums[unit] / row[unit]) for unit in range(size))) for trait, row in others.items()}
        # A unit with few cases leaves much to the others; without this it would win by that alone.
        norms = [sum(row[unit] for row in raw.values()) / max(len(raw), 1) or 1.0 for unit in range(size)]
        return {trait: array("f", (row[unit] / norms[unit] for unit in range(size))) for trait, row in raw.items()}

    def ranking(self, case: Traits) -> list[str]:
        """The units, the one that most speaks for first; none when nothing of the case is known."""
        rows = [self.weights[trait] for trait in traits(case, self._knows) if trait in self.weights]
        scores = [sum(row[unit] for row in rows) for unit in range(len(self.units))] if rows else []
        return [self.units[unit] for unit in sorted(range(len(scores)), key=lambda unit: (-scores[unit], self.units[unit]))]

    def evidence(self, case: Traits, unit: str) -> Evidence | None:
        """What speaks for a unit in words that a person can check, or None."""
        if unit not in self.units:
            return None
        at = self.units.index(unit)
        found = Evidence(self._alike(case, at), self._telling(case, at))
        return found if found.alike or found.words else None

    def _alike(self, case: Traits, unit: int) -> Alike | None:
        """The narrowest kind of which there are cases enough to be counted."""
        top = case.category.split(".")[0]
        kinds = [
            (f"c:{case.category}|p:{case.place}", case.category, case.place),
            (f"c:{case.category}", case.category, ""),
            (f"c:{top}", top, ""),
        ]
        for trait, category, place in kinds:
            found = self.counts.get(trait, {})
            if sum(found.values()) >= ALIKE:
                told = Alike(given=found.get(unit, 0), of=sum(found.values()), category=category, place=place)
                return told if self._speaks(found, unit) else None
        return None

    def _telling(self, case: Traits, unit: int) -> tuple[str, ...]:
        speaking = []
        for word in words_in(case.text, self._knows):
            row = self.weights[f"w:{word}"]
            more = row[unit] - sum(row) / len(row)
            if self._speaks(self.counts[f"w:{word}"], unit):
                speaking.append((-more, word))
        return tuple(word for _, word in sorted(speaking)[:TELLING])

    def _speaks(self, found: Mapping[int, int], unit: int) -> bool:
        """Whether a trait's cases went to the unit clearly more often than all cases did, and not once by chance."""
        given = found.get(unit, 0)
        return given > 1 and given * sum(self.cases) >= MORE * self.cases[unit] * sum(found.values())

    def _knows(self, word: str) -> bool:
        return f"w:{word}" in self.counts


def words_in(text: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The known words of a text, each once: at each place the longest one. The same at teaching and at asking."""
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        for end in range(min(at + LONGEST, len(text)), at + SHORTEST - 1, -1):
            if known(text[at:end]):
                found[text[at:end]] = None
                at = end
                break
        else:
            at += 1
    return tuple(found)


def traits(case: Traits, known: Callable[[str], bool]) -> Iterator[str]:
    """What is counted of a case."""
    yield from (f"w:{word}" for word in words_in(case.text, known))
    kinds = dict.fromkeys([case.category.split(".")[0], case.category])
    for category in kinds:
        yield f"c:{category}"
        if case.place:
            yield f"c:{category}|p:{case.place}"
    if case.place:
        yield f"p:{case.place}"


def vocabulary(texts: Iterable[Iterable[str]]) -> frozenset[str]:
    """The words worth counting, given those of each case: Chinese, of some length, and not rare."""
    counted = Counter(word for words in texts for word in {*words})
    usable = ((word, n) for word, n in counted.items() if n >= RARE and SHORTEST <= len(word) <= LONGEST and _chinese(word))
    return frozenset(word for word, _ in sorted(usable, key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS])


def _chinese(word: str) -> bool:
    return all("\u4e00" <= letter <= "\u9fff" for letter in word)


def learn(past: Sequence[Past], words: frozenset[str]) -> Model:
    """A model of these cases. Units with hardly any are left out."""
    cases = Counter(unit for one in past for unit in one.units)
    units = [unit for unit, n in sorted(cases.items(), key=lambda pair: (-pair[1], pair[0])) if n >= FEWEST_OF_UNIT][:MOST_UNITS]
    number = {unit: at for at, unit in enumerate(units)}
    counts: dict[str, Counter[int]] = {}
    for one in past:
        here = [number[unit] for unit in one.units if unit in number]
        for trait in traits(one.case, words.__contains__) if here else ():
            counts.setdefault(trait, Counter()).update(here)
    return Model(
        units=tuple(units),
        cases=tuple(cases[unit] for unit in units),
        counts={trait: dict(found) for trait, found in counts.items()},
    )


def check_enough(past: Sequence[Past]) -> None:
    """Refuse to learn from hardly anything. Raises Refused."""
    if len(past) < FEWEST_CASES or len({unit for one in past for unit in one.units}) < FEWEST_UNITS:
        raise Refused(
            "cases", "只有%(count)d件可学习的交办，至少要%(fewest)d件、两个单位。", "请积累更多交办后再训练；规则照常使用。",
            count=len(past), fewest=FEWEST_CASES,
        )  # fmt: skip


def divided(past: Sequence[Past]) -> tuple[list[Past], list[Past]]:
    """What is taught by, and what is held out to see how well it was learnt: by the case, so that it is the same each time."""
    held = [one for one in past if one.id.int % PART == 0]
    return [one for one in past if one.id.int % PART], held


def first_match(rules: Iterable[Rule], case: Traits) -> Rule | None:
    """The rule that wins, if any."""
    return next((rule for rule in rules if rule.active and rule.matches(case)), None)


class Record(NamedTuple):
    """Of `matched` past cases that a rule would have decided, `right` went to its organisation."""

    right: int
    matched: int

    @property
    def against(self) -> bool:
        """Whether the past speaks against the rule: most of what it matches went elsewhere."""
        return self.matched >= ENOUGH and 2 * self.right < self.matched


def record_key(rule: Rule) -> str:
    """What a rule's record is kept under: a rule that says something else has none yet."""
    return f"{rule.id} {rule.revision}"


def records(past: Iterable[Past], rules: Sequence[Rule]) -> dict[str, Record]:
    """How each rule would have done."""
    found: dict[str, Record] = {}
    for one in past:
        winner = first_match(rules, one.case)
        if winner is not None:
            right, matched = found.get(record_key(winner), (0, 0))
            found[record_key(winner)] = Record(right + (winner.organisation in one.units), matched + 1)
    return found


def placed(winner: Rule | None, kept: Mapping[str, Record]) -> int:
    """How many learnt suggestions come before the rule's: none, for people made it; one, where the past speaks against it."""
    record = kept.get(record_key(winner)) if winner else None
    return int(record is not None and record.against)


def order(rules: Iterable[Rule], model: Model | None, kept: Mapping[str, Record], case: Traits) -> list[str]:
    """The organisations in the order in which they are suggested."""
    winner = first_match(rules, case)
    learnt, before = model.ranking(case) if model else [], placed(winner, kept)
    named = [winner.organisation] if winner else []
    return list(dict.fromkeys(learnt[:before] + named + learnt[before:]))


class Accuracy(NamedTuple):
    """Of the cases that were held out, the share in which the first suggestion was right, and in which one of three was."""

    first: float
    among_three: float


def assess(taught: Sequence[Past], held: Sequence[Past], rules: Sequence[Rule], model: Model) -> dict[str, Accuracy]:
    """How often rules alone, learning alone, and both together name a unit that had the case.

    `model` and the rules' records are of what was taught, and know nothing of what is held out.
    """
    kept = records(taught, rules)
    ways: dict[str, Callable[[Traits], list[str]]] = {
        "rules": lambda case: order(rules, None, {}, case), "learning": model.ranking,
        "together": lambda case: order(rules, model, kept, case),
    }  # fmt: skip
    return {name: _accuracy(held, way) for name, way in ways.items()}


def _accuracy(held: Sequence[Past], way: Callable[[Traits], list[str]]) -> Accuracy:
    named = [(way(one.case), one.units) for one in held]
    shares = (sum(not set(units[:most]).isdisjoint(had) for units, had in named) / max(len(held), 1) for most in (1, 3))
    return Accuracy(*shares)
