"""What instances tell each other of cases that go up, and of who must not see what travels between them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Bars, Case, Directory, Recusal
from services.routing.handlers import referral
from services.routing.handlers.common import bars_of, put_bars, take_back_open
from services.routing.handlers.events import Handler, key, known_case, moment
from services.routing.workflow import CASE, OPEN, CaseStage
from shared.contract.envelope import Event, instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotYet, Refused


def _foreign(event: Event, rule: str) -> Refused:
    return Refused("source", rule, "请核对发出方的机构代码与交办关系。", source=event.source)


def _is_below(event: Event, directory: Directory) -> bool:
    """Whether an instance below ours tells it."""
    return directory.works_elsewhere(event.organisation) and directory.within(event.organisation, directory.own)


def referred_up(event: Event, uow: UnitOfWork) -> None:
    """case.referred_up: the case stands in our review queue, ours to decide; or its petitioner said something more of it."""
    if event.organisation == uow.org:
        return
    if not _is_below(event, store.directory(uow)):
        raise _foreign(event, "来源%(source)s不是本单位的下级，不能向本单位报送。")
    case, cause = uow.rows(store.CASES).get(key(event)), event.data["cause"]
    if case is not None and case.referred_from != event.organisation:
        raise _foreign(event, "该件不是由来源%(source)s报来的。")
    if case is None:
        if cause != "conflict":
            raise NotYet(f"{cause} of the case {event.subject} before its referral")
        store.put_case(uow, _received(event, uow))
    elif case.origin != uow.org:
        referral.again(uow, case, cause)  # it went on from here
    elif cause == "dissatisfied" and CASE.allows(case.stage, "reopen"):
        changed = store.put_case(uow, domain.reopen(case, now=uow.now))
        uow.tell("case.reopened", case.id, {"round": changed.round + 1, "cause": cause, "reopened_at": instant(uow.now)})
    elif cause == "withdrawn" and CASE.allows(case.stage, "withdraw"):
        store.put_case(uow, replace(domain.follow(case, "withdraw"), withdrawn_at=moment(event.data["at"])))
        take_back_open(uow, case.id, "petition_withdrawn")


def _received(event: Event, uow: UnitOfWork) -> Case:
    data = event.data
    return Case(
        id=key(event), origin=uow.org, referred_from=event.organisation, stage=CaseStage.REGISTERED, number=data["number"],
        channel=data["channel"], category=data["category"], title=data["title"], brief=data["brief"], round=data["round"],
        registered_at=moment(data["registered_at"]), queued_at=uow.now, matter_type=data["matter_type"], place=data["place"],
        identity=data["identity"], group_size=data["group_size"], petition_received_at=moment(data["received_at"]),
    )  # fmt: skip


def concluded_above(event: Event, uow: UnitOfWork) -> None:
    """case.concluded_above: the superior concluded what we referred up; the petitioner is answered and asked from here."""
    if event.organisation == uow.org:
        return
    case, data = known_case(event, uow), event.data
    if not referral.is_referred(uow, case) or case.origin != event.organisation:
        raise _foreign(event, "该件没有报送来源%(source)s办理。")
    referral.concluded(
        uow, case, round_number=data["round"], outcome=data["outcome"], summary=data["summary"], answer=data["answer"],
        by=Person.of(data["by"]),
    )  # fmt: skip


def bars_passed(event: Event, uow: UnitOfWork) -> None:
    """case.bars_passed: who must not see the case, told by the superior of its part of our people, or by who works on it below."""
    if event.stream == f"{event.source} {uow.org}" and event.organisation == uow.org:
        return
    case_id, directory = key(event), store.directory(uow)
    case, before = uow.rows(store.CASES).get(case_id), bars_of(uow, case_id)
    bars = before or Bars(case_id=case_id)
    organisations, officials = frozenset(event.data["organisations"]), frozenset(event.data["officials"])
    if event.organisation == uow.org:
        after = _given_back(event, uow, bars, directory)
    elif event.organisation in list(directory.chain(uow.org))[1:]:
        shut = bars.is_shut(directory) and _taken_back(uow, case_id)
        after = bars.told(organisations | ({directory.own} if shut else set()), officials, directory)
    elif not _is_below(event, directory):
        raise _foreign(event, "来源%(source)s与本单位没有上下级关系。")
    elif case is None or case.referred_from == event.organisation:
        after = bars.complain(organisations, officials, directory)
    else:
        _check_works_on(event, uow, case)
        below = Bars(case_id=case_id, organisations=organisations, officials=officials).within(event.organisation, directory)
        for one in _recusals(event, uow, case_id, *below):
            uow.rows(store.RECUSALS).put(one)
        after = bars.recuse(*below, directory)
    put_bars(uow, case, before, after)


def _given_back(event: Event, uow: UnitOfWork, bars: Bars, directory: Directory) -> Bars:
    """Our own word, which a neighbour gave back after a restore: what was known of its people when we told it.

    Told below it was the whole of that, so whom it leaves out is named no longer; told above it was what was new.
    """
    told = replace(bars, organisations=frozenset(event.data["organisations"]), officials=frozenset(event.data["officials"]))
    hearer = event.stream.rpartition(" ")[2]
    if not directory.within(hearer, directory.own):
        news = (told.organisations - bars.own_organisations, told.officials - bars.own_officials)
        for one in _recusals(event, uow, bars.case_id, *news):
            uow.rows(store.RECUSALS).put(one)
        return bars.recuse(*news, directory)
    known = replace(bars, organisations=bars.complained_organisations, officials=bars.complained_officials).within(
        hearer, directory
    )
    over = (known[0] - told.organisations, known[1] - told.officials)
    return bars.complain(told.organisations, told.officials, directory).lift(*over, directory)


def _taken_back(uow: UnitOfWork, case_id: UUID) -> bool:
    """Whether the superior took the case back for a conflict: then it stays shut here until it is handed down again."""
    had = store.assignments_of(uow, case_id)
    return any(one.withdrawn_reason == "conflict" for one in had) and not any(one.stage in OPEN for one in had)


def _check_works_on(event: Event, uow: UnitOfWork, case: Case) -> None:
    if not any(one.instance == event.organisation for one in store.assignments_of(uow, case.id)):
        raise _foreign(event, "该项交办不由来源%(source)s交办或办理。")


def _recusals(
    event: Event, uow: UnitOfWork, case_id: UUID, organisations: frozenset[str], officials: frozenset[str]
) -> list[Recusal]:  # fmt: skip
    """A record of each, so that the first-in-command here can end it."""
    named = [(None, code) for code in sorted(organisations)] + [(code, None) for code in sorted(officials)]
    return [
        Recusal(
            id=uuid7(), case_id=case_id, official=official, organisation=organisation, ground="passed", note=event.organisation,
            by=None, at=uow.now,
        )
        for official, organisation in named
    ]  # fmt: skip


HEARS: dict[str, Handler] = {
    "case.referred_up": referred_up,
    "case.concluded_above": concluded_above,
    "case.bars_passed": bars_passed,
}
