"""The directory from a YAML file.

Checked as a whole, imported in one transaction, told only where it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import yaml
from marshmallow import ValidationError

from services.routing import store
from services.routing.domain import sign_in
from services.routing.handlers import accounts
from services.routing.handlers.files import BadFile, lines_of
from services.routing.schemas import DirectoryFile
from shared.database import UnitOfWork
from shared.directory import OFFICIALS, ORGANISATIONS, Official, Organisation


class BadDirectory(BadFile):
    """Tell the person: the directory was not imported."""


class Imported(NamedTuple):
    """How many entries were new or different, and how many there are."""

    changed: int
    total: int


def read_file(text: str) -> dict[str, Any]:
    """The checked content of a directory file. Raises BadDirectory with every fault of shape that it has."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise BadDirectory([f"不是有效的 YAML 文件：{fault}"]) from fault
    try:
        return DirectoryFile().load(raw)
    except ValidationError as fault:
        raise BadDirectory(list(lines_of(fault.messages, raw))) from fault


def import_directory(uow: UnitOfWork, text: str, now: datetime) -> Imported:
    """Import a file; a second time it changes nothing and tells nothing. Entries that it does not name stay.

    The sessions of those whose rights changed are ended in every service; the others' go on. `now` is real time.
    Raises BadDirectory with every fault, and then nothing is changed.
    """
    content = read_file(text)
    organisations = [Organisation(**entry) for entry in content["organisations"]]
    officials = [
        Official(
            official=entry["official"], name=entry["name"], active=entry["active"],
            posts=tuple({**post, "roles": sorted(set(post["roles"]))} for post in entry["posts"]),
        )
        for entry in content["officials"]
    ]  # fmt: skip
    known = {o.code: o for o in uow.rows(ORGANISATIONS).where("true")}
    people = {o.official: o for o in uow.rows(OFFICIALS).where("true")}
    if faults := list(_faults(organisations, officials, known, uow.org)):
        raise BadDirectory(faults)
    changed = 0
    for organisation in organisations:
        if known.get(organisation.code) != organisation:
            uow.rows(ORGANISATIONS).put(organisation)
            uow.tell("directory.organisation_recorded", organisation.code, vars(organisation))
            changed += 1
    for official in officials:
        if people.get(official.official) != official:
            uow.rows(OFFICIALS).put(official)
            uow.tell(
                "directory.official_recorded",
                official.official,
                {**vars(official), "posts": list(official.posts)},
            )
            changed += 1
    _end_sessions(uow, known, people, organisations, officials, now)
    return Imported(changed, len(organisations) + len(officials))


def _end_sessions(
    uow: UnitOfWork, known: dict[str, Organisation], people: dict[str, Official],
    organisations: list[Organisation], officials: list[Official], now: datetime,
) -> None:  # fmt: skip
    """End the sessions of those whose posts, roles, standing or scope changed: a moved unit changes others' scope too."""
    before = store.make_directory(uow.org, map(vars, known.values()), map(vars, people.values()))
    after_known, after_people = known | {o.code: o for o in organisations}, people | {o.official: o for o in officials}
    after = store.make_directory(uow.org, map(vars, after_known.values()), map(vars, after_people.values()))
    for official in people:
        if sign_in.rights_changed(before, after, official):
            accounts.end_sessions(uow, official, now)


def _faults(
    organisations: list[Organisation], officials: list[Official], known: Mapping[str, Organisation], own: str
) -> Iterator[str]:
    """What is wrong with the entries taken together."""
    tree: dict[str, str | None] = {code: o.superior for code, o in known.items()}
    tree |= {o.code: o.superior for o in organisations}
    if own not in tree:
        yield f"organisations: 缺少本单位 {own}"
    yield from _twice("organisations", [o.code for o in organisations])
    yield from _twice("officials", [o.official for o in officials])
    for index, organisation in enumerate(organisations):
        where = f"organisations[{index}] {organisation.code}"
        if organisation.superior is not None and organisation.superior not in tree:
            yield f"{where} superior: 名单中没有上级单位 {organisation.superior}"
        elif _in_circle(organisation.code, tree):
            yield f"{where} superior: 上级关系形成循环"
    for index, official in enumerate(officials):
        for number, post in enumerate(official.posts):
            where = f"officials[{index}] {official.official} posts[{number}]"
            if post["organisation"] not in tree:
                yield f"{where}.organisation: 名单中没有单位 {post['organisation']}"
            elif "first_in_command" in post["roles"] and post["organisation"] != own:
                # The role opens the review queue of this instance; another unit's head is a unit_head here.
                yield f"{where}.roles: first_in_command 只能用于本单位 {own}；其他单位的一把手请写 unit_head"


def _twice(where: str, names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield f"{where}[{index}] {name}: 重复"
        seen.add(name)


def _in_circle(code: str, tree: Mapping[str, str | None]) -> bool:
    here, steps = tree.get(code), 0
    while here is not None and steps <= len(tree):
        if here == code:
            return True
        here, steps = tree.get(here), steps + 1
    return False
