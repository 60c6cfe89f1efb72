"""A township refers a petition against its own head up over a link that fails, and gets the county's conclusion back over it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from services.intake.handlers import casework
from services.routing.domain.guard import BarredAddressee
from services.routing.handlers import instruct, refer_up, review
from tests.faults.driver import CLERK, SECRETARY, Driver
from tests.faults.linked import BOLIN, COUNTY, MATIAN, Linked

MakeLinked = Callable[..., Linked]
HEAD, OFFICER, OFFICE = f"o-{BOLIN}-secretary", f"o-{BOLIN}-officer-env", f"o-{BOLIN}-clerk"


def referred(linked: Linked, county: str = "quick", town: str = "quick") -> str:
    """A petition against Bolin's head and one of his officers, registered there and referred up while the link is cut. Gives the case."""
    linked.start(COUNTY, MATIAN, broken=county)
    linked.start(BOLIN, broken=town)
    here, clerk = linked.towns[BOLIN], Driver(linked.towns[BOLIN])
    linked.rest()
    linked.wires[BOLIN].cut()
    (case,) = clerk.submit()
    clerk.supplement(case)
    with here.unit_of_work("intake") as uow:
        casework.set_conflict(uow, UUID(case), CLERK, organisations=[], officials=[HEAD, OFFICER])
    linked.until(
        lambda: bool(here.query("SELECT 1 FROM routing.case_bar JOIN routing.case_record c ON c.id = case_id WHERE brief <> ''")),
        "the township's routing to know who is complained of",
    )
    with here.unit_of_work("routing") as uow:
        refer_up(uow, UUID(case), OFFICE)
    assert linked.county.query("SELECT 1 FROM routing.case_record") == []
    return case


def hand(linked: Linked, case: str, official: str) -> None:
    """The county's secretary hands the case to somebody."""
    with linked.county.unit_of_work("routing") as uow:
        review(uow, UUID(case), SECRETARY)
        instruct(uow, UUID(case), SECRETARY, "请查清事实。", [(official, "handling")], "complex")


def stage(linked: Linked, org: str, case: str) -> str:
    """Where the case stands in an instance."""
    instance = linked.county if org == COUNTY else linked.towns[org]
    (found,) = instance.query("SELECT stage FROM routing.case_record WHERE id = %s", case)
    return str(found[0])


def test_29_a_referral_goes_up_over_a_link_that_was_cut_and_its_conclusion_comes_down_over_one_that_was_cut(
    make_linked: MakeLinked,
) -> None:
    linked = make_linked(town_services=("intake", "routing"))
    case = referred(linked)
    linked.wires[BOLIN].mend()
    linked.agree()
    row = linked.county.query("SELECT stage, origin, referred_from, brief <> '' FROM routing.case_record WHERE id = %s", case)
    assert row == [("registered", COUNTY, BOLIN, True)]
    for accused in (HEAD, OFFICER):
        with pytest.raises(BarredAddressee):
            hand(linked, case, accused)
    linked.wires[BOLIN].cut()
    hand(linked, case, f"o-{MATIAN}-secretary")
    linked.until(lambda: linked.work(MATIAN) == 1, "Matian to have the case")
    linked.until(lambda: linked.conclude() == 1, "the county to have the reply")
    linked.wires[BOLIN].mend()
    linked.agree()
    assert [stage(linked, org, case) for org in (COUNTY, BOLIN, MATIAN)] == ["concluded"] * 3
    town = linked.towns[BOLIN]
    assert town.query("SELECT count(*) FROM routing.event_log WHERE name = 'case.concluded' AND subject = %s", case) == [(1,)]
    names = "SELECT array_agg(name ORDER BY id) FROM routing.event_log WHERE addressee = %s AND subject = %s"
    assert town.query(names, COUNTY, case) == [(["case.bars_passed", "case.referred_up"],)], "who must not see it is told first"
    assert town.query("SELECT 1 FROM routing.assignment") == [], "nothing of it was handed to those who are complained of"
    assert linked.violations() == []


def test_29_twin_a_county_that_does_not_hear_who_must_not_see_it_hands_the_case_to_the_accused(make_linked: MakeLinked) -> None:
    linked = make_linked(town_services=("intake", "routing"))
    case = referred(linked, county="quick,deaf_to_bars")
    linked.wires[BOLIN].mend()
    linked.agree()
    hand(linked, case, HEAD)
    assert stage(linked, COUNTY, case) == "instructed"


def test_29_twin_a_referral_that_is_left_behind_and_not_asked_for_is_missed(make_linked: MakeLinked) -> None:
    linked = make_linked(town_services=("intake", "routing"))
    case = referred(linked, county="quick,never_asks", town="quick,give_up_sending")
    linked.until(
        lambda: (True,) in linked.towns[BOLIN].query(
            "SELECT d.sequence = h.sequence FROM routing.delivery d JOIN routing.stream_head h USING (stream)"
            " WHERE destination = %s AND stream = %s", f"link:{COUNTY}", f"/{BOLIN}/routing {COUNTY}",
        ),
        "the referral to be left behind",
    )  # fmt: skip
    linked.wires[BOLIN].mend()
    with pytest.raises(TimeoutError, match="no agreement"):
        linked.agree(timeout=8)
    assert linked.county.query("SELECT 1 FROM routing.case_record WHERE id = %s", case) == []
