"""What the form of a conclusion begins with."""

from __future__ import annotations

from typing import Any

from services.routing.web.cases import _suggested

EMPTY = {"outcome": "", "summary": "", "answer": ""}


def replied(
    answer: str, at: int, verdict: str | None = "approved", part: str = "handling", parent: str | None = None
) -> dict[str, Any]:
    """An assignment with one reply."""
    reply = {"outcome": "supported", "measures": ["一", "二"], "answer": answer, "verdict": verdict, "replied_at": at}
    return {"part": part, "parent": parent, "replies": [reply]}


def suggested(*assignments: dict[str, Any]) -> dict[str, str]:
    return _suggested([{"assignments": list(assignments)}], None)


def test_the_last_approved_reply_starts_the_conclusion() -> None:
    assert suggested(replied("先", 1), replied("后", 2))["answer"] == "后"
    assert suggested(replied("", 1, verdict=None)) == EMPTY


def test_what_whoever_is_responsible_approved_of_his_own_people_and_joint_units_ends_nothing() -> None:
    part, joint = replied("本单位干部的", 3, parent="a"), replied("会办单位的", 4, part="joint")
    assert suggested(part, joint) == EMPTY
    assert suggested(replied("牵头的", 1, part="lead"), part, joint)["answer"] == "牵头的"
