"""A reply before it is signed: its draft, and the scanned page that will lie beside it. For the person responsible alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.routing import store
from services.routing.domain.scans import Scan
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, Refused

FIELDS = frozenset({"outcome", "findings", "measures", "evidence", "answer", "page"})
LARGEST = 50_000  # characters of all fields together


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """Of what a browser sent the reply's own fields that are not empty; never its PIN. Raises Refused for too much."""
    found = {name: value for name, value in form.items() if name in FIELDS and value.strip()}
    if sum(map(len, found.values())) > LARGEST:
        raise Refused("draft", "草稿最多%(most)s字。", "请精简后再存。", most=LARGEST)
    return found


def save(uow: UnitOfWork, assignment_id: UUID, official: str, fields: Mapping[str, str]) -> None:
    """Keep what was typed over what was kept before. Raises Conflict unless a reply is owed, and owed by this official."""
    kept = uow.one(
        store.SQL["save_reply_draft"],
        assignment=assignment_id,
        official=official,
        fields=json.dumps(dict(fields), ensure_ascii=False),
        now=uow.now,
    )
    if kept is None:
        raise Conflict("draft", "该项交办现在不能写回复，草稿没有再存。", "请刷新页面查看。")


def find(uow: UnitOfWork, assignment_id: UUID, official: str) -> dict[str, str]:
    """What the official has typed so far; empty when nothing is kept."""
    row = uow.one(store.SQL["reply_draft"], assignment=assignment_id, official=official)
    return dict(row["fields"]) if row else {}


def drop(uow: UnitOfWork, assignment_id: UUID) -> None:
    """The reply was signed."""
    uow.all(store.SQL["drop_reply_draft"], assignment=assignment_id)


def keep_page(uow: UnitOfWork, assignment_id: UUID, official: str, scan: Scan) -> UUID:
    """Keep a scanned page in place of one that no reply was signed with. Raises Conflict as `save` does."""
    uow.all(store.SQL["drop_unsigned_pages"], assignment=assignment_id)
    kept = uow.one(
        store.SQL["keep_page"], id=uuid7(), assignment=assignment_id, official=official, name=scan.name, form=scan.form,
        sha256=scan.sha256, content=scan.content, now=uow.now,
    )  # fmt: skip
    if kept is None:
        raise Conflict("page", "该项交办现在不能写回复，签字页没有保存。", "请刷新页面查看。")
    found: UUID = kept["id"]
    return found


def page_for(uow: UnitOfWork, assignment_id: UUID, official: str, page_id: UUID | None) -> dict[str, Any] | None:
    """What a reply says of the page that is to be signed with it. Raises NotFound for one that is not this official's."""
    if page_id is None:
        return None
    row = uow.one(store.SQL["page_named"], id=page_id, assignment=assignment_id, official=official)
    if row is None:
        raise NotFound("page", "没有找到签字页。", "请重新上传。")
    return row


def latest_page(uow: UnitOfWork, assignment_id: UUID, official: str) -> dict[str, Any] | None:
    """The page that was uploaded last and no reply was signed with."""
    return uow.one(store.SQL["unsigned_page"], assignment=assignment_id, official=official)
