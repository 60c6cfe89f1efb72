"""The conflict guard.

Whoever is complained of or must recuse himself never gets the case (art. 28, 30, 46).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.directory import Directory
from shared.errors import NotFound, Refused

_NOBODY: frozenset[str] = frozenset()


class Barred(NotFound):
    """Tell the person that there is no such case: to one who is barred, not even its existence is told."""


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Who is barred from a case, and on which ground.

    `organisations` and `officials` are what is in force.
    """

    case_id: UUID
    complained_organisations: frozenset[str] = _NOBODY
    complained_officials: frozenset[str] = _NOBODY
    recused_organisations: frozenset[str] = _NOBODY
    recused_officials: frozenset[str] = _NOBODY
    family_organisations: frozenset[str] = _NOBODY
    family_officials: frozenset[str] = _NOBODY
    organisations: frozenset[str] = _NOBODY
    officials: frozenset[str] = _NOBODY

    def complain(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after intake told who more is complained of. Names add up: none is lifted by being left out."""
        changed = replace(
            self,
            complained_organisations=self.complained_organisations | frozenset(organisations),
            complained_officials=self.complained_officials | frozenset(officials),
        )
        return changed._in_force(directory)

    def lift(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after it was decided that these were named by mistake. A recusal of the same person stays."""
        changed = replace(
            self,
            complained_organisations=self.complained_organisations - frozenset(organisations),
            complained_officials=self.complained_officials - frozenset(officials),
        )
        return changed._in_force(directory)

    def recuse(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars with further recusals (art. 28). The official himself cannot take it back."""
        changed = replace(
            self,
            recused_organisations=self.recused_organisations | frozenset(organisations),
            recused_officials=self.recused_officials | frozenset(officials),
        )
        return changed._in_force(directory)

    def follow_family(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after intake's latest word on who is recused from another part of the same letter."""
        changed = replace(self, family_organisations=frozenset(organisations), family_officials=frozenset(officials))
        return changed._in_force(directory)

    def shut(self, official: str, directory: Directory) -> Bars:
        """The bars after the superior took the case back because of a conflict.

        Nobody in this instance sees it.
        """
        return self.complain(directory.subtree(directory.own), {official}, directory)

    def admit(self, official: str, directory: Directory) -> Bars:
        """The bars after the superior handed the case to this instance again, to `official`: it takes back its own word.

        Officials shut out before stay barred, but for him; and so does whoever recused himself here.
        """
        return self.lift(directory.subtree(directory.own), {official}, directory)

    def _in_force(self, directory: Directory) -> Bars:
        named = self.complained_organisations | self.recused_organisations | self.family_organisations
        # A unit's bar covers all that lies under it. The instance's own organisation is the exception: were everything
        # under it barred as well, nobody would be left who could refer the case up.
        whole = [{code} if code == directory.own else directory.subtree(code) for code in named]
        officials = self.complained_officials | self.recused_officials | self.family_officials
        # Bars do not travel: where an official works in another instance nobody there would keep the case from him.
        elsewhere = {
            directory.instance_of(code) for official in officials for code in posts_of(official, directory)
            if directory.works_elsewhere(code)
        }  # fmt: skip
        return replace(self, organisations=_NOBODY.union(*whole, *map(directory.subtree, elsewhere)), officials=officials)

    def bar(self, official: str, organisations: Iterable[str]) -> bool:
        """Whether an official with posts in `organisations` is barred: one barred post is enough."""
        return official in self.officials or not self.organisations.isdisjoint(organisations)


def posts_of(official: str, directory: Directory, named: str | None = None) -> frozenset[str]:
    """The organisations in which an official holds posts, with the one that a record names him in."""
    known = directory.officials.get(official)
    posts = {post.organisation for post in known.posts} if known else set()
    return frozenset(posts | ({named} if named else set()))


def check_not_barred(bars: Bars | None, official: str, directory: Directory, named: str | None = None) -> None:
    """Let one who is not barred pass.

    Raises Barred, which to the person looks like a case that does not exist.
    """
    if bars is not None and bars.bar(official, posts_of(official, directory, named)):
        raise Barred("case", "没有找到该信访件。", "请核对编号。")


def check_addressee(bars: Bars | None, official: str, directory: Directory) -> None:
    """Refuse an addressee who is barred. Raises Refused naming the article."""
    if bars is not None and bars.bar(official, posts_of(official, directory)):
        raise Refused(
            "addressees",
            "该同志或其单位是本件的被反映对象或应当回避，不得承办（条例第二十八条、第三十条、第四十六条）。",
            "请改交其他负责同志办理。",
        )
