"""What a replay aims at: the article's figures with the denominators that they leave open, or figures that follow from a seed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.replay import aims
from shared.errors import Refused

ROOT = Path(__file__).parents[3]
FIGURES = ROOT / "deploy" / "replay" / "data" / "yongxing.json"
SHARED = ROOT.parent / "shared" / "data" / "yongxing.json"


def article(**changed: Any) -> dict[str, Any]:
    return {**json.loads(FIGURES.read_text(encoding="utf-8")), **changed}


def test_the_figures_are_the_articles() -> None:
    if not SHARED.exists():
        pytest.skip("no ../shared beside this checkout: the article's figures are those of deploy/replay/data")
    assert json.loads(FIGURES.read_text(encoding="utf-8")) == json.loads(SHARED.read_text(encoding="utf-8"))


def test_rates_get_the_denominator_that_fits_and_leaves_fewest_cases_not_due() -> None:
    found = aims.of_figures(article())
    assert (found.cases, found.instructions, found.replied, found.closed) == (247, 472, 224, 212)
    assert (found.due, found.due_replied, found.due_closed) == (239, 217, 208)
    assert (found.interviews, found.interviews_by) == (14, date(2016, 12, 31))


def test_the_rates_are_not_shares_of_all_cases() -> None:
    assert aims.percent(224, 247) == Decimal("90.7")
    assert aims.percent(217, 239) == Decimal("90.8")
    assert aims.percent(212, 247) == Decimal("85.8")
    assert aims.percent(208, 239) == Decimal("87.0")


def test_rates_that_no_numbers_give_are_refused() -> None:
    with pytest.raises(Refused, match="rates"):
        aims.of_figures(article(due_reply_rate_percent=10))


@pytest.mark.parametrize("cases", [5, 12, 247, 2_000])
@pytest.mark.parametrize("seed", range(20))
def test_figures_of_a_seed_fit_into_each_other(cases: int, seed: int) -> None:
    found = aims.of_seed(cases, seed)
    assert found.cases == cases
    assert found.closed <= found.replied <= cases <= found.instructions
    assert found == aims.of_seed(cases, seed)


def test_another_seed_has_other_figures() -> None:
    assert len({aims.of_seed(247, seed) for seed in range(20)}) == 20


@pytest.mark.parametrize("cases", [0, 4, 2_001])
def test_a_county_of_too_few_or_too_many_cases_is_refused(cases: int) -> None:
    with pytest.raises(Refused, match="no county"):
        aims.of_seed(cases, 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"instructions": 200}, {"replied": 200}, {"interviews_2016_person_times": 300},
        {"period": {"from": "2017-02-28", "to": "2016-08-01"}},
    ],
)  # fmt: skip
def test_figures_that_contradict_each_other_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        aims.of_figures(article(**changed))
