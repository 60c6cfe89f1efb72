"""Builders of directories as they are edited, for unit tests."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from services.routing.domain.roster import Roster, Unit
from services.routing.domain.terms import Term

TODAY = date(2016, 11, 7)
BEFORE, AFTER, LATER = date(2016, 1, 1), date(2016, 12, 1), date(2017, 6, 1)


def unit(code: str, superior: str | None = "431023", **more: Any) -> Unit:
    return Unit(**({"code": code, "name": code, "name_en": code, "superior": superior, "has_instance": False} | more))


def term(number: int, official: str = "o-1", organisation: str = "431023-a", *roles: str, **more: Any) -> Term:
    return Term(id=UUID(int=number), official=official, organisation=organisation, title="局长", roles=frozenset(roles), **more)


def known(*held: Term, units: tuple[Unit, ...] = ()) -> Roster:
    made = (unit("431023", None, has_instance=True), unit("431023-a"), unit("431023-b"), *units)
    names = {one.official: one.official for one in held} | {"o-1": "甲"}
    return Roster(own="431023", units={u.code: u for u in made}, names=names, terms={t.id: t for t in held})
