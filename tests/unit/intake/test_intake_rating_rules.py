"""What a petitioner may say after the conclusion, and until when; who may read his words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.domain import rating, texts
from services.intake.domain.rating import Rating, ReviewRequest
from services.intake.domain.submission import Identity
from services.intake.domain.viewing import Hidden, Tie, may_identify, readable_remarks
from services.intake.workflow import Stage
from shared.errors import Conflict, Refused
from tests.unit.intake.intake_builders import CASE, NOW, a_petition, a_question, a_viewer

TERMS = {"link_days": 14, "correct_hours": 24, "contest_days": 30, "reopen_days": 90, "review_days": 30}
CONCLUDED = a_petition(stage=Stage.CONCLUDED, round=1, concluded_at=NOW)
CLOSED = replace(CONCLUDED, stage=Stage.ARCHIVED, close_reason="satisfied", closed_at=NOW)
DECIDED = replace(CLOSED, close_reason="decision", closed_at=NOW + timedelta(days=60), concluded_at=None)
ASKED = a_question(terms=TERMS)
ANSWERED = replace(ASKED, answered_at=NOW)
UNTIL = datetime(2016, 12, 7, 16, tzinfo=UTC)  # the end of the thirtieth day in China


def test_a_follow_up_is_answered_once_and_only_in_its_round():
    assert rating.answer(CONCLUDED, ASKED, NOW).answered_at == NOW
    recorded = replace(ASKED, recorded_at=NOW)
    for wrong_case, question in (
        (CONCLUDED, None), (CONCLUDED, ANSWERED), (CONCLUDED, a_question(round=2)), (CONCLUDED, recorded),
        (a_petition(stage=Stage.HANDLING, round=1), ASKED),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            rating.answer(wrong_case, question, NOW)


def test_it_is_corrected_for_a_day():
    assert rating.correct(ANSWERED, NOW + timedelta(hours=23, minutes=59)).corrected_at
    for question, now in (
        (ANSWERED, NOW + timedelta(hours=24)), (ASKED, NOW), (None, NOW), (replace(ANSWERED, terms=TERMS | {"correct_hours": 0}), NOW),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            rating.correct(question, now)


def test_a_question_from_before_the_policy_has_the_usual_terms():
    assert a_question().term("correct_hours") == 24
    assert a_question().term("reopen_days") == 0


def test_what_staff_recorded_is_contested_until_its_limit_and_once():
    recorded = replace(ASKED, recorded_at=NOW, contest_until=UNTIL)
    contested = rating.contest(recorded, UNTIL - timedelta(seconds=1))
    assert contested.contested_at
    for question, now in ((recorded, UNTIL), (contested, NOW), (ASKED, NOW), (None, NOW)):
        with pytest.raises(Conflict):
            rating.contest(question, now)


def test_a_closed_case_goes_on_at_its_petitioners_wish_for_ninety_days_and_once():
    last = datetime(2017, 2, 5, 15, 59, 59, tzinfo=UTC)
    asked = rating.ask_to_reopen(CLOSED, ANSWERED, last)
    for case, question, now in (
        (CLOSED, ANSWERED, last + timedelta(seconds=1)), (CLOSED, asked, NOW), (CONCLUDED, ANSWERED, NOW), (CLOSED, None, NOW),
        (DECIDED, ANSWERED, NOW), (replace(CLOSED, closed_at=None), ANSWERED, NOW), (CLOSED, a_question(), NOW),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            rating.ask_to_reopen(case, question, now)


def review(level="review", **changes):
    return ReviewRequest(id=CASE, case_id=CASE, level=level, asked_at=NOW, **changes)


def test_a_review_is_asked_for_within_thirty_days_of_the_answer_or_of_the_decision_to_close():
    assert rating.review_open(CONCLUDED, ASKED, [], NOW) == ("review", UNTIL)
    assert rating.review_open(CONCLUDED, ASKED, [], UNTIL) is None
    assert rating.review_open(DECIDED, ASKED, [], NOW + timedelta(days=61)) is not None
    for case, question in ((replace(CONCLUDED, withdrawn_at=NOW), ASKED), (CONCLUDED, None), (a_petition(), ASKED)):
        assert rating.review_open(case, question, [], NOW) is None


def test_after_the_review_comes_the_final_one_and_after_that_none():
    assert rating.review_open(CONCLUDED, ASKED, [review()], NOW) is None
    decided = review(decided_at=NOW, final_until=UNTIL)
    assert rating.review_open(CONCLUDED, ASKED, [decided], NOW) == ("final", UNTIL)
    assert rating.review_open(CONCLUDED, ASKED, [decided], UNTIL) is None
    assert rating.review_open(CONCLUDED, ASKED, [decided, review("final")], NOW) is None


def test_a_further_answer_and_a_closing_by_decision_are_reviewed_like_the_first_answer():
    """A decision's notice says that a review may be asked for; so it may, whatever was reviewed before."""
    over = review(decided_at=NOW, final_until=UNTIL)
    later = NOW + timedelta(days=40)
    again = replace(CONCLUDED, round=2, concluded_at=later)
    assert rating.review_open(again, ASKED, [over], later) == ("review", datetime(2017, 1, 16, 16, tzinfo=UTC))
    assert rating.review_open(DECIDED, ASKED, [over, review("final", decided_at=NOW)], NOW + timedelta(days=61)) is not None
    assert rating.review_open(DECIDED, ASKED, [review()], NOW + timedelta(days=61)) is None  # one at a time
    late = NOW + timedelta(days=75)
    assert rating.review_open(again, ASKED, [replace(over, final_until=late + timedelta(days=1))], late) is not None
    assert rating.review_open(again, ASKED, [over], late) is None


