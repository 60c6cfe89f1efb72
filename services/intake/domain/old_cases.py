"""A row of a list of old cases: the petition that it makes, everything that is wrong with it, and whether it is over. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain import masks
from services.intake.domain.categories import UNSORTED, Tree
from services.intake.domain.cells import CONTROL, Row
from services.intake.domain.headings import Column, plain
from services.intake.domain.submission import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    PLACE,
    Channel,
    Identity,
    MatterType,
    Petitioner,
    Submission,
    check,
)
from shared.errors import Refused

LONGEST_WORDS, MOST_PEOPLE = 20_000, 100_000
CUT = 30  # characters of a brief that stand for a title
CHANNELS = {
    **dict.fromkeys(("来信", "信件", "信函", "letter"), Channel.LETTER),
    **dict.fromkeys(("来访", "走访", "接访", "visit"), Channel.VISIT),
    **dict.fromkeys(("来电", "电话", "12345", "call"), Channel.CALL),
    **dict.fromkeys(("来邮", "邮件", "电子邮件", "email"), Channel.EMAIL),
    **dict.fromkeys(("来贴", "来帖", "网络", "网上信访", "网信", "论坛", "post"), Channel.POST),
}
MATTERS = {
    **dict.fromkeys(("建议意见", "意见建议", "建议", "suggestion"), MatterType.SUGGESTION),
    **dict.fromkeys(("检举控告", "揭发控告", "举报", "accusation"), MatterType.ACCUSATION),
    **dict.fromkeys(("申诉求决", "求决", "申诉", "appeal"), MatterType.APPEAL),
    **dict.fromkeys(("其他", "其它", "other"), MatterType.OTHER),
}
IDENTITIES = {
    **dict.fromkeys(("实名", "named"), Identity.NAMED),
    **dict.fromkeys(("实名保密", "保密", "confidential"), Identity.CONFIDENTIAL),
    **dict.fromkeys(("匿名", "anonymous"), Identity.ANONYMOUS),
}
OUTCOMES = {
    **dict.fromkeys(("支持", "supported"), "supported"),
    **dict.fromkeys(("解释说明", "explained"), "explained"),
    **dict.fromkeys(("不予支持", "notsupported"), "not_supported"),
}
SATISFIED = {
    **dict.fromkeys(("是", "满意", "基本满意", "yes", "true", "1"), True),
    **dict.fromkeys(("否", "不满意", "no", "false", "0"), False),
}
_BRACKETS = str.maketrans("[]【】〔〕〖〗{}", "()()()()()")
_PHONE = re.compile(r"[+0-9][0-9 \-()/、,;]{4,58}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")


@dataclass(frozen=True, kw_only=True, repr=False)
class OldCase:
    """A row that may be registered. `finished`: it is over and its conclusion comes with it; else it is read like a new one."""

    number: str
    submission: Submission
    finished: bool
    registered_at: datetime
    outcome: str
    answer: str
    concluded_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Days:
    received: datetime | None
    registered: datetime | None
    concluded: datetime | None
    closed: datetime | None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the words of a list are read by: codes of the county's `places` and of `categories`, each by all its names."""

    places: Mapping[str, str]
    categories: Mapping[str, str]


def names_of(tree: Tree) -> dict[str, str]:
    """The codes of a tree by what each is called, in both languages and as a code; where two are called alike, the upper one's."""
    entries = sorted(tree.entries, key=lambda entry: entry.code == entry.top)
    return {
        plain(name): entry.code for entry in entries for name in (entry.zh, entry.en, tree.name(entry.code, "zh"), entry.code)
    }


