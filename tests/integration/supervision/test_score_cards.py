"""Objections to entries, and cards that are the same whenever they are made."""

from __future__ import annotations

import threading
from datetime import date
from uuid import uuid4

import pytest

from services.supervision.handlers import keep_book, scores
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.supervision.carrying import (
    HEAD,
    MAYOR,
    OFFICE,
    SUPERVISOR,
    VICE,
    a_case,
    county,
    decide,
    entry_of,
    object_to,
    official,
    whole_story,
)
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, TOWNSHIP, TOWNSHIP_SECRETARY, at

UNIT_HEAD = TOWNSHIP_SECRETARY["official"]
PERIOD = (date(2016, 11, 1), date(2016, 12, 31))


@pytest.fixture(autouse=True)
def people(world: Supervision) -> None:
    county(world)


def test_whoever_is_scored_objects_and_what_is_upheld_is_put_right_by_a_further_entry(world: Supervision):
    whole_story(world)
    mine, unit = (
        object_to(world, entry_of(world, "duty-late"), VICE),
        object_to(world, entry_of(world, "returned-unit"), UNIT_HEAD),
    )
    decide(world, mine)
    decide(world, unit, HEAD, upheld=False)
    rows = world.rows("SELECT rule, points, by ->> 'official' AS who, reasons FROM score_entry WHERE corrects IS NOT NULL")
    assert rows == [{"rule": "duty-late", "points": 1, "who": SUPERVISOR, "reasons": "经核实"}]
    assert [data["points"] for _, data in world.told("score.recorded") if data["corrects"]] == [1]
    card = world.do(lambda uow: scores.card_of(uow, VICE, *PERIOD, scores.cut_off(uow, None)))
    assert card.points == 5 + 2 - 3 + 1


def test_nobody_objects_for_another_or_decides_for_himself(world: Supervision):
    whole_story(world)
    entry = entry_of(world, "duty-late")
    for who in (MAYOR, UNIT_HEAD):
        with pytest.raises(Forbidden):
            object_to(world, entry, who)
    official(world, VICE, roles=["leader", "supervision_office"])
    objection = object_to(world, entry, VICE)
    with pytest.raises(Refused, match="本人"):
        decide(world, objection, VICE)
    with pytest.raises(Forbidden):
        decide(world, objection, OFFICE)
    with pytest.raises(Conflict):
        object_to(world, entry, VICE)
    decide(world, objection, upheld=False)
    with pytest.raises(Conflict):
        decide(world, objection, upheld=False)
    with pytest.raises(NotFound):
        decide(world, uuid4())
    with pytest.raises(NotFound):
        object_to(world, uuid4(), VICE)


# -- cards ----------------------------------------------------------------------------------------------------------
def test_a_card_made_again_for_its_cut_off_is_the_same_whatever_was_recorded_since(world: Supervision):
    whole_story(world)
    cut = world.do(lambda uow: scores.cut_off(uow, None))
    made = world.do(lambda uow: scores.card_of(uow, VICE, *PERIOD, cut))
    world.clock("2016-12-21 10:00")
    decide(world, object_to(world, entry_of(world, "duty-late"), VICE))
    assert world.do(lambda uow: scores.card_of(uow, VICE, *PERIOD, scores.cut_off(uow, cut))) == made
    assert world.do(lambda uow: scores.card_of(uow, VICE, *PERIOD, scores.cut_off(uow, None))).points == made.points + 1
    with pytest.raises(Refused, match="不能晚于现在"):
        world.do(lambda uow: scores.cut_off(uow, at("2017-01-01 00:00")))


def test_a_card_waits_for_the_writer_before_it(world: Supervision):
    a_case(world)
    made: list[int] = []

    def read() -> None:
        made.append(world.do(lambda uow: scores.card_of(uow, TOWNSHIP, *PERIOD, scores.cut_off(uow, None))).points)

    reader = threading.Thread(target=read)
    with world.database.unit_of_work() as uow:
        keep_book(uow)
        reader.start()
        reader.join(0.3)
        assert reader.is_alive(), "what is recorded by the cut-off must be there to be read"
    reader.join(10)
    assert made == [-4]


def test_everybody_with_entries_has_a_card(world: Supervision):
    whole_story(world)
    found = world.do(lambda uow: scores.scored(uow, *PERIOD, scores.cut_off(uow, None), set()))
    assert [(row["whom"], row["code"], row["card"].points) for row in found] == [("leader", VICE, 4), ("unit", TOWNSHIP, -6)]
    assert COUNTY not in {row["code"] for row in found}
