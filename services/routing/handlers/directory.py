"""The directory from and to a YAML file: checked as a whole, taken over in one transaction, told only where it changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import yaml
from marshmallow import ValidationError

from services.routing.domain import roster as domain
from services.routing.domain.adopting import OfficialEntry, PostEntry, adopt
from services.routing.domain.alerts import MEDIA
from services.routing.domain.roster import Roster, Unit
from services.routing.domain.terms import Standing
from services.routing.handlers import addresses, roster
from services.routing.handlers.files import BadFile, lines_of, unreadable
from services.routing.handlers.roster import Change, Difference
from services.routing.schemas import DirectoryFile
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused


class BadDirectory(BadFile):
    """Tell the person: the directory was not imported."""


class Imported(NamedTuple):
    """How many entries were new or different, how many there are, and what differs."""

    changed: int
    total: int
    differences: tuple[Difference, ...] = ()


def read_file(text: str) -> dict[str, Any]:
    """The checked content of a directory file. Raises BadDirectory with every fault of shape that it has."""
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise BadDirectory([unreadable(fault)]) from fault
    try:
        return DirectoryFile().load(raw)
    except ValidationError as fault:
        raise BadDirectory(list(lines_of(fault.messages, raw))) from fault


def import_directory(
    uow: UnitOfWork,
    text: str,
    now: datetime,
    *,
    by: Person | None = None,
    key: UUID | None = None,
    reason: str = "",
    dry: bool = False,
) -> Imported:
    """Import a file; a second time it changes nothing and tells nothing. Units and officials that it does not name stay.

    What an official holds is what the file says: a post that it leaves out ends today. The sessions of those whose rights
    changed are ended in every service; the others' go on. `now` is real time; `dry` only says what would change. Raises
    BadDirectory with every fault, and Forbidden for an editor's own posts; then nothing is changed.
    """
    content = read_file(text)
    before = roster.load(uow)
    # Kind and dissolution stay as they are known where the file does not name them.
    units = [Unit(**(_more(before, entry["code"]) | entry)) for entry in content["organisations"]]
    officials = [
        OfficialEntry(
            official=entry["official"], name=entry["name"], active=entry["active"],
            posts=tuple(PostEntry(**{**post, "roles": frozenset(post["roles"])}) for post in entry["posts"]),
        )
        for entry in content["officials"]
    ]  # fmt: skip
    total = len(units) + len(officials)
    if key is not None and roster.is_done(uow, key):
        return Imported(0, total)
    day, written = roster.today(uow), {entry["official"]: _addresses(entry) for entry in content["officials"]}
    after = adopt(before, units, officials, day, uuid7)
    if faults := list(_faults(units, officials, before, after, day)):
        raise BadDirectory(faults)
    if by is not None:
        domain.check_hand(before, after, by.official, administrator=True)
    if dry:
        found = [*roster.differences(before, after), *addresses.adopt(uow, after, written, dry=True)]
    else:
        change = Change(key=key or uuid7(), kind="imported", reason=reason, effective_on=day, by=by, now=now)
        found = roster.save(uow, before, after, change)
        moved = addresses.adopt(uow, after, written)
        roster.remember(uow, moved, change)
        found += moved
    return Imported(len(found), total, tuple(found))


def _addresses(entry: dict[str, Any]) -> dict[str, str | None]:
    return {name: entry.get(name) for name in MEDIA}


def _more(known: Roster, code: str) -> dict[str, Any]:
    unit = known.units.get(code)
    return {"kind": unit.kind, "dissolved_on": unit.dissolved_on} if unit else {}


def _faults(units: list[Unit], officials: list[OfficialEntry], before: Roster, after: Roster, day: Any) -> Iterator[str]:
    """What is wrong with the entries taken together, each with its place in the file."""
    if before.own not in after.units:
        yield f"organisations: 缺少本单位 {before.own}"
    yield from _twice("organisations", [o.code for o in units])
    yield from _twice("officials", [o.official for o in officials])
    places = {unit.code: f"organisations[{index}] {unit.code}" for index, unit in enumerate(units)}
    places |= {entry.official: f"officials[{index}] {entry.official}" for index, entry in enumerate(officials)}
    for unit in units:
        if unit.code in before.units and unit.dissolved_on != before.units[unit.code].dissolved_on:
            yield f"{places[unit.code]} dissolved_on: 单位的撤销不能由文件导入。请在通讯录页面办理。"
    for fault in domain.faults(before, after, day):
        entry = next((one for one in officials if one.official == fault.subject), None)
        post = _post(entry, fault) if entry else ""
        yield f"{places.get(fault.subject, fault.subject)} {post}{fault.field}: {fault.rule % fault.values}。{fault.remedy}"


def _post(entry: OfficialEntry, fault: domain.Fault) -> str:
    """Which of an official's posts is meant, where the fault says it."""
    if fault.field == "organisation":
        return next((f"posts[{n}]." for n, post in enumerate(entry.posts) if post.organisation == fault.values["code"]), "")
    guilty = (n for n, post in enumerate(entry.posts) if "first_in_command" in post.roles)
    return next((f"posts[{n}]." for n in guilty), "") if "own" in fault.values else ""


def _twice(where: str, names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield f"{where}[{index}] {name}: 重复"
        seen.add(name)


def export_directory(uow: UnitOfWork) -> str:
    """The whole directory as a file that imports to the same, past terms included."""
    known, written = roster.load(uow), addresses.recorded(uow)
    day = roster.today(uow)
    content = {
        "organisations": [_plain(unit.as_data()) for unit in known.units.values()],
        "officials": [exported for official in sorted(known.names) if (exported := _exported(known, official, day, written))],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=160)


def _exported(known: Roster, official: str, day: Any, written: dict[str, dict[str, str]]) -> dict[str, Any] | None:
    terms = [term for term in known.terms_of(official) if term.on(day) is not Standing.REVOKED]
    posts = [
        term.as_post() | _plain({"from": term.from_on and term.from_on.isoformat(), "until": term.until_on and term.until_on.isoformat()})
        for term in terms
    ]  # fmt: skip
    return {"official": official, "name": known.names[official], **written.get(official, {}), "posts": posts} if posts else None


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what it does not say."""
    return {name: value for name, value in entry.items() if value is not None and (name, value) != ("kind", "unit")}


def check_reason(reason: str) -> str:
    """The reason of a change. Raises Refused for an empty one."""
    if not reason.strip():
        raise Refused("reason", "变动须写明依据或事由。", "请填写文号或事由。")
    return reason.strip()
