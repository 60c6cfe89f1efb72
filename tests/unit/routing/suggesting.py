"""Builders of rules, past cases and heads for unit tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.routing.domain.directory import Directory, Official, Organisation, Post
from services.routing.domain.learning import Past
from services.routing.domain.rules import Rule, Traits

COUNTY = "431023"
UNITS = ("431023-epb", "431023-water", "431023-edu", "431023104", "431023101")


def rule(number: int = 1, organisation: str = "431023-epb", **conditions: Any) -> Rule:
    """A rule at this number."""
    return Rule(id=UUID(int=number), position=number, organisation=organisation, **conditions)


def traits(brief: str = "造纸厂排污水", title: str = "饮水", category: str = "environment.water", place: str | None = "431023104",
channel: str = "letter") -> Traits:  # fmt: skip
    """A case about water."""
    return Traits.of(title, brief, category, place, channel)


def head(code: str, *more: Post, role: str = "unit_head", active: bool = True, name: str = "") -> Official:
    """The head of an organisation, `o-<code>` unless named otherwise."""
    post = Post(organisation=code, title="负责人", roles=frozenset({role}))
    return Official(official=f"o-{name or code}", name=name or code, active=active, posts=(post, *more))


def county(*officials: Official) -> Directory:
    """A county with five units, each with a head unless officials are given."""
    people = officials or (head(COUNTY, role="first_in_command"), *map(head, UNITS))
    return Directory(
        own=COUNTY, officials={one.official: one for one in people},
        organisations={
            code: Organisation(code=code, name=code, name_en=code, superior=None if code == COUNTY else COUNTY, has_instance=False)
            for code in (COUNTY, *UNITS)
        },
    )  # fmt: skip


def past(number: int, brief: str, *units: str, category: str = "environment", place: str | None = None) -> Past:
    """A case of the past that these units were given."""
    return Past(UUID(int=number), Traits.of("", brief, category, place, "letter"), units)
