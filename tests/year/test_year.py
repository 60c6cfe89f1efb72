"""A simulated year through ladder, charges, scores and follow-up: the same cards to the letter from the same seed, and nothing wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.replay.county import County
from deploy.replay.lots import Lots
from services.supervision import cards as product
from tests import servers
from tests.year import audit, cards
from tests.year.people import LEADERS, UNITS
from tests.year.year import FIRST, Plan, Year, play

# Three months, of which three days a week are worked; and a whole year.
SMALL = Plan(cases=150, last=date(2016, 11, 4), weekdays=frozenset({0, 1, 4}))
WHOLE = Plan(cases=5_000, last=date(2017, 7, 31))
TEN_MINUTES = 600.0

Make = Callable[[Plan], Year]


class Lived(NamedTuple):
    """A year that is over, and what was found before anybody broke it on purpose."""

    county: County
    cards: cards.Cards
    wrong: list[str]
    account: dict[str, Any]
    seconds: float


def live(*years: Year) -> list[Lived]:
    """Play these years beside each other."""
    begun = time.perf_counter()
    play(years)
    seconds = time.perf_counter() - begun
    return [_look(each, seconds) for each in years]


def _look(year: Year, seconds: float) -> Lived:
    county = year.county
    return Lived(county, cards.of(county, year.plan), audit.wrong(county), audit.account(county), seconds)


@pytest.fixture(scope="module")
def make(broker: Broker, database: Database) -> Iterator[Make]:
    """Makes counties with their year before them, and ends them."""
    made: list[County] = []
    with servers.folder() as folder:

        def year(plan: Plan) -> Year:
            made.append(County(folder / f"county-{len(made)}", broker, database, begin=FIRST))
            made[-1].start()
            return Year(made[-1], plan)

        yield year
        for each in made:
            each.stop()


@pytest.fixture(scope="module")
def lived(make: Make) -> tuple[Lived, Lived]:
    """Three months of a small county, lived twice from one seed."""
    once, again = live(make(SMALL), make(SMALL))
    return once, again


def test_the_same_seed_gives_the_same_score_cards_to_the_letter(lived: tuple[Lived, Lived]) -> None:
    assert lived[0].cards == lived[1].cards
    codes = {code for code, _ in lived[0].cards}
    assert codes >= set(UNITS)
    assert codes & set(LEADERS)


def test_nothing_is_wrong_after_it(lived: tuple[Lived, Lived]) -> None:
    """Ladders, entries, periods, closings, and the invariants of the bus: see `audit`."""
    assert [each.wrong for each in lived] == [[], []]


def test_everything_of_the_mechanism_took_place(lived: tuple[Lived, Lived]) -> None:
    found = lived[0].account
    assert set(found["ladder"]) == {"reminder", "notice", "interview", "circular", "bundle"}
    assert set(found["entries"]) >= {"late-unit", "returned-unit", "dissatisfied-unit", "settled", "duty-done", "duty-late"}
    assert {"satisfied", "not_satisfied"} <= set(found["follow-up"])
    carried = lived[0].county.query("SELECT DISTINCT official FROM supervision.charge")
    assert {official for (official,) in carried} == set(LEADERS)


def test_what_is_decided_follows_from_the_seed_and_the_matters_name_alone() -> None:
    names = [("temper", f"永信〔2016〕{number}号") for number in range(200)]
    drawn = [Lots(1).number(1000, *name) for name in names]
    assert drawn == [Lots(1).number(1000, *name) for name in reversed(names)][::-1]
    assert drawn != [Lots(2).number(1000, *name) for name in names]


# -- twins ------------------------------------------------------------------------------------------------------------
def test_twin_an_entry_made_twice_is_noticed(lived: tuple[Lived, Lived]) -> None:
    county = lived[1].county
    columns = "case_id, policy, rule, kind, detail, whom, code, person, points, cap, {cause}, at, recorded_at"
    county.query(
        f"INSERT INTO supervision.score_entry (id, {columns.format(cause='cause')})"
        f" SELECT gen_random_uuid(), {columns.format(cause='gen_random_uuid()')} FROM supervision.score_entry"
        " WHERE rule = 'late-unit' LIMIT 1"
    )
    wrong = audit.wrong(county)
    assert any(line.startswith("late-unit: ") for line in wrong)
    assert any("differs in the book rebuilt" in line for line in wrong)
    assert cards.of(county, SMALL) != lived[0].cards


def test_twin_cards_in_the_order_of_ids_differ_from_run_to_run(
    lived: tuple[Lived, Lived], monkeypatch: pytest.MonkeyPatch
) -> None:
    again = cards.of(lived[0].county, SMALL)
    monkeypatch.setattr(product, "sorted", lambda rows, key: list(rows), raising=False)
    assert cards.of(lived[0].county, SMALL) != again


def test_twin_a_closing_without_an_answer_is_noticed(lived: tuple[Lived, Lived]) -> None:
    """Nor was it told, so every other check is content."""
    county = lived[1].county
    closes = (
        "WITH over AS (INSERT INTO closing (case_id, number, reason, closed_at, archived_at)"
        " SELECT id, closings + 1, 'satisfied', now(), now() FROM followed_case WHERE stage = 'followed' ORDER BY number LIMIT 1"
        " RETURNING case_id) UPDATE followed_case SET stage = 'archived', closings = closings + 1 WHERE id IN (SELECT case_id FROM over)"
    )
    county.work("followup", lambda uow: uow.all(closes))
    assert any("over its petitioner's head" in line for line in audit.wrong(county))


# -- at full size -----------------------------------------------------------------------------------------------------
@pytest.mark.full
def test_another_seed_gives_other_cards(make: Make, lived: tuple[Lived, Lived]) -> None:
    (other,) = live(make(replace(SMALL, seed=2)))
    assert other.wrong == []
    assert other.cards != lived[0].cards


@pytest.mark.full
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="the ten minutes are those of two cores")
def test_a_year_of_five_thousand_cases_takes_less_than_ten_minutes_and_is_the_same_again(make: Make) -> None:
    found = []
    for _ in range(2):
        year = make(WHOLE)
        (over,) = live(year)
        load = os.getloadavg()[0]
        year.county.stop()
        assert over.wrong == []
        assert over.account["closed"] > WHOLE.cases * 0.8
        assert over.seconds < TEN_MINUTES, f"{over.seconds:.0f} s at a load of {load:.1f}"
        found.append(over.cards)
    assert found[0] == found[1]
