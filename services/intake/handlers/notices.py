"""The notice of acceptance, as a clerk prints it and as the petitioner reads it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.petition import Petition
from services.intake.domain.submission import Petitioner, Purpose
from services.intake.domain.viewing import Viewer
from services.intake.handlers.looking import open_petition, read_identity
from services.intake.store import read
from services.intake.vault.crypto import Vault
from shared.database import UnitOfWork
from shared.errors import NotFound


@dataclass(frozen=True, kw_only=True, repr=False)
class Notice:
    """What stands on the paper. `to`: whom it is addressed to, if that is known and may be known here."""

    case: Petition
    to: Petitioner | None = None


def preview(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Notice:
    """The notice without a name; `read_identity` has not been asked, and nothing is logged. Raises Hidden, NotFound."""
    case, _ = open_petition(uow, case_id, viewer)
    return Notice(case=_accepted(case))


def addressed(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> Notice:
    """The notice with name and address, to be handed over or posted; the look is logged. Raises Hidden, Forbidden, NotFound."""
    preview(uow, case_id, viewer)
    case, who = read_identity(uow, vault, case_id, viewer, purpose=Purpose.NOTICE)
    return Notice(case=case, to=who)


def of_petitioner(uow: UnitOfWork, case_id: UUID) -> Notice:
    """The notice on the tracking page, without a name: the caller has checked the secret code. Raises NotFound."""
    return Notice(case=_accepted(read(uow, case_id)))


def _accepted(case: Petition | None) -> Petition:
    if case is None or case.accepted_at is None:
        raise NotFound("notice", "这件信访件还没有受理，没有受理告知书。", "请先受理，或稍后再查询。")
    return case
