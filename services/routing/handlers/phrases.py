"""The standard phrases of one official: kept, ordered and removed by himself, and seen by nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.routing import store
from services.routing.domain import phrases as domain
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound


def phrases_of(uow: UnitOfWork, official: str) -> list[dict[str, Any]]:
    """An official's phrases in his order: {id, text}."""
    return uow.all(store.SQL["phrases_of"], official=official)


def add_phrase(uow: UnitOfWork, official: str, text: str, *, phrase_id: UUID | None = None) -> None:
    """Keep one more. The same `phrase_id` a second time changes nothing. Raises Forbidden, Refused."""
    plain, kept = domain.check(text), _mine(uow, official)
    if phrase_id in kept:
        return
    domain.check_room(len(kept))
    uow.all(store.SQL["add_phrase"], id=phrase_id or uuid7(), official=official, text=plain)


def move_phrase(uow: UnitOfWork, official: str, phrase_id: UUID, *, up: bool) -> None:
    """Put one a place further up or down. Raises Forbidden, NotFound."""
    order = domain.moved(_mine(uow, official), phrase_id, up=up)
    uow.all(store.SQL["order_phrases"], keys=order, official=official)


def remove_phrase(uow: UnitOfWork, official: str, phrase_id: UUID) -> None:
    """Let one go. Raises Forbidden, NotFound."""
    _mine(uow, official)
    if uow.one(store.SQL["remove_phrase"], id=phrase_id, official=official) is None:
        raise NotFound("phrase", "没有找到该条常用语。", "请刷新页面查看。")


def _mine(uow: UnitOfWork, official: str) -> list[UUID]:
    """Which he keeps, nobody changing them meanwhile."""
    store.directory(uow).active(official)
    uow.all(store.SQL["lock_phrases"], official=official)
    return [row["id"] for row in phrases_of(uow, official)]
