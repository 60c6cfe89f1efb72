"""The score cards of a year to the letter, and the book against what it follows from."""

from __future__ import annotations

from typing import Any

from deploy.replay.county import County
from services.supervision import cards
from services.supervision.handlers import book, scores
from shared.database import UnitOfWork
from tests.year.year import Plan

Cards = dict[tuple[str, str], str]


def of(county: County, plan: Plan) -> Cards:
    """Every leader's and every unit's card as a file, by code and language."""

    def make(uow: UnitOfWork) -> Cards:
        found: Cards = {}
        for row in scores.scored(uow, plan.first, plan.last, scores.cut_off(uow, None), own=()):
            card = row["card"]
            rules, cases = scores.rules_of(uow, card), scores.numbers(uow, card)
            for language in ("zh", "en"):
                found[row["code"], language] = cards.as_csv(cards.as_rows(card, rules, cases, language))
        return found

    made: Cards = county.work("supervision", make)
    return made


def rebuilt_differs(county: County) -> list[Any]:
    """Entries in which the book and its rebuilding differ."""

    def compare(uow: UnitOfWork) -> list[Any]:
        anew, stands = book.rebuilt(uow), book.live(uow)
        return [key for key in sorted(anew.keys() | stands.keys()) if anew.get(key) != stands.get(key)]

    found: list[Any] = county.work("supervision", compare)
    return found
