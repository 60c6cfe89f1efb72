"""What makes two petitions look alike, and what of them is kept for finding them again."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.likeness import (
    ALIKE,
    ALIKE_BY_SAME_PERSON,
    Evidence,
    Guess,
    Reason,
    grams,
    judge,
    phrases,
    plain,
    shared,
    weight,
)
from services.intake.vault.shingles import BUCKETS, Counts, Shingler


def evidence(**changes: Any) -> Evidence:
    given: dict[str, Any] = {"alike": 0.0, "fuzzy": 0.0}
    return Evidence(**given | changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("十里洞村，井水发黑！", "十里洞村 井水发黑"),
        ("2016年11月7日交了３００元", "年 月 日交了 元"),
        ("ＰＭ2.5超标", "pm 超标"),
        ("我叫陈十里，电话13873512345。", "我叫 电话"),
        ("我叫陈 十\n里，电话一三八 七三五一 二三四五", "我叫 电话"),
        ("井" * 5_998 + "陈十里", "井" * 5_998),
        ("", ""),
    ],
)
def test_words_are_compared_without_marks_digits_and_names(text: str, expected: str) -> None:
    assert plain(text, ("陈十里", "13873512345", "", "我")) == expected


def test_grams_do_not_cross_clauses_and_keep_foreign_words_whole() -> None:
    assert grams("井水发 黑 pm") == {"井水", "水发", "pm"}


def test_what_is_rare_tells_more_than_what_every_petition_says() -> None:
    assert weight(0, 1000) > weight(10, 1000) > weight(999, 1000) > 0


def test_of_the_shorter_text_the_telling_share_counts() -> None:
    one = {"井水": 3.0, "发黑": 3.0, "我们": 0.1}
    assert shared(one, one) == 1.0
    assert shared(one, {"井水": 3.0}) == 1.0
    assert shared(one, {"我们": 0.1, "工资": 6.0}) == pytest.approx(0.1 / 6.1)
    assert shared(one, {}) == shared({}, one) == 0.0


def test_the_most_telling_common_phrases_are_shown_in_the_order_of_the_text() -> None:
    one, other = "造纸厂夜里排污 请领导过问 井水发黑发臭 孩子身上起红疹", "孩子身上起红疹 请领导过问 井水发黑发臭 造纸厂夜里排污"
    weights = dict.fromkeys(grams(one), 5.0) | dict.fromkeys(grams("请领导过问"), 0.1)
    assert phrases(one, other, weights) == ("造纸厂夜里排污", "井水发黑发臭", "孩子身上起红疹")
    assert phrases(one, "毫不相干的事", weights) == ()
    assert phrases("短", other, weights) == ()


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (evidence(), None),
        (evidence(alike=ALIKE - 0.01, fuzzy=ALIKE - 0.01), None),
        (evidence(alike=ALIKE, fuzzy=ALIKE), Guess.REPEAT),
        (evidence(alike=ALIKE, fuzzy=ALIKE, other_person=True), Guess.JOINT),
        (evidence(alike=ALIKE, fuzzy=ALIKE, other_place=True), None),
        (evidence(alike=ALIKE, fuzzy=ALIKE, other_category=True), None),
        (evidence(alike=ALIKE - 0.02, fuzzy=ALIKE - 0.02, same_place=True), Guess.REPEAT),
        (evidence(alike=ALIKE_BY_SAME_PERSON, fuzzy=ALIKE_BY_SAME_PERSON, person=frozenset({Reason.SAME_PHONE})), Guess.REPEAT),
        (evidence(person=frozenset({Reason.SAME_EMAIL})), Guess.PERSON),
    ],
)
def test_a_clerk_is_asked_when_words_place_and_person_say_so(seen: Evidence, expected: Guess | None) -> None:
    found = judge(seen)
    assert (found and found.guess) == expected


def test_the_reasons_are_said_in_one_order_and_the_words_in_percent() -> None:
    found = judge(
        evidence(
            alike=0.9, fuzzy=0.6, person=frozenset({Reason.SAME_ID, Reason.SAME_PHONE}), same_place=True, same_category=True,
            same_complained=True,
        )
    )  # fmt: skip
    assert found is not None
    assert found.percent == 80
    assert found.reasons == (
        Reason.SAME_PHONE, Reason.SAME_ID, Reason.SAME_WORDS, Reason.SAME_PLACE, Reason.SAME_CATEGORY, Reason.SAME_COMPLAINED,
    )  # fmt: skip
    other_matter = judge(evidence(person=frozenset({Reason.SAME_PHONE}), same_place=True))
    assert other_matter is not None
    assert other_matter.reasons == (Reason.SAME_PHONE, Reason.SAME_PLACE)


def test_labels_are_the_same_under_one_key_alone_and_no_two_are_alike() -> None:
    one, other = Shingler(b"a" * 32), Shingler(b"b" * 32)
    numbers = range(1000)
    assert one.bucket("井水") == Shingler(b"a" * 32).bucket("井水") != other.bucket("井水")
    labels = [*one.labels(1, numbers), *one.labels(2, numbers), *other.labels(1, numbers)]
    assert len(set(labels)) == 3000
    assert all(-(2**63) <= label < 2**63 for label in labels)
    assert 0 <= one.bucket("井水") < BUCKETS


def test_counts_go_on_from_what_was_packed() -> None:
    counts = Counts()
    counts.count([7, 7, 9])
    counts.count([9])
    assert [counts.give(9), counts.give(9), counts.give(7)] == [0, 1, 0]
    again = Counts(counts.packed())
    assert (again.total, again.cases[7], again.cases[9], again.given[9]) == (2, 1, 2, 2)
    assert again.telling([9, 7, 8]) == [8, 7, 9]
    assert list(again.latest(9, 1)) == [1]
    assert list(again.latest(9, 5)) == [0, 1]
