"""Filters that an official keeps under names: kept, replaced when he says so, renamed, deleted; his own alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.reporting.domain.saved import MOST, check_filter, check_name
from services.reporting.store import SQL
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, Refused


def saved(uow: UnitOfWork, official: str) -> list[dict[str, Any]]:
    """An official's filters as rows, the oldest first."""
    return uow.all(SQL["saved_filters"], me=official)


def found(uow: UnitOfWork, official: str, filter_id: int) -> dict[str, Any]:
    """One of them. Raises NotFound, for somebody else's too."""
    for row in saved(uow, official):
        if row["id"] == filter_id:
            return row
    raise NotFound("filter", "没有找到这个筛选。", "它可能已被删除；请从“我的筛选”进入。")


def save(uow: UnitOfWork, official: str, name: str, asked: Mapping[str, Any], *, replace: bool = False) -> str:
    """Keep a filter; the name as it was kept. Kept once more under its name it changes nothing.

    Raises Refused, and Conflict where the name stands for another filter and it was not said that this one replaces it.
    """
    name, known = check_name(name), _known(uow, official)
    check_filter(asked)
    text, same = json.dumps(dict(asked), ensure_ascii=False), known.get(name)
    if same is None:
        if len(known) >= MOST:
            raise Refused("name", "最多保存 %(max)s 个筛选。", "请先删除不用的。", max=MOST)
        uow.all(SQL["add_filter"], me=official, name=name, filter=text, now=uow.now)
    elif same["filter"] != dict(asked):
        if not replace:
            raise Conflict(
                "replace", "已有同名的筛选，条件不同。", "要用当前条件代替它，请勾选“代替同名的筛选”；否则请换一个名称。"
            )
        uow.all(SQL["replace_filter"], me=official, id=same["id"], filter=text, now=uow.now)
    return name


def rename(uow: UnitOfWork, official: str, filter_id: int, name: str) -> str:
    """Give one of them another name; that name as it was kept. Raises Refused, NotFound, Conflict."""
    name, known = check_name(name), _known(uow, official)
    found(uow, official, filter_id)
    if name in known and known[name]["id"] != filter_id:
        raise Conflict("name", "已有同名的筛选。", "请换一个名称，或先删除另一个。")
    uow.all(SQL["rename_filter"], me=official, id=filter_id, name=name)
    return name


def delete(uow: UnitOfWork, official: str, filter_id: int) -> str | None:
    """Delete one of them; the name that it had, None where it was gone already."""
    row = uow.one(SQL["delete_filter"], me=official, id=filter_id)
    return row["name"] if row else None


def _known(uow: UnitOfWork, official: str) -> dict[str, dict[str, Any]]:
    uow.all(SQL["keep_filters_in_turn"], me=official)
    return {row["name"]: row for row in saved(uow, official)}
