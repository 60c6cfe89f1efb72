"""What a clerk does with a post: reads it, registers it, sets it aside, reads what its author wrote since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.intake.domain import boards as domain
from services.intake.domain import masks
from services.intake.domain.boards import AsideReason, BoardItem, BoardText, Post
from services.intake.domain.submission import MatterType
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.boards import PURPOSE, item_key, opened, submission_of
from services.intake.handlers.looking import identifiable, note_look
from services.intake.handlers.registration import register
from services.intake.handlers.sealed import sealed_of
from services.intake.site.boards import Board
from services.intake.store import BOARD_ITEMS, BOARD_TEXTS, SQL, page_of
from services.intake.vault.crypto import Broken, DataKey, Vault
from services.intake.workflow import BoardItemStage
from shared.database import UnitOfWork

BoardOf = Callable[[str], Board | None]


@dataclass(frozen=True, kw_only=True, repr=False)
class Opened:
    """A post with its texts, the newest first: (when it was seen, what it said)."""

    item: BoardItem
    texts: tuple[tuple[BoardText, Post], ...]

    @property
    def newest(self) -> Post:
        """What it says now."""
        return self.texts[0][1]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a clerk adds to a post that becomes a petition. `text` for one that could not be read; else its own words stand."""

    title: str
    matter_type: MatterType
    category: str
    place: str
    text: str = ""


def counts(uow: UnitOfWork, viewer: Viewer) -> dict[str, int]:
    """How much waits: waiting, unread, edited, replies."""
    return uow.one(SQL["board_counts"], codes=list(viewer.codes)) or {}


def items(
    uow: UnitOfWork, viewer: Viewer, *, queue: str = "", board: str = "", page: int = 1, size: int = 50
) -> tuple[list[dict[str, Any]], int]:
    """A page of a queue, and how many there are. It holds none of their words: a post is read on its own page, logged."""
    return page_of(uow, "board_items", queue=queue, board=board, codes=list(viewer.codes), page=page, size=size)


def listed(
    uow: UnitOfWork, vault: Vault, viewer: Viewer, *, queue: str = "", board: str = "", page: int = 1, size: int = 50
) -> tuple[list[dict[str, Any]], int]:
    """The same with the beginning of each post that is no petition yet, blotted, and its author masked; a petition has its brief's title.

    Whose beginning an official sees for the first time is a look, noted once: whoever reads on is noted by the post's own page.
    """
    rows, total = items(uow, viewer, queue=queue, board=board, page=page, size=size)
    sayings = {row["id"]: row for row in uow.all(SQL["board_sayings"], ids=[row["id"] for row in rows])}
    for row in rows:
        said = sayings.get(row["id"])
        row |= {"beginning": row["title"] or "", "author": "", "damaged": False}
        try:
            post = opened(vault.open_key(row["id"], bytes(said["data_key"])), bytes(said["bytes"])) if said else None
        except Broken:  # one damaged post must not close the list
            row["damaged"] = True
        else:
            row |= {"beginning": domain.first_words(post), "author": masks.name(post.author)} if post else {}
    uow.all(SQL["note_headings"], ids=list(sayings), now=uow.now, **viewer.person.as_data())
    return rows, total


def read_item(uow: UnitOfWork, vault: Vault, item_id: UUID, viewer: Viewer) -> Opened:
    """A post; the look is logged. Raises Hidden, and Forbidden for whoever may not know the author of a registered one."""
    item = _item(uow, item_id, viewer)
    note_look(uow, viewer, item.case_id or item_id, "text", "board")
    return _opened(item_key(uow, vault, item) if item.data_key or item.case_id else None, item, _texts(uow, item_id))


def _opened(key: DataKey | None, item: BoardItem, texts: list[BoardText]) -> Opened:
    said = [(text, opened(key, text.bytes) if key else Post()) for text in reversed(texts)]
    return Opened(item=item, texts=tuple(said))


