"""Rows and entities of intake. A petition's row is its case's lock and is always loaded first."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from services.intake.domain.attachment import Attachment
from services.intake.domain.barring import Bar
from services.intake.domain.linking import Link
from services.intake.domain.messages import Message, UnreadMail
from services.intake.domain.petition import Access, FollowUp, Milestone, Petition
from services.intake.domain.published import Published
from shared import sql
from shared.database import UnitOfWork
from shared.rows import Table

SQL = sql.load(Path(__file__).with_name("queries"))

PETITIONS = Table("petition", Petition)
MILESTONES = Table("milestone", Milestone, ("case_id", "kind", "round"))
FOLLOW_UPS = Table("follow_up", FollowUp, ("case_id", "round"))
ACCESSES = Table("access", Access, ("assignment_id",))
BARS = Table("bar", Bar, ("case_id", "code"))
LINKS = Table("link", Link)
MESSAGES = Table("message", Message)
UNREAD_MAILS = Table("unread_mail", UnreadMail)
PUBLISHED = Table("published", Published)
ATTACHMENTS = Table("attachment", Attachment)

_READ = f"SELECT {PETITIONS.columns} FROM petition WHERE id = %(id)s"


def read(uow: UnitOfWork, case_id: UUID) -> Petition | None:
    """A petition for reading: its row is not locked."""
    found = uow.one(_READ, id=case_id)
    return PETITIONS.from_row(list(found.values())) if found else None


def sure(uow: UnitOfWork, statement: str, **params: Any) -> dict[str, Any]:
    """The first row of a named statement that cannot be without one. Raises LookupError: the tables contradict each other."""
    found = uow.one(SQL[statement], **params)
    if found is None:
        raise LookupError(f"{statement}: no row")
    return found


def bars(uow: UnitOfWork, case_id: UUID) -> frozenset[str]:
    """The officials' ids and organisations' codes that never see a case, complained of or recused."""
    return frozenset(row["code"] for row in uow.all(SQL["bars_of_case"], case_id=case_id))
