"""What is told of an assignment is held against what its issue settled, the same way by everybody who hears it.

The bus vouches for an event's source; this says which source may tell what, of whom and of when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contract import signature
from shared.contract.person import Person
from shared.errors import Forbidden, Refused

if TYPE_CHECKING:
    from shared.contract.envelope import Event

# Clocks kept by NTP differ by far less; what is further off is a clock to be mended, or a time that somebody made up.
CLOCK_SKEW = timedelta(minutes=5)
# What goes up, and which member names the person responsible in whose name it is told.
_UPWARD = {f"assignment.{verb}": "by" for verb in ("received", "objected", "progressed", "extension_requested")}
_UPWARD |= {"assignment.replied": "signature", "assignment.handed_over": "from"}
_REMEDY = "请核对发出方的机构代码与交办关系。"


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What the issue of an assignment settled; `replies` are the ids of those known already."""

    case_id: UUID
    issuer: str
    tellers: tuple[str, ...]  # the instances that may speak for the person responsible
    responsible: Person
    round: int
    issued_at: datetime
    replies: tuple[str, ...] = ()

    def check(self, event: Event, *, own: str, now: datetime) -> None:
        """Whether instance `own` may believe what is told of this assignment.

        Raises Refused unless what goes down comes from the issuer, and what goes up from a teller, in the name of the
        person responsible (else Forbidden, which is one); unless who hands over does so within his organisation, and a reply
        is new, to this round, over a signature that fits, of an instant between the issue and `now`. Only a reply's instant is
        signed; who uses another draws it in between, so that a township's slow clock blocks nothing. Our own clock is not held
        against itself.
        """
        if UUID(event.subject) != self.case_id:
            raise Refused("source", "来源%(source)s所报交办与信访件不符。", _REMEDY, source=event.source)
        field = _UPWARD.get(event.contract.name)
        if event.organisation not in (self.tellers if field else (self.issuer,)):
            raise Refused("source", "该项交办不由来源%(source)s交办或办理。", _REMEDY, source=event.source)
        if not field:
            return
        if Person.of(event.data[field]) != self.responsible:
            raise Forbidden("by", "办理人或署名人不是该项交办的责任人。", "请由责任人本人办理并署名。")
        if field == "from" and event.data["to"]["organisation"] != self.responsible.organisation:
            raise Refused("to", "接手人不属于该项交办的承办单位。", "请移交给本单位现任职务的同志。")
        if field == "signature":
            self._check_reply(event, own, now)

    def _check_reply(self, event: Event, own: str, now: datetime) -> None:
        at = datetime.fromisoformat(event.data["replied_at"])
        if event.organisation != own and not (self.issued_at - CLOCK_SKEW <= at and at - CLOCK_SKEW <= now):
            raise Refused("replied_at", "所报时间早于交办或晚于当前时间。", "请核对双方服务器的时钟后重发。")
        if event.data["round"] != self.round or str(UUID(event.data["reply_id"])) in self.replies:
            raise Refused("reply", "回复与交办的轮次不符，或已经收到过。", "请由责任人重新署名回复。")
        if not signature.verify(event.data, event.subject):
            raise Refused("signature", "署名的摘要与回复内容不符。", "请由责任人重新署名回复。")


def tellers(issued: Event, own: str) -> tuple[str, ...]:
    """Which instances may speak for the person responsible, from an `assignment.issued` alone, as instance `own` hears it.

    It is addressed to the instance that he works in, or to his unit when that works in the issuer's. An addressee that
    is somebody else's unit may be either, so there the issuer's word is taken as well; `own` knows that it is itself.
    """
    addressee, unit = issued.stream.rpartition(" ")[2], issued.data["responsible"]["organisation"]
    return (addressee, issued.organisation) if addressee == unit != own else (addressee,)
