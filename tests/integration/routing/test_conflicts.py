"""Who is complained of, as intake tells it: names add up, a mistake is corrected, and a recusal outlives both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.routing import handlers
from services.routing.handlers.directory import import_directory
from shared.contract import Event
from shared.contract.envelope import instant
from shared.errors import NotFound, Refused
from tests.integration.routing.world import AT, EPB, MATIAN, OFFICE, SECRETARY, TOWN, conflict, event, instruct


def lifted(case_id: UUID, organisations: Sequence[str] = (), officials: Sequence[str] = ()) -> Event:
    """intake told that these were named by mistake."""
    by = {"official": OFFICE, "name": "邓小燕", "post": "县委办信访专干", "organisation": "431023-office"}
    data = {"organisations": list(organisations), "officials": list(officials), "reason": "slip", "authority": "领导小组", "by": by,
            "at": instant(AT)}  # fmt: skip
    return event("case.conflict_lifted", case_id, data, source="/431023/intake", at=AT)


def in_force(county) -> list[tuple[list[str], list[str]]]:
    """What the other services were told, one word after the other."""
    return [(told.data["organisations"], told.data["officials"]) for told in county.told("case.barred")]


def test_a_second_naming_does_not_lift_the_first(county, case_id):
    county.hear(conflict(case_id, AT, officials=[EPB]))
    county.hear(conflict(case_id, AT, officials=[MATIAN]))
    county.hear(conflict(case_id, AT))
    assert in_force(county) == [([], [EPB]), ([], sorted([EPB, MATIAN]))]
    for official in (EPB, MATIAN):
        with pytest.raises(Refused):
            instruct(county, case_id, official)


def test_a_correction_lets_the_case_be_handed_out_again_and_hands_nothing_back_by_itself(county, case_id):
    instruct(county, case_id, EPB)
    county.hear(conflict(case_id, AT, organisations=["431023-epb"]))
    with pytest.raises(Refused):
        instruct(county, case_id, EPB)
    county.hear(lifted(case_id, organisations=["431023-epb"]))
    assert in_force(county)[-1] == ([], [])
    assert [row["stage"] for row in county.assignments(case_id)] == ["withdrawn"]
    instruct(county, case_id, EPB)
    assert county.assignments(case_id)[-1]["stage"] == "issued"


def test_a_correction_never_lifts_a_recusal(county, case_id):
    with county.work() as uow:
        handlers.recuse(uow, case_id, OFFICE, official=EPB, ground="interest")
        handlers.recuse(uow, case_id, OFFICE, organisation="431023-psb", ground="interest")
    county.hear(conflict(case_id, AT, officials=[EPB], organisations=["431023-psb"]))
    county.hear(lifted(case_id, officials=[EPB], organisations=["431023-psb"]))
    assert in_force(county)[-1] == (["431023-psb"], [EPB])
    with pytest.raises(Refused):
        instruct(county, case_id, EPB)


def test_a_recusal_from_another_part_of_the_letter_takes_the_case_back_keeps_it_away_and_ends(county, case_id):
    def apart(*officials: str) -> Event:
        return event(
            "case.recused_by_family", case_id, {"organisations": [], "officials": officials}, source="/431023/intake", at=AT
        )

    county.hear(apart())
    assert in_force(county) == []
    instruct(county, case_id, EPB)
    county.hear(apart(EPB, MATIAN))
    assert [row["stage"] for row in county.assignments(case_id)] == ["withdrawn"]
    county.hear(lifted(case_id, officials=[EPB]))
    with pytest.raises(Refused):
        instruct(county, case_id, EPB)
    county.hear(apart(MATIAN))
    assert in_force(county) == [([], sorted([EPB, MATIAN])), ([], [MATIAN])]
    instruct(county, case_id, EPB)
    assert county.assignments(case_id)[-1]["stage"] == "issued"


def test_a_correction_of_somebody_who_was_never_named_changes_nothing(county, case_id):
    county.hear(lifted(case_id, officials=[EPB]))
    assert in_force(county) == []


def test_a_township_that_was_shut_by_mistake_works_on_the_case_when_it_is_handed_down_again(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    county.hear(conflict(case_id, AT, officials=[TOWN]))
    county.carry_to(township)
    first = township.assignment(case_id, TOWN)
    with pytest.raises(NotFound), township.work() as uow:
        handlers.receive(uow, first, TOWN)
    county.hear(lifted(case_id, officials=[TOWN]))
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with township.work() as uow:
        handlers.receive(uow, township.assignment(case_id, TOWN), TOWN)


def test_whoever_recused_himself_in_the_township_stays_out_when_the_case_comes_again(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with township.work() as uow:
        handlers.recuse(uow, case_id, TOWN, official=TOWN, ground="party")
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with pytest.raises(NotFound), township.work() as uow:
        handlers.receive(uow, township.assignment(case_id, TOWN), TOWN)


def test_the_accused_first_in_command_is_not_led_back_by_a_further_naming(county, case_id):
    county.hear(conflict(case_id, AT, officials=[SECRETARY]))
    county.hear(conflict(case_id, AT, officials=[EPB]))
    with pytest.raises(NotFound):
        instruct(county, case_id, MATIAN)


def test_a_township_that_is_shut_tells_its_other_services_and_again_when_it_is_opened(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    county.hear(conflict(case_id, AT, officials=[TOWN]))
    county.carry_to(township)
    shut, by = in_force(township)[-1]
    assert "431023104" in shut
    assert by == [TOWN]
    county.hear(lifted(case_id, officials=[TOWN]))
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assert in_force(township)[-1] == ([], [])


def test_whoever_works_in_the_accuseds_own_system_does_not_get_the_case(county, case_id):
    county.hear(conflict(case_id, AT, officials=[TOWN]))
    assert "431023104" in in_force(county)[-1][0]
    with pytest.raises(Refused):
        instruct(county, case_id, TOWN)


def test_a_second_round_brings_the_corrected_brief(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    by = {"official": OFFICE, "name": "邓小燕", "post": "县委办信访专干", "organisation": "431023-office"}
    corrected = {
        "title": "更正后的标题",
        "brief": "更正后的摘要",
        "category": "water",
        "place": "431023104",
        "by": by,
        "at": instant(AT),
    }
    county.hear(event("case.supplemented", case_id, corrected, source="/431023/intake", at=AT))
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with township.work() as uow:
        assert uow.one("SELECT title, brief FROM case_record WHERE id = %(id)s", id=case_id) == {
            "title": "更正后的标题", "brief": "更正后的摘要",
        }  # fmt: skip


def test_who_moves_into_a_unit_that_is_complained_of_gives_back_what_he_holds(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    county.hear(conflict(case_id, AT, organisations=["431023-psb"]))
    with county.work() as uow:
        import_directory(uow, MOVED, datetime.now(UTC))
    told = county.told("assignment.withdrawn")
    assert [(one.data["reason"], one.data["responsible"]["official"]) for one in told] == [("conflict", EPB)]
    assert {row["official"]: row["stage"] for row in county.assignments(case_id)} == {EPB: "withdrawn", MATIAN: "issued"}


MOVED = """
organisations: []
officials:
  - official: o-431023-epb-director
    name: 谭建国
    posts:
      - {organisation: "431023-psb", title: 县公安局副局长, roles: [officer]}
"""
