"""What a replayed county is to come out with: a figures file's numbers, or others that follow from a seed.

Whoever makes the county aims by these. Statistics know nothing of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from deploy.replay.lots import Lots
from shared.errors import Refused

FIRST, LAST = date(2016, 8, 1), date(2017, 2, 28)
FEWEST, MOST = 5, 2_000


@dataclass(frozen=True, kw_only=True)
class Aims:
    """Of so many `cases` of the period so many had fallen due; of these, and of all, so many were replied to and closed.

    `interviews` are the person-times called in and held by the end of the period's first year. `story`: the article's case is one of them.
    """

    first: date = FIRST
    last: date = LAST
    cases: int
    instructions: int
    due: int
    due_replied: int
    due_closed: int
    replied: int
    closed: int
    interviews: int
    story: bool = False

    def __post_init__(self) -> None:
        undue = self.cases - self.due
        holds = (
            self.first < self.last and FEWEST <= self.cases <= MOST and self.cases <= self.instructions <= 3 * self.cases,
            0 <= self.due_closed <= self.due_replied <= self.due and undue >= 0,
            0 <= self.closed - self.due_closed <= self.replied - self.due_replied <= undue,
            0 <= self.interviews <= self.due_closed,
        )  # fmt: skip
        if not all(holds):
            raise Refused(
                "figures",
                "no county can have these figures.",
                f"Give {FEWEST} to {MOST} cases, and parts that fit into their whole.",
            )

    @property
    def interviews_by(self) -> date:
        """The day up to which interviews are counted."""
        return min(self.last, date(self.first.year, 12, 31))


def of_figures(figures: Mapping[str, Any]) -> Aims:
    """The aims of a figures file. It states rates without what they divide: of the sets that fit, the one in which most had fallen due.

    Raises Refused when none fits.
    """
    period = figures["period"]
    cases, replied, closed = figures["cases"], figures["replied"], figures["closed"]
    reply_rate, closing_rate = (Decimal(str(figures[f"due_{name}_rate_percent"])) for name in ("reply", "closing"))
    for due in range(cases, 0, -1):
        done = _fitting(due, reply_rate, cases - due, replied), _fitting(due, closing_rate, cases - due, closed)
        for due_replied, due_closed in ((a, b) for a in done[0] for b in done[1]):
            if closed - due_closed <= replied - due_replied and due_closed <= due_replied:
                return Aims(
                    first=date.fromisoformat(period["from"]), last=date.fromisoformat(period["to"]), cases=cases,
                    instructions=figures["instructions"], due=due, due_replied=due_replied, due_closed=due_closed, replied=replied,
                    closed=closed, interviews=figures["interviews_2016_person_times"], story=bool(figures.get("story")),
                )  # fmt: skip
    raise Refused("figures", "no numbers of cases give these rates.", "State rates to one decimal, half upwards.")


def _fitting(due: int, rate: Decimal, undue: int, done: int) -> list[int]:
    """How many of those due may have been done, so that the rest were done among the undue."""
    return [part for part in range(max(0, done - undue), min(done, due) + 1) if percent(part, due) == rate]


def percent(done: int, of: int) -> Decimal:
    """To one decimal, half upwards."""
    return (Decimal(100 * done) / Decimal(of)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def of_seed(cases: int, seed: int, *, first: date = FIRST, last: date = LAST) -> Aims:
    """Figures that a county of so many cases might have. Raises Refused for fewer than 5 or more than 2,000."""
    lots = Lots(seed)

    def share(of: int, least: int, most: int, name: str) -> int:
        return of * lots.between(least, most, "aims", name) // 100

    undue = share(cases, 2, 8, "undue")
    due_replied = share(cases - undue, 80, 97, "due replied")
    due_closed = share(due_replied, 82, 97, "due closed")
    undue_replied = share(undue, 30, 90, "undue replied")
    return Aims(
        first=first, last=last, cases=cases, instructions=cases + share(cases, 40, 110, "instructions"), due=cases - undue,
        due_replied=due_replied, due_closed=due_closed, replied=due_replied + undue_replied,
        closed=due_closed + share(undue_replied, 20, 80, "undue closed"), interviews=min(due_closed, max(1, share(cases, 3, 8, "interviews"))),
    )  # fmt: skip
