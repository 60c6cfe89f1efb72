"""The score book: a ledger that follows from what happened and from the rules alone, in whatever order it is written (M22).

An entry's id is derived from its rule and its cause, so that each is there exactly once; what was wrong is put right by a further
entry. A card is a sum up to a cut-off, and can be made again to the letter.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from services.supervision.score_rules import Kind, ScoreRule, Scores, Whom
from services.supervision.working_calendar import end_of, local_day
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused

_ENTRIES = UUID("c7a5c2b1-6f0e-5d57-9a43-431023000022")
# What rests on one petitioner's answer: whoever is scored is not told in which case (decision 14).
ANSWERS = frozenset({Kind.DISSATISFIED})
OVERDUE = "overdue"
IN_VAIN = "in_vain"  # why the system itself puts something right: what was taken for a miss was none
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Something that a rule may score, told by event `cause`; once it is judged, by which policy, and as what it stood then: who
    carried the case, and whether it was overdue. Of a miss it is that of `deadline_id`.
    """

    cause: UUID
    detail: str
    kind: Kind
    case_id: UUID
    at: datetime
    responsible: Person | None
    carrier: Person | None = None
    overdue: bool = False
    policy: str | None = None
    judged_at: datetime | None = None
    deadline_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Points of a leader (`person`) or a unit, both known by `code`, under a rule of a policy's version.

    `void` says why it counts nothing; `corrects` is the entry that it puts right, on whose decision (None: the system's) and for
    which reasons.
    """

    id: UUID
    case_id: UUID
    policy: str
    rule: str
    kind: Kind
    detail: str
    whom: Whom
    code: str
    person: Person | None
    points: int
    cap: int | None
    cause: UUID
    at: datetime
    recorded_at: datetime
    void: str | None = None
    corrects: UUID | None = None
    by: Person | None = None
    reasons: str | None = None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """That an entry is worth `becomes` points and no others, decided `at`; its own id is that of what was decided."""

    id: UUID
    entry_id: UUID
    becomes: int
    by: Person | None
    reasons: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Objection:
    """That whoever is scored holds an entry to be wrong, and what was decided: upheld, so many points instead, or dismissed."""

    id: UUID
    entry_id: UUID
    case_id: UUID
    by: Person
    reasons: str
    at: datetime
    decision: str | None = None
    becomes: int | None = None
    decided_by: Person | None = None
    decision_words: str | None = None
    decided_at: datetime | None = None


def judge(occasion: Occasion, scores: Scores | None) -> tuple[Entry, ...]:
    """The entries that an occasion makes, by the rules in force when it happened; none where nobody is scored."""
    if scores is None:
        return ()
    found = [_entry(occasion, rule) for rule in scores.rules if rule.fits(occasion.kind, occasion.detail)]
    return tuple(entry for entry in found if entry is not None)


def _entry(occasion: Occasion, rule: ScoreRule) -> Entry | None:
    person = occasion.carrier if rule.whom is Whom.LEADER else occasion.responsible
    if person is None or occasion.policy is None or occasion.judged_at is None:
        return None
    void = OVERDUE if rule.unless_overdue and occasion.overdue else None
    return Entry(
        id=uuid5(_ENTRIES, f"{rule.id} {occasion.cause} {occasion.detail}"), case_id=occasion.case_id, policy=occasion.policy,
        rule=rule.id, kind=occasion.kind, detail=occasion.detail, whom=rule.whom,
        code=person.official if rule.whom is Whom.LEADER else person.organisation,
        person=person if rule.whom is Whom.LEADER else None, points=0 if void else rule.points, cap=rule.cap,
        cause=occasion.cause, at=occasion.at, recorded_at=occasion.judged_at, void=void,
    )  # fmt: skip


def correct(entry: Entry, further: Iterable[Entry], correction: Correction) -> Entry:
    """The entry that makes another one worth what was decided; `further` are the corrections that it has had already."""
    stands = entry.points + sum(each.points for each in further)
    return replace(
        entry, id=uuid5(_ENTRIES, f"{entry.id} {correction.id}"), points=correction.becomes - stands, at=correction.at,
        recorded_at=correction.at, void=None, corrects=entry.id, by=correction.by, reasons=correction.reasons,
    )  # fmt: skip


def rebuild(occasions: Iterable[Occasion], scores_of: Callable[[str], Scores | None]) -> dict[UUID, Entry]:
    """The book anew from what was judged, before anything was put right."""
    return {
        entry.id: entry
        for occasion in occasions
        if occasion.policy is not None
        for entry in judge(occasion, scores_of(occasion.policy))
    }


def amended(book: Mapping[UUID, Entry], corrections: Iterable[Correction]) -> dict[UUID, Entry]:
    """The book with what was decided since, in the order of the decisions; at one instant what the system found came first, for it
    waits until the instant of a decision is over.
    """
    whole = dict(book)
    for correction in sorted(corrections, key=lambda each: (each.at, each.by is not None, each.id)):
        further = [each for each in whole.values() if each.corrects == correction.entry_id]
        if (entry := whole.get(correction.entry_id)) is not None and not undone(further):
            made = correct(entry, further, correction)
            whole[made.id] = made
    return whole


def undone(further: Iterable[Entry]) -> bool:
    """Whether the system itself has put the entry right that these correct: then it is worth nothing, whatever is decided."""
    return any(each.by is None for each in further)


def hides_case(entry: Entry, *, carried: bool) -> bool:
    """Whether whoever is scored is not told in which case: what one petitioner answered is not for those about whose work he
    was asked; that a case is settled, or is not after all, is told to whoever carried it.
    """
    told = entry.whom is Whom.LEADER and carried
    return entry.kind in ANSWERS or (entry.kind in (Kind.SETTLED, Kind.UNSETTLED) and not told)


def _month_after(moment: datetime) -> datetime:
    day = local_day(moment)
    return end_of(day.replace(day=monthrange(day.year, day.month)[1]))


def whole_months(first: date, last: date) -> tuple[date, date]:
    """From the first day of the one's month to the last day of the other's: whoever is scored is shown no shorter period, for a
    card of one day would tell on which day a petitioner answered.
    """
    return first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1])


def told_by(entries: Iterable[Entry], cut: datetime) -> list[Entry]:
    """Those of his entries that whoever is scored is shown at `cut`: what petitioners answered when the month is over."""
    return [each for each in entries if each.kind not in ANSWERS or _month_after(each.recorded_at) <= cut]


# -- objections -----------------------------------------------------------------------------------------------------
def objectable_until(entry: Entry, days: int) -> datetime:
    """The instant from which on an entry stands; its days begin when whoever is scored is shown it."""
    shown = _month_after(entry.recorded_at) if entry.kind in ANSWERS else entry.recorded_at
    return end_of(local_day(shown) + timedelta(days=days))


def object_to(entry: Entry, objection: Objection, days: int, *, scored: bool) -> None:
    """Whether somebody may object: whoever is scored, to a rule's entry, in time. Raises Refused."""
    if not scored:
        raise Forbidden("entry", "只有被计分的领导或单位负责人可以提出异议。", "请由本人提出。")
    if entry.corrects is not None:
        raise Refused("entry", "更正分录不能再提异议。", "如仍不服，请向一把手反映。")
    if objection.at >= objectable_until(entry, days):
        raise Refused("entry", "已超过提出异议的期限（%(days)s 日）。", "如确有错误，请向督查室反映。", days=days)


def decide(
    objection: Objection, entry: Entry, *, by: Person, upheld: bool, becomes: int | None, words: str, at: datetime
) -> Objection:  # fmt: skip
    """The objection with what was decided. Nobody decides on his own, and no objection earns or costs anything. Raises Refused."""
    if objection.decision is not None:
        raise Conflict("objection", "该异议已经作出决定。", "请查看最新情况。")
    if by.official == objection.by.official:
        raise Forbidden("objection", "不能审定本人提出的异议。", "请由其他同志审定。")
    if upheld and not min(entry.points, 0) <= (becomes or 0) <= max(entry.points, 0):
        raise Refused("becomes", "改计的分值须在 0 与原分值之间。", "请改正分值，不填为 0。")
    return replace(
        objection, decision="upheld" if upheld else "dismissed", becomes=(becomes or 0) if upheld else None, decided_by=by,
        decision_words=words, decided_at=at,
    )  # fmt: skip


# -- cards ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Line:
    """What a rule comes to on a card: its entries in the period, under whichever version of the policy (`policy` is the newest), their
    sum, and what of it counts under the cap of each year.
    """

    policy: str
    rule: str
    cap: int | None
    entries: tuple[Entry, ...]
    total: int
    counted: int

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self.entries)


