"""After the conclusion, round by round: what an earlier round offered is over, a further answer is reviewed anew, and units keep out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.intake.intake_cases import concluded
from tests.integration.intake.rating_cases import BY, Asked, due, now

GOOD, BAD = {"settled": "true", "satisfied": "true"}, {"settled": "false", "satisfied": "false"}
EPB = {"official": "o-unit", "name": "李强", "post": "局长", "organisation": "431023-epb"}
SECRET = "他们只来了十分钟"


@pytest.fixture
def asked(browse, hear, intake) -> Asked:
    return Asked(browse(), hear, intake)


def last(told, name: str) -> dict[str, Any]:
    return [data for each, data in told() if each == name][-1]


def again(asked: Asked, cause: str = "dissatisfied", round: int = 2) -> None:
    """The case went on, and is concluded again."""
    asked.hear("case.reopened", asked.case_id, {"round": round, "cause": cause, "reopened_at": now()})
    asked.hear("case.concluded", asked.case_id, concluded(round) | {"concluded_at": now()})
    asked.hear("followup.due", asked.case_id, due(round))


def test_what_staff_recorded_is_contested_no_more_once_the_case_goes_on(asked, told):
    """Staff corrected it, or the supervision office found otherwise: "you are satisfied" would be untrue on the page."""
    asked.recorded()
    assert 'action="/track/contest"' in asked.page()
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "checked", "reopened_at": now()})
    assert 'action="/track/contest"' not in asked.page()
    assert asked.send("contest").status_code == 409
    assert "case.reopen_requested" not in dict(told())


@pytest.mark.parametrize(
    ("path", "words"), [("correction", BAD), ("contest", {}), ("reopen", {"reopen_words": "又排污"}), ("answer", GOOD)]
)
def test_of_a_round_that_another_has_overtaken_nothing_more_is_said(asked, told, path, words):
    asked.send("answer", **BAD)
    again(asked)
    asked.send("answer", **GOOD, round="2")
    asked.closed(round=2)
    before = len(told())
    assert asked.send(path, **words).status_code == 409  # the form names round 1
    assert len(told()) == before


def decided(asked: Asked, told, decision: str) -> None:
    data = {
        "review_id": last(told, "review.requested")["review_id"], "level": "review", "decision": decision, "answer": "如上。", "document": "",
        "final_until": now(30), "by": BY, "at": now(),
    }  # fmt: skip
    asked.hear("review.decided", asked.case_id, data)


def test_the_answer_that_a_review_called_for_may_be_reviewed_like_the_first(asked, told):
    asked.send("review", level="review", review_words="不服")
    decided(asked, told, "redo")
    again(asked, "review")
    page = asked.page()
    assert "申请复查" in page
    assert asked.send("review", level="final", review_words="不服").status_code == 409  # of this answer there was no review yet
    assert "三十日内作出决定" in asked.send("review", level="review", review_words="还是不服").text
    assert [name for name, _ in told()].count("review.requested") == 2
    assert asked.page().count("收到您的申请") == 1


def test_the_notice_of_a_decision_keeps_its_word_although_a_review_came_before(asked, told):
    """It says that a review may be asked for; the page has to offer it."""
    asked.send("review", level="review", review_words="不服")
    decided(asked, told, "upheld")
    asked.send("answer", **BAD)
    asked.closed("decision", 2, authority="领导小组第5次会议", reasons="诉求没有法律依据。")
    page = asked.page()
    assert "如果不服" in page
    assert asked.send("review", level="review", review_words="不服结案").status_code == 200


def test_a_countys_own_further_question_is_answered_with_yes_or_no(asked, told):
    own = {"code": "gifts", "zh": "有没有人向您索要财物", "en": None}
    question = due(2) | {"questions": [*due(2)["questions"][:2], own]}
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": now()})
    asked.hear("case.concluded", asked.case_id, concluded(2) | {"concluded_at": now()})
    asked.hear("followup.due", asked.case_id, question)
    page = asked.page()
    options = page[page.index(own["zh"]) :][:900]
    assert "是" in options
    assert "满意" not in options
    asked.send("answer", **GOOD, round="2", ask_gifts="false")
    assert {"question": "gifts", "yes": False} in last(told, "petitioner.answered")["answers"]


def issued(asked: Asked, to: dict[str, str], assignment: str) -> None:
    data = {
        "assignment_id": assignment, "instruction_id": str(uuid4()), "round": 2, "part": "handling", "responsible": to, "issued_by": BY,
        "issued_at": now(), "text": "办", "case_class": "ordinary", "number": asked.number, "channel": "post", "category": "environment",
        "title": "t", "brief": "b",
    }  # fmt: skip
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": now()})
    asked.hear("assignment.issued", asked.case_id, data)


def remarks(asked: Asked, browse, official: str, org: str) -> int:
    """As follow-up staff and supervision office, with a post in that organisation."""
    client = browse("followup", "supervision_office", official=official, org=org)
    return client.get(f"/intake/petitions/{asked.case_id}/remarks").status_code


def test_neither_the_unit_nor_whose_the_case_was_before_a_hand_over_reads_the_petitioners_words(asked, browse):
    asked.send("answer", **BAD, words=SECRET)
    assignment = str(uuid4())
    issued(asked, EPB, assignment)
    assert remarks(asked, browse, "o-colleague", "431023-epb") == 404
    assert remarks(asked, browse, "o-another", "431023-xf") == 200
    moved = {
        "assignment_id": assignment,
        "from": EPB,
        "to": EPB | {"official": "o-next"},
        "by": BY,
        "reason": "changed_post",
        "at": now(),
    }
    asked.hear("assignment.handed_over", asked.case_id, moved)
    for official in ("o-unit", "o-next"):  # one of them has another post now
        assert remarks(asked, browse, official, "431023-xf") == 404
