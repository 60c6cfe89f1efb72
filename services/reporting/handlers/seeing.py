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
SEES_UNIT = frozenset({"first_in_command", "unit_head", "officer"})


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one reader may see. `everything` is the whole instance; `posts` decide about bars, `units` about assignments.

    `recusals`: he manages who is kept from a case, and so may read that somebody was. `keeps`: he reads confidential cases of the
    instance.
    """

    official: str
    own: str
    everything: bool
    posts: tuple[str, ...]
    units: tuple[str, ...]
    recusals: bool = False
    keeps: bool = False

    @property
    def params(self) -> dict[str, Any]:
        """What the condition `visible` asks for."""
        return {
            "me": self.official, "own": self.own, "everything": self.everything,
            "posts": list(self.posts), "units": list(self.units), "keeps": self.keeps,
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
    return Sight(
        official=official,
        own=uow.org,
        everything=_holds(SEES_ALL, posts, uow.org),
        recusals=_holds(MANAGES_RECUSALS, posts, uow.org),
        keeps=_holds(KEEPS_CONFIDENCE, posts, uow.org),
        posts=tuple(sorted({organisation for organisation, _, _ in posts} | {org for org, _ in token_posts})),
        units=tuple(sorted({organisation for organisation, roles, _ in posts if roles & SEES_UNIT})),
    )


def _near(organisation: str, own: str) -> bool:
    """The instance's own organisation or a department of it, as the codes tell."""
    return organisation == own or organisation.startswith(f"{own}-")


def _holds(wanted: frozenset[str], posts: list[tuple[str, frozenset[str], str]], own: str) -> bool:
    """Whether a post in this instance gives one of these roles, or makes its holder the instance's first-in-command."""
    return any(
        instance == own and (bool(roles & wanted) or ("first_in_command" in roles and organisation == own))
        for organisation, roles, instance in posts
    )
