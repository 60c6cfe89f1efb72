"""Bars follow people who move, and the case to each instance that has had it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from services.routing.domain import BarredAddressee
from services.routing.domain.roster import Unit
from services.routing.domain.terms import day_of
from services.routing.handlers import appointments
from services.routing.handlers.common import open_case
from shared.contract import Event
from shared.contract.envelope import instant
from shared.errors import NotFound
from tests.integration.routing.appointing import appoint, term, terms, why
from tests.integration.routing.world import (
    AT,
    EPB,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    Instance,
    conflict,
    event,
    instruct,
    registered,
)

TOWN_CODE = "431023104"
TOWN_ENV, TOWN_CLERK = "o-431023104-officer-env", "o-431023104-clerk"


def transferred(county: Instance, official: str, organisation: str, title: str, *roles: str) -> None:
    """He gives up what he holds and takes another post."""
    held = [one.id for one in terms(county, official)]
    with county.work() as uow:
        new = term(official, title, *roles, organisation=organisation, from_on=day_of(uow.now))
        appointments.transfer(uow, why(), held, new)


def barred(instance: Instance) -> set[str]:
    return {code for row in instance.query("SELECT officials FROM case_bar") for code in row["officials"]}


def sees(instance: Instance, case_id: UUID, official: str) -> bool:
    try:
        with instance.work() as uow:
            open_case(uow, case_id, official)
    except NotFound:
        return False
    return True


def done_below(county: Instance, township: Instance, case_id: UUID) -> None:
    """The township's head answered, and his answer was approved."""
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    with township.work() as uow:
        said = handlers.reply(uow, assignment, TOWN, **REPLY)
    township.carry_to(county)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    county.carry_to(township)


def lifted(case_id: UUID, official: str) -> Event:
    data = {"organisations": [], "officials": [official], "reason": "slip", "authority": "办公室", "at": instant(AT),
            "by": {"official": OFFICE, "name": "邓", "post": "专干", "organisation": "431023-office"}}  # fmt: skip
    return event("case.conflict_lifted", case_id, data, source="/431023/intake", at=AT)


def test_who_is_named_after_the_townships_part_is_done_is_kept_from_its_record_too(county, township, case_id):
    done_below(county, township, case_id)
    assert sees(township, case_id, TOWN_ENV)
    county.hear(conflict(case_id, AT, officials=[TOWN_ENV]))
    assert county.carry_to(township) == ["case.bars_passed"]
    assert (sees(township, case_id, TOWN_ENV), sees(township, case_id, TOWN)) == (False, True)
    county.hear(lifted(case_id, TOWN_ENV))
    county.carry_to(township)
    assert sees(township, case_id, TOWN_ENV)


def test_where_its_head_is_named_afterwards_nobody_below_sees_the_record_until_he_is_named_no_longer(county, township, case_id):
    done_below(county, township, case_id)
    county.hear(conflict(case_id, AT, officials=[TOWN]))
    county.carry_to(township)
    assert not any(sees(township, case_id, one) for one in (TOWN, TOWN_ENV, TOWN_CLERK))
    county.hear(lifted(case_id, TOWN))
    county.carry_to(township)
    assert all(sees(township, case_id, one) for one in (TOWN, TOWN_ENV, TOWN_CLERK))


