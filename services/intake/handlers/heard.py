"""What intake does when another service tells something. Cases that were registered elsewhere are none of its business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.intake.domain import barring
from services.intake.domain import petition as domain
from services.intake.domain.messages import Message
from services.intake.domain.petition import Access, Petition
from services.intake.domain.rating import FollowUp
from services.intake.handlers.casework import implied, reach, recuse_family, relatives
from services.intake.store import ACCESSES, BARS, FOLLOW_UPS, MESSAGES, PETITIONS, REVIEW_REQUESTS
from services.intake.workflow import MessageStage
from shared import directory
from shared.contract.envelope import Event
from shared.database import UnitOfWork
from shared.errors import Refused


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Load what a batch touches, in sets: the petitions first, they are the locks."""
    events = [event for event in events if not event.contract.name.startswith("directory.")]
    barred = _ids(event.subject for event in events if event.contract.name == "case.barred")
    uow.rows(PETITIONS).load(_ids(event.subject for event in events) | (relatives(uow, barred) if barred else set()))
    uow.rows(ACCESSES).load(_ids(event.data.get("assignment_id", "") for event in events))
    for event in events:
        if event.contract.name == "followup.due":
            uow.rows(FOLLOW_UPS).load((case_id, event.data["round"]) for case_id in _ids([event.subject]))


def _ids(texts: Iterable[str]) -> set[UUID]:
    """Those texts that are UUIDs; one that is not must cost its own event, not the whole batch."""
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(UUID(text))
    return found


def _case(event: Event, uow: UnitOfWork) -> Petition | None:
    """The case, if it is ours: its registration was committed here before anybody could know of it."""
    return uow.rows(PETITIONS).get(UUID(event.subject))


def _at(event: Event, field: str) -> datetime:
    return datetime.fromisoformat(event.data[field])


def _check_ours(event: Event, uow: UnitOfWork) -> None:
    """What we registered is handed out and taken back by our own routing alone, for that opens its text. Raises Refused."""
    if event.organisation != uow.org:
        raise Refused("source", "来源%(source)s不能交办或收回本单位登记的信访件。", "请核对发送方。", source=event.source)


def grant_access(event: Event, uow: UnitOfWork) -> None:
    """assignment.issued: the responsible official may read the text from now on. Raises Refused when another tells it."""
    case = _case(event, uow)
    if case is None or (event.data.get("parent") and event.organisation != uow.org):
        return  # whoever is handed a part in a subordinate's instance reads nothing here
    _check_ours(event, uow)
    responsible = event.data["responsible"]
    uow.rows(ACCESSES).put(
        Access(
            assignment_id=UUID(event.data["assignment_id"]), case_id=case.id, official=responsible["official"],
            organisation=responsible["organisation"], begun_at=uow.now,
        )
    )  # fmt: skip
    if event.data.get("parent"):
        return  # a part of what was handed over already
    uow.rows(PETITIONS).put(domain.hand_over(case))
    reach(uow, case.id, "handed_over", event.data["round"])


def end_access(event: Event, uow: UnitOfWork) -> None:
    """assignment.withdrawn: the official no longer reads the text. Raises Refused when another tells it."""
    access = uow.rows(ACCESSES).get(UUID(event.data["assignment_id"]))
    if access and access.ended_at is None:
        _check_ours(event, uow)
        uow.rows(ACCESSES).put(replace(access, ended_at=uow.now))


def follow_post(event: Event, uow: UnitOfWork) -> None:
    """assignment.handed_over: whoever has the post now reads the text, and the former one no longer. Raises Refused."""
    access = uow.rows(ACCESSES).get(UUID(event.data["assignment_id"]))
    if access and access.ended_at is None:
        _check_told_here(event, access, uow)
        to, former = event.data["to"], (*access.former, access.official)
        uow.rows(ACCESSES).put(replace(access, official=to["official"], organisation=to["organisation"], former=former))


