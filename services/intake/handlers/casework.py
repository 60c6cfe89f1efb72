"""What a clerk, or the petitioner on the tracking page, does to a registered petition."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from services.intake.domain import barring
from services.intake.domain import petition as domain
from services.intake.domain.barring import LiftReason
from services.intake.domain.categories import Category
from services.intake.domain.messages import Message
from services.intake.domain.petition import Means, Milestone, Petition, Wish, WithdrawalReason
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.store import BARS, MESSAGES, MILESTONES, PETITIONS, SQL, bars
from services.intake.vault.crypto import code_hash
from services.intake.workflow import MessageStage
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused

_NOBODY = "0" * 64


def supplement(
    uow: UnitOfWork,
    case_id: UUID,
    viewer: Viewer,
    *,
    title: str,
    brief: str,
    category: Category,
    place: str,
    revision: int | None = None,
) -> Petition:
    """Write the redacted title and brief (交办摘要) and the codes; the same words again change and tell nothing.

    Raises Conflict when `revision` is not the one that was read.
    """
    case = lock(uow, case_id, viewer)
    changed = domain.supplement(case, title=title, brief=brief, category=category, place=place, revision=revision)
    if changed is not case:
        uow.rows(PETITIONS).put(changed)
        data = {"title": changed.title, "brief": changed.brief, "category": changed.category, "place": changed.place}
        uow.tell("case.supplemented", case.id, data | {"by": viewer.person.as_data(), "at": instant(uow.now)})
    return changed


def accept(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    """Accept the petition (art. 23) and tell the petitioner so; a second time changes and sends nothing."""
    case = lock(uow, case_id, viewer)
    changed = domain.accept(case, uow.now, viewer.person)
    if changed is not case:
        uow.rows(PETITIONS).put(changed)
        reach(uow, case_id, "accepted")
        owe_message(uow, case_id, "case_accepted")
        uow.tell("case.accepted", case_id, {"accepted_at": instant(uow.now), "by": viewer.person.as_data()})
    return changed


def set_conflict(
    uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, organisations: Sequence[str], officials: Sequence[str]
) -> None:
    """Say who is complained of (art. 30, 46). At once they see nothing here of the case, nor of its split family; routing is told.

    Names add up: whoever is left out stays barred, and the same names again change and tell nothing. Only the directory's
    codes are kept, without a reason. Raises Refused for a code that the directory does not know.
    """
    split_family(uow, [case_id])  # locked in one order, whichever of them is named
    case = lock(uow, case_id, viewer)
    codes = sorted({*organisations, *officials})
    unknown = uow.all(SQL["unknown_codes"], codes=codes)
    if unknown:
        raise Refused("officials", "名录里没有“%(code)s”。", "请从名录中选择。", code=unknown[0]["code"])
    known = {code: uow.rows(BARS).get(case_id, code) for code in codes}
    if case.conflict_set_at and all(bar and bar.named for bar in known.values()):
        return
    for code, bar in known.items():
        uow.rows(BARS).put(barring.name(bar, case_id, code, now=uow.now))
    uow.rows(PETITIONS).put(replace(case, conflict_set_at=uow.now))
    data = {"organisations": sorted(set(organisations)), "officials": sorted(set(officials)), "by": viewer.person.as_data()}
    uow.tell("case.conflict_set", case_id, data)
    bar_family(uow, case_id, [code for code, bar in known.items() if not (bar and bar.named)], by=viewer.person)


def bar_family(uow: UnitOfWork, case_id: UUID, codes: Sequence[str], *, by: Person) -> None:
    """Bar whoever was newly named in a petition from the rest of its split family, too: it is one petitioner's one letter.

    Of each such petition routing is told as if he had been named there, and the office may lift it there.
    """
    for other_id in sorted(split_family(uow, [case_id]) - {case_id}) if codes else []:
        known = {code: uow.rows(BARS).get(other_id, code) for code in codes}
        fresh = [code for code, bar in known.items() if not (bar and bar.named)]
        other = uow.rows(PETITIONS).get(other_id)
        if other is None or not fresh:
            continue
        for code in fresh:
            uow.rows(BARS).put(barring.name(known[code], other_id, code, now=uow.now))
        uow.rows(PETITIONS).put(replace(other, conflict_set_at=uow.now))
        uow.tell("case.conflict_set", other_id, sorted_out(uow, fresh) | {"by": by.as_data()})


def recuse_family(uow: UnitOfWork, case_id: UUID, *, begun: Collection[str], ended: Collection[str]) -> None:
    """Carry the recusals that began or ended in a petition into the rest of its split family: there they accuse nobody."""
    for other_id in sorted(split_family(uow, [case_id]) - {case_id}) if begun or ended else []:
        keep_apart(uow, other_id, begun, ended)


def keep_apart(uow: UnitOfWork, case_id: UUID, begun: Collection[str], ended: Collection[str] = ()) -> None:
    """Bar from a petition whoever is recused from another part of its letter; routing is told of all of them, the latest word."""
    known = {bar.code: bar for bar in uow.rows(BARS).where("case_id = %s", case_id)}
    changed = barring.keep_apart(known.values(), case_id, begun, ended, at=uow.now)
    if not changed:
        return
    known |= {bar.code: uow.rows(BARS).put(bar) for bar in changed}
    apart = sorted_out(uow, [bar.code for bar in known.values() if bar.by_family])
    uow.tell("case.recused_by_family", case_id, apart)


def implied(uow: UnitOfWork, case_id: UUID) -> set[str]:
    """The organisations that routing bars because of whom our staff named in a petition: no recusal holds them."""
    return {row["code"] for row in uow.all(SQL["implied_by_names"], case_id=case_id, org=uow.org)}


def sorted_out(uow: UnitOfWork, codes: Collection[str]) -> dict[str, list[str]]:
    """Codes of the directory as an event tells them: the organisations' and the officials'."""
    organisations = [row["code"] for row in uow.all(SQL["organisations_among"], codes=sorted(codes))]
    return {"organisations": organisations, "officials": sorted(set(codes) - set(organisations))}


def lift_conflict(
    uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, codes: Sequence[str], reason: LiftReason, authority: str
) -> None:
    """Take back names that were put down as complained of by mistake; reason, authority and who did it stay in the log.

    They are barred here until routing, which keeps every recusal, has let them go. Raises Hidden, also to whoever is barred
    himself; Forbidden for anybody but the office; Refused for a code that was not named, or without an authority.
    """
    lock(uow, case_id, viewer)
    barring.check_may_lift(viewer)
    if not codes or not authority.strip():
        raise Refused("authority", "更正须指明对象和作出决定的机关。", "请选择对象，写明是哪一级机关或哪位负责人决定的。")
    for code in sorted(set(codes)):
        uow.rows(BARS).put(barring.lift(uow.rows(BARS).get(case_id, code), code))
    data = {"reason": reason.value, "authority": authority.strip(), "by": viewer.person.as_data(), "at": instant(uow.now)}
    uow.tell("case.conflict_lifted", case_id, sorted_out(uow, set(codes)) | data)


def withdraw_for_petitioner(
    uow: UnitOfWork, case_id: UUID, viewer: Viewer, *, means: Means, reason: WithdrawalReason
) -> Petition:
    """Staff withdraw at the petitioner's wish; the tracking page says so, and a petitioner with an address is written to.

    A second time changes and sends nothing. Raises Hidden, Conflict.
    """
    case = lock(uow, case_id, viewer)
    changed = withdraw(uow, case_id, wish=Wish(by=viewer.person, means=means, reason=reason))
    if changed is not case:
        owe_message(uow, case_id, "withdrawn_for_you")
    return changed


def withdraw(uow: UnitOfWork, case_id: UUID, *, wish: Wish | None) -> Petition:
    """The petitioner withdraws: on the tracking page (`wish` None), or through staff. A second time changes nothing.

    The caller has checked the secret code or the official.
    """
    case = uow.rows(PETITIONS).get(case_id)
    if case is None:
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    changed = domain.withdraw(case, uow.now, wish)
    if changed is not case:
        uow.rows(PETITIONS).put(changed)
        reach(uow, case_id, "withdrawn_by_staff" if wish else "withdrawn")
        told = {"by": wish.by.as_data(), "means": wish.means.value, "reason": wish.reason.value} if wish else {"by": None}
        uow.tell("case.withdrawn", case_id, {"withdrawn_at": instant(uow.now)} | told)
    return changed


def case_of_code(uow: UnitOfWork, *, number: str, code: str) -> UUID:
    """The case whose number and secret code these are.

    Raises Refused with the same words, after the same work, whether the number or the code is wrong.
    """
    found = uow.one(SQL["code_of_number"], number=number.strip())
    right = hmac.compare_digest(found["code_hash"] if found else _NOBODY, code_hash(code))
    if not found or not right:
        raise Refused("code", "编号或查询码不对。", "请核对回执上的编号和查询码；回执遗失可带证件到信访接待室查询。")
    case_id: UUID = found["id"]
    return case_id


def lock(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> Petition:
    """The petition's row, locked, for staff of this instance that may see it. Raises Hidden."""
    case = uow.rows(PETITIONS).get(case_id)
    if case is None or not viewer.of_instance or not viewer.codes.isdisjoint(bars(uow, case_id)):
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    return case


