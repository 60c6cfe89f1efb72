"""A petitioner who does not use the tracking page says at the counter that he contests, wants the case to go on, or asks for a review."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.intake.intake_cases import find, post
from tests.integration.intake.rating_cases import BY, Asked, now

SECRET = "金丝雀说：没人问过我"
WISH = {"wish": "contest", "wish_means": "oral", "wish_words": SECRET}


@pytest.fixture
def asked(browse, hear, intake) -> Asked:
    return Asked(browse(), hear, intake)


def path(asked: Asked) -> str:
    return f"/intake/petitions/{asked.case_id}/wish"


def last(told, name: str) -> dict[str, Any]:
    return [data for each, data in told() if each == name][-1]


def test_what_he_says_at_the_counter_counts_like_his_own_word_and_says_who_wrote_it_down(asked, browse, told, settings):
    asked.recorded()
    clerk = browse("clerk")
    assert "代信访人提出" in clerk.get(f"/intake/petitions/{asked.case_id}").text
    page = clerk.get(path(asked)).text
    assert "对“满意”的记录提出异议" in page
    assert "申请复查" in page
    assert post(clerk, path(asked), WISH).status_code == 303
    assert last(told, "case.reopen_requested") | {"requested_at": ""} == {"ground": "contested", "round": 1, "requested_at": ""}
    assert post(clerk, path(asked), WISH).status_code == 409
    assert find(settings, SECRET) == []
    read = browse("followup", official="o-followup").get(f"/intake/petitions/{asked.case_id}/remarks").text
    assert SECRET in read
    assert "何文 登记员 按信访人的要求记录：当面口头提出" in read
    assert "您已提出异议" in asked.page()


@pytest.mark.parametrize(("wish", "name"), [("reopen", "case.reopen_requested"), ("review", "review.requested")])
def test_having_the_case_go_on_and_a_review_are_written_down_too(asked, browse, told, wish, name):
    asked.send("answer", settled="true", satisfied="true")
    asked.closed()
    assert post(browse("office"), path(asked), WISH | {"wish": wish}).status_code == 303
    assert last(told, name)
    assert post(browse("office"), path(asked), WISH | {"wish": wish}).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"), [("wish", "withdraw"), ("wish_means", "dream"), ("wish_words", " "), ("wish_words", "字" * 2001)]
)
def test_how_he_said_it_and_why_are_asked_for(asked, browse, told, field, value):
    asked.recorded()
    before = len(told())
    wrong = post(browse("clerk"), path(asked), WISH | {field: value})
    assert wrong.status_code == 422
    assert f"field-{field}" in wrong.text
    assert len(told()) == before


def test_what_is_out_of_time_or_not_there_is_neither_offered_nor_taken(asked, browse, told):
    asked.recorded(until=now(-0.001))
    clerk = browse("clerk")
    asked.rows(
        "UPDATE petition SET closed_at = closed_at - interval '91 days', concluded_at = now() - interval '31 days' RETURNING 1 AS x"
    )
    assert "现在没有可以代为提出的事项" in clerk.get(path(asked)).text
    for wish in ("contest", "reopen", "review", "final"):
        assert post(clerk, path(asked), WISH | {"wish": wish}).status_code == 409
    assert not {"case.reopen_requested", "review.requested"} & {name for name, _ in told()}


def test_neither_who_handled_the_case_nor_his_unit_nor_who_is_barred_finds_the_form(asked, browse, hear):
    to = {"official": "o-unit", "name": "李强", "post": "局长", "organisation": "431023-epb"}
    issued = {
        "assignment_id": str(uuid4()), "instruction_id": str(uuid4()), "round": 2, "part": "handling", "responsible": to, "issued_by": BY,
        "issued_at": now(), "text": "办", "case_class": "ordinary", "number": asked.number, "channel": "post", "category": "environment",
        "title": "t", "brief": "b",
    }  # fmt: skip
    hear("case.reopened", asked.case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": now()})
    hear("assignment.issued", asked.case_id, issued)
    hear("case.barred", asked.case_id, {"organisations": [], "officials": ["o-bar"], "barred_at": now()})
    readers = (browse("office", official="o-unit"), browse("clerk", org="431023-epb"), browse("clerk", official="o-bar"))
    for reader in readers:
        assert reader.get(path(asked)).status_code == 404
        assert post(reader, path(asked), WISH).status_code == 404
    assert browse("clerk").get(path(asked)).status_code == 200
    assert browse("followup").get(path(asked)).status_code == 403
