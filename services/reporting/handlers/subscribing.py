"""Which agencies subscribe, and to what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.reporting.store import SQL
from shared.contract import EVENTS
from shared.contract.catalogue import PUBLIC
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused

COUNTED = "figures.counted"
NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
_ORGANISATION = re.compile(r"\*|[0-9]{6,12}(-[a-z0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """An agency that subscribes."""

    name: str
    events: list[str]
    organisations: list[str]
    added_at: datetime
    added_by: str
    rotated_at: datetime | None


def matching(pattern: str) -> list[str]:
    """The public events that a topic pattern takes in, as `case.registered`."""
    parts = (r"[^.]+" if word == "*" else re.escape(word) for word in pattern.split("."))
    wanted = re.compile(".+" if pattern == "#" else r"\.".join(parts))
    return [
        name for contract in EVENTS.values() if contract.public and wanted.fullmatch(name := contract.name.removeprefix(PUBLIC))
    ]


def check(name: str, events: Sequence[str], organisations: Sequence[str], own: str) -> None:
    """Refuse what cannot be subscribed to."""
    if not NAME.fullmatch(name):
        raise Refused("NAME", "名称须以小写字母开头，只含小写字母、数字和连字符，2 至 40 个字符。", "例如 water-bureau。")
    for pattern in events:
        if not matching(pattern):
            raise Refused("--events", "没有与“%(pattern)s”相符的事件。", "请对照事件目录，如 case.*。", pattern=pattern)
    for code in organisations:
        if not _ORGANISATION.fullmatch(code) or (code != "*" and not code.startswith(own)):
            raise Refused(
                "--org", "“%(code)s”不是本单位或其下级的机构代码。", "如 %(own)s，或用 * 表示全部。", code=code, own=own
            )


def counted_alone(uow: UnitOfWork, events: Sequence[str], organisations: Sequence[str]) -> list[str]:
    """Of whose cases an agency is told no more than counts here, for an instance of their own tells them.

    Raises Refused where it would be told nothing at all: of a unit within an instance, whose cases go by the instance's code; and of
    another instance without its counts.
    """
    instances = {row["code"]: row["instance"] for row in uow.all(SQL["instances"], codes=list(organisations), own=uow.org)}
    for code in organisations:
        instance = instances.get(code, code)
        if instance != code:
            raise Refused(
                "--org", "“%(code)s”没有以自己的代码告知的信访件：其信访件以%(instance)s告知。", "请改为 %(instance)s。",
                code=code, instance=instance,
            )  # fmt: skip
    elsewhere = sorted({instance for instance in instances.values() if instance != uow.org})
    named = [code for code in organisations if code in elsewhere]
    if named and not any(COUNTED in matching(pattern) for pattern in events):
        raise Refused(
            "--org", "“%(code)s”有自己的系统，其信访件由该系统告知，这里只有每月的数字。", "请在该系统上订阅，或加上 --events 'figures.*'。",
            code=named[0],
        )  # fmt: skip
    return elsewhere


def subscribers(uow: UnitOfWork) -> list[Subscriber]:
    """Those who subscribe, by name."""
    return [Subscriber(**row) for row in uow.all(SQL["subscribers"])]


def find(uow: UnitOfWork, name: str) -> Subscriber:
    """One of them. Raises NotFound."""
    found = next((one for one in subscribers(uow) if one.name == name), None)
    if found is None:
        raise NotFound("NAME", "没有这个订阅单位。", "请用 zhida subscriber list 核对。")
    return found


def subscribe(uow: UnitOfWork, name: str, events: Sequence[str], organisations: Sequence[str], by: str) -> None:
    """Note that an agency subscribes; from now on it is told."""
    uow.all(SQL["subscribe"], name=name, events=list(events), organisations=list(organisations), now=uow.now, by=by)


def unsubscribe(uow: UnitOfWork, name: str) -> None:
    """Note that it does no more. Raises NotFound."""
    find(uow, name)
    uow.all(SQL["unsubscribe"], name=name, now=uow.now)


def rotated(uow: UnitOfWork, name: str) -> None:
    """Note that it has another password. Raises NotFound."""
    find(uow, name)
    uow.all(SQL["note_rotation"], name=name, now=uow.now)
