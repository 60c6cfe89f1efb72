"""Who reads now: the first-in-command, or by his delegation a deputy; and how a delegation is made and ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.routing import store
from services.routing.domain import delegation as domain
from services.routing.domain.delegation import Delegation
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound


def standing_in(uow: UnitOfWork, official: str) -> Delegation | None:
    """The delegation by which an official reads for the first-in-command now, or None."""
    rows = uow.all(store.SQL["delegations_running"], official=official, now=uow.now)
    known = [store.DELEGATIONS.from_row([row[column] for column in store.DELEGATIONS.codecs]) for row in rows]
    return domain.standing_in(known, official, store.directory(uow), uow.now) if known else None


def check_reviewer(uow: UnitOfWork, official: str) -> Delegation | None:
    """Let the first-in-command pass (None) or who stands in for him (by which delegation). Raises Forbidden."""
    found = standing_in(uow, official)
    if found is None:
        store.directory(uow).first_in_command(official)
    return found


def delegate(
    uow: UnitOfWork, by: str, deputy: str, starts_at: datetime, ends_at: datetime, reason: str, *, delegation_id: UUID | None = None
) -> Delegation:  # fmt: skip
    """Let `deputy` read and instruct for a while. The same `delegation_id` a second time changes nothing.

    Raises Forbidden for anybody but the first-in-command, Conflict, Refused.
    """
    directory = store.directory(uow)
    head = directory.first_in_command(by)
    uow.all(store.SQL["delegation_lock"])
    rows = uow.rows(store.DELEGATIONS)
    if delegation_id is not None and (known := rows.get(delegation_id)) is not None:
        return known
    every = rows.where("ends_at > %s", uow.now)
    return rows.put(
        domain.delegate(
            directory, every, head, deputy, delegation_id=delegation_id or uuid7(), starts_at=starts_at, ends_at=ends_at,
            reason=reason, now=uow.now,
        )
    )  # fmt: skip


def end_delegation(uow: UnitOfWork, delegation_id: UUID, by: str) -> Delegation:
    """The first-in-command is back before its end. Raises Forbidden, NotFound, Conflict."""
    store.directory(uow).first_in_command(by)
    found = uow.rows(store.DELEGATIONS).get(delegation_id)
    if found is None:
        raise NotFound("delegation", "没有找到该项委托。", "请核对后重试。")
    return uow.rows(store.DELEGATIONS).put(domain.end(found, now=uow.now))
