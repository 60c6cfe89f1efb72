"""What people write on the boards that the county names: which of it waits for a clerk, and how polite fetching is.

A board is named, its posts are read; nobody's other posts are looked for, and an author is not looked up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.submission import AHEAD, LONGEST_TEXT, LONGEST_TITLE, OLDEST
from services.intake.workflow import BOARD_ITEM, BoardItemStage
from shared.contract.person import Person
from shared.errors import Conflict

LONGEST_PAUSE = timedelta(hours=6)  # between two tries of a board that fails
MOST_REVISIONS = 50
BEGINNING = 30  # characters of a text that stand for a title
CUT = "\n……（正文过长，其余见原帖）"


class AsideReason(StrEnum):
    """Why a post is no petition. A closed list: a free text would say what somebody thinks."""

    NO_REQUEST = "no_request"
    NOT_OURS = "not_ours"
    DUPLICATE = "duplicate"
    ADVERTISEMENT = "advertisement"
    OFFICIAL = "official"  # the county's own announcement


@dataclass(frozen=True, kw_only=True, repr=False)
class Post:
    """Something on a board as it was read. `guid` is the board's name for it, `original` what it looked like before.

    `fault` says why it could not be read; a post without words cannot.
    """

    guid: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    posted_at: datetime | None = None
    original: str = ""
    fault: str = ""

    @property
    def identity(self) -> str:
        """What stays the same when its author changes the words: the board's name for it, or else address and title."""
        if self.guid:
            return f"guid\n{self.guid}"
        return f"url\n{self.url}\n{self.title}" if self.url else f"words\n{self.title}\n{self.text}"

    @property
    def words(self) -> str:
        """What is compared to tell an edit from the same once more."""
        return " ".join(f"{self.title}\n{self.text}\n{self.original if self.fault else ''}".split())

    @property
    def heading(self) -> str:
        """Its title, or the beginning of its text."""
        return self.title[:LONGEST_TITLE] or self.text.strip().split("\n", 1)[0][:BEGINNING]

    @property
    def body(self) -> str:
        """Its text, as long as a petition's may be; of one without text, its title."""
        text = self.text if self.text.strip() else self.title
        return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT


def first_words(post: Post) -> str:
    """The beginning of a post as a list shows it: blotted, then cut. Its author's handle and anybody's number are read on its own page."""
    whole = (post.title or post.text.strip().split("\n", 1)[0])[:LONGEST_TITLE]
    return masks.within(whole, {post.author, *masks.anybodys_numbers(whole)})[:BEGINNING]


def why_unread(post: Post) -> str:
    """Why a clerk has to make out what the post says; empty when it can be read."""
    return post.fault or ("" if post.heading else "no_text")


def wanted(post: Post, include: Collection[str], exclude: Collection[str]) -> bool:
    """Whether the post is one that the county's words for this board let in. What is not is stored nowhere."""
    said = f"{post.title}\n{post.text}".casefold()
    if why_unread(post):
        return True  # nobody can say what it says
    if any(word.casefold() in said for word in exclude):
        return False
    return not include or any(word.casefold() in said for word in include)


def plausible(posted_at: datetime | None, now: datetime) -> datetime | None:
    """When it was posted, if that can be: boards tell years from 0 to 9999."""
    return posted_at if posted_at and now - OLDEST <= posted_at <= now + AHEAD else None


@dataclass(frozen=True, kw_only=True)
class BoardItem:
    """A post's row; its words lie beside it, sealed: under `data_key` until it is a petition, then under the case's.

    `revision` counts its texts from 1, `read_revision` is the last one that a clerk has dealt with.
    """

    id: UUID
    board: str
    stage: BoardItemStage
    reason: str
    posted_at: datetime | None
    first_seen_at: datetime
    revision: int
    read_revision: int
    data_key: bytes
    case_id: UUID | None = None
    ended_at: datetime | None = None
    ended_by: Person | None = None
    set_aside_for: AsideReason | None = None

    @property
    def edited_since(self) -> bool:
        """Whether its author wrote on after it became a petition, and no clerk has read that yet."""
        return self.stage is BoardItemStage.REGISTERED and self.revision > self.read_revision


