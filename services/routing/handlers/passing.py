"""Bars travel with the case: down to each instance that works on it, and up to the one that decides on it."""

from __future__ import annotations

from uuid import UUID

from services.routing import store
from services.routing.domain import Bars, Case, Directory
from shared.contract.envelope import instant
from shared.database import UnitOfWork


def pass_down(uow: UnitOfWork, bars: Bars | None, instance: str) -> None:
    """Tell an instance below who there must not see the case; before the case itself, so that it is never seen first."""
    if bars is not None and instance != uow.org:
        _tell(uow, bars.case_id, *bars.within(instance, store.directory(uow)), addressee=instance)


def pass_on(uow: UnitOfWork, case: Case | None, before: Bars | None, after: Bars, was: Directory | None = None) -> None:
    """Tell changed bars to each instance below that has had the case, and new ones to whoever decides on it above.

    Also to one that has done its part: what it had stands in its record. `was` is the directory before it changed, for whoever
    is barred may have moved to an instance below since.
    """
    if case is None:
        return
    earlier = before or Bars(case_id=after.case_id)
    if case.origin != uow.org:
        organisations = after.own_organisations - earlier.own_organisations
        officials = after.own_officials - earlier.own_officials
        if organisations or officials:
            _tell(uow, case.id, organisations, officials, addressee=case.origin)
    if case.round == 0:
        return  # nothing has been handed out yet
    directory = store.directory(uow)
    issued = [one for one in store.assignments_of(uow, case.id) if one.issuer == uow.org]
    for instance in sorted({one.instance for one in issued} - {uow.org}):
        if earlier.within(instance, was or directory) != after.within(instance, directory):
            pass_down(uow, after, instance)


def pass_up(uow: UnitOfWork, bars: Bars, superior: str) -> None:
    """Tell the superior, before a case that is referred to it, who must not see it."""
    _tell(uow, bars.case_id, bars.organisations, bars.officials, addressee=superior)


def _tell(uow: UnitOfWork, case_id: UUID, organisations: frozenset[str], officials: frozenset[str], *, addressee: str) -> None:
    told = {"organisations": sorted(organisations), "officials": sorted(officials), "barred_at": instant(uow.now)}
    uow.tell("case.bars_passed", case_id, told, addressee=addressee)
