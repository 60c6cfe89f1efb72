"""Visits to the reception room: booked places, walk-ins, the day's queue, who received and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.reception import Session
from services.intake.domain.submission import MOST_REPRESENTATIVES, Identity, Submission
from services.intake.domain.viewing import OPENERS, Hidden, Tie, Viewer
from services.intake.workflow import VISIT, VisitStage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

MOST_OPEN = 2  # bookings that one telephone number may hold
LONGEST_MATTER = 200


class VisitKind(StrEnum):
    """Whether a place was booked, or the visitor came without."""

    BOOKED = "booked"
    WALK_IN = "walk_in"


class Outcome(StrEnum):
    """What came of a reception."""

    ANSWERED = "answered"  # decided on the spot
    REGISTERED = "registered"  # turned into a case
    LINKED = "linked"  # belongs to a case that there is
    REFUSED = "refused"  # not received, with the reason


class EndedFor(StrEnum):
    """Why a visit ended before anybody received the visitor. A closed list: a free text here would hold what visitors say."""

    CALLED_OFF = "called_off"  # the visitor let us know
    CHANGED = "changed"  # the session was changed or cancelled
    SLIP = "slip"  # booked twice, or by mistake
    TIRED = "tired"  # of waiting
    ELSEWHERE = "elsewhere"  # the matter is dealt with in another way
    PERSONAL = "personal"


@dataclass(frozen=True, kw_only=True, repr=False)
class Visitor:
    """Who comes and what about, as far as known. Lives in memory and in two ciphertexts, nowhere else."""

    name: str = ""
    phone: str = ""
    representatives: tuple[str, ...] = ()
    matter: str = ""
    group_size: int = 1

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that tells who comes."""
        return (self.name, self.phone, *self.representatives)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A visit's row: codes, instants and officials, and nothing that a petitioner said or is."""

    id: UUID
    number: str
    idempotency_key: UUID
    stage: VisitStage
    kind: VisitKind
    session: UUID | None  # None: whoever is at the counter receives
    slot: int | None
    held_on: date
    slot_at: datetime | None  # the instant of the place that was booked
    group_size: int
    made_at: datetime
    made_by: Person | None  # None: the petitioner booked in person
    named_case: UUID | None  # which the petitioner said it is about
    told_sequence: int = 0  # the session's changes that the petitioner knows of
    ticket: int | None = None
    inside: int = 0
    checked_in_at: datetime | None = None
    called_at: datetime | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    planned_official: str = ""
    received_by: Person | None = None
    recorded_by: Person | None = None
    outcome: Outcome | None = None
    case_id: UUID | None = None
    ended_for: EndedFor | None = None
    ended_by: Person | None = None  # who wrote down that it ended so; None: the petitioner cancelled in person

    @property
    def ticket_text(self) -> str:
        """The ticket as it is called: A001."""
        return f"A{self.ticket:03}" if self.ticket else ""

    @property
    def cases(self) -> tuple[UUID, ...]:
        """The cases that the visit is about."""
        return tuple(case for case in (self.named_case, self.case_id) if case)

    @property
    def substituted(self) -> bool:
        """Whether another official received than the calendar said."""
        return bool(self.received_by and self.planned_official and self.received_by.official != self.planned_official)


def check_visitor(who: Visitor, kind: VisitKind) -> None:
    """Raise Refused, naming the first field at fault. Whoever comes without a booking may stay unnamed."""
    if not who.matter.strip() or len(who.matter) > LONGEST_MATTER:
        raise Refused("matter", "来访事由必填，最多 %(max)s 个字。", "请用一句话写明来访要谈什么事。", max=LONGEST_MATTER)
    if who.group_size < 1:
        raise Refused("group_size", "人数不得少于 1。", "请填写共同提出的人数，只有本人时填 1。")
    if len(who.representatives) > min(MOST_REPRESENTATIVES, who.group_size):
        raise Refused(
            "representatives", "代表不得超过 5 人，也不得多于总人数（《信访工作条例》第二十条）。", "请推选不超过 5 名代表。"
        )
    if kind is VisitKind.WALK_IN:
        return
    if not who.name.strip():
        raise Refused("name", "预约须填写姓名。", "请填写来访人的姓名。")
    if not who.phone.strip():
        raise Refused("phone", "预约须填写电话，安排有变时才能通知到您。", "请填写联系电话。")
    if who.group_size > MOST_REPRESENTATIVES and not who.representatives:
        raise Refused(
            "representatives", "五人以上走访须推选代表，不超过 5 人（《信访工作条例》第二十条）。", "请填写各位代表的姓名。"
        )


