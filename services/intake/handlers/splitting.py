"""A petition with several matters becomes several: its petitioner's own sentences, under new numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from services.intake.domain import linking as domain
from services.intake.domain.linking import Link, Part, Relation, Why
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Submission
from services.intake.domain.viewing import Viewer
from services.intake.handlers.casework import implied, keep_apart, lock, owe_message, reach, set_conflict, sorted_out
from services.intake.handlers.linking import join
from services.intake.handlers.looking import identifiable
from services.intake.handlers.registration import petitioner_from, register
from services.intake.handlers.sealed import sealed_of
from services.intake.store import PETITIONS, SQL
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork


def sentences_of(uow: UnitOfWork, vault: Vault, case_id: UUID) -> list[str]:
    """The sentences that a clerk chooses from. The caller has logged the look."""
    return domain.sentences(_open(uow, vault, case_id)[0]["text"])


def check(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, parts: Sequence[Part]) -> list[str]:
    """What each part would say. Raises Hidden, Forbidden, Refused, Conflict."""
    case = _locked(uow, case_id, viewer)
    said = sentences_of(uow, vault, case_id)
    domain.check_split(case, said, parts)
    return [domain.part_text(said, part) for part in parts]


def split(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, key: UUID, parts: Sequence[Part]
) -> tuple[Petition, list[Link]]:
    """Make petitions of their own out of some matters of one: new numbers, the same petitioner and secret code, clocks of their own.

    What was split from stays as it is, whole. Whoever is named in it is named in its parts, and whoever is recused from it is
    barred from them, later too (`casework.bar_family`, `recuse_family`). The same `key` once more changes and tells nothing.
    Raises Hidden, Forbidden, Refused, Conflict.
    """
    case = _locked(uow, case_id, viewer)
    words, sealed = _open(uow, vault, case_id)
    said = domain.sentences(words["text"])
    domain.check_split(case, said, parts)
    barred = {row["code"]: row["named"] for row in uow.all(SQL["bars_of_case"], case_id=case_id)}
    named = [code for code in barred if barred[code]]
    recused = barred.keys() - named - implied(uow, case_id)
    made = []
    for number, part in enumerate(parts):
        given = _submission(case, part.title, domain.part_text(said, part), words, sealed)
        receipt = register(uow, vault, given, key=uuid5(key, str(number)), by=viewer.person, code=sealed["code"])
        child = None if receipt.again else uow.rows(PETITIONS).get(receipt.case_id)
        if child is not None:
            if named:
                set_conflict(uow, child.id, viewer, **sorted_out(uow, named))
            keep_apart(uow, child.id, recused)
            made.append(join(uow, vault, child, case, viewer, Relation.SPLIT_FROM, Why.SEVERAL_MATTERS))
    if made:
        reach(uow, case_id, "split")
        owe_message(uow, case_id, "case_split")
    return case, made


def _locked(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    """For those alone who may know the petitioner: the original sentences are shown, and identity is copied."""
    identifiable(uow, case_id, viewer)
    return lock(uow, case_id, viewer)


def _open(uow: UnitOfWork, vault: Vault, case_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    sealed = sealed_of(uow, vault, case_id)
    return sealed.words, sealed.identity


def _submission(case: Petition, title: str, text: str, words: dict[str, Any], sealed: dict[str, Any]) -> Submission:
    """A part as if its petitioner had sent it by itself, the same way and at the same time. Attachments stay where they are."""
    return Submission(
        channel=case.channel, title=title.strip(), text=text, matter_type=case.matter_type, place=case.place,
        place_detail=words["place_detail"], identity=case.identity, group_size=case.group_size,
        petitioner=petitioner_from(sealed), particulars=words["particulars"], received_at=case.received_at, language=case.language,
    )  # fmt: skip
