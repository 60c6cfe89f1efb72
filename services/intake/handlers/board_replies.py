"""The answer to a case, posted back: approved by an official, sent once by the process that fetches, or posted by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.domain import replies as domain
from services.intake.domain.boards import BoardItem, Post
from services.intake.domain.petition import Petition
from services.intake.domain.replies import BoardReply
from services.intake.domain.viewing import Viewer
from services.intake.handlers.boards import opened
from services.intake.handlers.casework import lock
from services.intake.handlers.groups import answer_to, secrets_of_group
from services.intake.handlers.looking import identifiable
from services.intake.handlers.sealed import sealed_of
from services.intake.store import BOARD_ITEMS, BOARD_REPLIES, BOARD_TEXTS, PETITIONS, SQL, bars, page_of
from services.intake.vault.crypto import Vault
from services.intake.workflow import BoardReplyStage
from shared.contract.envelope import instant, uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound

LINK = "board-link"  # the purpose that a link is sealed for


@dataclass(frozen=True, kw_only=True, repr=False)
class ReplyDesk:
    """What is needed to answer under a post: the case, the post, the answer if one was approved, where it stands, and what to start from."""

    case: Petition
    item: BoardItem
    post: Post
    reply: BoardReply | None
    link: str
    answer: str


def desk(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> ReplyDesk:
    """The desk of one case. Raises Hidden, Forbidden; NotFound for a case that began elsewhere."""
    case = identifiable(uow, case_id, viewer)
    item, key = _item(uow, case_id), sealed_of(uow, vault, case_id).key
    text = next(iter(uow.rows(BOARD_TEXTS).where("item_id = %s AND revision = %s", item.id, item.revision)), None)
    reply = _reply(uow, case)
    return ReplyDesk(
        case=case, item=item, post=opened(key, text.bytes) if text else Post(), reply=reply,
        link=key.open(LINK, reply.link).decode() if reply and reply.link else "", answer=answer_to(uow, vault, case),
    )  # fmt: skip


def replies(uow: UnitOfWork, viewer: Viewer, *, page: int = 1, size: int = 50) -> tuple[list[dict[str, Any]], int]:
    """A page of answered cases that began on a board: those without an answer there first. Barred cases are not in it."""
    return page_of(uow, "board_replies", codes=list(viewer.codes), page=page, size=size)


def approve(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, text: str, sends: Callable[[str], bool]
) -> BoardReply:
    """Approve the public words of a round's answer. `sends` says of a board whether it has an interface; else a clerk posts it by hand.

    The same words twice change nothing. Raises Hidden, Refused; Conflict before there is an answer, or when it may not be public.
    """
    case, text = lock(uow, case_id, viewer), text.strip()
    identifiable(uow, case_id, viewer)
    item = _item(uow, case_id)
    domain.check_case(case, barred=bool(bars(uow, case_id)))
    group = secrets_of_group(uow, vault, case_id)
    group.check_known()
    domain.check_words(text, sealed_of(uow, vault, case_id).who, group.theirs)
    known = _reply(uow, case)
    if known:
        if known.text == text:
            return known
        raise Conflict("reply", "这一轮的回帖已经批准过。", "请刷新页面，查看最新进展。")
    automatic = sends(item.board)
    return uow.rows(BOARD_REPLIES).put(
        BoardReply(
            id=uuid7(uow.now), case_id=case_id, item_id=item.id, board=item.board, round=case.round, text=text,
            stage=BoardReplyStage.WAITING if automatic else BoardReplyStage.BY_HAND, approved_by=viewer.person,
            approved_at=uow.now, next_attempt_at=uow.now if automatic else None,
        )
    )  # fmt: skip


def send_anew(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> None:
    """Try an answer once more that the board did not take. Of one that waits, nothing changes. Raises Conflict."""
    case = lock(uow, case_id, viewer)
    domain.check_case(case, barred=bool(bars(uow, case_id)))
    reply = _approved(uow, case)
    if reply.stage is not BoardReplyStage.WAITING:
        uow.rows(BOARD_REPLIES).put(domain.send_anew(reply, uow.now))


def posted_by_hand(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, link: str) -> None:
    """A clerk posted the answer and says where it stands. A second time changes nothing."""
    reply = _approved(uow, lock(uow, case_id, viewer))
    if reply.stage is BoardReplyStage.POSTED:
        return
    sealed = sealed_of(uow, vault, case_id).key.seal(LINK, link.encode())
    uow.rows(BOARD_REPLIES).put(domain.posted_by_hand(reply, link=sealed, by=viewer.person, now=uow.now))
    _tell(uow, reply, "message.sent", {})


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """An answer that is to be sent now, with the post that it belongs to."""

    id: UUID
    case_id: UUID
    board: str
    text: str
    post: Post


def due(uow: UnitOfWork, limit: int) -> list[tuple[UUID, UUID]]:
    """Answers whose time has come, each with its case."""
    return [(row["id"], row["case_id"]) for row in uow.all(SQL["due_board_replies"], now=uow.now, limit=limit)]


def claim(uow: UnitOfWork, vault: Vault, reply_id: UUID, case_id: UUID) -> Claimed | None:
    """An answer that is to be sent now; nobody else is given it meanwhile. One that may not be posted any more is given up."""
    case = uow.rows(PETITIONS).get(case_id)  # the case's row is the lock
    reply = uow.rows(BOARD_REPLIES).get(reply_id)
    if case is None or reply is None or not domain.is_due(reply, uow.now):
        return None
    if not domain.fits(reply, case, barred=bool(bars(uow, case_id))):
        uow.rows(BOARD_REPLIES).put(domain.reply_stuck(reply, uow.now, domain.UNFIT, for_good=True))
        _tell(uow, reply, "message.failed", {"reason": "refused"})
        return None
    uow.rows(BOARD_REPLIES).put(domain.claimed(reply, uow.now))
    texts = uow.rows(BOARD_TEXTS).where("item_id = %s", reply.item_id)
    post = opened(sealed_of(uow, vault, case_id).key, max(texts, key=lambda text: text.revision).bytes)
    return Claimed(id=reply.id, case_id=case_id, board=reply.board, text=reply.text, post=post)


def record(uow: UnitOfWork, vault: Vault, claimed: Claimed, *, failure: str = "", for_good: bool = False, link: str = "") -> None:
    """What became of a try: sent, to be tried again, or given up."""
    uow.rows(PETITIONS).get(claimed.case_id)  # the case's row is the lock
    reply = uow.rows(BOARD_REPLIES).get(claimed.id)
    if reply is None or reply.stage is not BoardReplyStage.WAITING:
        return  # another sender was given it after this one had been too slow
    if not failure:
        sealed = sealed_of(uow, vault, claimed.case_id).key.seal(LINK, link.encode()) if link else b""
        uow.rows(BOARD_REPLIES).put(domain.reply_went(reply, uow.now, sealed))
        _tell(uow, reply, "message.sent", {})
        return
    stuck = uow.rows(BOARD_REPLIES).put(domain.reply_stuck(reply, uow.now, failure, for_good=for_good))
    if stuck.stage is BoardReplyStage.FAILED:
        _tell(uow, reply, "message.failed", {"reason": "refused" if for_good else "unreachable"})


def _tell(uow: UnitOfWork, reply: BoardReply, name: str, more: dict[str, str]) -> None:
    """The dossier shows that the answer was posted back, not where: beside it stands who asked."""
    data = {"message_id": str(reply.id), "template": "case_concluded", "medium": "board", "at": instant(uow.now)}
    uow.tell(name, reply.case_id, data | more)


def _item(uow: UnitOfWork, case_id: UUID) -> BoardItem:
    row = uow.one(SQL["board_item_of_case"], case_id=case_id)
    item = uow.rows(BOARD_ITEMS).get(row["id"]) if row else None
    if item is None:
        raise NotFound("board", "这件信访件不是从网络版块来的。", "请返回信访件。")
    return item


def _reply(uow: UnitOfWork, case: Petition) -> BoardReply | None:
    row = uow.one(SQL["reply_of_round"], case_id=case.id, round=case.round)
    return uow.rows(BOARD_REPLIES).get(row["id"]) if row else None


def _approved(uow: UnitOfWork, case: Petition) -> BoardReply:
    reply = _reply(uow, case)
    if reply is None:
        raise Conflict("reply", "这一轮还没有批准的回帖。", "请先批准回帖。")
    return reply