def split_family(uow: UnitOfWork, cases: Iterable[UUID]) -> set[UUID]:
    """These petitions with all that was ever split off them or that they were split off; locked, in one order."""
    asked = sorted(cases)
    locked: set[UUID] = set()
    found = relatives(uow, asked)
    while found != locked:  # a part that came while a lock was waited for has a later id than any of these
        uow.rows(PETITIONS).load(found)
        locked, found = found, relatives(uow, asked)
    return found


def relatives(uow: UnitOfWork, cases: Collection[UUID]) -> set[UUID]:
    """The same as they are at the moment, not locked."""
    return {row["id"] for row in uow.all(SQL["split_family"], ids=sorted(cases))}


def owe_message(uow: UnitOfWork, case_id: UUID, template: str) -> None:
    """Tell the petitioner something: on the tracking page at once, by mail when there is an address."""
    uow.rows(MESSAGES).put(
        Message(
            id=uuid7(uow.now), case_id=case_id, template=template, params={}, requested_at=uow.now,
            stage=MessageStage.WAITING, attempts=0, next_attempt_at=uow.now,
        )
    )  # fmt: skip


def reach(uow: UnitOfWork, case_id: UUID, kind: str, round: int = 0) -> None:
    """Put a step on the tracking page."""
    uow.rows(MILESTONES).put(Milestone(case_id=case_id, kind=kind, round=round, at=uow.now))