def test_a_review_of_another_level_or_out_of_time_is_refused():
    rating.check_review(CONCLUDED, ASKED, [], "review", NOW)
    for level, now in (("final", NOW), ("review", UNTIL)):
        with pytest.raises(Conflict):
            rating.check_review(CONCLUDED, ASKED, [], level, now)


@pytest.mark.parametrize("roles", [("followup",), ("office",), ("supervision_office",), ("first_in_command",)])
def test_whoever_is_of_a_unit_that_had_the_case_reads_nothing_of_what_its_petitioner_says(roles):
    readable_remarks(a_viewer(*roles), frozenset(), Tie(), frozenset())
    with pytest.raises(Hidden):
        readable_remarks(a_viewer(*roles), frozenset(), Tie(of_unit=True), frozenset({"o-431023-clerk"}))


def test_whoever_asks_learns_no_identity_when_his_unit_had_the_case_but_the_reception_does():
    for role, learns in (("followup", False), ("supervision_office", False), ("clerk", True), ("office", True)):
        assert may_identify(a_viewer(role), Identity.NAMED, frozenset(), Tie(of_unit=True)) is learns
        assert may_identify(a_viewer(role), Identity.NAMED, frozenset(), Tie())


def test_words_have_an_end_and_reasons_a_beginning():
    rating.check_words("")
    rating.check_reasons("不服", "review_words")
    for words in ("", "  ", "字" * 2001):
        with pytest.raises(Refused) as refused:
            rating.check_reasons(words, "review_words")
        assert refused.value.field == "review_words"
    with pytest.raises(Refused):
        rating.check_words("字" * 2001)


def test_of_the_answers_those_are_told_that_the_policy_asks_for_and_no_words():
    questions = (
        {"code": "settled", "zh": "问", "en": None},
        {"code": "speed", "zh": "问", "en": None},
        {"code": "other", "zh": "问", "en": None},
    )
    given = Rating(round=1, settled=True, satisfied=False, answers={"speed": False, "weather": True}, words="秘密")
    assert given.told(replace(ASKED, questions=questions)) == [
        {"question": "settled", "yes": True}, {"question": "speed", "yes": False},
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en", "fr"])
def test_the_mail_that_asks_holds_the_link_when_there_is_one_and_never_the_code(language):
    given: dict[str, Any] = {"number": "431023-2016-000001", "code": "CODE", "address": "https://yongxing.example/track"}
    without = texts.letter("followup_due", language, {"round": 1}, **given)[1]
    with_link = texts.letter("followup_due", language, {"round": 1}, **given, link="https://yongxing.example/rate/TOKEN")[1]
    assert "TOKEN" not in without
    assert "https://yongxing.example/rate/TOKEN" in with_link
    assert "CODE" not in with_link


ANSWERS, REVIEWS = {"answer", "correction", "contest", "reopen"}, {"review", "final"}


@pytest.mark.parametrize(
    ("roles", "of_instance", "reviewers", "kinds"),
    [
        (("followup",), True, (), ANSWERS), (("supervision_office",), True, (), ANSWERS), (("office",), True, (), REVIEWS),
        (("first_in_command",), True, (), REVIEWS), (("leader",), True, ("o-431023-clerk",), REVIEWS),
        (("followup", "office"), True, (), ANSWERS | REVIEWS), (("leader",), True, (), None), (("clerk",), True, (), None),
        (("followup",), False, (), None), (("office",), False, (), None),
    ],
)  # fmt: skip
def test_a_petitioners_words_are_read_by_those_who_ask_and_the_reasons_by_who_decides(roles, of_instance, reviewers, kinds):
    viewer = a_viewer(*roles, of_instance=of_instance)
    if kinds is None:
        with pytest.raises(Hidden):
            readable_remarks(viewer, frozenset(), Tie(), frozenset(reviewers))
    else:
        assert readable_remarks(viewer, frozenset(), Tie(), frozenset(reviewers)) == kinds


@pytest.mark.parametrize(
    ("barred", "tie"),
    [({"431023-xf"}, Tie()), (set(), Tie(granted=True)), (set(), Tie(handled=True)), ({"o-431023-clerk"}, Tie())],
)
def test_whoever_is_barred_or_handles_the_case_reads_none_of_them(barred, tie):
    with pytest.raises(Hidden):
        readable_remarks(a_viewer("followup", "office"), frozenset(barred), tie, frozenset({"o-431023-clerk"}))
