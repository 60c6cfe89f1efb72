"""The conflict guard.

Whoever is complained of or must recuse himself never gets the case (art. 28, 30, 46).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.directory import Directory
from shared.errors import Forbidden, NotFound, Refused

_NOBODY: frozenset[str] = frozenset()
RECUSED, COMPLAINED = "28", "30、46"


@dataclass(frozen=True, kw_only=True)
class Shut:
    """Which official or organisation is kept from which case, and by which articles of the regulation."""

    case_id: UUID
    barred: str
    article: str


class Guarded(Refused):
    """Tell the person, and keep the try: the guard refused it. `shut` says why; no page but the auditor's does."""

    def __init__(self, field: str, rule: str, remedy: str, *, shut: Shut, **values: object) -> None:
        super().__init__(field, rule, remedy, **values)
        self.shut = shut


class Barred(NotFound, Guarded):
    """Tell the person that there is no such case: to one who is barred, not even its existence is told."""


class BarredAddressee(Guarded):
    """Tell the first-in-command: whom he wants to give the case to is barred from it."""


class OwnMatter(Forbidden, Guarded):
    """Tell the first-in-command: the case is against the own organisation, so it is the superior's."""


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
    told_organisations: frozenset[str] = _NOBODY  # the superior's word, of its part of our people
    told_officials: frozenset[str] = _NOBODY
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
        return self._become(changed, directory)

    def lift(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after it was decided that these were named by mistake. A recusal of the same person stays."""
        changed = replace(
            self,
            complained_organisations=self.complained_organisations - frozenset(organisations),
            complained_officials=self.complained_officials - frozenset(officials),
        )
        return self._become(changed, directory)

    def recuse(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars with further recusals (art. 28). The official himself cannot take it back."""
        changed = replace(
            self,
            recused_organisations=self.recused_organisations | frozenset(organisations),
            recused_officials=self.recused_officials | frozenset(officials),
        )
        return self._become(changed, directory)

    def readmit(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after these recusals ended. Who is complained of as well stays barred."""
        changed = replace(
            self,
            recused_organisations=self.recused_organisations - frozenset(organisations),
            recused_officials=self.recused_officials - frozenset(officials),
        )
        return self._become(changed, directory)

    def follow_family(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after intake's latest word on who is recused from another part of the same letter."""
        changed = replace(self, family_organisations=frozenset(organisations), family_officials=frozenset(officials))
        return self._become(changed, directory)

    def shut(self, official: str, directory: Directory) -> Bars:
        """The bars after the superior took the case back because of a conflict.

        Nobody in this instance sees it.
        """
        return self.told(self.told_organisations | {directory.own}, self.told_officials | {official}, directory)

    def is_shut(self, directory: Directory) -> bool:
        """Whether the superior keeps the case from everybody here, until it hands it down again."""
        return directory.own in self.told_organisations

    def admit(self, official: str, directory: Directory) -> Bars:
        """The bars after the superior handed the case to this instance again, to `official`: it takes back its own word.

        Officials shut out before stay barred, but for him; and so does whoever recused himself here.
        """
        return self.told(self.told_organisations - {directory.own}, self.told_officials - {official}, directory)

    def told(self, organisations: Iterable[str], officials: Iterable[str], directory: Directory) -> Bars:
        """The bars after the superior told whom of ours they concern: its latest word stands, beside what is known here."""
        changed = replace(self, told_organisations=frozenset(organisations), told_officials=frozenset(officials))
        return self._become(changed, directory)

    @property
    def own_organisations(self) -> frozenset[str]:
        """The organisations that were named in this instance, not by its superior."""
        return self.complained_organisations | self.recused_organisations | self.family_organisations

    @property
    def own_officials(self) -> frozenset[str]:
        """The officials that were named in this instance, not by its superior."""
        return self.complained_officials | self.recused_officials | self.family_officials

    def within(self, instance: str, directory: Directory) -> tuple[frozenset[str], frozenset[str]]:
        """What is in force of the people of an instance below; with whom nobody knows here, for he may be there."""
        return (
            frozenset(
                code for code in self.organisations if code not in directory.organisations or directory.within(code, instance)
            ),
            frozenset(
                official for official in self.officials
                if official not in directory.officials or any(directory.within(code, instance) for code in posts_of(official, directory))
            ),
        )  # fmt: skip

    def widened(self, directory: Directory) -> Bars:
        """The bars after the directory changed: what came under a barred unit is barred too; no move opens a case to anybody."""
        now = self._in_force(directory)
        return replace(now, organisations=now.organisations | self.organisations)

    def _become(self, changed: Bars, directory: Directory) -> Bars:
        """The changed bars in force; what has moved away from under a barred unit stays barred until an organisation or somebody
        complained of is named no longer.
        """
        now = changed._in_force(directory)
        before = (self.own_organisations | self.told_organisations, self.complained_officials)
        after = (changed.own_organisations | changed.told_organisations, changed.complained_officials)
        moved = self.organisations - self._in_force(directory).organisations
        kept = moved if before[0] <= after[0] and before[1] <= after[1] else _NOBODY
        return replace(now, organisations=now.organisations | kept)

    def _in_force(self, directory: Directory) -> Bars:
        # A unit's bar covers all that lies under it. The instance's own organisation, named here, is the exception: were everything
        # under it barred as well, nobody would be left who could refer the case up. By the superior's word all are meant.
        whole = [{code} if code == directory.own else directory.subtree(code) for code in self.own_organisations]
        whole += map(directory.subtree, self.told_organisations)
        officials = self.own_officials | self.told_officials
        # Bars travel with the case, so the deputy's instance keeps it from him. Where its head is complained of, all there are his.
        headed = {
            post.organisation for official in self.complained_officials if (known := directory.officials.get(official))
            for post in known.posts
            if directory.works_elsewhere(post.organisation) and directory.heads(post)
        }  # fmt: skip
        return replace(self, organisations=_NOBODY.union(*whole, *map(directory.subtree, headed)), officials=officials)

    def bar(self, official: str, organisations: Iterable[str]) -> bool:
        """Whether an official with posts in `organisations` is barred: one barred post is enough."""
        return official in self.officials or not self.organisations.isdisjoint(organisations)

    def article(self, official: str, organisations: Iterable[str], directory: Directory) -> str:
        """By which articles a barred official is barred: by 28 if nothing but recusals keeps him out."""
        unaccused = replace(self, complained_organisations=_NOBODY, complained_officials=_NOBODY)
        recusals = replace(unaccused, told_organisations=_NOBODY, told_officials=_NOBODY)._in_force(directory)
        accused = replace(self, recused_organisations=_NOBODY, recused_officials=_NOBODY)._in_force(directory)
        only_recused = recusals.bar(official, organisations) and not accused.bar(official, organisations)
        return RECUSED if only_recused else COMPLAINED


def posts_of(official: str, directory: Directory, named: str | None = None) -> frozenset[str]:
    """The organisations in which an official holds posts, with the one that a record names him in."""
    known = directory.officials.get(official)
    posts = {post.organisation for post in known.posts} if known else set()
    return frozenset(posts | ({named} if named else set()))


def _shut(bars: Bars, official: str, organisations: Iterable[str], directory: Directory) -> Shut:
    article = bars.article(official, organisations, directory)
    return Shut(case_id=bars.case_id, barred=official, article=article)


def check_not_barred(bars: Bars | None, official: str, directory: Directory, named: str | None = None) -> None:
    """Let one who is not barred pass.

    Raises Barred, which to the person looks like a case that does not exist.
    """
    posts = posts_of(official, directory, named)
    if bars is not None and bars.bar(official, posts):
        raise Barred("case", "没有找到该信访件。", "请核对编号。", shut=_shut(bars, official, posts, directory))


def check_addressee(bars: Bars | None, official: str, directory: Directory) -> None:
    """Refuse an addressee who is barred. Raises BarredAddressee naming the article."""
    posts = posts_of(official, directory)
    if bars is None or not bars.bar(official, posts):
        return
    shut = _shut(bars, official, posts, directory)
    if shut.article == RECUSED:
        raise BarredAddressee(
            "addressees", "该同志应当回避本件，不得承办（条例第二十八条）。", "请改交其他负责同志办理。", shut=shut
        )
    raise BarredAddressee(
        "addressees",
        "该同志或其单位是本件的被反映对象，不得承办（条例第三十条、第四十六条）。",
        "请改交其他负责同志办理。",
        shut=shut,
    )


def check_own_matter(bars: Bars | None, directory: Directory) -> None:
    """Refuse what nobody of the own organisation may do in a matter against it. Raises OwnMatter."""
    if bars is not None and directory.own in bars.organisations:
        shut = Shut(case_id=bars.case_id, barred=directory.own, article=COMPLAINED)
        raise OwnMatter(
            "case", "该件反映本级，须报上级处理（条例第三十条、第四十六条）。", "请由领导小组办公室报上级。", shut=shut
        )