def check_bookable(session: Session | None, now: datetime, barred: bool) -> Session:
    """The session, if places of it are given away. Raises Refused; nobody is told why a session does not suit a case."""
    if session is None:
        raise Refused("session", "没有这一场接访，或还不能预约。", "请从接访日程中另选一场。")
    if session.cancelled:
        raise Conflict("session", "这一场接访已经取消。", "请从接访日程中另选一场。")
    if session.ends_at <= now:
        raise Conflict("session", "这一场接访已经结束。", "请从接访日程中另选一场。")
    if barred:
        raise Refused("session", "这件信访件不能约这一场接访。", "请另选一位领导的场次。")
    return session


def check_receives(suits: bool) -> None:
    """Raise Conflict when the official of the visitor's queue is not the one to receive on the case."""
    if not suits:
        raise Conflict("session", "这件信访件不由这一场的领导接待。", "请打开这次来访，转到另一队或窗口。")


def free_slots(session: Session, taken: Collection[int], now: datetime) -> list[int]:
    """The places that can still be booked, by their times."""
    if session.cancelled:
        return []
    return [slot for slot in range(session.capacity) if slot not in taken and session.slot_at(slot) > now]


def choose_slot(session: Session, wanted: int | None, taken: Collection[int], now: datetime) -> int:
    """The wanted place, or the first free one. Raises Conflict, naming the next free times."""
    free = free_slots(session, taken, now)
    if not free:
        raise Conflict("session", "这一场已经约满。", "请从接访日程中另选一场。")
    if wanted is None or wanted in free:
        return free[0] if wanted is None else wanted
    later = [slot for slot in free if slot > wanted] or free
    times = "、".join(f"{session.slot_at(slot):%H:%M}" for slot in later[:3])
    raise Conflict("slot", "这个时间刚刚被别人约走。", "这一场还有：%(times)s。请另选一个时间。", times=times)


def check_phone(open_bookings: int, *, by_clerk: bool) -> None:
    """Raise Refused when a telephone number holds as many open bookings as one may; only a clerk is told that this one does."""
    if open_bookings < MOST_OPEN:
        return
    if by_clerk:
        raise Refused(
            "phone", "同一个电话最多同时预约 %(max)s 次，已经约满。", "请先取消一次预约，或等这次接访结束后再约。", max=MOST_OPEN
        )
    raise Conflict(
        "session", "这一场没有约上。",
        "请打电话或到信访接待室预约。已有预约的请到“我的预约”核对，一个电话最多同时预约 %(max)s 次。", max=MOST_OPEN,
    )  # fmt: skip


def place(visit: Visit, session: Session | None, slot: int | None) -> Visit:
    """The visit in another session: a booking takes another place, who waits already waits for another official."""
    stage = VISIT.move(visit.stage, "rebook" if slot is not None else "transfer")
    slot_at = session.slot_at(slot) if session and slot is not None else visit.slot_at
    return replace(
        visit, stage=stage, session=session.id if session else None, slot=slot, slot_at=slot_at,
        held_on=session.held_on if session else visit.held_on, told_sequence=session.sequence if session else 0,
    )  # fmt: skip


