"""What is sealed of a case, opened under its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.domain.submission import Petitioner
from services.intake.handlers.registration import petitioner_from
from services.intake.store import sure
from services.intake.vault.crypto import DataKey, Vault
from shared.database import UnitOfWork


@dataclass(frozen=True, repr=False)
class Sealed:
    """A case's key, opened, and what lies under it; that is opened when it is asked for. Raises Broken then."""

    key: DataKey
    row: Mapping[str, Any]

    @property
    def words(self) -> dict[str, Any]:
        """The petition's text, as `registration.words_of` has it."""
        found: dict[str, Any] = self.key.open_json("text", bytes(self.row["words"]))
        return found

    @property
    def identity(self) -> dict[str, Any]:
        """Who is writing, with the secret code."""
        found: dict[str, Any] = self.key.open_json("identity", bytes(self.row["identity"]))
        return found

    @property
    def who(self) -> Petitioner:
        """Who is writing."""
        return petitioner_from(self.identity)


def sealed_of(uow: UnitOfWork, vault: Vault, case_id: UUID) -> Sealed:
    """What is sealed of a case; whoever shows it has authorised and logged the look. Raises Erased, Broken."""
    row = sure(uow, "sealed_of_case", case_id=case_id)  # stored in one statement with the petition
    return Sealed(vault.open_key(case_id, bytes(row["data_key"])), row)
