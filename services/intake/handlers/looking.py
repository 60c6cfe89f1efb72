"""Looking at petitions: each look at a text or an identity is authorised and logged in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Petitioner, Purpose
from services.intake.domain.viewing import Hidden, Tie, Viewer, check_may_read, may_identify, readable_remarks
from services.intake.handlers.sealed import sealed_of
from services.intake.store import SQL, bars, page_of, read, sure
from services.intake.vault.crypto import DataKey, Erased, Vault
from shared.database import UnitOfWork
from shared.errors import Forbidden

NAMING = frozenset({"url"})  # an address at which the author's handle stands
READING = "reading"  # the purpose of opening the page of a case that one works on


@dataclass(frozen=True, kw_only=True, repr=False)
class Added:
    """What the petitioner added later, opened; `taken_up_by` is the clerk's name, empty while it waits."""

    id: UUID
    text: str
    received_at: datetime
    taken_up_by: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Words:
    """A petition's text, opened. `blotted`: what tells who is writing was blotted out for this reader."""

    title: str
    text: str
    place_detail: str
    particulars: dict[str, str]
    attachments: tuple[str, ...]
    blotted: bool
    added: tuple[Added, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a clerk's list is filtered by; empty values filter nothing. `page` counts from 1."""

    queue: str = ""
    q: str = ""
    channel: str = ""
    stage: str = ""
    category: str = ""
    place: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    size: int = 50


def open_petition(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> tuple[Petition, bool]:
    """The petition, and whether this viewer may lift the mask of its identity. Raises Hidden (and a page logs the try)."""
    case, barred, tie = _standing(uow, case_id, viewer)
    check_may_read(viewer, barred, tie)
    return case, may_identify(viewer, case.identity, barred, tie)


def _standing(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> tuple[Petition, frozenset[str], Tie]:
    case = read(uow, case_id)
    if case is None:
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    return case, bars(uow, case_id), tie_of(uow, case_id, viewer)


def tie_of(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Tie:
    """What ties a viewer to a case."""
    return Tie(**sure(uow, "tie", case_id=case_id, official=viewer.person.official, posts=list(viewer.codes), own=uow.org))


def read_words(uow: UnitOfWork, vault: Vault, case: Petition, viewer: Viewer, *, identifies: bool) -> Words:
    """The petition's text, logged. To a reader who may not know who is writing, names and numbers are blotted out. Raises Erased."""
    sealed = sealed_of(uow, vault, case.id)
    log(uow, case, viewer, "text", READING)
    words, secrets = sealed.words, () if identifies else sealed.who.secrets
    return Words(
        title=masks.within(words["title"], secrets), text=masks.within(words["text"], secrets),
        place_detail=masks.within(words["place_detail"], secrets),
        particulars={
            name: masks.within(text, secrets) for name, text in words["particulars"].items() if identifies or name not in NAMING
        },
        attachments=tuple(masks.within(name, secrets) for name in words["attachments"]), blotted=not identifies,
        added=tuple(_added(sealed.key, row, secrets) for row in uow.all(SQL["supplements_of_case"], case_id=case.id)),
    )  # fmt: skip


def _added(key: DataKey, row: dict[str, Any], secrets: Iterable[str]) -> Added:
    text = masks.within(key.open("supplement", bytes(row["text"])).decode(), secrets)
    return Added(id=row["id"], text=text, received_at=row["received_at"], taken_up_by=row["taken_up_by"] or "")


def read_masked(uow: UnitOfWork, vault: Vault, case: Petition) -> Petitioner:
    """Who is writing, behind masks: enough to recognise somebody one knows already."""
    who = sealed_of(uow, vault, case.id).who
    return Petitioner(
        name=masks.name(who.name), alias=masks.name(who.alias), phone=masks.phone(who.phone) if who.phone else "",
        id_number=masks.id_number(who.id_number), address=masks.address(who.address) if who.address else "",
        email=masks.email(who.email) if who.email else "", representatives=tuple(map(masks.name, who.representatives)),
        remarks=tuple((heading, "") for heading, _ in who.remarks),
    )  # fmt: skip


def secrets_of(uow: UnitOfWork, vault: Vault, case_id: UUID) -> tuple[str, ...]:
    """Whatever tells who is writing, to be blotted out of other words; nothing, once the case is erased."""
    try:
        return sealed_of(uow, vault, case_id).who.secrets
    except Erased:
        return ()


def identifiable(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    """The petition, for a viewer who may lift the mask. Raises Hidden, or Forbidden when the case itself may be read."""
    case, barred, tie = _standing(uow, case_id, viewer)
    if not may_identify(viewer, case.identity, barred, tie):
        check_may_read(viewer, barred, tie)  # to whom the case itself is hidden, so is the reason
        raise Forbidden("purpose", "保密和匿名信访人的身份不向承办人提供。", "确需联系信访人，请通过信访接待室转达。")
    return case


def read_identity(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, purpose: Purpose
) -> tuple[Petition, Petitioner]:
    """Who is writing, for a stated purpose, logged. Raises Hidden or Forbidden."""
    case = identifiable(uow, case_id, viewer)
    sealed = sealed_of(uow, vault, case_id)
    log(uow, case, viewer, "identity", purpose.value)
    return case, sealed.who


def read_remarks(uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer) -> tuple[Petition, list[dict[str, Any]]]:
    """What the petitioner wrote after conclusions, opened and logged. Raises Hidden, also to whoever handles the case or ever did."""
    case, barred, tie = _standing(uow, case_id, viewer)
    reviewers = frozenset(row["reviewer"] for row in uow.all(SQL["reviewers_of_case"], case_id=case_id))
    kinds = readable_remarks(viewer, barred, tie, reviewers)
    log(uow, case, viewer, "text", Purpose.FOLLOWUP.value)
    key = sealed_of(uow, vault, case_id).key
    rows = uow.all(SQL["remarks_of_case"], case_id=case_id)
    return case, [row | {"text": key.open("remark", bytes(row["text"])).decode()} for row in rows if row["kind"] in kinds]


def looks(
    uow: UnitOfWork, viewer: Viewer, *, number: str = "", official: str = "", what: str = "", page: int = 1, size: int = 50
) -> tuple[list[dict[str, Any]], int]:
    """A page of the log of looks, the latest first, and how many there are. `official` is an id or a name."""
    return page_of(uow, "looks", number=number, official=official, what=what, codes=list(viewer.codes), page=page, size=size)


def counts(uow: UnitOfWork, viewer: Viewer) -> dict[str, int]:
    """How much waits: unbriefed, unaccepted, supplemented, unread."""
    return uow.one(SQL["desk_counts"], codes=list(viewer.codes)) or {}


def repeats(uow: UnitOfWork, viewer: Viewer) -> int:
    """How many petitions stand in the list of repeats."""
    found: int = sure(uow, "repeats", codes=list(viewer.codes))["n"]
    return found


def literal(text: str) -> str:
    """`text` for LIKE, in which none of its signs stands for others."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def desk(uow: UnitOfWork, viewer: Viewer, wanted: Desk) -> tuple[list[dict[str, Any]], int]:
    """A page of the clerk's list, and how many petitions meet the filters. What the viewer is barred from is not in it."""
    return page_of(
        uow, "desk", queue=wanted.queue, q=wanted.q, like=f"%{literal(wanted.q)}%", channel=wanted.channel, stage=wanted.stage,
        category=wanted.category, place=wanted.place, since=wanted.since, until=wanted.until, codes=list(viewer.codes),
        page=wanted.page, size=wanted.size,
    )  # fmt: skip


def case_of_number(uow: UnitOfWork, viewer: Viewer, number: str) -> UUID | None:
    """The case of a whole number, unless there is none or the viewer is barred from it."""
    found = uow.one(SQL["case_of_number"], number=number, codes=list(viewer.codes))
    return found["id"] if found else None


def log(uow: UnitOfWork, case: Petition, viewer: Viewer, what: str, purpose: str) -> None:
    """Who looks at what of a case, when and what for; in the transaction of the look."""
    note_look(uow, viewer, case.id, what, purpose, number=case.number)


def note_look(uow: UnitOfWork, viewer: Viewer, subject: UUID, what: str, purpose: str, *, number: str = "") -> None:
    """The same of a case, or of what has an id of its own: a visit, a call, a kept mail, a post, a list of old cases."""
    uow.all(SQL["add_look"], case_id=subject, number=number, what=what, purpose=purpose, now=uow.now, **viewer.person.as_data())
