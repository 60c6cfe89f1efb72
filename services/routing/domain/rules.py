"""Rules that say which organisation a case belongs to. Data, in an order: the first that matches wins."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from services.routing.domain.directory import ADDRESSABLE, Directory
from shared.contract.person import Person
from shared.errors import Refused

MOST_RULES = 300


def plain(text: str) -> str:
    """Words as they are compared: one form of letters, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


# Words of rules are asked for again with each case.
_plain_word = lru_cache(maxsize=10_000)(plain)


class Traits(NamedTuple):
    """What of a case is looked at: its words as they are compared, and its codes."""

    text: str
    category: str
    place: str
    channel: str

    @classmethod
    def of(cls, title: str, brief: str, category: str, place: str | None, channel: str) -> Traits:
        """From a case's title and brief, which are the clerk's words."""
        # A line between them, so that no word is found across.
        return cls(text=f"{plain(title)}\n{plain(brief)}", category=category, place=place or "", channel=channel)


class Broken(StrEnum):
    """Why a rule that was right when it was saved leads to nobody now."""

    NO_ORGANISATION = "no_organisation"
    NO_HEAD = "no_head"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Conditions that are None or empty say nothing; those that are there must all hold.

    `category` and `place` hold for what lies under them too; of `keywords` one is enough, or with `every_keyword` all are
    wanted. The head of `organisation` is whom it suggests. `revision` counts the changes.
    """

    id: UUID
    position: int
    organisation: str
    category: str | None = None
    place: str | None = None
    channel: str | None = None
    keywords: tuple[str, ...] = ()
    every_keyword: bool = False
    active: bool = True
    note: str = ""
    revision: int = 1

    def matches(self, case: Traits) -> bool:
        """Whether every condition holds."""
        return (
            (self.category is None or _under(case.category, self.category))
            and (self.place is None or case.place.startswith(self.place))
            and self.channel in (None, case.channel)
            and (
                not self.keywords
                or (all if self.every_keyword else any)(_plain_word(word) in case.text for word in self.keywords)
            )
        )

    @property
    def condition(self) -> tuple[object, ...]:
        """What makes two rules the same question."""
        words = frozenset(map(plain, self.keywords))
        return self.category, self.place, self.channel, words, self.every_keyword and len(words) > 1

    @property
    def says(self) -> tuple[object, ...]:
        """All that a person wrote of it."""
        return (
            self.organisation,
            self.category,
            self.place,
            self.channel,
            self.keywords,
            self.every_keyword,
            self.active,
            self.note,
        )


def _under(category: str, whole: str) -> bool:
    return category == whole or category.startswith(f"{whole}.")


def covers(wide: Rule, narrow: Rule) -> bool:
    """Whether `wide` matches whatever `narrow` matches, so that behind it `narrow` is never reached."""
    return (
        (wide.category is None or (narrow.category is not None and _under(narrow.category, wide.category)))
        and (wide.place is None or (narrow.place is not None and narrow.place.startswith(wide.place)))
        and wide.channel in (None, narrow.channel)
        and _covers_words(wide, narrow)
    )


def _covers_words(wide: Rule, narrow: Rule) -> bool:
    if not wide.keywords or not narrow.keywords:
        return not wide.keywords
    mine, theirs = [[plain(word) for word in rule.keywords] for rule in (wide, narrow)]
    # What the narrow rule surely finds in a text: each of its words, or at least one of them, whichever that is.
    surely = any if narrow.every_keyword else all
    if wide.every_keyword:
        return all(surely(word in found for found in theirs) for word in mine)
    return surely(any(word in found for word in mine) for found in theirs)


class Fault(NamedTuple):
    """What is wrong with the rule at this number: never reached because of the one at `by`."""

    number: int
    by: int
    same: bool


def unreached(rules: Sequence[Rule]) -> Iterator[Fault]:
    """The rules that never match behind an earlier one, counted from 1. Rules that are switched off are left alone."""
    for at, rule in enumerate(rules):
        for before, wide in enumerate(rules[:at]):
            if rule.active and wide.active and covers(wide, rule):
                yield Fault(number=at + 1, by=before + 1, same=wide.condition == rule.condition)
                break


def heads(directory: Directory) -> dict[str, Person]:
    """Whom a case for an organisation is handed to: its head, in the post in which he is addressed.

    Its unit_head; without one its only leader. Nobody for a vacant post, and where several lead and none is the head.
    """
    found: dict[str, list[tuple[bool, str, Person]]] = {}
    leaders: dict[str, list[Person]] = {}
    for one in directory.officials.values():
        person = one.in_post(ADDRESSABLE)
        if person is None or not one.active:
            continue
        for post in one.posts:
            if "unit_head" in post.roles:
                # Who has this post beside another one comes after him whose only or first post it is.
                found.setdefault(post.organisation, []).append((person.organisation != post.organisation, one.official, person))
            elif "leader" in post.roles:
                leaders.setdefault(post.organisation, []).append(person)
    alone = {code: people[0] for code, people in leaders.items() if len(people) == 1}
    return alone | {code: min(people, key=lambda each: each[:2])[2] for code, people in found.items()}


def broken(rule: Rule, directory: Directory, heads: Mapping[str, Person]) -> Broken | None:
    """Why the rule leads to nobody, or None."""
    if rule.organisation not in directory.organisations:
        return Broken.NO_ORGANISATION
    return None if rule.organisation in heads else Broken.NO_HEAD


def check(rule: Rule, directory: Directory) -> None:
    """Refuse a rule that says nothing, or leads to nobody. Raises Refused."""
    if not (rule.category or rule.place or rule.channel or rule.keywords):
        raise Refused("category", "规则没有任何条件，会匹配所有信访件。", "请至少填写类别、地点、渠道或关键词中的一项。")
    if rule.organisation == directory.own:
        raise Refused("organisation", "规则不能指向本单位：批示人不能交办给本人。", "请选择承办单位。")
    why = broken(rule, directory, heads(directory))
    if why is Broken.NO_ORGANISATION:
        raise Refused("organisation", "通讯录中没有单位“%(code)s”。", "请从列出的单位中选择。", code=rule.organisation)
    if why is Broken.NO_HEAD:
        name = directory.organisations[rule.organisation].name
        raise Refused("organisation", "%(name)s没有可交办的在任负责人。", "请选择其他单位，或先在通讯录中补齐负责人。", name=name)


def check_order(before: Sequence[Rule], after: Sequence[Rule]) -> None:
    """Refuse a change after which a rule would never be reached that was reached before. Raises Refused."""
    if len(after) > MOST_RULES:
        raise Refused("rules", "规则最多%(most)d条。", "请先合并或删除不用的规则。", most=MOST_RULES)
    lost = {before[fault.number - 1].id for fault in unreached(before)}
    for fault in unreached(after):
        if after[fault.number - 1].id not in lost:
            raise refusal(fault)


def refusal(fault: Fault) -> Refused:
    """A rule that is never reached, as it is told."""
    numbers = {"number": fault.number, "by": fault.by}
    if fault.same:
        return Refused(
            "position", "第%(number)d条规则与第%(by)d条的条件相同，永远不会用到。", "请修改条件，或改第%(by)d条。", **numbers
        )
    return Refused(
        "position", "第%(number)d条规则的情形已全部包含在第%(by)d条中，永远不会用到。", "请把范围小的规则放在前面，或缩小第%(by)d条的条件。",
        **numbers,
    )  # fmt: skip
