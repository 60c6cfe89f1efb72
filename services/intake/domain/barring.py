"""Who never sees a case (art. 28, 30, 46), and how a name that was put down by mistake is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.viewing import Viewer
from shared.errors import Forbidden, Refused

CORRECTORS = frozenset({"office"})  # a clerk names and somebody else takes back: four eyes


class LiftReason(StrEnum):
    """Why a name is taken back. A closed list: why somebody was complained of is told nowhere."""

    SLIP = "slip"
    NAMESAKE = "namesake"
    NOT_MEANT = "not_meant"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An official's id or an organisation's code that never sees a case; why is not kept.

    `named`: our own staff say that it is complained of. `told`: routing's latest word holds it, complained of or recused.
    `by_family`: it is recused from another part of the same split letter, and complained of by nobody for that.
    It is in force while any is so, that a name is safe from the moment it is put down and until routing has let it go.
    """

    case_id: UUID
    code: str
    barred_at: datetime
    named: bool = False
    told: bool = False
    by_family: bool = False


def name(known: Bar | None, case_id: UUID, code: str, *, now: datetime) -> Bar:
    """The bar after our staff named `code`. Names add up; leaving one out takes nothing back."""
    return replace(known or Bar(case_id=case_id, code=code, barred_at=now), named=True)


def lift(known: Bar | None, code: str) -> Bar:
    """The bar without our staff's word. Raises Refused when they never named `code`: a recusal cannot be taken back here."""
    if known is None or not known.named:
        raise Refused(
            "lifted", "“%(code)s”不在登记的被反映对象之中。", "请从已记录的对象中选择；回避的决定不能在这里撤销。", code=code
        )
    return replace(known, named=False)


def follow(known: Iterable[Bar], case_id: UUID, codes: Collection[str], *, at: datetime) -> list[Bar]:
    """The bars after routing's latest word, which holds all that it has in force. What our own staff named stays."""
    before = {bar.code: bar for bar in known}
    fresh = [Bar(case_id=case_id, code=code, barred_at=at, told=True) for code in sorted(set(codes) - before.keys())]
    return fresh + [replace(bar, told=bar.code in codes) for bar in before.values()]


def recusals(known: Iterable[Bar], codes: Collection[str], implied: Collection[str]) -> tuple[set[str], set[str]]:
    """Which recusals begin with routing's latest word on a case, and which end.

    New codes that no name of ours explains (`implied`: those that follow from names) are recusals; what came from the family
    and is only echoed neither begins nor ends.
    """
    known = list(known)
    in_force = {bar.code for bar in known if bar.named or bar.told or bar.by_family}
    own = {bar.code for bar in known if bar.told and not bar.by_family}
    return set(codes) - in_force - set(implied), own - set(codes)


def keep_apart(
    known: Iterable[Bar], case_id: UUID, begun: Collection[str], ended: Collection[str] = (), *, at: datetime
) -> list[Bar]:
    """The bars that change in one part of a split letter when recusals from another part begin and end.

    What ended stays as routing's word until it lets go: its late echo would else look like a recusal from this part.
    """
    before = {bar.code: bar for bar in known}
    fresh = [replace(before.get(code) or Bar(case_id=case_id, code=code, barred_at=at), by_family=True) for code in sorted(begun)]
    over = [replace(bar, by_family=False, told=True) for bar in before.values() if bar.by_family and bar.code in ended]
    return [bar for bar in fresh + over if bar != before.get(bar.code)]


def check_may_lift(viewer: Viewer) -> None:
    """Raises Forbidden for anybody but the office of this instance. Whoever is barred is refused earlier, as if there were no case."""
    if not viewer.of_instance or viewer.roles.isdisjoint(CORRECTORS):
        raise Forbidden("lifted", "更正被反映对象由领导小组办公室办理。", "请报领导小组办公室，并说明决定机关。")
