"""The whole directory as it is edited: units in their tree, officials, and their terms; each change is checked against all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

from services.routing.domain.terms import EARLIEST, GUARDED, Standing, Term, turning_days
from shared.errors import Conflict, Forbidden, NotFound, Refused

UNIT, LEADING_GROUP, GROUP_OFFICE = "unit", "leading_group", "group_office"
KINDS = (UNIT, LEADING_GROUP, GROUP_OFFICE)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An organisation. `kind` marks the leading group (M23) and its office; one that was dissolved stays on record."""

    code: str
    name: str
    name_en: str
    superior: str | None
    has_instance: bool
    kind: str = UNIT
    dissolved_on: date | None = None

    def as_data(self) -> dict[str, Any]:
        """The unit as the history keeps it."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "dissolved_on": _text(self.dissolved_on)}


class Fault(NamedTuple):
    """What is wrong with a directory: of whom (a code), in which field, the rule and the remedy; `values` fill their places."""

    subject: str
    field: str
    rule: str
    remedy: str
    values: Mapping[str, object]

    def refusal(self) -> Refused:
        """The same, to be told to a person."""
        return Refused(self.field, self.rule, self.remedy, **self.values)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Units by code, officials' names by code, terms by id, as one instance (`own`) knows them."""

    own: str
    units: Mapping[str, Unit]
    names: Mapping[str, str]
    terms: Mapping[UUID, Term]

    def unit(self, code: str) -> Unit:
        """The unit. Raises NotFound."""
        if code not in self.units:
            raise NotFound("organisation", "通讯录中没有该单位。", "请核对单位代码。")
        return self.units[code]

    def standing_unit(self, code: str, field: str = "organisation") -> Unit:
        """The unit, which is not dissolved. Raises Refused."""
        found = self.units.get(code)
        if found is None or found.dissolved_on is not None:
            raise Refused(field, "通讯录中没有该单位，或该单位已撤销。", "请从名单中选择。")
        return found

    def terms_of(self, official: str) -> list[Term]:
        """His terms, the post that he signs with first."""
        return sorted((t for t in self.terms.values() if t.official == official), key=lambda t: (t.place, str(t.id)))

    def terms_in(self, code: str) -> list[Term]:
        """The terms of a unit's posts."""
        return sorted((t for t in self.terms.values() if t.organisation == code), key=lambda t: (t.place, str(t.id)))

    def chain(self, code: str | None) -> Iterator[str]:
        """A unit and what lies above it, upwards; ends where it would go round."""
        seen: set[str] = set()
        while code is not None and code not in seen:
            yield code
            seen.add(code)
            code = self.units[code].superior if code in self.units else None

    def below(self, code: str) -> list[Unit]:
        """The units directly under one that are not dissolved."""
        return [unit for unit in self.units.values() if unit.superior == code and unit.dissolved_on is None]

    def instance_above(self, code: str) -> str | None:
        """The nearest unit above that has an instance of its own, if any."""
        for here in list(self.chain(code))[1:]:
            if here == self.own or (here in self.units and self.units[here].has_instance):
                return here
        return None

    def with_unit(self, unit: Unit) -> Roster:
        """The same with one unit added or changed."""
        return replace(self, units={**self.units, unit.code: unit})

    def with_terms(self, *terms: Term) -> Roster:
        """The same with terms added or changed."""
        return replace(self, terms={**self.terms, **{term.id: term for term in terms}})

    def with_name(self, official: str, name: str) -> Roster:
        """The same with one official added or renamed."""
        return replace(self, names={**self.names, official: name})


def add_unit(roster: Roster, unit: Unit) -> Roster:
    """One unit more. Raises Conflict for a code that is taken, also by one that was dissolved."""
    if unit.code in roster.units:
        raise Conflict("code", "单位代码%(code)s已被使用。", "代码不重复使用，请另用一个。", code=unit.code)
    return roster.with_unit(unit)


def change_unit(roster: Roster, code: str, **changes: Any) -> Roster:
    """A unit with another name, superior or kind. Raises NotFound, Refused."""
    roster.unit(code)
    return roster.with_unit(replace(roster.standing_unit(code), **changes))


