"""Recusal (art. 28): the case and all that hangs on it closes at once, in every service; only the first-in-command reopens it."""

from __future__ import annotations

from uuid import UUID

from services.routing import domain, store
from services.routing.domain import Bars, Directory, Recusal
from services.routing.handlers.common import bars_of, logged, made_before, office, open_case, put_bars
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Forbidden, NotFound, Refused


@logged
def recuse(
    uow: UnitOfWork, case_id: UUID, by: str, *, ground: str, official: str | None = None, organisation: str | None = None,
    note: str = "", recusal_id: UUID | None = None,
) -> Recusal:  # fmt: skip
    """Keep an official or an organisation from the case; what they hold of it is taken back.

    Everybody may recuse himself; others are told to by the first-in-command or the office. The same `recusal_id` a second
    time changes nothing. Raises Forbidden, NotFound, Refused.
    """
    known = made_before(uow.rows(store.RECUSALS).get(recusal_id) if recusal_id else None, lambda one: one.case_id == case_id)
    if known is not None:
        return known  # asked before the case is opened: who recused himself just now does not see it any more
    case = open_case(uow, case_id, by)
    directory = store.directory(uow)
    itself = official == by and organisation is None
    person = directory.acting(by) if itself else office(directory, by)
    _check_known(official, organisation, directory)
    if case.origin != uow.org and not itself:
        raise Forbidden("case", "该件由上级交办，回避由上级决定。", "请报请上级决定。")
    recusal = domain.recuse(
        recusal_id=recusal_id or uuid7(), case_id=case_id, official=official, organisation=organisation, ground=ground,
        note=note, by=person, now=uow.now,
    )  # fmt: skip
    uow.rows(store.RECUSALS).put(recusal)
    before = bars_of(uow, case_id)
    after = (before or Bars(case_id=case_id)).recuse(*_named(recusal), directory)
    put_bars(uow, case, before, after)
    return recusal


@logged
def end_recusal(uow: UnitOfWork, recusal_id: UUID, by: str, reason: str) -> Recusal:
    """End a recusal, with reasons. By the first-in-command alone, who must not be barred himself; nothing is handed back.

    Raises Forbidden, NotFound, Conflict, Refused.
    """
    case_id = store.case_of(uow, "recusal", recusal_id)
    if case_id is None:
        raise NotFound("recusal", "没有找到该项回避记录。", "请核对后重试。")
    case = open_case(uow, case_id, by)
    person: Person = store.directory(uow).first_in_command(by)
    recusals = {one.id: one for one in uow.rows(store.RECUSALS).where("case_id = %s", case_id)}
    ended = domain.end_recusal(recusals[recusal_id], by=person, reason=reason, now=uow.now)
    uow.rows(store.RECUSALS).put(ended)
    kept = domain.still_kept_out((recusals | {ended.id: ended}).values())
    organisations, officials = _named(ended)
    before = bars_of(uow, case_id)
    if before is not None:
        after = before.readmit(organisations - kept.organisations, officials - kept.officials, store.directory(uow))
        put_bars(uow, case, before, after)
    return ended


def _named(recusal: Recusal) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(filter(None, [recusal.organisation])), frozenset(filter(None, [recusal.official]))


def _check_known(official: str | None, organisation: str | None, directory: Directory) -> None:
    for code, known in ((official, directory.officials), (organisation, directory.organisations)):
        if code is not None and code not in known:
            raise Refused("official", "通讯录中没有“%(code)s”。", "请从名单中选择。", code=code)