@dataclass(frozen=True, kw_only=True)
class Card:
    """The points of a leader or a unit from a day to a day, both inclusive, as the book stood at `cut`."""

    code: str
    first: date
    last: date
    cut: datetime
    lines: tuple[Line, ...]

    @property
    def points(self) -> int:
        """The sum of what counts."""
        return sum(line.counted for line in self.lines)


def year_start(day: date) -> date:
    """The first day of its civil year: from there on entries matter to a card, for caps are by the year."""
    return day.replace(month=1, day=1)


def card(entries: Iterable[Entry], code: str, first: date, last: date, cut: datetime) -> Card:
    """The card, from the entries since the beginning of the first day's year. Cards of periods side by side add up to the card
    of the whole.
    """
    mine = sorted(
        (each for each in entries if each.code == code and each.recorded_at <= cut),
        key=lambda each: (each.at, each.rule, each.points, each.id),
    )
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in mine:
        if year_start(first) <= local_day(entry.at) <= last:
            groups.setdefault((_version(entry)[0], entry.rule), []).append(entry)
    lines = [_line(group, first) for _, group in sorted(groups.items())]
    return Card(code=code, first=first, last=last, cut=cut, lines=tuple(line for line in lines if line.entries))


def _version(entry: Entry) -> tuple[str, int]:
    name, _, number = entry.policy.partition("/")
    return name, int(number)


def _line(group: Sequence[Entry], first: date) -> Line:
    within = tuple(each for each in group if local_day(each.at) >= first)
    counted = 0
    for year in {local_day(each.at).year for each in group}:
        of_year = [each for each in group if local_day(each.at).year == year]
        counted += _capped(of_year) - _capped([each for each in of_year if local_day(each.at) < first])
    newest = max(group, key=_version)
    return Line(
        policy=newest.policy, rule=newest.rule, cap=newest.cap, entries=within, total=sum(each.points for each in within),
        counted=counted,
    )  # fmt: skip


def _capped(of_year: Sequence[Entry]) -> int:
    """What counts of a year: a version that is raised within it gives no second cap, its own holds for the whole of the year."""
    points, cap = sum(each.points for each in of_year), max(of_year, key=_version).cap if of_year else None
    return points if cap is None else max(-cap, min(cap, points))
