"""What intake, followup and supervision told: new cases, bars, links, reopening, closing, deadlines, charges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Bars, Case
from services.routing.handlers import pausing, referral
from services.routing.handlers.common import bars_of, put_bars, take_back_open
from services.routing.workflow import CASE, UNDER_WAY, CaseStage
from shared.contract.envelope import Event, instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused

Handler = Callable[[Event, UnitOfWork], None]
STANDINGS = {"deadline.moved": "set"}
OVER = (CaseStage.CLOSED, CaseStage.ARCHIVED)


def key(event: Event) -> UUID:
    """The case that an event is about. Raises Refused when its subject is no case."""
    try:
        return UUID(event.subject)
    except ValueError as fault:
        raise Refused("subject", "事件的主题不是信访件编号。", "请由发出方更正后重发。") from fault


def moment(text: str) -> datetime:
    """An event's instant."""
    return datetime.fromisoformat(text)


def known_case(event: Event, uow: UnitOfWork) -> Case:
    """The event's case. Raises NotYet when its registration has not arrived."""
    case = uow.rows(store.CASES).get(key(event))
    if case is None:
        raise NotYet(f"{event.contract.name} before the case {event.subject}")
    return case


def registered(event: Event, uow: UnitOfWork) -> None:
    """case.registered: the case stands in the review queue from this commit on."""
    if uow.rows(store.CASES).get(key(event)) is not None:
        return
    data = event.data
    at = moment(data["registered_at"])
    store.put_case(
        uow,
        Case(
            id=key(event), origin=event.organisation, stage=CaseStage.REGISTERED, number=data["number"],
            channel=data["channel"], category=data["category"], title=data["title"], brief=data["brief"],
            registered_at=at, queued_at=at, matter_type=data["matter_type"], place=data["place"],
            identity=data["identity"], group_size=data["group_size"],
            petition_received_at=moment(data["received_at"]),
        )
    )  # fmt: skip


def supplemented(event: Event, uow: UnitOfWork) -> None:
    """case.supplemented.

    The clerk's brief and codes; what was handed out keeps the words that it was handed out with.
    """
    data = event.data
    changed = {name: data[name] for name in ("title", "brief", "category", "place")}
    store.put_case(uow, replace(known_case(event, uow), **changed))


def accepted(event: Event, uow: UnitOfWork) -> None:
    """case.accepted (art. 23)."""
    store.put_case(uow, replace(known_case(event, uow), accepted_at=moment(event.data["accepted_at"])))


def conflict_set(event: Event, uow: UnitOfWork) -> None:
    """case.conflict_set.

    The guard closes at once, also when it comes before the case; what is out is taken back. Names add up.
    """
    case_id = key(event)
    case = uow.rows(store.CASES).get(case_id)
    before = bars_of(uow, case_id)
    data = event.data
    if before is None and not data["organisations"] and not data["officials"]:
        return
    complained = (before or Bars(case_id=case_id)).complain(data["organisations"], data["officials"], store.directory(uow))
    put_bars(uow, case, before, complained)


def conflict_lifted(event: Event, uow: UnitOfWork) -> None:
    """case.conflict_lifted: these may be handed the case again, unless they recused themselves. Nothing is handed back."""
    before, data = bars_of(uow, key(event)), event.data
    if before is not None:
        after = before.lift(data["organisations"], data["officials"], store.directory(uow))
        put_bars(uow, uow.rows(store.CASES).get(key(event)), before, after)


def recused_by_family(event: Event, uow: UnitOfWork) -> None:
    """case.recused_by_family: who keeps out of another part of the same letter never gets this one, until that recusal ends."""
    before, data = bars_of(uow, key(event)), event.data
    after = (before or Bars(case_id=key(event))).follow_family(data["organisations"], data["officials"], store.directory(uow))
    put_bars(uow, uow.rows(store.CASES).get(key(event)), before, after)


def linked(event: Event, uow: UnitOfWork) -> None:
    """case.linked: the pages of the case show the other one, and of a repeat the earlier ones with their answers. No clock stops."""
    data = event.data
    uow.rows(store.LINKS).put(
        store.CaseLink(
            link_id=UUID(data["link_id"]), case_id=key(event), other=UUID(data["other"]), other_number=data["other_number"],
            relation=data["relation"], earlier=list(data["earlier"]), linked_by=Person.of(data["by"]), linked_at=moment(data["at"]),
        )
    )  # fmt: skip


def unlinked(event: Event, uow: UnitOfWork) -> None:
    """case.unlinked: no longer shown; the row stays."""
    found = uow.rows(store.LINKS).get(UUID(event.data["link_id"]), key(event))
    if found is not None:
        uow.rows(store.LINKS).put(replace(found, undone_at=moment(event.data["at"])))


