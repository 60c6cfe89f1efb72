"""Organisations, posts and officials, and what follows from the tree.

Who lies under whom, and who works where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.contract.person import Person
from shared.errors import Forbidden, Refused

# M9: a case goes to county leaders and to units' first-in-command, never to a queue or to somebody's clerk.
ADDRESSABLE = frozenset({"leader", "unit_head", "first_in_command"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """An organisation by its national code; `has_instance` means that it works in a system of its own."""

    code: str
    name: str
    name_en: str
    superior: str | None
    has_instance: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A post in an organisation and the roles that it gives in the system."""

    organisation: str
    title: str
    roles: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Official:
    """An official and the posts held, the first being the one signed with."""

    official: str
    name: str
    active: bool
    posts: tuple[Post, ...]

    def in_post(self, roles: frozenset[str] | None = None, organisation: str | None = None) -> Person | None:
        """The official in the first post that gives one of `roles` (in `organisation`), or None."""
        for post in self.posts:
            if (roles is None or roles & post.roles) and organisation in (None, post.organisation):
                return Person(official=self.official, name=self.name, post=post.title, organisation=post.organisation)
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Directory:
    """The whole directory as one instance (`own`) knows it."""

    own: str
    organisations: Mapping[str, Organisation]
    officials: Mapping[str, Official]

    def chain(self, code: str) -> Iterator[str]:
        """The organisation and its superiors, upwards. Ends at a circle, which an import refuses anyway."""
        seen: set[str] = set()
        here: str | None = code
        while here is not None and here not in seen:
            yield here
            seen.add(here)
            known = self.organisations.get(here)
            here = known.superior if known else None

    def within(self, code: str, root: str) -> bool:
        """Whether `code` is `root` or lies under it."""
        return root in self.chain(code)

    def subtree(self, root: str) -> frozenset[str]:
        """`root` and every organisation under it."""
        return frozenset({root} | {code for code in self.organisations if self.within(code, root)})

    def instance_of(self, code: str) -> str:
        """The organisation in whose instance the officials of `code` work.

        The nearest upwards that has one, or ours.
        """
        for here in self.chain(code):
            known = self.organisations.get(here)
            if here == self.own or (known is not None and known.has_instance):
                return here
        return self.own

    def works_elsewhere(self, code: str) -> bool:
        """Whether the officials of `code` work in another instance, and see only what is handed to it."""
        return self.instance_of(code) != self.own

    def heads(self, post: Post) -> bool:
        """Whether a post is that of an instance's first-in-command; another unit's is a `unit_head` here."""
        return self.instance_of(post.organisation) == post.organisation and not post.roles.isdisjoint(
            {"first_in_command", "unit_head"}
        )

    def active(self, official: str) -> Official:
        """The official. Raises Forbidden for one who is unknown or has left."""
        found = self.officials.get(official)
        if found is None or not found.active:
            raise Forbidden("official", "该人员不在通讯录中或已离任。", "请核对人员后重试。")
        return found

    def acting(self, official: str, *roles: str, organisation: str | None = None) -> Person:
        """The official in a post that gives one of `roles`. Raises Forbidden when no post does."""
        person = self.active(official).in_post(frozenset(roles) if roles else None, organisation)
        if person is None:
            raise Forbidden("official", "您的职务无权进行此项操作。", "请由有权的负责同志办理。")
        return person

    def first_in_command(self, official: str) -> Person:
        """The first-in-command of this instance's own organisation, and nobody else's. Raises Forbidden."""
        return self.acting(official, "first_in_command", organisation=self.own)

    def writers(self) -> list[Official]:
        """Who writes the brief here: the clerks, or where there is none the office."""
        for role in ("clerk", "office"):
            found = [
                one for one in self.officials.values()
                if one.active and any(role in post.roles and not self.works_elsewhere(post.organisation) for post in one.posts)
            ]  # fmt: skip
            if found:
                return found
        return []

    def addressee(self, official: str) -> Person:
        """A county leader or a unit's first-in-command, whom a case may be handed to (M9). Raises Refused."""
        found = self.officials.get(official)
        person = found.in_post(ADDRESSABLE) if found is not None and found.active else None
        if person is None:
            raise Refused("addressees", "交办对象须为县级领导或单位一把手，并且在职。", "请从名单中选择一位负责同志。")
        return person
