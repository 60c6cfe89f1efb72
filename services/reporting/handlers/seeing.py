"""What one reader may see: asked of the directory as reporting knows it, and turned into the condition of every list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.reporting.store import SQL
from shared.database import UnitOfWork

SEES_ALL = frozenset({"office", "supervision_office", "auditor", "clerk"})
# The first-in-command's post must be in the instance's own organisation besides.
MANAGES_RECUSALS = frozenset({"office", "clerk"})
KEEPS_CONFIDENCE = frozenset({"office"})
HEADS = frozenset({"first_in_command"})
SEES_UNIT = frozenset({"first_in_command", "unit_head", "officer"})


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one reader may see. `everything` is the whole instance; `posts` decide about bars, `units` about assignments.

    `recusals`: he manages who is kept from a case, and so may read that somebody was. `keeps`: he reads confidential cases of the
    instance. `roles` are those of his posts in this instance, that of its first-in-command only where he is.
    """

    official: str
    own: str
    everything: bool
    posts: tuple[str, ...]
    units: tuple[str, ...]
    recusals: bool = False
    keeps: bool = False
    roles: frozenset[str] = frozenset()

    @property
    def workplaces(self) -> tuple[str, ...]:
        """Whose work is his own too: the units of his posts; the instance's own organisation is everybody's."""
        return tuple(organisation for organisation in self.posts if organisation != self.own)

    @property
    def params(self) -> dict[str, Any]:
        """What the conditions `visible` and `worked` ask for."""
        return {
            "me": self.official, "own": self.own, "everything": self.everything,
            "posts": list(self.posts), "units": list(self.units), "keeps": self.keeps,
            "workplaces": list(self.workplaces),
        }  # fmt: skip


def sight(uow: UnitOfWork, official: str, token_posts: list[tuple[str, frozenset[str]]]) -> Sight:
    """What an official may see here, by the directory as reporting knows it; by his token while it knows nothing of him.

    Roles count by post: who is first-in-command of a township that works in an instance of its own sees there all of
    its cases, and here those that were handed to him.
    """
    known = uow.all(SQL["posts"], me=official, own=uow.org)
    posts = [(row["organisation"], frozenset(row["roles"]), row["instance"]) for row in known] or [
        (organisation, roles, uow.org if _near(organisation, uow.org) else organisation) for organisation, roles in token_posts
    ]
    here = _here(posts, uow.org)
    return Sight(
        official=official,
        own=uow.org,
        everything=bool(here & (SEES_ALL | HEADS)),
        recusals=bool(here & (MANAGES_RECUSALS | HEADS)),
        keeps=bool(here & (KEEPS_CONFIDENCE | HEADS)),
        roles=here,
        posts=tuple(sorted({organisation for organisation, _, _ in posts} | {org for org, _ in token_posts})),
        units=tuple(sorted({organisation for organisation, roles, _ in posts if roles & SEES_UNIT})),
    )


def _near(organisation: str, own: str) -> bool:
    """The instance's own organisation or a department of it, as the codes tell."""
    return organisation == own or organisation.startswith(f"{own}-")


def _here(posts: list[tuple[str, frozenset[str], str]], own: str) -> frozenset[str]:
    """The roles of the posts in this instance; whoever is first-in-command of a unit in it heads that unit alone."""
    roles = (held - (HEADS if organisation != own else frozenset()) for organisation, held, instance in posts if instance == own)
    return frozenset().union(*roles)
