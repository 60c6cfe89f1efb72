"""The cases of a replayed county: for each what it is about, who handles it and what happens on which day, the same again from the same seed.

It aims: when every case goes its course, the figures come out. Pure.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from deploy.replay.aims import Aims
from deploy.replay.course import AGAIN, Act, Course, Draft, Fate, Pace, Round, Step, draw
from deploy.replay.story import ARTICLE
from deploy.replay.window import Days
from services.intake.domain.submission import Channel

TRIES = 3_000
# The same head is not called in twice within so many days: two interviews on one day would be one.
APART = timedelta(days=16)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A case to come: what it is called here, by which channel it comes, of which class, which unit handles it, its course."""

    name: str
    channel: Channel
    case_class: str
    unit: str
    draft: Draft | None
    course: Course
    article: bool = False


def make(aims: Aims, days: Days, seed: int, units: Sequence[str]) -> list[Planned]:
    """The cases, in the order in which they come. Raises ArithmeticError when the period has no room for them."""
    rng = random.Random(f"plan {seed}")  # noqa: S311 - nothing is secret
    article = [ARTICLE] if aims.story and days.first <= ARTICLE.begun and ARTICLE.steps[-1].day <= days.last else []
    drafts = _further(list(_drafts(aims, rng, len(article))), aims.instructions - aims.cases - 3 * len(article), rng)
    called: list[tuple[str, date]] = []
    channels = rng.sample(list(Channel), len(Channel))  # each is used once at least
    found: list[Planned] = []
    for number, draft in enumerate(drafts):
        placed = _placed(draft, days, rng, units, called, f"{seed}-{number}")
        found.append(replace(placed, channel=channels[number]) if number < len(channels) else placed)
    found += [
        Planned(
            name=f"{seed}-article", channel=Channel.EMAIL, case_class="ordinary", unit="", draft=None, course=course, article=True
        )
        for course in article
    ]
    return sorted(found, key=lambda each: (each.course.begun, each.name))


def _placed(
    draft: Draft, days: Days, rng: random.Random, units: Sequence[str], called: list[tuple[str, date]], name: str
) -> Planned:
    for _ in range(TRIES):
        course, unit = draw(draft, days, rng), rng.choice(units)
        if course is None:
            continue
        if draft.pace is Pace.CALLED:
            if any(unit == other and abs(course.begun - begun) <= APART for other, begun in called):
                continue
            called.append((unit, course.begun))
        return Planned(
            name=name, channel=rng.choice(list(Channel)), case_class=draft.case_class, unit=unit, draft=draft, course=course
        )  # fmt: skip
    raise ArithmeticError(f"the period has no room for {draft}")


def _drafts(aims: Aims, rng: random.Random, articles: int) -> Iterator[Draft]:
    """One for each case but the article's, which was due, replied to and closed."""
    silent = min(aims.interviews // 4, aims.due - aims.due_replied)

    def some(
        number: int, fates: Sequence[Fate], paces: Sequence[Pace], *, due: bool = True, complex_: int = 0
    ) -> Iterator[Draft]:
        for _ in range(number):
            case_class = "complex" if rng.randrange(100) < complex_ else "ordinary"
            yield Draft(
                fate=rng.choice(fates), pace=rng.choice(paces), due=due, case_class=case_class, further=0, interviews_by=aims.interviews_by
            )  # fmt: skip

    yield from some(aims.interviews - silent, [Fate.CLOSED], [Pace.CALLED])
    yield from some(silent, [Fate.SILENT], [Pace.CALLED])
    yield from some(aims.due - aims.due_replied - silent, [Fate.SILENT], [Pace.LATER])
    yield from some(aims.due_replied - aims.due_closed, [Fate.WAITING], [Pace.LATER])
    closed = aims.due_closed - (aims.interviews - silent) - articles
    late = closed // 5
    yield from some(late, [Fate.CLOSED], [Pace.LATE])
    yield from some(closed - late, [Fate.CLOSED], [Pace.IN_TIME], complex_=20)
    undue_closed, undue_replied = aims.closed - aims.due_closed, aims.replied - aims.due_replied
    yield from some(undue_closed, [Fate.CLOSED], [Pace.IN_TIME], due=False, complex_=60)
    yield from some(
        undue_replied - undue_closed, [Fate.WAITING, Fate.UNANSWERED, Fate.REOPENED], [Pace.IN_TIME], due=False, complex_=40
    )
    yield from some(aims.cases - aims.due - undue_replied, [Fate.SILENT], [Pace.LATER], due=False, complex_=30)


def _further(drafts: list[Draft], instructions: int, rng: random.Random) -> list[Draft]:
    """The instructions after the first, spread over the cases as far as there is time for them."""
    most = [_most(draft) for draft in drafts]
    given = [draft.fate is Fate.REOPENED for draft in drafts]
    counts = Counter({number: 1 for number, one in enumerate(given) if one})
    for _ in range(instructions - counts.total()):
        open_ = [number for number in range(len(drafts)) if counts[number] < most[number]]
        if not open_:
            raise ArithmeticError("more instructions than the cases have time for")
        counts[rng.choice(open_)] += 1
    return [replace(draft, further=counts[number]) for number, draft in enumerate(drafts)]


def _most(draft: Draft) -> int:
    if not draft.due:
        return 1
    if draft.fate in (Fate.SILENT, Fate.WAITING):
        return 2
    return 3 if draft.pace is Pace.IN_TIME and draft.case_class == "ordinary" else 4


def expected(cases: Sequence[Planned], days: Days) -> dict[str, int]:
    """What this plan comes to when everything goes its course."""
    steps = [step for case in cases for step in case.course.steps]
    due = [case for case in cases if _falls_due(case, days)]
    return {
        "cases": len(cases), "instructions": sum(step.act is Act.INSTRUCT for step in steps), "replied": sum(map(replies, cases)),
        "closed": sum(map(closes, cases)), "due": len(due), "due_replied": sum(map(replies, due)), "due_closed": sum(map(closes, due)),
        "interviews": sum(case.draft is not None and case.draft.pace is Pace.CALLED for case in cases),
    }  # fmt: skip


def _falls_due(case: Planned, days: Days) -> bool:
    """Whether its first limit, or that of a reopening, is over within the period."""
    reopened = [step.day for step in case.course.steps if step.act is Act.ASK and not step.satisfied]
    return days.due(case.course.begun, case.case_class) or any(days.due(day, AGAIN) for day in reopened)


def replies(case: Planned) -> bool:
    """Whether it is replied to."""
    return any(step.act is Act.REPLY for step in case.course.steps)


def closes(case: Planned) -> bool:
    """Whether it is closed in the end."""
    last = case.course.steps[-1]
    return last.act is Act.ASK and last.satisfied


__all__ = ["Planned", "Round", "Step", "closes", "expected", "make", "replies"]
