"""Who carries which case until it is over, and what he does for it. The case's row is the lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.supervision import store
from services.supervision.domain import SupervisedCase
from services.supervision.domain import charge as domain
from services.supervision.domain.charge import Charge, Evidence, Proposal
from services.supervision.domain.scores import Occasion
from services.supervision.domain.wording import check_words
from services.supervision.handlers.acting import acting, leaders, may_see, open_case
from services.supervision.handlers.in_force import policy_in_force
from services.supervision.score_rules import Kind
from services.supervision.store import SQL
from services.supervision.working_calendar import local_day
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, Refused

SUPERVISES = ("supervision_office", "office", "first_in_command")


def propose(
    uow: UnitOfWork, case_id: UUID, *, reason: str, words: str | None = None, by: Person | None = None,
    proposal_id: UUID | None = None, tell: bool = True,
) -> bool:  # fmt: skip
    """Propose that a leader carries the case; False, and nothing happens, where one does or where it is proposed already."""
    case = uow.rows(store.CASES).get(case_id)
    uow.flush(store.PROPOSALS)
    if case is None or case.charge or case.closed_at or not case.concluded_here or uow.one(SQL["open_proposal"], case=case_id):
        return False
    proposal = Proposal(id=proposal_id or uuid7(), case_id=case_id, reason=reason, words=words, by=by, at=uow.now)
    uow.rows(store.PROPOSALS).put(proposal)
    if tell:
        data = {"reason": reason, "words": words, "by": by.as_data() if by else None, "at": instant(uow.now)}
        uow.tell("charge.proposed", case_id, data)
    return True


def propose_by(uow: UnitOfWork, case_id: UUID, official: str, *, proposal_id: UUID, reason: str, words: str) -> None:
    """Somebody of the supervision office, the office or the first-in-command proposes it. Raises Refused."""
    if uow.rows(store.PROPOSALS).get(proposal_id) is not None:
        return
    by = acting(uow, official, *SUPERVISES)
    domain.check_can_be_carried(open_case(uow, case_id, official))
    check_words("words", words)
    if not propose(uow, case_id, reason=reason, words=words, by=by, proposal_id=proposal_id):
        raise Conflict("case", "该件已经提请包案，正等待决定。", "请由一把手决定，或由领导认领。")


def decline(uow: UnitOfWork, proposal_id: UUID, official: str, words: str) -> None:
    """The first-in-command decides that nobody carries the case, with reasons. Raises Refused."""
    by = acting(uow, official, *domain.DECIDES)
    proposal = uow.rows(store.PROPOSALS).get(proposal_id)
    if proposal is None or not may_see(uow, proposal.case_id, official):
        raise NotFound("proposal", "没有找到该项提请。", "请核对后重试。")
    if proposal.decision is not None:
        raise Conflict("proposal", "该项提请已经作出决定。", "请查看最新情况。")
    _decide(uow, proposal, "declined", by, words)


def take(uow: UnitOfWork, case_id: UUID, leader: str, official: str, *, charge_id: UUID, ground: str) -> None:
    """A leader takes the case on himself, or the first-in-command decides that he does. Sent twice it is done once.

    Raises Refused, also when the leader is barred from the case: which is told to nobody but those who may see it.
    """
    if uow.rows(store.CHARGES).get(charge_id) is not None:
        return
    case = domain.check_can_be_carried(open_case(uow, case_id, official))
    by = acting(uow, official, *domain.LEADING)
    person = _leader(uow, case_id, leader)
    domain.check_decides(by, person, decides=_decides(uow, official))
    begin(uow, case, person, by=by, ground=ground, charge_id=charge_id)


def _leader(uow: UnitOfWork, case_id: UUID, official: str) -> Person:
    person = leaders(uow).get(official)
    if person is None or not may_see(uow, case_id, official):
        raise Refused("leader", "该同志不能包办该件。", "请选择其他县级领导。")
    return person


def _decides(uow: UnitOfWork, official: str) -> bool:
    row = uow.one(SQL["official_named"], official=official)
    return bool(row and domain.leader_of(official, row["name"], row["posts"], domain.DECIDES))


def begin(
    uow: UnitOfWork, case: SupervisedCase, leader: Person, *, by: Person, ground: str, charge_id: UUID | None = None,
    after: UUID | None = None,
) -> None:  # fmt: skip
    """The leader carries the case from now on."""
    charge_id, now, scores = charge_id or uuid7(), uow.now, policy_in_force(uow).scores
    data = _of(charge_id, leader) | {"ground": ground, "by": by.as_data(), "at": instant(now)}
    told = uow.tell("charge.taken", case.id, data)
    uow.flush(store.CHARGES)  # one that ended in the same breath ends first: a case has one that runs
    uow.rows(store.CASES).put(replace(case, charge=charge_id))
    uow.rows(store.CHARGES).put(
        Charge(
            id=charge_id, case_id=case.id, leader=leader, official=leader.official, ground=ground, taken_at=now, taken_by=by,
            told=told, duties_by=domain.duties_by(now, scores.duties_within_days if scores else None), after=after,
        )
    )  # fmt: skip
    for proposal in uow.rows(store.PROPOSALS).where("case_id = %s AND decision IS NULL", case.id):
        _decide(uow, proposal, "taken", by, None)


def _decide(uow: UnitOfWork, proposal: Proposal, decision: str, by: Person | None, words: str | None) -> None:
    decided = replace(proposal, decision=decision, decided_by=by, decided_at=uow.now, decision_words=words)
    uow.rows(store.PROPOSALS).put(decided)


def finish(uow: UnitOfWork, case: SupervisedCase, reason: str, *, by: Person | None = None, words: str | None = None) -> Charge:
    """Nobody carries the case from now on; the charge that is over. Raises Conflict when nobody did."""
    charge = uow.rows(store.CHARGES).get(case.charge) if case.charge else None
    if charge is None:
        raise Conflict("charge", "该包案已经结束。", "请查看最新情况。")
    over = uow.rows(store.CHARGES).put(domain.end(charge, reason, at=uow.now, by=by, words=words))
    uow.rows(store.CASES).put(replace(case, charge=None))
    said = {"reason": reason, "words": words, "by": by.as_data() if by else None, "at": instant(uow.now)}
    uow.tell("charge.ended", case.id, _of(charge.id, charge.leader) | said)
    return over


def _of(charge_id: UUID, leader: Person) -> dict[str, Any]:
    return {"charge_id": str(charge_id), "leader": leader.as_data()}


def open_charge(uow: UnitOfWork, charge_id: UUID, official: str) -> tuple[SupervisedCase, Charge]:
    """A charge with its case, both locked, the case first. Raises NotFound, also to whoever is barred."""
    row = uow.one(SQL["charge_seen"], charge=charge_id, official=official, posts=[])
    case = open_case(uow, row["case_id"], official) if row else None
    charge = uow.rows(store.CHARGES).get(charge_id)
    if case is None or charge is None:
        raise NotFound("charge", "没有找到该包案。", "请核对后重试。")
    return case, charge


def end_by_decision(uow: UnitOfWork, charge_id: UUID, official: str, words: str) -> None:
    """The first-in-command decides that the charge ends without a settlement, with reasons. Raises Refused."""
    by = acting(uow, official, *domain.DECIDES)
    case, charge = open_charge(uow, charge_id, official)
    domain.end(charge, "decision", at=uow.now)
    check_words("words", words)
    finish(uow, case, "decision", by=by, words=words)


def hand_over(uow: UnitOfWork, charge_id: UUID, to: str, official: str, *, new_id: UUID, words: str) -> None:
    """The first-in-command decides that another leader carries the case from now on. Raises Refused."""
    if uow.rows(store.CHARGES).get(new_id) is not None:
        return
    by = acting(uow, official, *domain.DECIDES)
    case, charge = open_charge(uow, charge_id, official)
    domain.end(charge, "handed_over", at=uow.now)
    person = _leader(uow, case.id, to)
    if person.official == charge.official:
        raise Refused("to", "该同志正在包办该件。", "请选择其他县级领导。")
    check_words("words", words)
    pass_to(uow, case, person, by=by, words=words, charge_id=new_id)


def pass_to(
    uow: UnitOfWork, case: SupervisedCase, leader: Person, *, by: Person | None = None, words: str | None = None,
    charge_id: UUID | None = None,
) -> None:  # fmt: skip
    """One charge ends and the next one begins, in one breath."""
    over = finish(uow, case, "handed_over", by=by, words=words)
    begin(uow, replace(case, charge=None), leader, by=by or leader, ground=over.ground, charge_id=charge_id, after=over.id)


def record(
    uow: UnitOfWork, charge_id: UUID, official: str, *, evidence_id: UUID, duty: str, form: str, words: str, place: str,
    done_on: date,
) -> None:  # fmt: skip
    """Evidence for a duty, by whoever carries the case or by the office for him. Raises Refused; sent twice it is kept once."""
    if uow.rows(store.DUTIES).get(evidence_id) is not None:
        return
    _, charge = open_charge(uow, charge_id, official)
    by = acting(uow, official, *(domain.LEADING if official == charge.official else ("office",)))
    domain.check_evidence(charge, duty, form, done_on, local_day(uow.now))
    for field, text in (("words", words), ("place", place)):
        check_words(field, text)
    first = duty not in {row["duty"] for row in uow.all(SQL["duties_done"], charge=charge_id)}
    uow.rows(store.DUTIES).put(
        Evidence(
            id=evidence_id, charge_id=charge_id, case_id=charge.case_id, duty=duty, form=form, words=words, place=place,
            done_on=done_on, by=by, at=uow.now,
        )
    )  # fmt: skip
    data = {
        "duty_id": str(evidence_id), "duty": duty, "form": form, "done_on": done_on.isoformat(), "by": by.as_data(),
        "at": instant(uow.now),
    }  # fmt: skip
    told = uow.tell("duty.recorded", charge.case_id, _of(charge_id, charge.leader) | data)
    if first and (charge.duties_by is None or uow.now < charge.duties_by):
        uow.rows(store.OCCASIONS).put(
            Occasion(
                cause=told, detail=duty, kind=Kind.DUTY_DONE, case_id=charge.case_id, at=uow.now, responsible=None,
                carrier=charge.leader,
            )
        )  # fmt: skip
