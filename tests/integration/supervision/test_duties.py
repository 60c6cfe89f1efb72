"""The duty log: evidence for the five duties, kept as it was recorded."""

from datetime import date

import psycopg2
import pytest

from shared.errors import Forbidden, Refused
from tests.integration.supervision.carrying import MAYOR, OFFICE, SUPERVISOR, a_case, county, evidence, take
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import TOWNSHIP_SECRETARY


@pytest.fixture(autouse=True)
def people(world: Supervision) -> None:
    county(world)


def test_evidence_is_kept_once_with_words_date_place_and_form_and_the_words_stay_here(world: Supervision):
    case, _ = a_case(world)
    mine = take(world, case)
    key = evidence(world, mine, "support", date(2016, 11, 18), form="help")
    evidence(world, mine, "support", date(2016, 11, 18), form="help", evidence_id=key)
    (row,) = world.rows("SELECT * FROM duty")
    assert (row["duty"], row["form"], row["place"], row["done_on"]) == ("support", "help", "十里洞村", date(2016, 11, 18))
    ((_, data),) = world.told("duty.recorded", subject=case)
    assert (data["duty"], data["form"], data["done_on"]) == ("support", "help", "2016-11-18")
    assert "低保" not in str(data)
    assert "十里洞" not in str(data)


def test_the_leader_or_the_office_for_him_records_and_nobody_else(world: Supervision):
    case, _ = a_case(world)
    mine = take(world, case)
    evidence(world, mine, "situation", date(2016, 11, 18), by=OFFICE)
    for who in (MAYOR, SUPERVISOR, TOWNSHIP_SECRETARY["official"]):
        with pytest.raises(Forbidden):
            evidence(world, mine, "situation", date(2016, 11, 18), by=who)


@pytest.mark.parametrize(
    "said", [{"words": "已派人盯守"}, {"words": "联系 13812345678"}, {"place": "身份证 431023197001011234 处"}]
)
def test_words_that_do_not_belong_into_a_duty_log_change_nothing(world: Supervision, said: dict):
    case, _ = a_case(world)
    mine = take(world, case)
    with pytest.raises(Refused):
        evidence(world, mine, "support", date(2016, 11, 18), **said)
    assert world.rows("SELECT id FROM duty") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE duty SET words = '改'", "evidence is not altered"),
        ("DELETE FROM duty", "evidence is not altered"),
        ("UPDATE charge SET official = 'o-other'", "on record as it is"),
        ("DELETE FROM charge", "on record as it is"),
    ],
)
def test_the_database_keeps_what_was_recorded(world: Supervision, statement: str, said: str):
    case, _ = a_case(world)
    evidence(world, take(world, case), "support", date(2016, 11, 18))
    with pytest.raises(psycopg2.errors.RaiseException, match=said):
        world.rows(statement)


def test_two_who_take_the_same_case_at_once_are_told_apart_by_the_database(world: Supervision):
    case, _ = a_case(world)
    take(world, case)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        world.rows(
            "INSERT INTO charge (id, case_id, leader, official, ground, taken_at, taken_by, told)"
            " SELECT gen_random_uuid(), case_id, leader, 'o-x', ground, taken_at, taken_by, told FROM charge RETURNING id"
        )
