"""Publishing an answer, taking it back, and what the public finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.intake.domain import published as domain
from services.intake.domain.petition import Petition
from services.intake.domain.published import Consent, Published, TakeBackReason
from services.intake.domain.viewing import Viewer
from services.intake.handlers.casework import lock
from services.intake.handlers.groups import secrets_of_group
from services.intake.handlers.looking import literal, open_petition
from services.intake.store import PUBLISHED, SQL, bars, page_of
from services.intake.vault.crypto import Vault
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound

MOST_FOUND = 2_000  # answers that a search lists: who looks for an older one says more of it


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What the public's list is filtered by; empty values filter nothing. `page` counts from 1."""

    q: str = ""
    category: str = ""
    place: str = ""
    year: int | None = None
    page: int = 1
    size: int = 20


def publishable(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> tuple[Petition, list[Published]]:
    """The case for whoever may publish its answer, and what was published of it, the latest first. Raises Hidden, Forbidden."""
    case, _ = open_petition(uow, case_id, viewer)
    domain.check_publisher(viewer)
    rows = uow.rows(PUBLISHED)
    return case, [found for row in uow.all(SQL["publications_of_case"], case_id=case_id) if (found := rows.get(row["id"]))]


def publish(
    uow: UnitOfWork, vault: Vault, case_id: UUID, viewer: Viewer, *, title: str, brief: str, answer: str, consent: Consent
) -> Published:
    """Put an answer on the public pages, in place of what stood there; the same words again change nothing.

    Raises Hidden, Forbidden; Conflict for a case whose answer is never public or not given yet; Refused without consent, and
    for words that tell who petitioned, here or in a case linked with it: identities are compared, and shown to nobody.
    """
    case = lock(uow, case_id, viewer)
    domain.check_publisher(viewer)
    domain.check_case(case, barred=bool(bars(uow, case_id)))
    domain.check_consent(case.identity, consent)
    words = (title.strip(), brief.strip(), answer.strip())
    group = secrets_of_group(uow, vault, case_id)
    group.check_known()
    domain.check_words(words, group.everybody)
    for before in uow.rows(PUBLISHED).where("case_id = %s AND withdrawn_at IS NULL", case_id):
        if (before.words, before.consent, before.round) == (words, consent, case.round):
            return before
        uow.rows(PUBLISHED).put(domain.take_back(before, reason=TakeBackReason.CHANGED, by=viewer.person, now=uow.now))
    uow.flush(PUBLISHED)  # only one at a time is on the pages
    return uow.rows(PUBLISHED).put(
        Published(
            id=uuid7(uow.now), case_id=case_id, round=case.round, title=words[0], brief=words[1], answer=words[2],
            category=case.category, place=case.place, outcome=case.outcome, consent=consent, published_at=uow.now,
            published_by=viewer.person,
        )
    )  # fmt: skip


def take_back(uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, reason: TakeBackReason) -> None:
    """Take the answer of a case off the pages; one that is not there is off already. Raises Hidden, Forbidden."""
    lock(uow, case_id, viewer)
    domain.check_publisher(viewer)
    for found in uow.rows(PUBLISHED).where("case_id = %s AND withdrawn_at IS NULL", case_id):
        uow.rows(PUBLISHED).put(domain.take_back(found, reason=reason, by=viewer.person, now=uow.now))


def answers(uow: UnitOfWork, sought: Sought) -> tuple[list[dict[str, Any]], int]:
    """A page of what the public may read, and how many there are, MOST_FOUND at most. Nothing in it says which case it is."""
    return page_of(
        uow, "published_answers", id=None, q=sought.q, like=f"%{literal(sought.q)}%", category=sought.category,
        place=sought.place, year=sought.year, page=sought.page, size=sought.size, most=MOST_FOUND,
    )  # fmt: skip


def answer(uow: UnitOfWork, public_id: UUID) -> dict[str, Any]:
    """One of them. Raises NotFound, also when it was taken back."""
    found = uow.one(
        SQL["published_answers"], id=public_id, q="", like="", category="", place="", year=None, most=1, limit=1, offset=0
    )
    if found is None:
        raise NotFound("answer", "没有这条公开的答复，或者它已经撤下。", "请返回公开答复的列表。")
    return found