def check_inside(inside: int, group_size: int) -> None:
    """Raise Refused when more than five representatives, or more than came, would go in (art. 20)."""
    if inside > MOST_REPRESENTATIVES:
        raise Refused(
            "inside", "进入接访室的代表不得超过 5 人（《信访工作条例》第二十条）。", "请推选代表进入，其余的人在室外等候。"
        )
    if not 1 <= inside <= group_size:
        raise Refused("inside", "进入接访室的人数须为 1 人以上，且不多于来访人数。", "请核对人数。")


def check_in(visit: Visit, *, ticket: int, inside: int, now: datetime) -> Visit:
    """The visitor is here and has a ticket; one who was missed and comes late on the same day keeps the first ticket, if any."""
    check_inside(inside, visit.group_size)
    stage = VISIT.move(visit.stage, "check_in")
    return replace(visit, stage=stage, ticket=visit.ticket or ticket, inside=inside, checked_in_at=now, ended_at=None)


@dataclass(frozen=True, kw_only=True, repr=False)
class Record:
    """What was said, and the answer given on the spot or the reason why nobody received."""

    outcome: Outcome
    said: str
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a reception ended, as the clerk writes it down. `official` received; the rest is for a case that is made or joined."""

    record: Record
    official: str
    case_number: str = ""
    submission: Submission | None = None


def check_record(record: Record) -> None:
    """Raise Refused, naming the first field at fault."""
    if not record.said.strip():
        raise Refused("said", "接访记录必填。", "请记下来访人反映的情况和要求。")
    if record.outcome is Outcome.ANSWERED and not record.answer.strip():
        raise Refused("spot_answer", "当场答复须写明答复内容。", "请写明当场答复了什么。")
    if record.outcome is Outcome.REFUSED and not record.answer.strip():
        raise Refused("spot_answer", "没有接访的须写明理由。", "请写明理由和告知来访人的去处。")


def check_amendment(visit: Visit, words: Mapping[str, str], standing: Mapping[str, str] | None) -> None:
    """Raise unless a visit's record may be corrected to these words (said, answer, reason); `standing`: as it reads now.

    What came of the reception, and who received, stays as it was.
    """
    if visit.outcome is None or standing is None:
        raise Conflict("said", "这次来访还没有接访记录。", "请先保存接访记录。")
    check_record(Record(outcome=visit.outcome, said=words["said"], answer=words["answer"]))
    if not words["reason"]:
        raise Refused("amend_reason", "更正须写明理由。", "请写明哪里记错了，为什么改。")
    if all(words[name] == standing[name] for name in ("said", "answer")):
        raise Refused("said", "更正的内容和现在的记录一样。", "请改动接访记录或答复，或不必更正。")


def finish(
    visit: Visit, *, outcome: Outcome, received_by: Person | None, recorded_by: Person, case_id: UUID | None, now: datetime
) -> Visit:
    """The reception is over and recorded; nobody received a visitor who was refused."""
    return replace(
        visit, stage=VISIT.move(visit.stage, "finish"), outcome=outcome, received_by=received_by, recorded_by=recorded_by,
        case_id=case_id, ended_at=now,
    )  # fmt: skip


def check_may_open(viewer: Viewer, receives: bool, barred: Collection[str]) -> None:
    """Raise Hidden unless the viewer works in the reception room or receives the visitor; whoever is barred from a case of the
    visit never may."""
    staff = viewer.of_instance and not viewer.roles.isdisjoint(OPENERS)
    if not viewer.codes.isdisjoint(barred) or not (staff or receives):
        raise Hidden("visit", "没有找到这次来访。", "请核对编号，或返回列表。")


def may_identify_visitor(viewer: Viewer, *, receives: bool, case: Identity | None, tie: Tie) -> bool:
    """Whether somebody who may open the visit may learn who comes, for a stated purpose. `case`: how the petitioner of the
    case that was named is known; of one who is not named the visit tells no more than the case does."""
    unnamed = case not in (None, Identity.NAMED)
    if unnamed and (tie.granted or tie.handled):
        return False
    staff = viewer.of_instance and not viewer.roles.isdisjoint(OPENERS)
    return staff or (receives and not unnamed)