def register_item(
    uow: UnitOfWork, vault: Vault, item_id: UUID, viewer: Viewer, *, revision: int, choice: Choice, board_of: BoardOf
) -> tuple[UUID, bool]:
    """A clerk finds that it asks the county for something; the case's id, and whether it was one before: then nothing changes.

    `board_of` knows the boards that the county names now. Raises Conflict when its author wrote on after `revision`; Refused.
    """
    item = _item(uow, item_id, viewer)
    if item.stage is BoardItemStage.REGISTERED and item.case_id:
        return item.case_id, True
    domain.check_revision(item, revision)
    stage_allows = domain.register(item, case_id=item_id, by=viewer.person, now=uow.now)  # refused before anything is stored
    texts = _texts(uow, item_id)
    own = vault.open_key(item_id, item.data_key)
    post, board = opened(own, texts[-1].bytes), board_of(item.board)
    given = submission_of(
        post, item, title=board.title if board else item.board, language=board.language if board else "zh",
        matter_type=choice.matter_type, category=choice.category, place=choice.place,
        **({"text": choice.text} if item.reason else {}),
    )  # fmt: skip
    receipt = register(uow, vault, replace(given, title=choice.title), key=item_id, by=viewer.person)
    uow.rows(BOARD_ITEMS).put(replace(stage_allows, case_id=receipt.case_id))
    _move(uow, own, sealed_of(uow, vault, receipt.case_id).key, texts)
    return receipt.case_id, False


def _move(uow: UnitOfWork, own: DataKey, case: DataKey, texts: list[BoardText]) -> None:
    """From now on the words are the case's: whoever destroys its key destroys them."""
    for text in texts:
        if text.bytes:
            uow.rows(BOARD_TEXTS).put(replace(text, bytes=case.seal(PURPOSE, own.open(PURPOSE, text.bytes))))


def set_aside(uow: UnitOfWork, item_id: UUID, viewer: Viewer, *, revision: int, reason: AsideReason) -> None:
    """It asks the county for nothing. Twice for one reason changes nothing. Raises Conflict."""
    item = _item(uow, item_id, viewer)
    if item.stage is BoardItemStage.ASIDE and item.set_aside_for is reason:
        return
    domain.check_revision(item, revision)
    uow.rows(BOARD_ITEMS).put(domain.set_aside(item, reason=reason, by=viewer.person, now=uow.now))


def take_up(uow: UnitOfWork, item_id: UUID, viewer: Viewer) -> None:
    """A clerk thinks better of it; of one that waits, nothing changes."""
    item = _item(uow, item_id, viewer)
    if item.stage is not BoardItemStage.WAITING:
        uow.rows(BOARD_ITEMS).put(domain.take_up(item))


def note_read(uow: UnitOfWork, item_id: UUID, viewer: Viewer, *, revision: int) -> None:
    """A clerk has read what the author wrote since it became a petition. Raises Conflict when there is more by now."""
    item = _item(uow, item_id, viewer)
    domain.check_revision(item, revision)
    uow.rows(BOARD_ITEMS).put(domain.note_read(item))


def of_case(uow: UnitOfWork, case_id: UUID) -> dict[str, Any] | None:
    """The post that a petition was made of: its id, and whether its author wrote on since."""
    return uow.one(SQL["board_item_of_case"], case_id=case_id)


def next_item(uow: UnitOfWork, after: UUID | None = None) -> UUID | None:
    """The post that has waited longest; `after` one that waits, too, the next in the list, and after the last the first."""
    found = uow.one(SQL["next_board_item"], after=after)
    return found["id"] if found else None


def boards(uow: UnitOfWork) -> dict[str, dict[str, Any]]:
    """How each board stands that was ever asked, by name."""
    return {row["name"]: row for row in uow.all(SQL["boards"])}


def _texts(uow: UnitOfWork, item_id: UUID) -> list[BoardText]:
    return sorted(uow.rows(BOARD_TEXTS).where("item_id = %s", item_id), key=lambda text: text.revision)


def _item(uow: UnitOfWork, item_id: UUID, viewer: Viewer) -> BoardItem:
    """The post. Once it is registered it is a part of its case: whoever is barred from that finds no post either."""
    item = uow.rows(BOARD_ITEMS).get(item_id)
    if item is None:
        raise Hidden("item", "没有找到这条帖子。", "请返回列表。")
    if item.case_id is not None:
        identifiable(uow, item.case_id, viewer)
    return item
