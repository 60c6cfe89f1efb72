"""Answers made public: which may be, with whose consent, and what must not stand in them. Pure: `now` is handed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain import masks
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Identity, MatterType
from services.intake.domain.viewing import Viewer
from services.intake.workflow import Stage
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

PUBLISHERS = frozenset({"office"})
ANSWERED = frozenset({Stage.CONCLUDED, Stage.CLOSED, Stage.ARCHIVED})


class Consent(StrEnum):
    """How the petitioner agreed; an anonymous one cannot be asked, so the office decides."""

    WRITTEN = "written"
    ORAL = "oral"
    TELEPHONE = "telephone"
    OFFICE = "office"


class TakeBackReason(StrEnum):
    """Why a published answer is taken off the pages."""

    ASKED = "asked"
    MISTAKEN = "mistaken"
    PERSONAL = "personal"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Published:
    """What the public reads of a case. The words are edited for it and name nobody."""

    id: UUID
    case_id: UUID
    round: int
    title: str
    brief: str
    answer: str
    category: str
    place: str
    outcome: str
    consent: Consent
    published_at: datetime
    published_by: Person
    withdrawn_at: datetime | None = None
    withdrawn_by: Person | None = None
    withdrawn_reason: TakeBackReason | None = None

    @property
    def words(self) -> tuple[str, str, str]:
        """What the public reads."""
        return self.title, self.brief, self.answer


def check_publisher(viewer: Viewer) -> None:
    """Raises Forbidden for anybody but the office of this instance."""
    if not viewer.of_instance or viewer.roles.isdisjoint(PUBLISHERS):
        raise Forbidden("published", "答复公开由领导小组办公室办理。", "请报领导小组办公室。")


def check_case(case: Petition, *, barred: bool) -> None:
    """Raise unless the answer of this case may be public at all; `barred`: somebody is barred from it, whoever that is."""
    if case.matter_type is MatterType.ACCUSATION:
        raise Conflict("published", "检举控告的答复不公开（《信访工作条例》第三十条）。", "请只答复信访人本人。")
    if case.conflict_set_at or barred:
        raise Conflict("published", "有被反映对象或回避人员的信访件不公开。", "请只答复信访人本人。")
    if case.stage not in ANSWERED or case.withdrawn_at or not case.answer:
        raise Conflict("published", "还没有办结答复，或信访件已撤回。", "请办结以后再公开。")


def check_consent(identity: Identity, consent: Consent) -> None:
    """Raise Refused unless the petitioner agreed, or is anonymous and the office decided."""
    if (identity is Identity.ANONYMOUS) is not (consent is Consent.OFFICE):
        raise Refused("consent", "实名和保密的信访人须本人同意；匿名的由办公室决定。", "请先征得信访人同意，并记录是怎样同意的。")


def check_words(texts: Iterable[str], secrets: Iterable[str]) -> None:
    """Raise Refused for words that tell who petitioned, or hold anybody's telephone or identity number."""
    whole, known = "\n".join(texts), tuple(secrets)
    if masks.within(whole, known) != whole:
        raise Refused("answer", "文字中有信访人的姓名、电话、住址等信息。", "请删去，或改为不能识别本人的说法。")
    if masks.holds_number(whole):  # whoever is meant
        raise Refused("answer", "文字中有手机号码或身份证号码。", "请删去号码。")


def take_back(published: Published, *, reason: TakeBackReason, by: Person, now: datetime) -> Published:
    """Off the pages. A second time changes nothing."""
    if published.withdrawn_at:
        return published
    return replace(published, withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason)
