"""The suggested addressees on the review page."""

from __future__ import annotations

from typing import Any

from services.routing import domain
from services.routing.domain.rules import Traits
from services.routing.handlers.suggesting import guide
from services.routing.web.rule_words import shown
from shared.database import UnitOfWork


def suggested(uow: UnitOfWork, case: dict[str, Any], bars: domain.Bars | None, author: str) -> dict[str, Any]:
    """Up to three people for a case, each with the reasons, and the rule that would have won were it not broken."""
    rests_on = guide(uow, bars, author)
    traits = Traits.of(case["title"], case["brief"], case["category"], case["place"], case["channel"])
    return shown(rests_on.suggest(traits), rests_on.directory)
