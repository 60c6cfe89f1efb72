"""What goes up to the superior: only what nobody here may instruct, with a brief, and to somebody."""

import pytest

from services.routing import domain
from services.routing.domain import Bars, Directory
from services.routing.workflow import CaseStage
from shared.errors import Conflict, Refused
from tests.unit.routing.builders import CASE_ID, EPB, NOW, SECRETARY, TOWN, case, directory, later, official

TOWN_OFFICE = TOWN.__class__(official="o-431023104-clerk", name="吴", post="主任", organisation="431023104")


def town() -> Directory:
    known = directory(own="431023104")
    return Directory(
        own="431023104", organisations=known.organisations, officials={TOWN.official: official(TOWN, "first_in_command")}
    )


def against(*officials: str, organisations=(), known: Directory | None = None) -> Bars:
    return Bars(case_id=CASE_ID).complain(organisations, officials, known or town())


def refer(bars: Bars | None, reference: str = "", known: Directory | None = None, **changes):
    known = known or town()
    return domain.refer_up(case(**({"origin": known.own} | changes)), bars, known, reference=reference, by=TOWN_OFFICE, now=NOW)


def test_the_superior_is_the_nearest_above_with_an_instance():
    assert domain.superior_of(town()) == "431023"
    assert domain.superior_of(directory()) is None


def test_what_the_first_in_command_may_instruct_need_not_go_up():
    known = directory()
    assert not domain.must_go_up(None, known)
    assert not domain.must_go_up(against(EPB.official, known=known), known)
    assert domain.must_go_up(against(SECRETARY.official, known=known), known)
    assert domain.must_go_up(against(organisations=["431023"], known=known), known)
    with pytest.raises(Refused):
        refer(None)


def test_a_case_that_went_up_is_the_superiors_from_then_on():
    moved, record = refer(against(TOWN.official))
    assert (moved.stage, moved.origin) == (CaseStage.REFERRED, "431023")
    assert (record.superior, record.reference, record.by, record.at) == ("431023", "", TOWN_OFFICE, NOW)
    with pytest.raises(Conflict):
        refer(against(TOWN.official), origin="431023")


def test_nothing_goes_up_without_a_brief_and_on_paper_only_with_a_reference():
    with pytest.raises(Refused):
        refer(against(TOWN.official), brief=" ")
    known = directory()
    bars = against(SECRETARY.official, known=known)
    for reference in (" ", "长" * 201):
        with pytest.raises(Refused) as refusal:
            refer(bars, reference, known)
        assert refusal.value.field == "reference"
    moved, record = refer(bars, " 市委信访局 永办〔2016〕3号 ", known, brief="")
    assert (moved.origin, record.superior, record.reference) == ("431023", None, "市委信访局 永办〔2016〕3号")


def test_what_the_superior_concluded_is_answered_from_here_and_goes_up_again_when_it_does_not_satisfy():
    referred = case(CaseStage.REFERRED, origin="431023")
    with pytest.raises(Refused):
        domain.conclude_above(referred, round_number=2, outcome="supported", summary="", answer=" ", by=SECRETARY, at=NOW)
    done = domain.conclude_above(
        referred, round_number=2, outcome="supported", summary=" 已查 ", answer=" 已办 ", by=SECRETARY, at=later(days=1)
    )
    assert (done.stage, done.round, done.summary, done.answer, done.concluded_by) == (
        CaseStage.CONCLUDED,
        2,
        "已查",
        "已办",
        SECRETARY,
    )
    again = domain.refer_again(done)
    assert (again.stage, again.concluded_at, again.concluded_by) == (CaseStage.REFERRED, None, None)
    with pytest.raises(Conflict):
        domain.refer_again(again)