def withdrawn(event: Event, uow: UnitOfWork) -> None:
    """case.withdrawn by its petitioner: nothing more is owed; followup closes it."""
    case = known_case(event, uow)
    if case.stage in (*OVER, CaseStage.WITHDRAWN):
        return
    stage = CASE.move(case.stage, "withdraw")
    changed = store.put_case(uow, replace(case, stage=stage, withdrawn_at=moment(event.data["withdrawn_at"])))
    take_back_open(uow, case.id, "petition_withdrawn")
    pausing.forget(uow, case.id)
    if referral.is_referred(uow, case):
        referral.again(uow, changed, "withdrawn")


def dissatisfied(event: Event, uow: UnitOfWork) -> None:
    """case.dissatisfied: a new round is owed, and the case stands in the review queue again (M18): ours, or the superior's."""
    case = known_case(event, uow)
    if not CASE.allows(case.stage, "reopen") and event.data["round"] <= case.round:
        return  # said of a round that has been reopened already
    referred = referral.is_referred(uow, case)
    changed = store.put_case(uow, domain.refer_again(case) if referred else domain.reopen(case, now=uow.now))
    if referred:
        referral.again(uow, changed, "dissatisfied")
    told = {"round": changed.round + 1, "cause": event.data.get("cause") or "dissatisfied", "reopened_at": instant(uow.now)}
    uow.tell("case.reopened", case.id, told)


def closed(event: Event, uow: UnitOfWork) -> None:
    """case.closed: the stage follows; by a decision also while a new round was owed (art. 35)."""
    case, data = known_case(event, uow), event.data
    if data["reason"] == "withdrawn" and case.stage not in (CaseStage.WITHDRAWN, *OVER):
        raise NotYet(f"case {event.subject} closed before its withdrawal is known")
    stage = CASE.move(case.stage, "close_by_decision" if data["reason"] == "decision" else "close")
    if case.stage in UNDER_WAY:  # instructed while the decision was taken
        take_back_open(uow, case.id, "concluded")
        pausing.forget(uow, case.id)
    store.put_case(uow, replace(case, stage=stage, closed_at=moment(data["closed_at"]), close_reason=data["reason"]))


def archived(event: Event, uow: UnitOfWork) -> None:
    """case.archived: the stage follows."""
    case = known_case(event, uow)
    stage = CASE.move(case.stage, "archive")
    store.put_case(uow, replace(case, stage=stage, archived_at=moment(event.data["archived_at"])))


def deadline(event: Event, uow: UnitOfWork) -> None:
    """deadline.*: the latest word on a deadline stands, for chips and badges."""
    data = event.data
    uow.rows(store.DEADLINES).put(
        store.Deadline(
            id=UUID(data["deadline_id"]), case_id=key(event), obligation=data["obligation"],
            round=data["round"],
            due_at=moment(data["due_at"]), responsible=data.get("responsible"),
            # A limit that was moved is set anew.
            standing=STANDINGS.get(event.contract.name, event.contract.name.rpartition(".")[2]),
            assignment_id=UUID(data["assignment_id"]) if data.get("assignment_id") else None, limited_by=data.get("limited_by"),
        )
    )  # fmt: skip


def charge_taken(event: Event, uow: UnitOfWork) -> None:
    """charge.taken: the pages of the case say who carries it."""
    data = event.data
    uow.rows(store.CARRIED).put(
        store.CarriedCase(
            case_id=key(event), charge_id=UUID(data["charge_id"]), leader=Person.of(data["leader"]), taken_at=moment(data["at"])
        )
    )


def charge_ended(event: Event, uow: UnitOfWork) -> None:
    """charge.ended: nobody does any longer, unless another one has begun to."""
    found = uow.rows(store.CARRIED).get(key(event))
    if found is not None and found.charge_id == UUID(event.data["charge_id"]):
        uow.rows(store.CARRIED).put(replace(found, ended_at=moment(event.data["at"])))


HEARS: dict[str, Handler] = {
    "case.registered": registered,
    "case.supplemented": supplemented,
    "case.accepted": accepted,
    "case.conflict_set": conflict_set,
    "case.conflict_lifted": conflict_lifted,
    "case.recused_by_family": recused_by_family,
    "case.withdrawn": withdrawn,
    "case.linked": linked,
    "case.unlinked": unlinked,
    "case.dissatisfied": dissatisfied,
    "case.closed": closed,
    "case.archived": archived,
    "charge.taken": charge_taken,
    "charge.ended": charge_ended,
    "deadline.set": deadline,
    "deadline.approaching": deadline,
    "deadline.missed": deadline,
    "deadline.paused": deadline,
    "deadline.moved": deadline,
    "deadline.met": deadline,
    "deadline.withdrawn": deadline,
}