def typed(text: str) -> str:
    """A number or a name, however it is typed: full width or half, small or large, by whatever brackets and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_BRACKETS).split())


def read_row(row: Row, *, source: str, known: Known, now: datetime) -> OldCase | None:
    """The old case of a row, or None: then `row.faults` holds everything that is wrong with it.

    A case is over when it was closed, or concluded and its petitioner is not known to be dissatisfied: it is open until the
    petitioner says that it is settled.
    """
    number, days = row.figures(Column.NUMBER) if row.needed(Column.NUMBER) else "", _days(row, now)
    outcome, satisfied = row.one_of(Column.OUTCOME, OUTCOMES, ""), row.one_of(Column.SATISFIED, SATISFIED, None)
    answer = row.text(Column.ANSWER, LONGEST_WORDS)
    finished = bool(days.closed or (days.concluded and satisfied is not False))
    told = {"system": source, Column.NUMBER: number, Column.UNIT: row.text(Column.UNIT), Column.REGISTERED: _day(days.registered)}
    if not finished:
        told |= {Column.OUTCOME: row.text(Column.OUTCOME), Column.ANSWER: answer, Column.CONCLUDED: _day(days.concluded)}
    row.remarks += [(Column.SATISFIED.value, row.text(Column.SATISFIED))] if satisfied is not None else []
    row.remarks += [(heading, CONTROL.sub("", text)) for heading, text in row.others.items()]
    particulars = {f"old_{name.removeprefix('old_')}": text for name, text in told.items() if text}
    submission = _submission(row, known, particulars, days.received)
    _check(row, submission, now)
    if row.faults:
        return None
    submission, answer = _blotted(row, submission, answer if finished else "")
    return OldCase(
        number=number, submission=submission, finished=finished,
        registered_at=(days.registered or days.received or now) if finished else now,
        outcome=outcome if finished else "", answer=answer,
        concluded_at=(days.concluded or days.closed) if finished else None, closed_at=days.closed or days.concluded if finished else None,
    )  # fmt: skip


def _blotted(row: Row, given: Submission, answer: str) -> tuple[Submission, str]:
    """Officials' words stand in the clear, so what tells who wrote is blotted out of them; as they were, they stay sealed.

    A title that is missing is cut from the brief only then: half a name is not found any more.
    """
    who = given.petitioner
    words = {Column.BRIEF_TITLE: given.brief_title, Column.BRIEF: given.brief, Column.ANSWER: answer}
    # A shorter address tells less than a place, which officials have to name.
    secrets = replace(who, address=who.address if len(who.address) >= masks.SHORTEST_ADDRESS else "").secrets
    clean = {column: masks.within(text, secrets) for column, text in words.items()}
    for column, text in words.items():
        if clean[column] != text:
            fault = Refused(column, "含有信访人的姓名或号码，已遮盖，原文加密保存。", "摘要和答复里不要写个人信息。")
            row.warn(column, text, fault)
    title, brief = clean[Column.BRIEF_TITLE], clean[Column.BRIEF]
    return (
        replace(
            given, brief_title=title or brief[:CUT], brief=brief or title, petitioner=replace(who, remarks=tuple(row.remarks))
        ),
        clean[Column.ANSWER],
    )


def _days(row: Row, now: datetime) -> _Days:
    """The four days, none before the one that it follows and none in the future; for the day of receipt `check` sees to that."""
    row.needed(Column.RECEIVED)
    received, registered = row.moment(Column.RECEIVED), row.moment(Column.REGISTERED)
    concluded, closed = row.moment(Column.CONCLUDED), row.moment(Column.CLOSED)
    after = (
        (Column.REGISTERED, registered, received), (Column.CONCLUDED, concluded, received), (Column.CLOSED, closed, concluded or received)
    )  # fmt: skip
    for column, moment, earlier in after:
        if moment and (moment > now or (earlier and moment.date() < earlier.date())):
            row.faults.append(Refused(column, "不得晚于今天，也不得早于收到日期或办结日期。", "请核对这几个日期的先后。"))
    return _Days(received=received, registered=registered, concluded=concluded, closed=closed)


def _day(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d") if moment else ""


def _submission(row: Row, known: Known, particulars: dict[str, str], received: datetime | None) -> Submission:
    channel = CHANNELS.get(plain(row.needed(Column.CHANNEL)))
    if channel is None and not row.wrong(Column.CHANNEL):
        row.faults.append(Refused(Column.CHANNEL, "须是来信、来访、来电、来邮、来贴之一。", "请按来件实际经过的渠道填写。"))
    place, detail = _place(row, known.places)
    who = _petitioner(row)
    anonymous = not any(who.secrets)
    return Submission(
        channel=channel or Channel.LETTER, title=row.needed(Column.TITLE, LONGEST_TITLE), text=row.needed(Column.TEXT, LONGEST_TEXT),
        matter_type=row.one_of(Column.MATTER, MATTERS, MatterType.OTHER), category=row.one_of(Column.CATEGORY, known.categories, UNSORTED),
        place=place, place_detail=detail, petitioner=who, particulars=particulars, received_at=received,
        identity=row.one_of(Column.IDENTITY, IDENTITIES, Identity.ANONYMOUS if anonymous else Identity.CONFIDENTIAL),
        group_size=row.count(Column.GROUP_SIZE, MOST_PEOPLE), brief_title=row.text(Column.BRIEF_TITLE),
        brief=row.text(Column.BRIEF, LONGEST_WORDS),
    )  # fmt: skip


def _petitioner(row: Row) -> Petitioner:
    phone, id_number, email = row.figures(Column.PHONE), row.figures(Column.ID_NUMBER), row.text(Column.EMAIL)
    if phone and not _PHONE.fullmatch(phone) and not row.wrong(Column.PHONE):
        row.warnings.append(Refused(Column.PHONE, "不像电话号码，按原样保留。", "可核对后改正。"))
    if email and not _EMAIL.fullmatch(email):
        row.faults.append(Refused(Column.EMAIL, "不是电子邮箱地址。", "请改正，或留空。"))
    return Petitioner(
        name=row.text(Column.NAME), phone=phone, address=row.text(Column.ADDRESS), email=email, id_number=id_number
    )  # fmt: skip


def _place(row: Row, places: Mapping[str, str]) -> tuple[str, str]:
    """The place's code; a place that has none goes before the place in detail."""
    text, detail = row.text(Column.PLACE), row.text(Column.PLACE_DETAIL)
    code = places.get(plain(text), text if _lies_in(text, places) else "")
    if text and not code:
        row.warnings.append(Refused(Column.PLACE, "名录里没有这个地方，写入“具体地点”。", "可改填名录中的名称或代码。"))
    return code, detail if code else f"{text} {detail}".strip()


def _lies_in(code: str, places: Mapping[str, str]) -> bool:
    """Whether it is the code of a village or township of one of the places; other digits are somebody's number."""
    return bool(re.fullmatch(PLACE, code)) and any(code[:length] in places for length in (6, 9))


def _check(row: Row, given: Submission, now: datetime) -> None:
    """The rules of every registration; what is known to be wrong already is not told twice."""
    try:
        check(given, now)
    except Refused as fault:
        column = Column.RECEIVED if fault.field == "received_at" else Column(fault.field)
        if not row.wrong(column):
            row.faults.append(Refused(column, fault.rule, fault.remedy, **fault.values))