@dataclass(frozen=True, kw_only=True)
class BoardText:
    """One text of a post, sealed; `fingerprint` tells the same words again. Empty `bytes`: forgotten."""

    item_id: UUID
    revision: int
    seen_at: datetime
    fingerprint: bytes
    bytes: bytes


def revise(item: BoardItem, reason: str) -> BoardItem:
    """The item with one text more, or after too many of them with another last one. One that was set aside waits again."""
    stage = BOARD_ITEM.move(item.stage, "take_up") if item.stage is BoardItemStage.ASIDE else item.stage
    changed = replace(item, stage=stage, reason=reason, revision=min(item.revision + 1, MOST_REVISIONS))
    if item.stage is BoardItemStage.ASIDE:
        return replace(changed, ended_at=None, ended_by=None, set_aside_for=None)
    if item.stage is BoardItemStage.REGISTERED and item.revision == MOST_REVISIONS:
        return replace(changed, read_revision=MOST_REVISIONS - 1)  # the last one is another one now
    return changed


def register(item: BoardItem, *, case_id: UUID, by: Person | None, now: datetime) -> BoardItem:
    """It is a petition; `by` is None on a board that is for petitions alone. Its words move under the case's key."""
    stage = BOARD_ITEM.move(item.stage, "register")
    return replace(
        item, stage=stage, case_id=case_id, ended_by=by, ended_at=now, data_key=b"", read_revision=item.revision
    )  # fmt: skip


def check_revision(item: BoardItem, revision: int) -> None:
    """Raises Conflict when the author wrote on after the clerk had begun to read."""
    if item.revision != revision:
        raise Conflict("revision", "发帖人刚刚改过这条帖子。", "请看过新的内容，再作决定。")


def set_aside(item: BoardItem, *, reason: AsideReason, by: Person, now: datetime) -> BoardItem:
    """It asks the county for nothing."""
    stage = BOARD_ITEM.move(item.stage, "set_aside")
    return replace(
        item, stage=stage, set_aside_for=reason, ended_by=by, ended_at=now, read_revision=item.revision
    )  # fmt: skip


def take_up(item: BoardItem) -> BoardItem:
    """A clerk thinks better of it. Raises Conflict when its words were forgotten meanwhile."""
    stage = BOARD_ITEM.move(item.stage, "take_up")
    if not item.data_key:
        raise Conflict("item", "搁置期满，帖子内容已经删除。", "如需登记，请按网址查看原帖，再在登记台登记为来贴。")
    return replace(item, stage=stage, set_aside_for=None, ended_by=None, ended_at=None)


def note_read(item: BoardItem) -> BoardItem:
    """A clerk has read what the author wrote since."""
    return replace(item, read_revision=item.revision)


# -- fetching ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BoardState:
    """How a board stands. `address` is a fingerprint of where `etag` and `last_modified` come from; `failure` a code."""

    name: str
    address: bytes
    etag: str
    last_modified: str
    next_fetch_at: datetime
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    failure: str = ""
    passed_over: int = 0


def fresh(name: str, now: datetime) -> BoardState:
    """A board that was never fetched: due at once."""
    return BoardState(name=name, address=b"", etag="", last_modified="", next_fetch_at=now)


def succeeded(
    state: BoardState, *, now: datetime, every: timedelta, address: bytes, etag: str, last_modified: str, passed_over: int
) -> BoardState:
    """Everything that the answer held is committed; only now may it be remembered as known."""
    return replace(
        state, address=address, etag=etag, last_modified=last_modified, next_fetch_at=now + every, succeeded_at=now,
        failing_since=None, failures=0, failure="", passed_over=passed_over,
    )  # fmt: skip


def called(state: BoardState, now: datetime) -> BoardState:
    """A board that calls by itself did so, and all that it brought is committed."""
    return replace(state, succeeded_at=now, failing_since=None, failures=0, failure="")


def failed(state: BoardState, *, code: str, now: datetime, every: timedelta, retry_after: float) -> BoardState:
    """Later each time, and never before the server said that it may be asked again."""
    pause = min(every * 2 ** min(state.failures, 10), max(LONGEST_PAUSE, every))
    return replace(
        state, failing_since=state.failing_since or now, failures=state.failures + 1, failure=code,
        next_fetch_at=now + max(pause, timedelta(seconds=retry_after)),
    )  # fmt: skip
