"""Which answers may be public, with whose consent, and which words may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain import published
from services.intake.domain.published import Consent, Published, TakeBackReason
from services.intake.domain.submission import Identity, MatterType
from services.intake.workflow import Stage
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.intake.intake_builders import CASE, CLERK, NOW, a_petition, a_viewer

CONCLUDED: dict[str, Any] = {
    "stage": Stage.CONCLUDED,
    "concluded_at": NOW,
    "answer": "造纸厂已取缔。",
    "round": 1,
    "outcome": "supported",
}


@pytest.mark.parametrize(("roles", "of_instance"), [(("clerk",), True), (("first_in_command",), True), (("office",), False)])
def test_only_the_office_of_this_instance_publishes(roles, of_instance):
    published.check_publisher(a_viewer("office", "clerk"))
    with pytest.raises(Forbidden):
        published.check_publisher(a_viewer(*roles, of_instance=of_instance))


@pytest.mark.parametrize("stage", [Stage.CONCLUDED, Stage.CLOSED, Stage.ARCHIVED])
def test_a_concluded_answer_may_be_public(stage):
    published.check_case(a_petition(**CONCLUDED | {"stage": stage}), barred=False)


@pytest.mark.parametrize(
    ("changes", "barred"),
    [
        ({"matter_type": MatterType.ACCUSATION}, False), ({"conflict_set_at": NOW}, False), ({}, True), ({"stage": Stage.HANDLING}, False),
        ({"stage": Stage.CLOSED, "withdrawn_at": NOW}, False), ({"answer": ""}, False),
    ],
)  # fmt: skip
def test_an_accusation_a_case_with_bars_and_one_without_an_answer_never_are(changes, barred):
    with pytest.raises(Conflict):
        published.check_case(a_petition(**CONCLUDED | changes), barred=barred)


@pytest.mark.parametrize(
    ("identity", "consent", "enough"),
    [
        (Identity.NAMED, Consent.WRITTEN, True), (Identity.CONFIDENTIAL, Consent.TELEPHONE, True), (Identity.NAMED, Consent.OFFICE, False),
        (Identity.CONFIDENTIAL, Consent.OFFICE, False), (Identity.ANONYMOUS, Consent.OFFICE, True), (Identity.ANONYMOUS, Consent.ORAL, False),
    ],
)  # fmt: skip
def test_whoever_can_be_asked_must_agree(identity, consent, enough):
    if enough:
        published.check_consent(identity, consent)
    else:
        with pytest.raises(Refused):
            published.check_consent(identity, consent)


@pytest.mark.parametrize(
    "words",
    [
        "陈十里反映",
        "电话 13873512345",
        "电话13999999999，",
        "电话１３９ 9999 9999，",
        "身份证43012319800101876X。",
        "住在 十里洞七组 的",
    ],
)
def test_words_that_tell_who_petitioned_or_hold_a_number_are_refused(words):
    with pytest.raises(Refused):
        published.check_words(["标题", words], ("陈十里", "13873512345", "十里洞七组", ""))


@pytest.mark.parametrize("words", ["投资 138 万元", "文号 20161107138735123450", "陈家村反映", "邮编 423300，电话 0735-5550000"])
def test_ordinary_words_and_numbers_pass(words):
    published.check_words([words], ("陈十里", "陈"))


def test_what_is_taken_back_stays_so():
    one = Published(
        id=CASE, case_id=CASE, round=1, title="题", brief="诉求", answer="答复", category="", place="", outcome="supported",
        consent=Consent.WRITTEN, published_at=NOW, published_by=CLERK,
    )  # fmt: skip
    gone = published.take_back(one, reason=TakeBackReason.ASKED, by=CLERK, now=NOW)
    assert (gone.withdrawn_at, gone.withdrawn_by, gone.withdrawn_reason) == (NOW, CLERK, "asked")
    assert published.take_back(gone, reason=TakeBackReason.MISTAKEN, by=CLERK, now=NOW + timedelta(days=1)) is gone
    assert one.words == ("题", "诉求", "答复")