def dissolve(roster: Roster, code: str, on: date, in_hand: int) -> Roster:
    """A unit that is no more. Raises Conflict while it has cases in hand, posts that are held, or units under it."""
    roster.unit(code)
    unit = roster.standing_unit(code)
    if code == roster.own:
        raise Refused("organisation", "本单位不能在自己的系统中撤销。", "请由上级办理。")
    if in_hand:
        raise Conflict("organisation", "该单位还有 %(count)d 项交办未办结。", "请先办结、撤回，或移交其他单位。", count=in_hand)
    if below := roster.below(code):
        raise Conflict("organisation", "该单位下面还有%(name)s等单位。", "请先划转或撤销下级单位。", name=below[0].name)
    held = [term for term in roster.terms_in(code) if term.on(on) in (Standing.PRESENT, Standing.COMING)]
    if held:
        who = roster.names.get(held[0].official, held[0].official)
        raise Conflict(
            "organisation", "该单位还有人任职：%(name)s（%(title)s）。", "请先办理免职或调任。", name=who, title=held[0].title
        )
    return roster.with_unit(replace(unit, dissolved_on=on))


def appoint(roster: Roster, term: Term, *, name: str | None, first: bool) -> Roster:
    """One term more; `first` makes it the post that he signs with. `name` is given of an official who is new here. Raises Refused."""
    if name is None and term.official not in roster.names:
        raise Refused("official", "通讯录中没有该人员。", "请从名单中选择，或填写新的代码和姓名。")
    if name is not None and term.official in roster.names:
        raise Conflict("official", "人员代码%(code)s已被使用。", "同一人请从名单中选择；不同的人请另用代码。", code=term.official)
    roster.standing_unit(term.organisation)
    places = [one.place for one in roster.terms_of(term.official)]
    place = (min(places, default=1) - 1) if first else (max(places, default=-1) + 1)
    roster = roster if name is None else roster.with_name(term.official, name)
    return roster.with_terms(replace(term, place=place))


def end(roster: Roster, term_ids: Iterable[UUID], official: str, on: date, today: date) -> Roster:
    """Terms that end on a day; one that has not begun by then is taken back. Raises Refused for a term that is over."""
    ended = []
    for term_id in term_ids:
        term = roster.terms.get(term_id)
        if term is None or term.official != official:
            raise Refused("terms", "没有找到该项任职。", "请从列表中选择。")
        if term.on(today) in (Standing.PAST, Standing.REVOKED):
            raise Conflict("terms", "“%(title)s”的任职已经结束。", "请核对后重试。", title=term.title)
        ended.append(replace(term, until_on=on if term.from_on is None else max(on, term.from_on)))
    if not ended:
        raise Refused("terms", "没有选择任职。", "请至少选择一项。")
    return roster.with_terms(*ended)


def leave(roster: Roster, official: str, on: date, today: date) -> Roster:
    """An official who leaves: whatever he holds or was to hold ends. Raises Refused, Conflict."""
    open_terms = [t.id for t in roster.terms_of(official) if t.on(today) in (Standing.PRESENT, Standing.COMING)]
    if not open_terms:
        raise Conflict("official", "该同志已经没有任职。", "请核对后重试。")
    return end(roster, open_terms, official, on, today)


def check_hand(before: Roster, after: Roster, by: str, *, administrator: bool) -> None:
    """Refuse what this editor may not do: change his own posts; give or take a guarded role without being the administrator."""
    for term_id in before.terms.keys() | after.terms.keys():
        was, now = before.terms.get(term_id), after.terms.get(term_id)
        if was == now:
            continue
        touched = [term for term in (was, now) if term is not None]
        if any(term.official == by for term in touched):
            raise Forbidden("official", "本人的任职不能由本人办理。", "请由其他有权的同志办理。")
        if not administrator and any(not GUARDED.isdisjoint(term.roles) for term in touched):
            raise Forbidden("roles", "一把手、审计员和系统管理员的任免只能由系统管理员办理。", "请联系系统管理员。")


def check(before: Roster, after: Roster, today: date) -> None:
    """Refuse a directory that does not hold together, naming the first fault. Raises Refused."""
    for fault in faults(before, after, today):
        raise fault.refusal()


def faults(before: Roster, after: Roster, today: date) -> Iterator[Fault]:
    """Everything that a change breaks. What was so before and is not touched is no fault of the change."""
    yield from _tree_faults(before, after)
    changed = [term for term in after.terms.values() if before.terms.get(term.id) != term]
    for term in changed:
        yield from _term_faults(after, term)
    for official in sorted({term.official for term in changed}):
        yield from _twice_first(after, official)
    yield from _unadministered(before, after, today)


