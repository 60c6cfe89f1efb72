"""A cabinet of a test's own, and what lies in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from services.intake.files.cabinet import Cabinet, open_cabinet
from services.intake.handlers import attachments
from services.intake.handlers.attachments import Upload
from services.intake.site import read_site
from services.intake.vault.crypto import Vault
from shared.config import Settings
from shared.database import Database
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_case


def a_cabinet(settings: Settings, folder: Path) -> Cabinet:
    """Without a scanner."""
    return open_cabinet(replace(read_site(settings).files, folder=folder / "files"))


def keep(intake: Database, vault: Vault, cabinet: Cabinet, *given: tuple[str, bytes]) -> UUID:
    """Files of a new case."""
    prepared = attachments.prepare(cabinet, [Upload(name=name, content=content) for name, content in given])
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        attachments.add(uow, cabinet.store, vault, case_id, prepared, by=CLERK)
    return case_id


def scans(intake: Database) -> list[tuple[str, str]]:
    """What the scanner said of each file, in order."""
    with intake.unit_of_work() as uow:
        return [(row["scan"], row["finding"]) for row in uow.all("SELECT scan, finding FROM attachment ORDER BY position")]
