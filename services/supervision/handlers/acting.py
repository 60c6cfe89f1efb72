"""Who acts: a named official in a post, as the directory has it now; and which leaders there are."""

from __future__ import annotations

from uuid import UUID

from services.supervision import store
from services.supervision.domain import SupervisedCase
from services.supervision.domain.charge import LEADING, leader_of
from services.supervision.store import SQL
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Forbidden, NotFound


def in_post(uow: UnitOfWork, official: str, *roles: str) -> Person | None:
    """The official in the post that gives one of these roles, or None when no post of his does."""
    row = uow.one(SQL["official_named"], official=official)
    return leader_of(official, row["name"], row["posts"], frozenset(roles)) if row and row["active"] else None


def acting(uow: UnitOfWork, official: str, *roles: str) -> Person:
    """The same. Raises Forbidden where there is none."""
    found = in_post(uow, official, *roles)
    if found is None:
        raise Forbidden("official", "您现任的职务不能办理此事。", "请由相应职务的同志办理。")
    return found


def leaders(uow: UnitOfWork) -> dict[str, Person]:
    """The county leaders by official, each in the post that makes him one."""
    found = [leader_of(row["official"], row["name"], row["posts"], LEADING) for row in uow.all(SQL["officials_active"])]
    return {leader.official: leader for leader in found if leader is not None}


def may_carry(uow: UnitOfWork, case_id: UUID) -> list[Person]:
    """The county leaders who may see a case."""
    seen = {row["official"] for row in uow.all(SQL["officials_who_may_see"], case=case_id)}
    return [leader for official, leader in leaders(uow).items() if official in seen]


def may_see(uow: UnitOfWork, case_id: UUID, official: str) -> bool:
    """Whether an official is barred neither himself nor by an organisation in which he holds a post."""
    row = uow.one(SQL["official_named"], official=official)
    posts = sorted({post["organisation"] for post in row["posts"]}) if row else []
    found = uow.one(SQL["may_see_case"], case=case_id, official=official, posts=posts)
    return bool(found and found["may"])


def open_case(uow: UnitOfWork, case_id: UUID, official: str) -> SupervisedCase:
    """The case, locked, for an official who may see it. Raises NotFound, also to whoever is barred."""
    case = uow.rows(store.CASES).get(case_id)
    if case is None or not may_see(uow, case_id, official):
        raise NotFound("case", "没有找到该信访件。", "请核对编号。")
    return case
