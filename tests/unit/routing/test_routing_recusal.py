"""Recusals: one official or one organisation, on a ground, ended once; and by which article somebody is barred."""

from typing import Any
from uuid import UUID

import pytest

from services.routing import domain
from services.routing.domain import Bars, OwnMatter, Recusal
from shared.errors import Conflict, Refused
from tests.unit.routing.builders import CASE_ID, EPB, NOW, SECRETARY, TOWN, VICE, directory, later


def recusal(**changes) -> Recusal:
    given: dict[str, Any] = {"recusal_id": UUID(int=9), "case_id": CASE_ID, "official": EPB.official, "organisation": None, "ground": "kin",
             "note": " 表弟 ", "by": SECRETARY, "now": NOW}  # fmt: skip
    return domain.recuse(**(given | changes))


def test_a_recusal_keeps_who_it_is_about_why_and_who_said_so():
    made = recusal()
    assert (made.official, made.ground, made.note, made.by, made.at) == (EPB.official, "kin", "表弟", SECRETARY, NOW)
    assert recusal(official=None, organisation="431023-epb").organisation == "431023-epb"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"official": None}, "official"),
        ({"organisation": "431023-epb"}, "official"),
        ({"ground": "dislike"}, "ground"),
        ({"ground": "other", "note": "  "}, "note"),
        ({"note": "长" * 1001}, "note"),
    ],
)
def test_a_recusal_that_does_not_say_who_or_why_is_refused(changes, field):
    with pytest.raises(Refused) as refusal:
        recusal(**changes)
    assert refusal.value.field == field


def test_a_recusal_is_ended_once_with_reasons():
    with pytest.raises(Refused):
        domain.end_recusal(recusal(), by=SECRETARY, reason=" ", now=NOW)
    ended = domain.end_recusal(recusal(), by=SECRETARY, reason=" 已调离 ", now=later(days=1))
    assert (ended.ended_at, ended.ended_by, ended.ended_reason) == (later(days=1), SECRETARY, "已调离")
    with pytest.raises(Conflict):
        domain.end_recusal(ended, by=SECRETARY, reason="又", now=NOW)


def test_one_recusal_that_still_stands_is_enough():
    ended = domain.end_recusal(recusal(), by=SECRETARY, reason="已调离", now=NOW)
    unit = recusal(recusal_id=UUID(int=8), official=None, organisation="431023-gov")
    assert domain.still_kept_out([ended, unit]) == (frozenset({"431023-gov"}), frozenset())
    assert domain.still_kept_out([ended, recusal(recusal_id=UUID(int=7))]).officials == {EPB.official}


def test_who_is_readmitted_and_complained_of_as_well_stays_barred():
    known = directory()
    bars = Bars(case_id=CASE_ID).recuse(["431023-gov"], [EPB.official, VICE.official], known).complain([], [EPB.official], known)
    after = bars.readmit(["431023-gov"], [EPB.official, VICE.official], known)
    assert (after.organisations, after.officials) == (frozenset(), {EPB.official})


def test_the_article_is_that_of_recusal_only_for_who_is_barred_by_nothing_else():
    known = directory()
    bars = Bars(case_id=CASE_ID).recuse(["431023-gov"], [TOWN.official], known)
    for person, article in ((EPB, "28"), (VICE, "28"), (TOWN, "28")):
        with pytest.raises(domain.BarredAddressee) as refusal:
            domain.check_addressee(bars, person.official, known)
        assert (refusal.value.shut.article, refusal.value.shut.barred) == (article, person.official)
        assert "第二十八条" in refusal.value.rule
    bars = bars.complain(["431023-epb"], [], known)
    with pytest.raises(domain.BarredAddressee) as refusal:
        domain.check_addressee(bars, EPB.official, known)
    assert refusal.value.shut.article == "30、46"
    assert "第三十条" in refusal.value.rule


def test_a_matter_against_the_own_organisation_is_for_nobody_here():
    known = directory()
    domain.check_own_matter(None, known)
    domain.check_own_matter(Bars(case_id=CASE_ID).complain(["431023-epb"], [], known), known)
    with pytest.raises(OwnMatter) as refusal:
        domain.check_own_matter(Bars(case_id=CASE_ID).complain(["431023"], [], known), known)
    assert (refusal.value.status, refusal.value.shut.barred) == (403, "431023")
