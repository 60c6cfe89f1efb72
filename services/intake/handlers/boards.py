"""Posts: each is one row, however often it comes. None that can be a petition is lost, and a clerk says which of them are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import boards as domain
from services.intake.domain.boards import BoardItem, BoardText, Post
from services.intake.domain.submission import CHINA, LONGEST_TITLE, Channel, Identity, Petitioner, Submission
from services.intake.handlers.registration import register
from services.intake.handlers.sealed import sealed_of
from services.intake.site.boards import Board
from services.intake.store import BOARD_ITEMS, BOARD_TEXTS, BOARDS, SQL
from services.intake.vault.crypto import DataKey, Erased, Vault
from services.intake.workflow import BoardItemStage
from shared.database import UnitOfWork
from shared.errors import Refused

PURPOSE = "board"  # under which a post's words are sealed


def hold(uow: UnitOfWork, name: str) -> domain.BoardState:
    """The board's row, locked until the unit of work ends: what comes from one board is taken in one after the other."""
    uow.all(SQL["open_board"], name=name, now=uow.now)
    return uow.rows(BOARDS).get(name) or domain.fresh(name, uow.now)


def take_posts(uow: UnitOfWork, vault: Vault, board: Board, posts: Sequence[Post]) -> list[str]:
    """Take posts in, in their order. The same post again changes nothing; one with other words is kept beside the first.

    What became of each: waiting, unread, registered, edited, repeated or passed_over.
    """
    hold(uow, board.name)
    ids = [key_of(vault, board.name, post) for post in posts]
    uow.rows(BOARD_ITEMS).load(ids)
    known: dict[UUID, set[bytes]] = {item_id: set() for item_id in ids}
    for row in uow.all(SQL["board_fingerprints"], ids=list(known)):
        known[row["item_id"]].add(bytes(row["fingerprint"]))
    return [_take(uow, vault, board, item_id, post, known[item_id]) for item_id, post in zip(ids, posts, strict=True)]


def key_of(vault: Vault, board: str, post: Post) -> UUID:
    """A post's own key, the same whenever it comes. Keyed, because a board's name for a post may tell who wrote it."""
    return UUID(bytes=vault.fingerprint(f"board\n{board}\n{post.identity}".encode("utf-8", "replace"))[:16])


def _take(uow: UnitOfWork, vault: Vault, board: Board, item_id: UUID, post: Post, known: set[bytes]) -> str:
    item = uow.rows(BOARD_ITEMS).get(item_id)
    fingerprint = vault.fingerprint(b"words\n" + post.words.encode("utf-8", "replace"))
    if fingerprint in known:
        return "repeated"
    if item is None and not domain.wanted(post, board.include, board.exclude):
        return "passed_over"
    known.add(fingerprint)
    if item is not None:
        _revise(uow, vault, item, post, fingerprint)
        return "edited"
    return _take_new(uow, vault, board, item_id, post, fingerprint)


def _take_new(uow: UnitOfWork, vault: Vault, board: Board, item_id: UUID, post: Post, fingerprint: bytes) -> str:
    key, reason = vault.new_key(item_id), domain.why_unread(post)
    item = BoardItem(
        id=item_id, board=board.name, stage=BoardItemStage.WAITING, reason=reason, first_seen_at=uow.now,
        posted_at=domain.plausible(post.posted_at, uow.now), revision=1, read_revision=0, data_key=key.wrapped,
    )  # fmt: skip
    if board.at_once and not reason:
        try:
            receipt = register(uow, vault, submission_of(post, item, title=board.title, language=board.language), key=item_id)
        except Refused as fault:  # a rule of registration that no board knows: a clerk decides
            item = replace(item, reason=f"refused_{fault.field}")
        else:
            item = domain.register(item, case_id=receipt.case_id, by=None, now=uow.now)
            key = sealed_of(uow, vault, receipt.case_id).key
    uow.rows(BOARD_ITEMS).put(item)
    _keep(uow, key, item, post, fingerprint)
    return "registered" if item.case_id else "unread" if item.reason else "waiting"


def _revise(uow: UnitOfWork, vault: Vault, item: BoardItem, post: Post, fingerprint: bytes) -> None:
    changed = domain.revise(item, domain.why_unread(post))
    if not changed.data_key and changed.case_id is None:  # its words were forgotten, and now its author writes on
        changed = replace(changed, data_key=vault.new_key(item.id).wrapped)
    try:
        key = item_key(uow, vault, changed)
    except Erased:  # the case's time is over: that its author writes on is noted, what is not kept any more
        changed = domain.note_read(changed)
        blank = BoardText(item_id=item.id, revision=changed.revision, seen_at=uow.now, fingerprint=fingerprint, bytes=b"")
        uow.rows(BOARD_TEXTS).put(blank)
    else:
        _keep(uow, key, changed, post, fingerprint)
    uow.rows(BOARD_ITEMS).put(changed)


def _keep(uow: UnitOfWork, key: DataKey, item: BoardItem, post: Post, fingerprint: bytes) -> None:
    said = asdict(post) | {"posted_at": post.posted_at and post.posted_at.isoformat()}
    uow.rows(BOARD_TEXTS).put(
        BoardText(
            item_id=item.id, revision=item.revision, seen_at=uow.now, fingerprint=fingerprint,
            bytes=key.seal_json(PURPOSE, said),
        )
    )  # fmt: skip


def item_key(uow: UnitOfWork, vault: Vault, item: BoardItem) -> DataKey:
    """The key that a post's words lie under: its own, or once it is a petition, its case's."""
    return sealed_of(uow, vault, item.case_id).key if item.case_id else vault.open_key(item.id, item.data_key)


def opened(key: DataKey, kept: bytes) -> Post:
    """A text as it was read; an empty post where it was forgotten."""
    if not kept:
        return Post()
    said: dict[str, Any] = key.open_json(PURPOSE, kept)
    posted_at = said.pop("posted_at")
    return Post(**said, posted_at=datetime.fromisoformat(posted_at) if posted_at else None)


def submission_of(post: Post, item: BoardItem, *, title: str, language: str, **more: Any) -> Submission:
    """A post as a petition. Its author is treated as confidential: the handle is known, and nobody has agreed to its being shown."""
    posted = item.posted_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if item.posted_at else ""
    particulars = {"board": title, "url": post.url, "posted": posted}
    given: dict[str, Any] = {
        "channel": Channel.POST, "title": post.heading[:LONGEST_TITLE], "text": post.body, "received_at": item.first_seen_at,
        "identity": Identity.CONFIDENTIAL if post.author.strip() else Identity.ANONYMOUS,
        "petitioner": Petitioner(alias=post.author), "language": language,
        "particulars": {name: value for name, value in particulars.items() if value},
    }  # fmt: skip
    return Submission(**given | more)
