"""Rows and entities of routing. A case's row is its lock and is always loaded first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from services.routing import domain
from services.routing.domain.alert_message import AlertMessage
from services.routing.domain.alerts import Alert, Contact
from services.routing.domain.delegation import Delegation
from services.routing.domain.rules import Rule
from services.routing.domain.terms import Term
from services.routing.domain.totp import Factor
from services.routing.workflow import OPEN
from shared import sql
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.rows import Table

SQL = sql.load(Path(__file__).with_name("queries"))


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """What supervision said last of a deadline of a case."""

    id: UUID
    case_id: UUID
    obligation: str
    round: int
    due_at: datetime
    responsible: dict[str, Any] | None
    standing: str
    assignment_id: UUID | None = None
    limited_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class CaseLink:
    """What intake said of a case and another one that it belongs together with."""

    link_id: UUID
    case_id: UUID
    other: UUID
    other_number: str
    relation: str
    earlier: list[dict[str, Any]]
    linked_by: Person
    linked_at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CarriedCase:
    """Which leader carries a case until it is over, as supervision said last."""

    case_id: UUID
    charge_id: UUID
    leader: Person
    taken_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """Who changed a rule, and what it said from then on. Never edited."""

    id: UUID
    rule_id: UUID
    action: str
    number: int
    says: dict[str, Any]
    by: Person | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class UnitMore:
    """What of an organisation is routing's alone; the rest stands in `organisation`."""

    code: str
    kind: str
    dissolved_on: date | None


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What another instance told of a unit; the last word of each source on each unit stands."""

    id: UUID
    source: str
    code: str
    name: str
    name_en: str
    heads: list[dict[str, Any]]
    reason: str
    by: Person | None
    at: datetime
    declined_at: datetime | None = None
    declined_by: Person | None = None
    declined_reason: str | None = None
    superseded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Supervised:
    """What supervision sent to an official of this instance, for his pages; `issuer` is whose supervision."""

    id: UUID
    case_id: UUID
    issuer: str
    step: str
    obligation: str
    responsible: Person
    document: str
    demand: str
    until: date | None
    taken_at: datetime
    interview_id: UUID | None = None
    place: str | None = None
    meets_at: datetime | None = None
    ended_at: datetime | None = None


CASES = Table("case_record", domain.Case, stepwise="stage")
BARS = Table("case_bar", domain.Bars, ("case_id",))
INSTRUCTIONS = Table("instruction", domain.Instruction)
ASSIGNMENTS = Table("assignment", domain.Assignment, stepwise="stage")
NOTES = Table("note", domain.Note)
REPLIES = Table("reply", domain.Reply)
SIGNING_KEYS = Table("signing_key", domain.SigningKey, ("key_id",))
VERDICTS = Table("verdict", domain.Verdict, ("reply_id",))
ACCOUNTABILITY = Table("accountability", domain.Accountability)
CONSEQUENCES = Table("consequence", domain.Consequence)
DEADLINES = Table("deadline", Deadline)
EXTENSIONS = Table("extension", domain.Extension, stepwise="stage")
PAUSES = Table("pause", domain.Pause)
HANDOVERS = Table("handover", domain.Handover)
CARRIED = Table("carried_case", CarriedCase, ("case_id",))
SUPERVISED = Table("supervised", Supervised)
LINKS = Table("case_link", CaseLink, ("link_id", "case_id"))
RECUSALS = Table("recusal", domain.Recusal)
RULES = Table("routing_rule", Rule)
RULE_CHANGES = Table("rule_change", RuleChange)
DELEGATIONS = Table("delegation", Delegation)
REFERRALS = Table("referral", domain.Referral, ("case_id",))
UNITS = Table("unit", UnitMore, ("code",))
TERMS = Table("term", Term)
ANNOUNCEMENTS = Table("announcement", Announcement)
FACTORS = Table("totp", Factor, ("official",))
ALERTS = Table("alert", Alert)
ALERT_MESSAGES = Table("alert_message", AlertMessage)
CONTACTS = Table("contact", Contact, ("official",))

_moved: WeakKeyDictionary[UnitOfWork, set[tuple[str, UUID]]] = WeakKeyDictionary()
_directories: WeakKeyDictionary[UnitOfWork, domain.Directory] = WeakKeyDictionary()


def directory(uow: UnitOfWork) -> domain.Directory:
    """The directory as it stands in this unit of work, read once and not locked."""
    if uow not in _directories:
        _directories[uow] = make_directory(uow.org, uow.all(SQL["organisations"]), uow.all(SQL["officials"]))
    return _directories[uow]


def forget_directory(uow: UnitOfWork) -> None:
    """Read the directory anew when it is asked for next: this unit of work has changed it."""
    _directories.pop(uow, None)


def make_directory(
    own: str, organisations: Iterable[Mapping[str, Any]], officials: Iterable[Mapping[str, Any]]
) -> domain.Directory:
    """The directory that these rows make."""
    return domain.Directory(
        own=own,
        organisations={row["code"]: domain.Organisation(**row) for row in organisations},
        officials={row["official"]: _official(row) for row in officials},
    )


def _official(row: Mapping[str, Any]) -> domain.Official:
    posts = tuple(
        domain.Post(organisation=post["organisation"], title=post["title"], roles=frozenset(post["roles"]))
        for post in row["posts"]
    )
    return domain.Official(official=row["official"], name=row["name"], active=row["active"], posts=posts)


def rules(uow: UnitOfWork) -> list[Rule]:
    """The rules in their order, not locked."""
    return [RULES.from_row([row[column] for column in RULES.codecs]) for row in uow.all(SQL["rules"])]


def put_case(uow: UnitOfWork, case: domain.Case) -> domain.Case:
    """Write this case when the unit of work ends."""
    _write_earlier_move(uow, CASES, case.id)
    return uow.rows(CASES).put(case)


def put_assignment(uow: UnitOfWork, assignment: domain.Assignment) -> domain.Assignment:
    """Write this assignment when the unit of work ends."""
    _write_earlier_move(uow, ASSIGNMENTS, assignment.id)
    return uow.rows(ASSIGNMENTS).put(assignment)


def _write_earlier_move(uow: UnitOfWork, table: Table[Any], key: UUID) -> None:
    """Two moves of one row in a batch are written one after the other.

    The database's guard knows single moves only.
    """
    moved = _moved.setdefault(uow, set())
    if (table.name, key) in moved:
        uow.flush(table)
        moved -= {move for move in moved if move[0] == table.name}
    moved.add((table.name, key))


def assignments_of(uow: UnitOfWork, case_id: UUID) -> list[domain.Assignment]:
    """Every assignment of a case, oldest first, as it stands in this unit of work.

    The case must be locked already.
    """
    rows = uow.rows(ASSIGNMENTS)
    uow.flush(ASSIGNMENTS)  # what this unit of work issued must be found too
    found = rows.where("case_id = %s", case_id)
    return sorted(found, key=lambda a: (a.issued_at, str(a.id)))


def open_assignments(uow: UnitOfWork, case_id: UUID) -> Iterator[domain.Assignment]:
    """Those of a case that are not over when their turn comes: one that is taken back may take others along."""
    for listed in assignments_of(uow, case_id):
        found = uow.rows(ASSIGNMENTS).get(listed.id)
        if found is not None and found.stage in OPEN:
            yield found


def case_of(uow: UnitOfWork, kind: str, key: UUID) -> UUID | None:
    """The case of an assignment, a reply or a recusal, read without a lock, so that the case can be locked first."""
    row = uow.one(SQL[f"case_of_{kind}"], id=key)
    return row["case_id"] if row else None


def note_reading(uow: UnitOfWork, case_id: UUID, official: str) -> None:
    """Remember that an official has opened a case, the first time; what he was told of it is read."""
    uow.all(SQL["note_reading"], case=case_id, official=official, now=uow.now)
    uow.later(SQL["read_alerts"], [(official, str(case_id), uow.now.isoformat())])


def load(uow: UnitOfWork, cases: Iterable[UUID], assignments: Iterable[UUID], instructions: Iterable[UUID]) -> None:
    """Load what a batch of events needs, in sets; cases first, because they are the locks."""
    cases = list(cases)
    uow.rows(CASES).load(cases)
    uow.rows(BARS).load(cases)
    uow.rows(ASSIGNMENTS).load(assignments)
    uow.rows(INSTRUCTIONS).load(instructions)
