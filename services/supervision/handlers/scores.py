"""The score book's readers and those who object: cards, objections and their decisions, skip-level petitions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.supervision import store
from services.supervision.domain import scores as domain
from services.supervision.domain.scores import Card, Correction, Entry, Objection, Occasion
from services.supervision.domain.wording import check_words
from services.supervision.handlers import book
from services.supervision.handlers.acting import acting, may_see, open_case
from services.supervision.handlers.charge import SUPERVISES
from services.supervision.handlers.in_force import policy_of
from services.supervision.score_rules import Kind, ScoreRule
from services.supervision.store import SQL, SkipLevel
from services.supervision.working_calendar import end_of, local_day
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Conflict, Forbidden, NotFound, Refused

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_ENTRIES = SQL["entries_since"].format(columns=store.ENTRIES.columns)
HEADS = ("unit_head", "first_in_command", "leader")
DECIDE = ("supervision_office", "first_in_command")


# -- cards ----------------------------------------------------------------------------------------------------------
def cut_off(uow: UnitOfWork, asked: datetime | None) -> datetime:
    """The instant up to which a card is made. Everything that was recorded by then is there to be read. Raises Refused."""
    uow.all(SQL["lock_book"])
    if asked is not None and not EARLIEST <= asked <= uow.now:
        raise Refused("cut", "截止时刻不能晚于现在，也不能早于 2000 年。", "请填写过去的时刻，或留空。")
    return asked or uow.now


def _within(first: date, last: date) -> dict[str, datetime]:
    return {"since": _start_of(first), "until": end_of(last)}


def _start_of(day: date) -> datetime:
    return end_of(day - domain.ONE_DAY)


def card_of(uow: UnitOfWork, code: str, first: date, last: date, cut: datetime, *, own: bool = False) -> Card:
    """The card of a leader or a unit, from the book; `own` says that whoever is scored reads it."""
    first, last = domain.whole_months(first, last) if own else (first, last)
    rows = uow.all(_ENTRIES, code=code, cut=cut, **_within(domain.year_start(first), last))
    found = [book.entry(row) for row in rows]
    return domain.card(domain.told_by(found, cut) if own else found, code, first, last, cut)


def scored(uow: UnitOfWork, first: date, last: date, cut: datetime, own: Collection[str]) -> list[dict[str, Any]]:
    """Who has entries in the period: {whom, code, person}, each with his card. `own` are those for whom the reader speaks."""
    months = domain.whole_months(first, last)
    people: dict[tuple[str, str], list[Entry]] = {}
    for row in uow.all(_ENTRIES, code=None, cut=cut, **_within(domain.year_start(months[0]), months[1])):
        entry = book.entry(row)
        people.setdefault((entry.whom, entry.code), []).append(entry)
    found = []
    for (whom, code), entries in sorted(people.items()):
        mine = code in own
        card = domain.card(domain.told_by(entries, cut) if mine else entries, code, *(months if mine else (first, last)), cut)
        if card.lines:
            found.append({"whom": whom, "code": code, "person": entries[-1].person, "card": card})
    return found


def rules_of(uow: UnitOfWork, card: Card) -> dict[tuple[str, str], ScoreRule]:
    """The rules of a card's lines, as their policies' versions have them."""
    found = {(line.policy, line.rule): policy_of(uow, line.policy).scores for line in card.lines}
    return {key: rule for key, scores in found.items() if scores and (rule := scores.rule(key[1]))}


def open_until(uow: UnitOfWork, entries: Sequence[Entry]) -> dict[UUID, datetime]:
    """Until when each entry can be objected to."""
    days = {entry.policy: scores.objection_days if (scores := policy_of(uow, entry.policy).scores) else 0 for entry in entries}
    return {entry.id: domain.objectable_until(entry, days[entry.policy]) for entry in entries if entry.corrects is None}


def numbers(uow: UnitOfWork, card: Card) -> dict[UUID, dict[str, Any]]:
    """What the cases of a card's entries are called, for the operator, who is nobody's reader."""
    return shown(uow, [entry for line in card.lines for entry in line.entries], {"official": "", "posts": []}, own=False)


# -- objections -----------------------------------------------------------------------------------------------------
def standing_for(uow: UnitOfWork, official: str) -> set[str]:
    """For whom an official speaks: himself, and the units that he heads."""
    row = uow.one(SQL["official_named"], official=official)
    posts = row["posts"] if row and row["active"] else []
    return {official, *(post["organisation"] for post in posts if not set(HEADS).isdisjoint(post["roles"]))}


def object_to(uow: UnitOfWork, entry_id: UUID, official: str, *, objection_id: UUID, reasons: str) -> None:
    """Whoever is scored holds an entry to be wrong. Raises Refused; sent twice it is kept once."""
    if uow.rows(store.OBJECTIONS).get(objection_id) is not None:
        return
    entry = uow.rows(store.ENTRIES).get(entry_id)
    if entry is None:
        raise NotFound("entry", "没有找到该条计分。", "请核对后重试。")
    by = acting(uow, official, *HEADS)
    check_words("reasons", reasons)
    if uow.all(SQL["objections_of"], entries=[entry_id]):
        raise Conflict("entry", "对该条计分已经提过异议。", "请等待审定，或查看审定结果。")
    objection = Objection(id=objection_id, entry_id=entry_id, case_id=entry.case_id, by=by, reasons=reasons, at=uow.now)
    rules = policy_of(uow, entry.policy).scores
    days = rules.objection_days if rules else 0
    domain.object_to(entry, objection, days, scored=entry.code in standing_for(uow, official))
    uow.rows(store.OBJECTIONS).put(objection)


def decide(
    uow: UnitOfWork, objection_id: UUID, official: str, *, upheld: bool, becomes: int | None, words: str
) -> None:  # fmt: skip
    """The supervision office or the first-in-command decides; what is upheld is put right by a further entry. Raises Refused."""
    by = acting(uow, official, *DECIDE)
    uow.all(SQL["lock_book"])
    row = uow.one(SQL["case_of_objection"], objection=objection_id)
    if row is not None:
        open_case(uow, row["case_id"], official)
    objection = uow.rows(store.OBJECTIONS).get(objection_id)
    if objection is None:
        raise NotFound("objection", "没有找到该项异议。", "请核对后重试。")
    check_words("words", words)
    entry = uow.rows(store.ENTRIES).get(objection.entry_id)
    if entry is None:  # none is ever deleted
        raise NotFound("objection", "没有找到该项异议。", "请核对后重试。")
    if entry.code in standing_for(uow, official):
        raise Refused("objection", "不能审定本人或本单位的计分。", "请由其他同志审定。")
    decided = domain.decide(objection, entry, by=by, upheld=upheld, becomes=becomes, words=words, at=uow.now)
    uow.rows(store.OBJECTIONS).put(decided)
    if decided.becomes is not None:
        _put_right(uow, decided.id, decided.entry_id, decided.becomes, by, words)


def _put_right(uow: UnitOfWork, decision: UUID, entry_id: UUID, becomes: int, by: Person, words: str) -> None:
    book.put_right(uow, Correction(id=decision, entry_id=entry_id, becomes=becomes, by=by, reasons=words, at=uow.now))


# -- skip-level petitions -------------------------------------------------------------------------------------------
def record_skip_level(
    uow: UnitOfWork, number: str, official: str, *, record_id: UUID, level: str, on_day: date, source: str
) -> None:  # fmt: skip
    """A case was taken to a higher level, as `source` says. It measures the work of whoever carries the case. Raises Refused."""
    if uow.rows(store.SKIP_LEVELS).get(record_id) is not None:
        return
    by = acting(uow, official, *SUPERVISES)
    found = uow.one(SQL["case_of_number"], number=number)
    if found is None or not may_see(uow, found["id"], official):
        raise Refused("number", "没有找到该编号的信访件。", "请核对编号；须是本级办理、已经批示交办的信访件。")
    case = open_case(uow, found["id"], official)
    first = local_day(case.first_dispatched_at) if case.first_dispatched_at else None
    if first is None or not first <= on_day <= local_day(uow.now):
        raise Refused("on_day", "日期须在首次交办之日至今天之间。", "交办以前向上级反映的，不是本件的越级上访。")
    check_words("source", source)
    if uow.one(SQL["skip_level_same"], case=case.id, level=level, on_day=on_day):
        raise Conflict("on_day", "该件当日的这一记录已经有了。", "请查看已有记录。")
    data = {
        "record_id": str(record_id), "level": level, "on": on_day.isoformat(), "source": source, "by": by.as_data(),
        "at": instant(uow.now),
    }  # fmt: skip
    told = uow.tell("skip_level.recorded", case.id, data)
    uow.rows(store.SKIP_LEVELS).put(
        SkipLevel(id=record_id, case_id=case.id, level=level, on_day=on_day, source=source, by=by, at=uow.now, told=told)
    )
    uow.rows(store.OCCASIONS).put(
        Occasion(
            cause=told, detail=level, kind=Kind.SKIP_LEVEL, case_id=case.id, at=_start_of(on_day), responsible=case.responsible
        )
    )


def annul_skip_level(uow: UnitOfWork, record_id: UUID, official: str, words: str) -> None:
    """It was recorded wrongly: what it cost is put right by a further entry. Raises Refused."""
    by = acting(uow, official, *SUPERVISES)
    check_words("words", words)
    uow.all(SQL["lock_book"])
    row = uow.one(SQL["case_of_skip_level"], record=record_id)
    if row is not None:
        open_case(uow, row["case_id"], official)
    record = uow.rows(store.SKIP_LEVELS).get(record_id)
    if record is None:
        raise NotFound("record", "没有找到该条记录。", "请核对后重试。")
    if record.annulled_at is not None:
        raise Conflict("record", "该条记录已经撤销。", "请查看最新情况。")
    book.judge_of(uow, record.told)
    scored = uow.all(SQL["entries_of_cause"], cause=record.told)
    if not standing_for(uow, official).isdisjoint(entry["code"] for entry in scored):
        raise Forbidden("record", "不能撤销使本人扣分的记录。", "请由其他同志撤销。")
    uow.rows(store.SKIP_LEVELS).put(replace(record, annulled_at=uow.now, annulled_by=by, annulled_for=words))
    uow.tell("skip_level.annulled", record.case_id, {
        "record_id": str(record_id), "reasons": words, "by": by.as_data(), "at": instant(uow.now),
    })  # fmt: skip
    for entry in scored:
        _put_right(uow, record.id, entry["id"], 0, by, words)


# -- sight ----------------------------------------------------------------------------------------------------------
def shown(uow: UnitOfWork, entries: list[Entry], who: dict[str, Any], *, own: bool) -> dict[UUID, dict[str, Any]]:
    """What of each entry's case a reader may be shown: {number, title}, or nothing where he is barred from it. `own` says that he
    is scored himself: then an entry that rests on one petitioner's answer does not say whose.
    """
    rows = uow.all(SQL["cases_of_entries"], cases=[entry.case_id for entry in entries], **who)
    cases = {row["id"]: row for row in rows if row["seen"]}
    return {
        entry.id: cases[entry.case_id]
        for entry in entries
        if entry.case_id in cases and not (own and domain.hides_case(entry, carried=cases[entry.case_id]["carried"]))
    }