def _tree_faults(before: Roster, after: Roster) -> Iterator[Fault]:
    for code, unit in after.units.items():
        if before.units.get(code) == unit or unit.superior is None:
            continue
        above = after.units.get(unit.superior)
        if above is None:
            yield Fault(code, "superior", "名单中没有上级单位 %(code)s", "请核对上级单位代码。", {"code": unit.superior})
        elif above.dissolved_on is not None and unit.dissolved_on is None:
            yield Fault(code, "superior", "上级单位 %(code)s 已撤销", "请另选上级单位。", {"code": unit.superior})
        elif _goes_round(after, code):
            yield Fault(code, "superior", "上级关系形成循环", "请另选上级单位。", {})
    for kind in (LEADING_GROUP, GROUP_OFFICE):
        codes = [unit.code for unit in after.units.values() if unit.kind == kind and unit.dissolved_on is None]
        if len(codes) > 1 and any(before.units.get(code) != after.units[code] for code in codes):
            yield Fault(codes[-1], "kind", "领导小组及其办公室各只能有一个", "请先将原有的改为普通单位。", {})


def _goes_round(roster: Roster, code: str) -> bool:
    seen, here = {code}, roster.units[code].superior
    while here is not None and here in roster.units:
        if here == code:
            return True
        if here in seen:
            return False  # a circle further up, of which its own members are told
        seen.add(here)
        here = roster.units[here].superior
    return False


def _term_faults(roster: Roster, term: Term) -> Iterator[Fault]:
    if term.organisation not in roster.units:
        yield Fault(term.official, "organisation", "名单中没有单位 %(code)s", "请核对单位代码。", {"code": term.organisation})
    elif (gone := roster.units[term.organisation].dissolved_on) is not None and (term.until_on is None or term.until_on > gone):
        yield Fault(term.official, "organisation", "单位 %(code)s 已撤销", "请另选单位。", {"code": term.organisation})
    elif "first_in_command" in term.roles and term.organisation != roster.own:
        # The role opens the review queue of this instance; another unit's head is a unit_head here.
        yield Fault(
            term.official, "roles", "first_in_command 只能用于本单位 %(own)s；其他单位的一把手请写 unit_head", "请改选“单位负责人”。",
            {"own": roster.own},
        )  # fmt: skip
    for day in (term.from_on, term.until_on):
        if day is not None and not EARLIEST <= day < date(2200, 1, 1):
            yield Fault(term.official, "from_on", "日期 %(day)s 不合情理", "请核对日期。", {"day": day.isoformat()})
    if term.from_on is not None and term.until_on is not None and term.until_on < term.from_on:
        yield Fault(term.official, "until_on", "免职日期早于任职日期", "请核对日期。", {})


def _twice_first(roster: Roster, official: str) -> Iterator[Fault]:
    """Nobody is the first-in-command of two organisations at once: a case handed to him would have two addresses."""
    leading = [term for term in roster.terms_of(official) if term.leads()]
    for one, other in combinations(leading, 2):
        if one.organisation != other.organisation and one.overlaps(other):
            names = [
                roster.units[term.organisation].name if term.organisation in roster.units else term.organisation
                for term in (one, other)
            ]
            yield Fault(
                official, "roles", "同一人不能同时任两个单位的一把手（%(one)s、%(other)s）", "请先免去其中一项，或不授予一把手角色。",
                {"one": names[0], "other": names[1]},
            )  # fmt: skip


def administrators(roster: Roster, day: date) -> int:
    """How many officials are administrators of this instance on a day."""
    held = Counter(
        term.official for term in roster.terms.values()
        if "administrator" in term.roles and term.on(day) is Standing.PRESENT and roster.own in roster.chain(term.organisation)
    )  # fmt: skip
    return len(held)


def _unadministered(before: Roster, after: Roster, today: date) -> Iterator[Fault]:
    """A day without an administrator that had one before: nobody could bring one back but by command on the server."""
    for day in turning_days([*before.terms.values(), *after.terms.values()], today):
        if administrators(before, day) and not administrators(after, day):
            yield Fault(
                after.own, "terms", "自 %(day)s 起将没有系统管理员", "请先任命另一位系统管理员。", {"day": day.isoformat()}
            )
            return


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
