"""Tables, named statements and plain reads of intake. A petition's row is its case's lock and is loaded before the case changes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg2.extensions import ISQLQuote

from services.intake.domain.attachment import Attachment
from services.intake.domain.barring import Bar
from services.intake.domain.boards import BoardItem, BoardState, BoardText
from services.intake.domain.calls import Attempt, Call, CallBack
from services.intake.domain.duty import Entry, Pattern, Swap
from services.intake.domain.imports import ImportJob
from services.intake.domain.linking import Link
from services.intake.domain.mailbox import Mailbox, Seen
from services.intake.domain.messages import Message, UnreadMail
from services.intake.domain.petition import Access, Milestone, Petition
from services.intake.domain.published import Published
from services.intake.domain.rating import FollowUp, ReviewRequest
from services.intake.domain.reception import Change, Plan, Rule
from services.intake.domain.replies import BoardReply
from services.intake.domain.threads import Correspondence
from services.intake.domain.visits import Visit
from shared import sql
from shared.database import UnitOfWork
from shared.rows import Table

SQL = sql.load(Path(__file__).with_name("queries"))

PETITIONS = Table("petition", Petition, stepwise="stage")
MILESTONES = Table("milestone", Milestone, ("case_id", "kind", "round"))
FOLLOW_UPS = Table("follow_up", FollowUp, ("case_id", "round"))
REVIEW_REQUESTS = Table("review_request", ReviewRequest)
ACCESSES = Table("access", Access, ("assignment_id",))
BARS = Table("bar", Bar, ("case_id", "code"))
LINKS = Table("link", Link, stepwise="stage")
MESSAGES = Table("message", Message, stepwise="stage")
UNREAD_MAILS = Table("unread_mail", UnreadMail, stepwise="stage")
PUBLISHED = Table("published", Published)
ATTACHMENTS = Table("attachment", Attachment)
DUTY_PATTERNS = Table("duty_pattern", Pattern)
DUTY_ENTRIES = Table("duty_entry", Entry)
DUTY_SWAPS = Table("duty_swap", Swap)
CALLS = Table("call", Call)
CALL_BACKS = Table("call_back", CallBack, stepwise="stage")
ATTEMPTS = Table("call_attempt", Attempt)
CORRESPONDENCE = Table("correspondence", Correspondence)
MAILBOXES = Table("mailbox", Mailbox, ("account", "folder"))
SEEN = Table("mailbox_seen", Seen, ("account", "folder", "uidvalidity", "uid"))
BOARDS = Table("board", BoardState, ("name",))
BOARD_ITEMS = Table("board_item", BoardItem, stepwise="stage")
BOARD_TEXTS = Table("board_text", BoardText, ("item_id", "revision"))
BOARD_REPLIES = Table("board_reply", BoardReply, stepwise="stage")
RECEPTION_RULES = Table("reception_rule", Rule)
RECEPTION_CHANGES = Table("reception_change", Change)
VISITS = Table("visit", Visit, stepwise="stage")
IMPORT_JOBS = Table("import_job", ImportJob, stepwise="stage")

_RULES = f"SELECT {RECEPTION_RULES.columns} FROM reception_rule ORDER BY from_on, id"
_CHANGES = f"SELECT {RECEPTION_CHANGES.columns} FROM reception_change ORDER BY number"
_VISIT = f"SELECT {VISITS.columns} FROM visit WHERE id = %(id)s"
_READ = f"SELECT {PETITIONS.columns} FROM petition WHERE id = %(id)s"


def read(uow: UnitOfWork, case_id: UUID) -> Petition | None:
    """A petition for reading: its row is not locked."""
    found = uow.one(_READ, id=case_id)
    return PETITIONS.from_row(list(found.values())) if found else None


def read_visit(uow: UnitOfWork, visit_id: UUID) -> Visit | None:
    """A visit for reading: its row is not locked."""
    found = uow.one(_VISIT, id=visit_id)
    return VISITS.from_row(list(found.values())) if found else None


_READ_IMPORT = f"SELECT {IMPORT_JOBS.columns} FROM import_job WHERE id = %(id)s"


def read_import(uow: UnitOfWork, job_id: UUID) -> ImportJob | None:
    """An import for reading: its row is not locked, so that a page never waits for a batch."""
    found = uow.one(_READ_IMPORT, id=job_id)
    return IMPORT_JOBS.from_row(list(found.values())) if found else None


def sure(uow: UnitOfWork, statement: str, **params: Any) -> dict[str, Any]:
    """The first row of a named statement that cannot be without one. Raises LookupError: the tables contradict each other."""
    found = uow.one(SQL[statement], **params)
    if found is None:
        raise LookupError(f"{statement}: no row")
    return found


class PastEnd(Exception):
    """Show the page `last` instead: the one that was asked for is past the list's end."""

    def __init__(self, last: int) -> None:
        super().__init__(f"the last page is {last}")
        self.last = last


def page_of(uow: UnitOfWork, statement: str, *, page: int, size: int, **params: Any) -> tuple[list[dict[str, Any]], int]:
    """A page of a list, counted from 1, and how many rows the whole list has: a named statement's `total`. Raises PastEnd."""
    found = uow.all(SQL[statement], limit=size, offset=(page - 1) * size, **params)
    if not found and page > 1:
        first = uow.one(SQL[statement], limit=1, offset=0, **params)
        if first:
            raise PastEnd(-(-first["total"] // size))
    return found, found[0]["total"] if found else 0


def bars(uow: UnitOfWork, case_id: UUID) -> frozenset[str]:
    """The officials' ids and organisations' codes that never see a case, complained of or recused."""
    return frozenset(row["code"] for row in uow.all(SQL["bars_of_case"], case_id=case_id))


class Large:
    """Bytes of a whole mail on their way into `decode(..., 'base64')`: the driver's own way has them in memory eight times."""

    def __init__(self, data: bytes) -> None:
        self._quoted = b"'%b'" % base64.b64encode(data)

    def __conform__(self, protocol: object) -> Large | None:
        return self if protocol is ISQLQuote else None

    def getquoted(self) -> bytes:
        """As a literal; base64 has no character that would have to be quoted."""
        return self._quoted


def reception_plan(uow: UnitOfWork, *, lock: bool = False) -> Plan:
    """The reception calendar's rules and log; with `lock` nobody else saves until this unit of work ends."""
    revision = sure(uow, "lock_plan" if lock else "plan_revision")["revision"]
    rules = tuple(RECEPTION_RULES.from_row(list(row.values())) for row in uow.all(_RULES))
    changes = tuple(RECEPTION_CHANGES.from_row(list(row.values())) for row in uow.all(_CHANGES))
    return Plan(rules=rules, changes=changes, revision=revision)
