"""The answer to a case, read by everybody under the post that it began with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.petition import Petition
from services.intake.domain.submission import MatterType, Petitioner
from services.intake.workflow import BOARD_REPLY, BoardReplyStage, Stage
from shared.contract.person import Person
from shared.errors import Conflict, Refused
from shared.tries import again_at

LONGEST_REPLY = 5_000
UNFIT = "unfit"  # the failure of what may not be posted any more
CLAIMED_FOR = timedelta(minutes=5)  # longer than a board may take over one answer
ANSWERED = frozenset({Stage.CONCLUDED, Stage.CLOSED, Stage.ARCHIVED})


@dataclass(frozen=True, kw_only=True)
class BoardReply:
    """An answer to be posted back, once for each round: public words, approved by an official."""

    id: UUID
    case_id: UUID
    item_id: UUID
    board: str
    round: int
    stage: BoardReplyStage
    text: str
    approved_by: Person
    approved_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    failure: str = ""
    ended_at: datetime | None = None
    ended_by: Person | None = None
    link: bytes = b""  # sealed: beside the answer stands who asked


def check_case(case: Petition, *, barred: bool) -> None:
    """Raise Conflict unless the answer may be posted; `barred`: somebody is barred from the case, whoever that is."""
    if case.matter_type is MatterType.ACCUSATION:
        raise Conflict("reply", "检举控告的答复不公开回帖（《信访工作条例》第三十条）。", "请只答复信访人本人。")
    if case.conflict_set_at or barred:
        raise Conflict("reply", "有被反映对象或回避人员的信访件不公开回帖。", "请只答复信访人本人。")
    if case.stage not in ANSWERED or case.concluded_at is None or case.withdrawn_at:
        raise Conflict("reply", "这件信访件还没有办结，没有可以回帖的答复。", "请办结后再回帖。")


def fits(reply: BoardReply, case: Petition, *, barred: bool) -> bool:
    """Whether an answer that was approved may still be posted: much can come to be known of a case before its board is asked."""
    try:
        check_case(case, barred=barred)
    except Conflict:
        return False
    return reply.round == case.round


def check_words(text: str, who: Petitioner, others: Iterable[str] = ()) -> None:
    """Raise Refused for words that everybody may not read.

    The author's handle is not looked for: it stands above the reply anyway, and may be a common word. `others`: what tells who
    wrote the petitions that are linked with this one.
    """
    if not text.strip() or len(text) > LONGEST_REPLY:
        raise Refused("reply", "回帖必填，最多 %(max)s 个字。", "请写给所有看帖的人。", max=LONGEST_REPLY)
    secrets = (*replace(who, alias="").secrets, *others)
    # A number of an official's, too: a county answers by its own.
    if masks.holds_number(text) or masks.within(text, secrets) != text:
        raise Refused("reply", "回帖人人可见，不写姓名、手机号码、证件号码和住址。", "请删去信访人的个人信息，再批准回帖。")


def is_due(reply: BoardReply, now: datetime) -> bool:
    """Whether it is to be sent now."""
    return reply.stage is BoardReplyStage.WAITING and reply.next_attempt_at is not None and reply.next_attempt_at <= now


def claimed(reply: BoardReply, now: datetime) -> BoardReply:
    """One sender tries; nobody else is given it meanwhile."""
    return replace(reply, attempts=reply.attempts + 1, next_attempt_at=now + CLAIMED_FOR)


def reply_went(reply: BoardReply, now: datetime, link: bytes = b"") -> BoardReply:
    """The board took it; `link` is where it says that it stands."""
    stage = BOARD_REPLY.move(reply.stage, "send")
    return replace(reply, stage=stage, next_attempt_at=None, ended_at=now, failure="", link=link)


def reply_stuck(reply: BoardReply, now: datetime, failure: str, *, for_good: bool) -> BoardReply:
    """Try again later, longer each time; give up when the board refused for good or after the last try."""
    if due := again_at(reply.attempts, now, for_good=for_good):
        return replace(reply, stage=BOARD_REPLY.move(reply.stage, "try_again"), next_attempt_at=due, failure=failure)
    stage = BOARD_REPLY.move(reply.stage, "give_up")
    return replace(reply, stage=stage, next_attempt_at=None, ended_at=now, failure=failure)


def send_anew(reply: BoardReply, now: datetime) -> BoardReply:
    """A clerk wants it tried once more, from the first."""
    stage = BOARD_REPLY.move(reply.stage, "send_anew")
    return replace(reply, stage=stage, attempts=0, next_attempt_at=now, ended_at=None)


def posted_by_hand(reply: BoardReply, *, link: bytes, by: Person, now: datetime) -> BoardReply:
    """A clerk posted it, and says where it stands."""
    stage = BOARD_REPLY.move(reply.stage, "post_by_hand")
    return replace(reply, stage=stage, link=link, ended_by=by, ended_at=now, failure="")
