"""What a petitioner says after the conclusion on the tracking page: answers, corrections, contests, requests, reviews."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.intake.intake_cases import find
from tests.integration.intake.rating_cases import BY, Asked, now

SECRET = "金丝雀说：村长昨天又来骂人"
GOOD = {"settled": "true", "satisfied": "true"}
BAD = {"settled": "true", "satisfied": "false"}


@pytest.fixture
def asked(browse, hear, intake) -> Asked:
    return Asked(browse(), hear, intake)


def last(told, name: str) -> dict[str, Any]:
    return [data for each, data in told() if each == name][-1]


def test_the_policys_questions_are_asked_and_the_answers_told_without_the_words(asked, told, settings):
    page = asked.page()
    for words in ("事情是否已经解决", "对办理结果是否满意", "对工作人员的态度是否满意", "对办理速度是否满意"):
        assert words in page
    answer = asked.send("answer", **GOOD, ask_attitude="true", ask_speed="false", ask_weather="true", words=SECRET)
    assert "谢谢，您的评价已收到" in answer.text
    told_of = last(told, "petitioner.answered")
    assert {each["question"]: each["yes"] for each in told_of["answers"]} == {
        "settled": True, "satisfied": True, "attitude": True, "speed": False,
    }  # fmt: skip
    assert (told_of["medium"], told_of.get("corrects")) == ("tracking_page", None)
    assert find(settings, SECRET) == []
    assert SECRET not in asked.page()


def test_an_answer_is_corrected_within_a_day_and_not_later(asked, told):
    asked.send("answer", **GOOD)
    assert "更正您的评价" in asked.page()
    assert "您的评价已更正" in asked.send("correction", **BAD, words="想想还是不行").text
    told_of = last(told, "petitioner.answered")
    assert (told_of["satisfied"], told_of["corrects"]) == (False, True)
    asked.rows("UPDATE follow_up SET answered_at = answered_at - interval '1 day' RETURNING 1 AS x")
    assert "更正您的评价" not in asked.page()
    assert asked.send("correction", **GOOD).status_code == 409


def test_nothing_is_corrected_before_it_was_answered(asked):
    assert asked.send("correction", **GOOD).status_code == 409


def test_what_staff_recorded_is_shown_and_contested_once(asked, told):
    asked.recorded()
    page = asked.page()
    assert "工作人员记录您表示满意" in page
    assert 'action="/track/answer"' not in page  # the round has its word
    assert "以您本人的意见为准" in asked.send("contest", contest_words=SECRET).text
    assert last(told, "case.reopen_requested") | {"requested_at": ""} == {"ground": "contested", "round": 1, "requested_at": ""}
    assert asked.send("contest").status_code == 409
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "contested", "reopened_at": now()})
    page = asked.page()
    assert "您已提出异议" in page
    assert "继续办理" in page


def test_after_its_time_nothing_is_contested(asked, told):
    asked.recorded(until=now(-0.001))
    assert 'action="/track/contest"' not in asked.page()
    assert asked.send("contest").status_code == 409
    assert "case.reopen_requested" not in dict(told())


def test_the_petitioners_own_satisfied_is_not_contested(asked):
    asked.send("answer", **GOOD)
    asked.hear("case.satisfied", asked.case_id, {"round": 1, "at": now(), "source": "petitioner", "contest_until": None})
    asked.closed()
    assert 'action="/track/contest"' not in asked.page()


def test_a_closed_case_goes_on_when_its_petitioner_gives_reasons_in_time(asked, told):
    asked.send("answer", **GOOD)
    assert asked.send("reopen", reopen_words="又排污").status_code == 409  # not closed yet
    asked.closed()
    assert "要求重新办理" in asked.page()
    wrong = asked.send("reopen", reopen_words=" ")
    assert wrong.status_code == 422
    assert "重新办理的理由" in wrong.text
    assert "将重新办理" in asked.send("reopen", reopen_words="又排污").text
    assert last(told, "case.reopen_requested")["ground"] == "reopen"
    assert asked.send("reopen", reopen_words="又排污").status_code == 409


def test_a_closing_by_decision_shows_its_reasons_and_the_review(asked, told):
    asked.closed("decision", 1, authority="领导小组第5次会议", reasons="诉求没有法律依据。")
    page = asked.page()
    for words in ("这件信访件已经决定结案", "领导小组第5次会议", "诉求没有法律依据。", "申请复查"):
        assert words in page
    assert 'action="/track/reopen"' not in page
    wrong = asked.send("review", level="review", review_words="")
    assert wrong.status_code == 422
    assert "申请的理由" in wrong.text
    assert "三十日内作出决定" in asked.send("review", level="review", review_words=SECRET).text
    assert last(told, "review.requested")["level"] == "review"
    assert asked.send("review", level="review", review_words="再来").status_code == 409
    assert asked.send("review", level="final", review_words="太早").status_code == 409


def test_the_review_is_decided_shown_and_followed_by_the_final_one(asked, told):
    asked.send("review", level="review", review_words="不服")
    review = last(told, "review.requested")["review_id"]
    decision = {
        "review_id": review, "level": "review", "decision": "upheld", "answer": "经复查，维持。", "document": "永复〔2016〕1 号",
        "final_until": now(30), "by": BY, "at": now(),
    }  # fmt: skip
    asked.hear("review.decided", asked.case_id, decision)
    page = asked.page()
    for words in ("维持原处理意见", "经复查，维持。", "永复〔2016〕1 号", "申请复核"):
        assert words in page
    asked.send("review", level="final", review_words="仍不服")
    assert last(told, "review.requested")["level"] == "final"


def test_after_thirty_days_no_review_is_offered(asked):
    asked.rows("UPDATE petition SET concluded_at = concluded_at - interval '31 days' RETURNING 1 AS x")
    assert 'action="/track/review"' not in asked.page()
    assert asked.send("review", level="review", review_words="晚了").status_code == 409


@pytest.mark.parametrize("path", ["answer", "correction", "contest", "reopen", "review"])
def test_without_the_code_nothing_is_said(asked, told, path):
    before = len(told())
    asked.code = "0000-0000-0000-0000-0000-0000-00"
    forms = {"contest_words": "x", "reopen_words": "x", "review_words": "x", "level": "review", **GOOD}
    assert asked.send(path, **forms).status_code == 422
    assert len(told()) == before


def test_too_many_words_and_odd_values_are_refused_by_name(asked):
    assert "您想说的话" in asked.send("answer", **GOOD, words="字" * 2001).text
    assert asked.send("answer", settled="maybe", satisfied="true").status_code == 422
    assert asked.send("review", level="third", review_words="x").status_code == 422


def test_a_reopening_overtakes_a_late_closing_and_a_decision_a_late_reopening(asked):
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "corrected", "reopened_at": now()})
    asked.closed()
    assert asked.rows("SELECT stage, round FROM petition") == [{"stage": "handling", "round": 2}]
    asked.closed("decision", 2, authority="领导小组", reasons="没有依据。")
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": now()})
    assert asked.rows("SELECT stage, round FROM petition") == [{"stage": "archived", "round": 2}]


def remarks(browse, case_id, *roles, **who):
    return browse(*roles, **who).get(f"/intake/petitions/{case_id}/remarks")


def test_who_asks_reads_the_words_and_who_decides_the_reasons_and_each_look_is_logged(asked, browse, hear, told):
    asked.send("answer", **BAD, words=SECRET)
    asked.send("review", level="review", review_words="复查理由")
    review = last(told, "review.requested")["review_id"]
    assigned = {
        "review_id": review,
        "level": "review",
        "reviewer": {**BY, "official": "o-rev"},
        "organ": "",
        "due_at": now(),
        "by": BY,
        "at": now(),
    }
    hear("review.assigned", asked.case_id, assigned)
    asks, decides = (
        remarks(browse, asked.case_id, "followup").text,
        remarks(browse, asked.case_id, "leader", official="o-rev").text,
    )
    assert SECRET in asks
    assert "复查理由" not in asks
    assert "复查理由" in decides
    assert SECRET not in decides
    assert len(asked.rows("SELECT 1 FROM look WHERE purpose = 'followup'")) == 2
    for role in ("leader", "unit_head", "first_in_command"):
        assert SECRET not in remarks(browse, asked.case_id, role).text
    assert remarks(browse, asked.case_id, "leader").status_code == 404


def test_whoever_handles_the_case_or_is_barred_finds_no_such_page(asked, browse, hear):
    asked.send("answer", **BAD, words=SECRET)
    to = {"official": "o-unit", "name": "李强", "post": "局长", "organisation": "431023-epb"}
    issued = {
        "assignment_id": str(uuid4()), "instruction_id": str(uuid4()), "round": 1, "part": "handling", "responsible": to, "issued_by": BY,
        "issued_at": now(), "text": "办", "case_class": "ordinary", "number": asked.number, "channel": "post", "category": "environment",
        "title": "t", "brief": "b",
    }  # fmt: skip
    hear("case.reopened", asked.case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": now()})
    hear("assignment.issued", asked.case_id, issued)
    assert remarks(browse, asked.case_id, "followup", official="o-unit").status_code == 404
    hear("case.barred", asked.case_id, {"organisations": [], "officials": ["o-bar"], "barred_at": now()})
    assert remarks(browse, asked.case_id, "followup", official="o-bar").status_code == 404
    assert remarks(browse, asked.case_id, "followup").status_code == 200


def test_cases_of_elsewhere_are_left_alone(asked, hear):
    other = uuid4()
    hear("case.satisfied", other, {"round": 1, "at": now(), "source": "staff", "contest_until": now()})
    hear(
        "review.assigned",
        other,
        {"review_id": str(uuid4()), "level": "final", "reviewer": None, "organ": "x", "due_at": now(), "by": BY, "at": now()},
    )
    hear(
        "review.decided", other,
        {"review_id": str(uuid4()), "level": "final", "decision": "upheld", "answer": "x", "document": "", "by": BY, "at": now()},
    )  # fmt: skip


def test_the_other_language_leads_to_a_page_from_what_a_form_drew(asked):
    found = re.search(r'href="([^"]+)" lang="en"', asked.send("answer", **GOOD).text)
    assert found is not None
    assert asked.client.get(found[1]).status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_speaks_both_languages(asked, language):
    asked.client.get(f"/track?lang={language}")
    assert ("Is the matter settled?" in asked.page()) is (language == "en")
