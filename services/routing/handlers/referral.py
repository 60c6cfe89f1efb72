"""A case that nobody here may instruct goes up to the superior (art. 30, 46), and what becomes of it there."""

from __future__ import annotations

from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Case, Referral
from services.routing.handlers import pausing
from services.routing.handlers.common import bars_of, logged, open_case, take_back_open
from services.routing.handlers.passing import pass_up
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Refused


@logged
def refer_up(uow: UnitOfWork, case_id: UUID, by: str, reference: str = "") -> Referral:
    """Hand the case up, with the brief and with who must not see it. By the office; a second time changes nothing.

    What was handed out here is taken back. Where the superior has no instance, `reference` says to whom it went on paper.
    Raises Forbidden, NotFound, Conflict, Refused.
    """
    case = open_case(uow, case_id, by)
    directory = store.directory(uow)
    person = directory.acting(by, "office")
    known = uow.rows(store.REFERRALS).get(case_id)
    if known is not None:
        return known
    bars = bars_of(uow, case_id)
    moved, referral = domain.refer_up(case, bars, directory, reference=reference, by=person, now=uow.now)
    pausing.go_on(uow, case_id, person, "报上级处理")
    if case.round:
        take_back_open(uow, case_id, "referred_up", person)
    store.put_case(uow, moved)
    uow.rows(store.REFERRALS).put(referral)
    if bars is not None and referral.superior is not None:
        pass_up(uow, bars, referral.superior)
        _tell(uow, moved, referral.superior, "conflict", person)
    return referral


def again(uow: UnitOfWork, case: Case, cause: str) -> None:
    """Tell the superior what the petitioner said since of a case that was referred to it: "dissatisfied" or "withdrawn"."""
    if case.origin != uow.org:
        _tell(uow, case, case.origin, cause, None)


def is_referred(uow: UnitOfWork, case: Case) -> bool:
    """Whether the case went up from here."""
    return uow.rows(store.REFERRALS).get(case.id) is not None


@logged
def conclude_referred(uow: UnitOfWork, case_id: UUID, by: str, *, outcome: str, summary: str, answer: str) -> Case:
    """Write down how a superior without an instance concluded what went to it on paper. By the office.

    Raises Forbidden, NotFound, Refused, and Conflict unless it went up on paper and is not concluded yet.
    """
    case = open_case(uow, case_id, by)
    person = store.directory(uow).acting(by, "office")
    referral = uow.rows(store.REFERRALS).get(case_id)
    if referral is None or referral.superior is not None or case.concluded_at is not None:
        raise Conflict("case", "只有按文件报送、还没有结果的信访件，才由本级登记上级的处理结果。", "请刷新页面，查看最新进展。")
    return concluded(uow, case, round_number=1, outcome=outcome, summary=summary, answer=answer, by=person)


def concluded(
    uow: UnitOfWork, case: Case, *, round_number: int, outcome: str, summary: str, answer: str, by: Person
) -> Case:  # fmt: skip
    """The superior concluded: the petitioner, whom this instance alone knows, is answered and asked from here."""
    changed = domain.conclude_above(
        case, round_number=round_number, outcome=outcome, summary=summary, answer=answer, by=by, at=uow.now
    )
    store.put_case(uow, changed)
    uow.tell("case.concluded", case.id, conclusion(changed))
    tell_below(uow, changed)
    return changed


def conclusion(case: Case) -> dict[str, object]:
    """What is told of a conclusion. `referred_from`: whose petition it is, so that nobody asks the petitioner but that instance."""
    if case.concluded_by is None or case.concluded_at is None:
        raise Refused("case", "该件还没有办结。", "请刷新页面，查看最新进展。")
    return {
        "round": case.round, "outcome": case.outcome, "summary": case.summary, "answer": case.answer,
        "by": case.concluded_by.as_data(), "concluded_at": instant(case.concluded_at), "referred_from": case.referred_from,
    }  # fmt: skip


def tell_below(uow: UnitOfWork, case: Case) -> None:
    """Tell the instance that referred the case up how it was concluded; nothing for a case of our own."""
    if case.referred_from is not None:
        told = {name: value for name, value in conclusion(case).items() if name != "referred_from"}
        uow.tell("case.concluded_above", case.id, told, addressee=case.referred_from)


def _tell(uow: UnitOfWork, case: Case, superior: str, cause: str, by: Person | None) -> None:
    told = {
        "cause": cause, "round": case.round, "number": case.number, "channel": case.channel, "matter_type": case.matter_type or "other",
        "category": case.category, "place": case.place or "", "title": case.title, "brief": case.brief,
        "identity": case.identity or "confidential", "group_size": case.group_size or 1,
        "registered_at": instant(case.registered_at),
        "received_at": instant(case.petition_received_at or case.registered_at),
        "by": by.as_data() if by else None, "at": instant(uow.now),
    }  # fmt: skip
    uow.tell("case.referred_up", case.id, told, addressee=superior)
