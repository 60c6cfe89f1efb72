"""Petitions that were ever linked with one another: whose names the answer to one of them may hold."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.petition import Petition
from services.intake.handlers.registration import petitioner_from
from services.intake.store import SQL
from services.intake.vault.crypto import Broken, Erased, Vault
from shared.database import UnitOfWork
from shared.errors import Conflict


@dataclass(frozen=True, kw_only=True, repr=False)
class Group:
    """What tells who wrote a petition (`own`), and who wrote the others that it belongs or belonged together with (`theirs`).

    `gone`: petitions of which nobody can tell that any more. `whole`: none of these was merged with it.
    """

    own: frozenset[str]
    theirs: frozenset[str]
    gone: frozenset[UUID]
    whole: bool

    @property
    def everybody(self) -> frozenset[str]:
        """What must not stand in words that others than these petitioners read."""
        return self.own | self.theirs

    def to_petitioner(self, text: str) -> str:
        """An answer as the petitioner reads it: without the others. Empty when nobody can tell what to blot out of it."""
        return masks.within(text, self.theirs) if self.whole else ""

    def check_whole(self) -> None:
        """Raise Conflict when words that go out cannot be held against every name that may stand in them."""
        if not self.whole:
            raise Conflict("answer", "合并办理的信访件已销毁身份信息，无法核对答复中的人名。", "请办结人另写一份答复。")

    def check_known(self) -> None:
        """Raise Conflict when words for everybody cannot be held against the name of each of these petitioners."""
        if self.gone:
            raise Conflict("answer", "本件或关联的信访件已销毁身份信息，无法核对文字中的人名，不再公开。", "请只答复信访人本人。")


def secrets_of_group(uow: UnitOfWork, vault: Vault, case_id: UUID) -> Group:
    """Whatever tells who wrote a petition or one linked with it, over any number of links, undone ones too.

    For an answer may have been copied from one to the other while they were linked. Nobody is shown anything, so no look is logged.
    """
    own: set[str] = set()
    theirs: set[str] = set()
    gone, whole = set(), True
    for row in uow.all(SQL["group_of_case"], case_id=case_id):
        try:
            sealed = vault.open_key(row["case_id"], bytes(row["data_key"])).open_json("identity", bytes(row["identity"]))
        except Erased:
            gone.add(row["case_id"])
            whole = whole and (row["case_id"] == case_id or not row["merged"])
        except Broken:  # its own page raises the alarm; here nobody can tell whom to blot out
            gone.add(row["case_id"])
            whole = whole and row["case_id"] == case_id
        else:
            (own if row["case_id"] == case_id else theirs).update(petitioner_from(sealed).secrets)
    return Group(own=frozenset(own), theirs=frozenset(theirs - own), gone=frozenset(gone), whole=whole)


def answer_to(uow: UnitOfWork, vault: Vault, case: Petition) -> str:
    """The answer as the petitioner reads it, wherever that is: on the tracking page, on paper."""
    return secrets_of_group(uow, vault, case.id).to_petitioner(case.answer) if case.answer else ""