def _check_told_here(event: Event, access: Access, uow: UnitOfWork) -> None:
    """A post changes hands in the instance in which the official works: ours, or one of his own organisation. Raises Refused."""
    own = {event.data["from"]["organisation"], event.data["to"]["organisation"]} == {access.organisation}
    if not own or event.organisation not in (uow.org, access.organisation) or event.data["from"]["official"] != access.official:
        raise Refused("source", "来源%(source)s不能移交本单位登记的信访件。", "请核对发送方。", source=event.source)


def extend(event: Event, uow: UnitOfWork) -> None:
    """assignment.extended: the petitioner is told, with the reasons (art. 34), once. Raises Refused when another tells it."""
    case = _case(event, uow)
    key = UUID(event.data["extension_id"])
    if case is None or uow.rows(MESSAGES).get(key) is not None:
        return
    _check_ours(event, uow)
    reach(uow, case.id, "extended")
    uow.rows(MESSAGES).put(
        Message(
            id=key, case_id=case.id, template="case_extended", params={"days": event.data["days"], "reason": event.data["reasons"]},
            requested_at=uow.now, stage=MessageStage.WAITING, attempts=0, next_attempt_at=uow.now,
        )
    )  # fmt: skip


def bar(event: Event, uow: UnitOfWork) -> None:
    """case.barred: routing's latest word on who never sees the case; what they had been given ends, for good.

    Whoever is recused never sees the rest of its split family either, until his recusal ends.
    """
    case = _case(event, uow)
    if case is None:
        return
    codes = {*event.data["organisations"], *event.data["officials"]}
    uow.flush(BARS)  # what another word of the same batch began or ended
    known = uow.rows(BARS).where("case_id = %s", case.id)
    begun, ended = barring.recusals(known, codes, implied(uow, case.id))
    recuse_family(uow, case.id, begun=begun, ended=ended)
    for changed in barring.follow(known, case.id, codes, at=_at(event, "barred_at")):
        uow.rows(BARS).put(changed)
    for access in uow.rows(ACCESSES).where("case_id = %s", case.id):
        if access.ended_at is None and codes & {access.official, access.organisation}:
            uow.rows(ACCESSES).put(replace(access, ended_at=uow.now))


def conclude(event: Event, uow: UnitOfWork) -> None:
    """case.concluded: the tracking page shows the answer."""
    case = _case(event, uow)
    if case is None:
        return
    data = event.data
    changed = domain.conclude(
        case, round=data["round"], outcome=data["outcome"], answer=data["answer"], at=_at(event, "concluded_at")
    )
    uow.rows(PETITIONS).put(changed)
    reach(uow, case.id, "concluded", data["round"])


def reopen(event: Event, uow: UnitOfWork) -> None:
    """case.reopened: the case goes on with a new round, unless a decision has ended that since. What staff wrote down of the round
    before no longer closes anything, and is contested no more.
    """
    case = _case(event, uow)
    if case is not None and (changed := domain.reopen(case, round=event.data["round"])) is not case:
        uow.rows(PETITIONS).put(changed)
        if question := uow.rows(FOLLOW_UPS).get(case.id, event.data["round"] - 1):
            uow.rows(FOLLOW_UPS).put(replace(question, contest_until=None))
        reach(uow, case.id, "reopened", event.data["round"])


def close(event: Event, uow: UnitOfWork) -> None:
    """case.closed. Waits while routing's conclusion is still on its way; one that a reopening has overtaken changes nothing."""
    case, data = _case(event, uow), event.data
    if case is None:
        return
    changed = domain.close(
        case, _at(event, "closed_at"), reason=data["reason"], round=data.get("round"), authority=data.get("authority") or "",
        words=data.get("reasons") or "",
    )  # fmt: skip
    if changed is not case:
        uow.rows(PETITIONS).put(changed)
        reach(uow, case.id, "closed", changed.round)


