"""Linking petitions, merging and splitting them, and undoing it: both rows are locked, both cases are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.intake.domain import linking as domain
from services.intake.domain import masks
from services.intake.domain.linking import Link, Relation, UndoneFor, Why
from services.intake.domain.petition import Petition
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers.casework import lock, owe_message, reach
from services.intake.handlers.groups import secrets_of_group
from services.intake.handlers.looking import case_of_number
from services.intake.store import LINKS, PETITIONS, SQL, bars
from services.intake.vault.crypto import Vault
from services.intake.workflow import LinkStage
from shared.contract.envelope import instant, uuid7
from shared.database import UnitOfWork


def find(uow: UnitOfWork, viewer: Viewer, number: str) -> UUID:
    """The petition that a number names. Raises Hidden."""
    found = case_of_number(uow, viewer, number.strip())
    if found is None:
        raise Hidden("other", "没有找到这件信访件。", "请核对编号。")
    return found


def check(
    uow: UnitOfWork, case_id: UUID, other_id: UUID, viewer: Viewer, relation: Relation
) -> tuple[Petition, Petition, Link | None]:
    """The pair in its order, locked, and the link in force that says so already. Raises Hidden, Refused, Conflict."""
    uow.rows(PETITIONS).load({case_id, other_id})  # in one order, whoever comes first
    case, other = domain.in_order(lock(uow, case_id, viewer), lock(uow, other_id, viewer), relation)
    links = uow.rows(LINKS).where("case_id IN %s OR other_id IN %s", *[(case.id, other.id)] * 2)
    same = domain.known(case, other, relation, links)
    if same is None:
        domain.check_link(case, other, relation, links)
        if relation is Relation.MERGED_INTO:
            domain.check_bars(bars(uow, case.id), bars(uow, other.id))
    return case, other, same


def link(uow: UnitOfWork, vault: Vault, case_id: UUID, other_id: UUID, viewer: Viewer, *, relation: Relation, why: Why) -> Link:
    """Say what two petitions are to each other; the same once more changes and tells nothing. Raises as `check`."""
    case, other, same = check(uow, case_id, other_id, viewer, relation)
    return same or join(uow, vault, case, other, viewer, relation, why)


def undo(uow: UnitOfWork, vault: Vault, link_id: UUID, viewer: Viewer, *, reason: UndoneFor) -> Link:
    """Undo a link; a second time changes and tells nothing. What had been split off goes on under what it came from.

    Raises Hidden; Conflict when the part, or what it came from, has ended meanwhile.
    """
    found = _locked(uow, link_id, viewer)
    changed = domain.undo(found, reason=reason, by=viewer.person, now=uow.now)
    if changed is found:
        return found
    uow.rows(LINKS).put(changed)
    uow.flush(LINKS)
    for case_id, data in _sides(uow, changed, viewer):
        uow.tell("case.unlinked", case_id, data | {"undone_for": reason.value})
    if changed.relation is Relation.MERGED_INTO:
        reach(uow, changed.case_id, "unmerged")
    if changed.relation is Relation.SPLIT_FROM:
        link(uow, vault, changed.case_id, changed.other_id, viewer, relation=Relation.MERGED_INTO, why=Why.SAME_MATTER)
    return changed


def seen(uow: UnitOfWork, link_id: UUID, viewer: Viewer) -> Link:
    """A link, for the page that asks before it is undone. Raises Hidden."""
    return _locked(uow, link_id, viewer)


def _locked(uow: UnitOfWork, link_id: UUID, viewer: Viewer) -> Link:
    pair = uow.one(SQL["pair_of_link"], id=link_id)
    if pair is not None:
        uow.rows(PETITIONS).load({pair["case_id"], pair["other_id"]})
        for case_id in (pair["case_id"], pair["other_id"]):
            lock(uow, case_id, viewer)
    found = uow.rows(LINKS).get(link_id)
    if found is None:
        raise Hidden("link", "没有找到这条关联。", "请刷新页面。")
    return found


def join(uow: UnitOfWork, vault: Vault, case: Petition, other: Petition, viewer: Viewer, relation: Relation, why: Why) -> Link:
    """Link a pair that was checked, and tell of it."""
    made = domain.linked(uuid7(uow.now), case, other, relation, why=why, by=viewer.person, now=uow.now)
    uow.rows(LINKS).put(made)
    uow.flush(LINKS)  # the chain of repeats is read with it
    for case_id, data in _sides(uow, made, viewer):
        earlier = _told(uow, vault, case_id) if data["relation"] == Relation.REPEAT_OF else []
        uow.tell("case.linked", case_id, data | {"why": why.value, "earlier": earlier})
    if relation is Relation.MERGED_INTO:
        reach(uow, case.id, "merged")
        owe_message(uow, case.id, "case_merged")
    return made


def _sides(uow: UnitOfWork, link: Link, viewer: Viewer) -> list[tuple[UUID, dict[str, Any]]]:
    """What is told of both, each as it is seen from there: so each file is complete by itself."""
    sides = ((link.case_id, link.other_id, link.relation.value), (link.other_id, link.case_id, domain.MIRROR[link.relation]))
    told: list[tuple[UUID, dict[str, Any]]] = []
    for case_id, other_id, relation in sides:
        other = uow.rows(PETITIONS).get(other_id)
        data = {
            "link_id": str(link.id), "relation": relation, "other": str(other_id), "other_number": other.number if other else "",
            "by": viewer.person.as_data(), "at": instant(uow.now),
        }  # fmt: skip
        told.append((case_id, data))
    return told


def _told(uow: UnitOfWork, vault: Vault, case_id: UUID) -> list[dict[str, Any]]:
    """The last of the earlier cases, whoever may see them: each hearer leaves out what his reader is barred from."""
    return [
        {
            "case": str(row["id"]), "number": row["number"], "registered_at": instant(row["registered_at"]),
            "outcome": row["outcome"], "answer": domain.excerpt(row["answer"]),
        }
        for row in _earlier(uow, vault, case_id, codes=[])[-domain.MOST_EARLIER :]
    ]  # fmt: skip


def links_of(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> list[dict[str, Any]]:
    """What a petition is or was linked with, the latest first, each with `side`: what it is to the other one.

    What the viewer is barred from is not there.
    """
    rows = uow.all(SQL["links_of_case"], case_id=case_id, codes=list(viewer.codes))
    for row in rows:
        row["side"] = row["relation"] if row["case_id"] == case_id else domain.MIRROR[Relation(row["relation"])]
    return rows


def earlier_of(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> list[dict[str, Any]]:
    """The petitions that this one repeats, the first one first, as far as the viewer may see them; their answers without names."""
    return _earlier(uow, vault, case_id, codes=list(viewer.codes))


def _earlier(uow: UnitOfWork, vault: Vault, case_id: UUID, *, codes: list[str]) -> list[dict[str, Any]]:
    """The chain of repeats before a petition. Who wrote an erased one nobody can tell, so its answer is left out."""
    rows = uow.all(SQL["earlier_of_case"], case_id=case_id, codes=codes)
    if not rows:
        return []
    group = secrets_of_group(uow, vault, case_id)
    for row in rows:
        row["answer"] = "" if row["id"] in group.gone else masks.within(row["answer"], group.everybody)
    return rows


def bars_apart(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether somebody is barred from a merged petition and not, or no longer, from its lead."""
    merged = [row for row in rows if row["relation"] == Relation.MERGED_INTO and row["stage"] == LinkStage.LINKED]
    return any(not bars(uow, row["case_id"]) <= bars(uow, row["other_id"]) for row in merged)


def family(uow: UnitOfWork, vault: Vault, case_id: UUID) -> tuple[dict[str, Any] | None, list[str]]:
    """For the tracking page: the lead that the petition goes on under, if it does, and the numbers of what was split off it.

    The lead's answer was written to somebody else: what tells who anybody is with whom it was merged, is blotted out.
    """
    rows = uow.all(SQL["family_of_case"], case_id=case_id)
    lead = next((row for row in rows if row["relation"] == Relation.MERGED_INTO), None)
    if lead is not None:
        lead["answer"] = secrets_of_group(uow, vault, case_id).to_petitioner(lead["answer"])
    return lead, [row["number"] for row in rows if row["relation"] == Relation.SPLIT_FROM]
