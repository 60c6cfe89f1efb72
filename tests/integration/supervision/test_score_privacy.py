"""Whoever is scored for what a petitioner answered learns neither the case nor the day, whatever card he asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.integration.supervision.carrying import NUMBER, a_case, county, dissatisfied, entry_of, judged, object_to
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.site import Site
from tests.integration.supervision.world import TOWNSHIP, TOWNSHIP_SECRETARY

CARDS = "/supervision/scores"
HEAD: dict[str, Any] = {
    "official_id": TOWNSHIP_SECRETARY["official"], "org": TOWNSHIP, "posts": ({"title": "柏林镇党委书记", "org": TOWNSHIP},),
    "scope": frozenset({TOWNSHIP}),
}  # fmt: skip
RULE = "dissatisfied-unit"


@pytest.fixture
def site(world: Supervision, tmp_path: Path) -> Iterator[Site]:
    county(world)
    made = Site(world, tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def answer(world: Supervision, site: Site) -> None:
    """A petitioner was not satisfied on 6 December."""
    case, _ = a_case(world)
    dissatisfied(world, case, "2016-12-06 10:00")
    judged(world)


def card(site: Site, query: str, *, role: str = "unit_head", **who: Any) -> TestResponse:
    who = who or HEAD
    return site.client(role, **who).get(f"{CARDS}/card?code={TOWNSHIP}&as=json&{query}", follow_redirects=True)


def counted(page: TestResponse) -> list[int]:
    return [entry["points"] for line in json.loads(page.data)["lines"] if line["rule"] == RULE for entry in line["entries"]]


@pytest.mark.parametrize("day", ["2016-12-05", "2016-12-06", "2016-12-07"])
def test_the_card_of_a_day_is_that_of_its_month(site: Site, world: Supervision, day: str):
    world.clock("2017-01-03 10:00")
    told = json.loads(card(site, f"from={day}&until={day}").data)
    assert (told["from"], told["until"]) == ("2016-12-01", "2016-12-31")
    assert counted(card(site, f"from={day}&until={day}")) == [-1]


def test_before_the_month_is_over_no_cut_off_shows_the_answer(site: Site, world: Supervision):
    world.clock("2016-12-31 23:00")
    period = "from=2016-12-01&until=2016-12-31"
    for cut in ("", "&cut=2016-12-06T01:59:00Z", "&cut=2016-12-06T02:01:00Z", "&cut=2016-12-31T15:00:00Z"):
        assert counted(card(site, period + cut)) == []
    assert "不满意" not in site.client("unit_head", **HEAD).get(f"{CARDS}?{period}").text.partition("现行计分规则")[0]
    world.clock("2017-01-01 00:00")
    assert counted(card(site, period)) == [-1]
    assert counted(card(site, period + "&cut=2016-12-31T15:00:00Z")) == [], "the same address gives the same card"


def test_those_who_oversee_it_are_shown_it_at_once(site: Site, world: Supervision):
    assert counted(card(site, "from=2016-12-06&until=2016-12-06", role="supervision_office", official_id="o-431023-sup")) == [-1]


def test_the_list_of_objections_does_not_tell_a_reader_what_his_own_card_hides(site: Site, world: Supervision):
    object_to(world, entry_of(world, RULE), HEAD["official_id"])
    own = site.client("supervision_office", **HEAD | {"scope": frozenset({"431023*"})}).get(f"{CARDS}/objections")
    other = site.client("supervision_office", official_id="o-431023-sup").get(f"{CARDS}/objections")
    assert own.status_code == other.status_code == 200
    for told in (NUMBER, "2016-12-06"):
        assert told in other.text
        assert told not in own.text


@pytest.mark.parametrize("cut", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1999-12-31T23:59:59Z"])
def test_a_cut_off_in_no_time_of_ours_is_refused_with_the_rule(site: Site, cut: str):
    page = site.client("supervision_office").get(f"{CARDS}/card?code={TOWNSHIP}&cut={quote(cut)}")
    assert page.status_code == 422
    assert "2000" in page.text