def archive(event: Event, uow: UnitOfWork) -> None:
    """case.archived."""
    case = _case(event, uow)
    if case is not None and (changed := domain.archive(case, _at(event, "archived_at"))) is not case:
        uow.rows(PETITIONS).put(changed)
        reach(uow, case.id, "archived")


def satisfied(event: Event, uow: UnitOfWork) -> None:
    """case.satisfied: what staff wrote down stands on the tracking page, and until when it can be contested (decision 14)."""
    case, data = _case(event, uow), event.data
    question = uow.rows(FOLLOW_UPS).get(case.id, data["round"]) if case else None
    if case is None or question is None or data["source"] != "staff" or not data.get("contest_until"):
        return
    uow.rows(FOLLOW_UPS).put(
        replace(question, recorded_at=_at(event, "at"), contest_until=_at(event, "contest_until"), contested_at=None)
    )
    reach(uow, case.id, "recorded_satisfied", data["round"])


def review_assigned(event: Event, uow: UnitOfWork) -> None:
    """review.assigned: who decides may read why it is asked for."""
    request = uow.rows(REVIEW_REQUESTS).get(UUID(event.data["review_id"])) if _case(event, uow) else None
    if request is not None:
        reviewer = event.data.get("reviewer") or {}
        uow.rows(REVIEW_REQUESTS).put(replace(request, reviewer=reviewer.get("official", "")))


def reviewed(event: Event, uow: UnitOfWork) -> None:
    """review.decided: the tracking page shows the decision, and until when the final review may be asked for."""
    case, data = _case(event, uow), event.data
    request = uow.rows(REVIEW_REQUESTS).get(UUID(data["review_id"])) if case else None
    if case is None or request is None:
        return
    until = datetime.fromisoformat(data["final_until"]) if data.get("final_until") else None
    uow.rows(REVIEW_REQUESTS).put(
        replace(
            request, decision=data["decision"], answer=data["answer"], document=data["document"], decided_at=_at(event, "at"),
            final_until=until,
        )
    )  # fmt: skip
    reach(uow, case.id, f"{request.level}_decided", case.round)


def ask(event: Event, uow: UnitOfWork) -> None:
    """followup.due: the tracking page asks, once in each round."""
    case = _case(event, uow)
    if case is None or uow.rows(FOLLOW_UPS).get(case.id, event.data["round"]):
        return
    uow.rows(FOLLOW_UPS).put(
        FollowUp(
            case_id=case.id, round=event.data["round"], task_id=UUID(event.data["task_id"]), due_at=_at(event, "due_at"),
            asked_at=uow.now, questions=tuple(event.data.get("questions") or ()), terms=dict(event.data.get("terms") or {}),
        )
    )  # fmt: skip
    reach(uow, case.id, "asked", event.data["round"])


def request_message(event: Event, uow: UnitOfWork) -> None:
    """message.requested: on the tracking page at once; the mail goes out later, and never from in here."""
    case = _case(event, uow)
    if case is None:
        return
    uow.rows(MESSAGES).put(
        Message(
            id=UUID(event.data["message_id"]), case_id=case.id, template=event.data["template"],
            params=dict(event.data["params"]),
            requested_at=uow.now, stage=MessageStage.WAITING, attempts=0, next_attempt_at=uow.now,
        )
    )  # fmt: skip


HEARS: Mapping[str, Callable[[Event, UnitOfWork], None]] = {
    **directory.HEARS,
    "assignment.issued": grant_access,
    "assignment.withdrawn": end_access,
    "assignment.handed_over": follow_post,
    "assignment.extended": extend,
    "case.barred": bar,
    "case.concluded": conclude,
    "case.reopened": reopen,
    "case.satisfied": satisfied,
    "case.closed": close,
    "case.archived": archive,
    "followup.due": ask,
    "review.assigned": review_assigned,
    "review.decided": reviewed,
    "message.requested": request_message,
}
