"""The directory as a test changes and reads it."""

from __future__ import annotations

from uuid import uuid4

from services.routing.domain.terms import Term
from services.routing.handlers import appointments, roster
from services.routing.handlers.appointments import Editing
from tests.integration.routing.browser import NOW
from tests.integration.routing.world import Instance

ADMINISTRATOR, OFFICER = "o-431023-administrator", "o-431023-epb-officer"


def why(by: str = ADMINISTRATOR) -> Editing:
    return Editing(by=by, key=uuid4(), reason="永组干〔2016〕12号", now=NOW)


def term(official: str, title: str = "县环境保护局副局长", *roles: str, organisation: str = "431023-epb", **days) -> Term:
    return Term(
        id=uuid4(), official=official, organisation=organisation, title=title, roles=frozenset(roles or {"officer"}), **days
    )


def posts(county: Instance, official: str) -> list[str]:
    (row,) = county.query("SELECT active, posts FROM official WHERE official = %(o)s", o=official)
    return [post["title"] for post in row["posts"]] if row["active"] else []


def terms(county: Instance, official: str) -> list[Term]:
    with county.work() as uow:
        return roster.read(uow).terms_of(official)


def appoint(county: Instance, one: Term, by: str = ADMINISTRATOR, **more) -> bool:
    with county.work() as uow:
        return appointments.appoint(uow, why(by), one, **({"name": None, "first": False} | more))


def tick(county: Instance) -> int:
    with county.work() as uow:
        return roster.take_office(uow, NOW)
