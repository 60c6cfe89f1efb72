"""A directory file taken over: what it says of an official is the whole of what he holds; what it leaves out ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.routing.domain.roster import Roster, Unit
from services.routing.domain.terms import Standing, Term

OPEN = (Standing.PRESENT, Standing.COMING)


@dataclass(frozen=True, kw_only=True)
class PostEntry:
    """A post in a file. Days that the file does not give stay as they are known."""

    organisation: str
    title: str
    roles: frozenset[str]
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class OfficialEntry:
    """An official in a file, the post that he signs with first. One who is not `active` holds nothing any more."""

    official: str
    name: str
    active: bool
    posts: tuple[PostEntry, ...]


def adopt(
    roster: Roster, units: Iterable[Unit], officials: Iterable[OfficialEntry], today: date, new_id: Callable[[], UUID]
) -> Roster:
    """The directory as the file has it; units and officials that it does not name stay as they are."""
    for unit in units:
        roster = roster.with_unit(unit)
    for entry in officials:
        roster = _adopted(roster, entry, today, new_id)
    return roster


def _adopted(roster: Roster, entry: OfficialEntry, today: date, new_id: Callable[[], UUID]) -> Roster:
    known, new = roster.terms_of(entry.official), entry.official not in roster.names
    left, taken = list(known), []
    for place, post in enumerate(entry.posts):
        found = next((term for term in left if _is(term, post, entry, today)), None)
        if found is None:
            begins = post.from_on if new or post.from_on is not None or not entry.active else today
            found = Term(
                id=new_id(), official=entry.official, organisation=post.organisation, title=post.title, roles=post.roles,
                from_on=begins, until_on=None,
            )  # fmt: skip
        else:
            left.remove(found)
        until = post.until_on or found.until_on
        if not entry.active and (until is None or until > today):
            until = max(today, found.from_on or today)
        taken.append(replace(found, roles=post.roles, place=place, from_on=post.from_on or found.from_on, until_on=until))
    ended = [replace(term, until_on=max(today, term.from_on or today)) for term in left if term.on(today) in OPEN]
    return roster.with_name(entry.official, entry.name).with_terms(*taken, *ended)


def _is(term: Term, post: PostEntry, entry: OfficialEntry, today: date) -> bool:
    """Whether the entry means this term: the same post, begun on the day that it gives, or still open where it gives none."""
    if (term.organisation, term.title) != (post.organisation, post.title) or term.on(today) is Standing.REVOKED:
        return False
    if post.from_on is not None:
        return term.from_on in (post.from_on, None)
    return term.on(today) in OPEN or not entry.active or (post.until_on is not None and post.until_on == term.until_on)