def test_a_case_that_was_taken_back_for_a_conflict_is_not_opened_below_by_a_further_word(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    county.hear(conflict(case_id, AT, officials=[TOWN_ENV, TOWN]))
    county.carry_to(township)
    county.hear(lifted(case_id, TOWN))
    county.carry_to(township)
    assert not any(sees(township, case_id, one) for one in (TOWN, TOWN_ENV, TOWN_CLERK))
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assert [sees(township, case_id, one) for one in (TOWN, TOWN_ENV)] == [True, False]


def test_who_is_complained_of_and_moves_to_the_township_that_has_the_case_does_not_see_it_there(county, township, case_id):
    county.hear(conflict(case_id, AT, officials=[EPB]))
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assert EPB not in barred(township)  # the county's own people are not named there
    transferred(county, EPB, "431023104", "柏林镇副镇长")
    assert "case.bars_passed" in county.carry_to(township)
    assert EPB in barred(township)


def test_who_leaves_a_unit_that_is_complained_of_does_not_leave_its_bar_behind(county, case_id):
    county.hear(conflict(case_id, AT, organisations=["431023-epb"]))
    assert not sees(county, case_id, EPB)
    transferred(county, EPB, "431023-office", "县委办副主任", "office")
    assert not sees(county, case_id, EPB)
    (record,) = county.query("SELECT id, official, ground, note FROM recusal")
    assert (record["official"], record["ground"], record["note"]) == (EPB, "other", "原任职单位应当回避本件。")
    assert EPB in county.told("case.barred")[-1].data["officials"]
    with county.work() as uow:
        handlers.end_recusal(uow, record["id"], SECRETARY, "所反映事项在其任职之前")
    assert sees(county, case_id, EPB)


def test_who_only_gets_a_further_post_or_leaves_a_unit_that_is_not_barred_is_not_recused(county, case_id):
    county.hear(conflict(case_id, AT, organisations=["431023-epb"]))
    appoint(county, term(EPB, "县环委会委员", organisation="431023-office"))
    transferred(county, OFFICE, "431023101", "马田镇干部")
    assert county.query("SELECT * FROM recusal") == []
    assert (sees(county, case_id, EPB), sees(county, case_id, OFFICE)) == (False, True)


def test_a_unit_that_moved_away_stays_barred_when_somebody_else_is_named_or_recused(county, case_id):
    with county.work() as uow:
        unit = Unit(
            code="431023-epb-lab", name="环境监测站", name_en="Monitoring Station", superior="431023-epb", has_instance=False
        )
        appointments.add_unit(uow, why(), unit, day_of(uow.now))
    appoint(county, term("o-431023-lab", "站长", "officer", organisation="431023-epb-lab"), name="监测甲")
    county.hear(conflict(case_id, AT, organisations=["431023-epb"]))
    with county.work() as uow:
        appointments.change_unit(uow, why(), "431023-epb-lab", day_of(uow.now), superior="431023")
    assert not sees(county, case_id, "o-431023-lab")
    county.hear(conflict(case_id, AT, officials=[TOWN_ENV]))
    with county.work() as uow:
        handlers.recuse(uow, case_id, OFFICE, official=TOWN, ground="kin", recusal_id=uuid4())
    assert not sees(county, case_id, "o-431023-lab")


@pytest.mark.parametrize("forget", ["who has done its part", "who moved"])
def test_bars_that_reach_only_who_is_at_work_or_where_he_was_are_noticed(county, township, case_id, monkeypatch, forget):
    """The twin: the guard as it would be without these."""
    from services.routing.handlers import common, roster

    monkeypatch.setattr(common if forget == "who has done its part" else roster, "pass_on", lambda *_: None)
    moves = test_who_is_complained_of_and_moves_to_the_township_that_has_the_case_does_not_see_it_there
    later = test_who_is_named_after_the_townships_part_is_done_is_kept_from_its_record_too
    with pytest.raises(AssertionError):
        (later if forget == "who has done its part" else moves)(county, township, case_id)


def given_back(instance: Instance, restored: Instance, case_id: UUID) -> None:
    """The same instance from a backup that has the petition and nothing since, with what its neighbours gave back."""
    restored.set_clock(AT)
    restored.hear(registered(case_id, AT, org=instance.org))
    restored.hear(
        *[one for one in instance.told() if not one.stream.endswith(f" {instance.org}") and one.contract.name in handlers.HEARS]
    )


def test_a_county_restored_from_an_older_backup_knows_again_who_below_must_not_have_the_case(county, township, case_id, make):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    county.hear(conflict(case_id, AT, officials=[TOWN]))
    county.carry_to(township)
    restored = make("431023")
    given_back(county, restored, case_id)
    assert barred(restored) == {TOWN}
    with pytest.raises(BarredAddressee):
        instruct(restored, case_id, TOWN)


def test_a_county_restored_does_not_bar_whom_its_later_word_left_out(county, township, case_id, make):
    instruct(county, case_id, TOWN)
    county.hear(conflict(case_id, AT, officials=[TOWN_ENV, TOWN_CLERK]), lifted(case_id, TOWN_ENV))
    restored = make("431023")
    given_back(county, restored, case_id)
    assert barred(restored) == {TOWN_CLERK}


def test_a_township_restored_keeps_the_case_from_whom_it_told_the_county_of(county, township, case_id, make):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with township.work() as uow:
        handlers.recuse(uow, case_id, TOWN_ENV, official=TOWN_ENV, ground="kin")
    restored = make("431023104")
    restored.set_clock(AT)
    restored.hear(*[one for one in county.told() if one.stream.endswith(f" {TOWN_CODE}")])
    assert sees(restored, case_id, TOWN_ENV)
    restored.hear(*township.told("case.bars_passed"))
    assert (sees(restored, case_id, TOWN_ENV), sees(restored, case_id, TOWN)) == (False, True)
    assert [row["official"] for row in restored.query("SELECT official FROM recusal")] == [TOWN_ENV]
