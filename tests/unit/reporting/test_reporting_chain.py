"""A dossier's chain stands for its entries in their order, and what is not the archive's is named."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime
from typing import Any

from services.reporting.domain import chain, dossier
from services.reporting.domain.dossier import Entry

AT = datetime(2016, 11, 7, tzinfo=UTC)
BODIES = {"a": b"first", "b": b"second"}
DATA: dict[str, dict[str, Any]] = {"a": {"text": "甲", "earlier": [1, 2]}, "b": {"text": "乙", "reason": "x"}}
SHOWN: dict[str, dict[str, Any]] = {"a": {"text": "甲", "earlier": [2]}, "b": {"text": "乙", "reason": None}}


def entry(key: str, **data: Any) -> Entry:
    return Entry(
        event_id=key, name="case.linked", source="/431023/intake", organisation="431023", occurred_at=AT, at=AT, by=None, round=None,
        data=data,
    )  # fmt: skip


def record() -> dict[str, Any]:
    hashes = {key: chain.of_body(body) for key, body in BODIES.items()}
    return copy.deepcopy(chain.record("1号", "c", [entry(key, **data) for key, data in SHOWN.items()], hashes))


ARCHIVE = {key: (body, DATA[key]) for key, body in BODIES.items()}


def test_each_link_is_made_of_the_one_before_and_the_next_event() -> None:
    first, second = (hashlib.sha256(BODIES[key]).digest() for key in "ab")
    link = hashlib.sha256(hashlib.sha256(first).digest() + second).hexdigest()
    assert record()["head"] == chain.head([first.hex(), second.hex()]) == link
    assert chain.head([second.hex(), first.hex()]) != link
    assert chain.head([]) == ""


def test_a_record_as_it_was_made_is_the_archives() -> None:
    assert chain.faults(record(), ARCHIVE) == []
    assert chain.as_text(record()) == chain.as_text(dict(reversed(record().items())))


def test_what_was_altered_is_named() -> None:
    words, other, gone, more = (record() for _ in range(4))
    words["entries"][1]["data"]["text"] = "丙"
    assert chain.faults(words, ARCHIVE) == ["b: its words are not those of the event"]
    more["entries"][0]["data"]["earlier"].append(3)
    assert chain.faults(more, ARCHIVE) == ["a: its words are not those of the event"]
    other["entries"][0]["event_id"] = "z"
    assert chain.faults(other, ARCHIVE) == ["z: not the event that the archive holds"]
    del gone["entries"][0]
    assert chain.faults(gone, ARCHIVE) == ["the head does not stand for these entries"]


def test_the_files_of_a_dossier_are_those_that_were_enclosed() -> None:
    one = {"name": "图.pdf", "sha256": "0"}
    assert dossier.enclosures([entry("a", enclosures=[one]), entry("b", enclosures=None), entry("c")]) == [(AT, one)]
