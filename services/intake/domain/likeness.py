"""Whether two petitions look like one matter or one person, and why. Suggested to a clerk, never decided here. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log

from services.intake.domain import masks

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_CLAUSE = re.compile(rf"[{HAN}a-z]+")
_RUN = re.compile(rf"[{HAN}]+|[a-z]+")
_HAN = re.compile(rf"[{HAN}]")
LONGEST = 6_000  # characters of a petition that are compared; what it is about is said by then
PHRASE, PHRASES = 4, 3  # characters of a phrase worth showing, and how many are shown


class Reason(StrEnum):
    """What speaks for it, in the order in which a clerk reads it."""

    SAME_PHONE = "same_phone"
    SAME_EMAIL = "same_email"
    SAME_ID = "same_id"
    SAME_WORDS = "same_words"
    SAME_PLACE = "same_place"
    SAME_CATEGORY = "same_category"
    SAME_COMPLAINED = "same_complained"


PERSON = frozenset({Reason.SAME_PHONE, Reason.SAME_EMAIL, Reason.SAME_ID})


class Guess(StrEnum):
    """What a clerk is asked about two petitions."""

    REPEAT = "repeat"  # the same matter, as far as known by the same person
    JOINT = "joint"  # the same matter, by somebody else
    PERSON = "person"  # the same person, another matter


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a pair. `alike`: how much of what is telling in the shorter text stands in the other one, 0 to 1;
    `fuzzy`: how alike the clauses are, letter by letter, 0 to 1; `other_person`: both left a contact, and these differ."""

    alike: float
    fuzzy: float
    person: frozenset[Reason] = frozenset()
    other_person: bool = False
    same_place: bool = False
    other_place: bool = False
    same_category: bool = False
    other_category: bool = False
    same_complained: bool = False


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """A suggestion: what it may be, how alike the words are in percent, and what speaks for it."""

    guess: Guess
    percent: int
    reasons: tuple[Reason, ...]


def plain(text: str, secrets: Iterable[str] = ()) -> str:
    """The words that are compared: clauses divided by blanks, in one form of letters, without digits, marks and
    `secrets`, however these are written there."""
    text = masks.within(text[: 2 * LONGEST], secrets)[:LONGEST]  # no name is cut before it is found
    return " ".join(_CLAUSE.findall(unicodedata.normalize("NFKC", text).lower()))


def grams(plain_text: str) -> frozenset[str]:
    """Pairs of neighbouring Chinese characters; of other letters whole words."""
    found: set[str] = set()
    for run in _RUN.findall(plain_text):
        if _HAN.match(run):
            found.update(run[at : at + 2] for at in range(len(run) - 1))
        else:
            found.add(run)
    return frozenset(found)


def weight(cases: int, total: int) -> float:
    """How telling something is that stands in `cases` of `total` petitions: much for what is rare, near 0 for what is common."""
    return log((total + 2) / (cases + 1))


def shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of what is telling in the shorter of two texts, the share that stands in the other; both map grams to weights."""
    least = min(sum(one.values()), sum(other.values()))
    return min(1.0, sum(one[gram] for gram in one.keys() & other.keys()) / least) if least > 0 else 0.0


def phrases(one: str, other: str, weights: Mapping[str, float]) -> tuple[str, ...]:
    """The most telling phrases that stand in both texts, in the order of `one`; `weights` are of its grams."""
    found, at = [], 0
    while at + PHRASE <= len(one):
        end = at + PHRASE
        if " " in one[at:end] or one[at:end] not in other:
            at += 1
            continue
        while end < len(one) and one[end] != " " and one[at : end + 1] in other:
            end += 1
        found.append((sum(weights.get(gram, 0.0) for gram in grams(one[at:end])), at, one[at:end]))
        at = end
    best = {phrase: at for _, at, phrase in sorted(found, reverse=True)[:PHRASES]}
    return tuple(sorted(best, key=best.__getitem__))


# What place and category add to the words, and how alike two petitions must be before a clerk is asked. Found on made
# petitions (bench/likeness.py), with numbers so round that they fit no set in particular.
SAME_PLACE, OTHER_PLACE, CATEGORY = 0.03, -0.10, 0.02
ALIKE_BY_SAME_PERSON, ALIKE = 0.30, 0.50


def judge(seen: Evidence) -> Likeness | None:
    """What a clerk is to be asked about a pair, or None."""
    words = (2 * seen.alike + seen.fuzzy) / 3
    place = SAME_PLACE * seen.same_place + OTHER_PLACE * seen.other_place
    score = words + place + CATEGORY * (seen.same_category - seen.other_category)
    if score >= (ALIKE_BY_SAME_PERSON if seen.person else ALIKE):
        guess = Guess.JOINT if seen.other_person and not seen.person else Guess.REPEAT
    elif seen.person:
        guess = Guess.PERSON
    else:
        return None
    speaking = {
        Reason.SAME_WORDS: guess is not Guess.PERSON, Reason.SAME_PLACE: seen.same_place, Reason.SAME_CATEGORY: seen.same_category,
        Reason.SAME_COMPLAINED: seen.same_complained,
    }  # fmt: skip
    reasons = tuple(reason for reason in Reason if reason in seen.person or speaking.get(reason))
    return Likeness(guess=guess, percent=round(100 * words), reasons=reasons)
