"""What an instruction says beside its words."""

from dataclasses import replace

import pytest

from services.routing import domain
from services.routing.domain import Directions
from services.routing.workflow import CaseStage
from shared.errors import Refused
from tests.unit.routing.builders import NOW, case, later
from tests.unit.routing.test_routing_case import instruct

CONCLUDE_BY = later(hours=14.5, days=10)  # midnight in Beijing after the tenth day
ENCLOSED = ({"name": "批示.jpg", "form": "jpeg", "size": 3, "sha256": "a" * 64},)


@pytest.mark.parametrize("days", [None, 1, 10])
def test_a_limit_within_the_cases_own_is_taken(days):
    domain.check_limit(days, now=NOW, conclude_by=CONCLUDE_BY)


@pytest.mark.parametrize(("days", "conclude_by"), [(0, None), (61, None), (11, CONCLUDE_BY), (60, CONCLUDE_BY)])
def test_a_limit_beyond_the_cases_own_or_the_regulations_is_refused(days, conclude_by):
    with pytest.raises(Refused) as refusal:
        domain.check_limit(days, now=NOW, conclude_by=conclude_by)
    assert refusal.value.field == "limit_days"


@pytest.mark.parametrize("conclude_by", [None, NOW, later(days=-1)])
def test_where_no_limit_is_known_or_it_has_passed_supervision_alone_decides(conclude_by):
    domain.check_limit(5, now=NOW, conclude_by=conclude_by)


def test_the_instruction_holds_what_was_said_beside_it_and_the_case_whether_it_is_confidential():
    beside = Directions(limit_days=3, confidential=True, enclosures=ENCLOSED)
    subject, instruction = instruct(case(), beside=beside)
    assert (subject.confidential, instruction.beside) == (True, beside)
    assert domain.told(beside.as_told()) == beside
    assert domain.told({}) == Directions()


def test_confidentiality_is_the_latest_instructions_word_and_outlasts_a_reopening():
    shut, _ = instruct(case(), beside=Directions(confidential=True))
    again = domain.reopen(replace(shut, stage=CaseStage.CONCLUDED), now=NOW)
    assert again.confidential
    opened, _ = instruct(again)
    assert not opened.confidential


def test_handwriting_alone_is_no_instruction():
    with pytest.raises(Refused, match="手写") as refusal:
        instruct(case(), text=" ", beside=Directions(enclosures=ENCLOSED))
    assert refusal.value.field == "text"
