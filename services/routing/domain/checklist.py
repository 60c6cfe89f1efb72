"""What a perfunctory reply lacks, shown before it goes out. The rules are data (`data/checklist.yaml`); this knows how to apply them.

A rule warns. It blocks only where the regulation itself demands what is lacking (art. 32).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KINDS = ("empty", "lacks", "only", "shorter", "unanswered")
FIELDS = ("findings", "measures", "evidence", "answer")
_HAN = re.compile(r"[\u3400-\u9fff]")
# Where one point of a brief ends and the next begins: sentences, 一是 二是, 1. 2., ①②, 其一 其二.
_BETWEEN = re.compile(r"[。；;！!？?\n①-⑳]|[一二三四五六七八九十]+[是、]|其[一二三四五六七八九十]|(?<!\d)\d{1,2}[.、)）](?!\d)")
_OPENING = re.compile(r"^\W*(?:信访人|来信人|村民|群众)?(?:反映|要求|请求|希望|投诉|举报|建议)?")
SHORTEST_POINT = 4  # Chinese characters; less is no point of its own


@dataclass(frozen=True, kw_only=True)
class Said:
    """A reply as it is written so far."""

    outcome: str = ""
    findings: str = ""
    measures: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    answer: str = ""

    def text(self, fields: Sequence[str]) -> str:
        """What these boxes hold, one after the other."""
        held = (getattr(self, name) for name in fields)
        return "\n".join(value if isinstance(value, str) else "\n".join(value) for value in held)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that a reply should have. `outcomes`: when it is asked for; none means always."""

    code: str
    kind: str
    field: str
    looks_in: tuple[str, ...]
    outcomes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    least: int = 0
    share: float = 0.0
    blocks: bool = False
    words: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What is lacking, at which box; `points` are those of the petition that nothing in the reply speaks of."""

    rule: Rule
    points: tuple[str, ...] = ()

    def say(self, language: str) -> tuple[str, str]:
        """The rule and the remedy in a reader's language."""
        words = self.rule.words.get(language) or self.rule.words["zh"]
        return words["rule"], words["remedy"]


def lacking(said: Said, brief: str, rules: Sequence[Rule]) -> list[Lack]:
    """What the reply lacks by these rules, what blocks first. `brief` is what the petitioner asks for, in the clerk's words."""
    found = []
    for rule in rules:
        if rule.outcomes and said.outcome not in rule.outcomes:
            continue
        missed = _unanswered(said, brief, rule) if rule.kind == "unanswered" else ()
        if missed or _fails(said, rule):
            found.append(Lack(rule=rule, points=missed))
    return sorted(found, key=lambda lack: not lack.rule.blocks)


def _fails(said: Said, rule: Rule) -> bool:
    text = said.text(rule.looks_in)
    if rule.kind == "empty":
        return not text.strip()
    if rule.kind == "lacks":
        return not any(re.search(pattern, text) for pattern in rule.patterns)
    if rule.kind == "only":
        rest = re.sub("|".join(rule.patterns), "", text)
        return rest != text and _size(rest) < rule.least
    return rule.kind == "shorter" and _size(text) < rule.least


def _size(text: str) -> int:
    """Letters and figures; blanks and marks say nothing."""
    return len(re.sub(r"[\W_]", "", text))


def points(brief: str) -> list[str]:
    """The single points that a brief makes."""
    pieces = (_OPENING.sub("", piece).strip(" ，,、：:（(") for piece in _BETWEEN.split(brief))
    return [piece for piece in pieces if len(_HAN.findall(piece)) >= SHORTEST_POINT]


def _unanswered(said: Said, brief: str, rule: Rule) -> tuple[str, ...]:
    """The points of which the reply does not use the words: less than `share` of the pairs of characters that they are made of."""
    spoken = _pairs(said.text(rule.looks_in))
    return tuple(point for point in points(brief) if len((own := _pairs(point)) & spoken) < rule.share * len(own))


def _pairs(text: str) -> set[str]:
    letters = "".join(_HAN.findall(text))
    return {letters[at : at + 2] for at in range(len(letters) - 1)}
