"""The import of a file of old cases: where it stands, what it has found, what a person may do with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.domain.petition import Milestone, Petition
from services.intake.domain.viewing import OPENERS, Viewer
from services.intake.workflow import IMPORT_AT_WORK, IMPORT_JOB, ImportStage, Stage
from shared.contract.person import Person
from shared.errors import Forbidden, Refused

COUNTED = ("open", "finished", "again", "failed", "warned")
HANDLED = ("open", "finished", "again", "failed")  # each row is one of these
MOST_ATTEMPTS = 5
SILENCE = timedelta(minutes=1)  # without a batch, after which the page says that nobody seems to be at work


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How often a rule was broken, and where first. `rule` is a message id with its `values`; `failed`: the rows are kept out."""

    field: str
    rule: str
    values: dict[str, object]
    count: int
    first_row: int
    failed: bool


@dataclass(frozen=True, kw_only=True)
class ImportJob:
    """One file of old cases. `position` is the last row of the file that is done with, `counts` what became of the rows.

    `source` names the system that the old numbers are unique in. `expected` is what the check found. `rate` is rows a second.
    `attempts`: how often it was taken up since it last came further than ever before, which was to the row `reached`.
    """

    id: UUID
    stage: ImportStage
    source: str
    format: str
    size: int
    created_at: datetime
    created_by: Person | None
    total: int = 0
    position: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    tallies: list[dict[str, object]] = field(default_factory=list)
    fault: str = ""
    rate: int = 0
    started_by: Person | None = None
    started_at: datetime | None = None
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    purged_at: datetime | None = None
    attempts: int = 0
    reached: int = 0

    @property
    def handled(self) -> int:
        """How many rows are done with."""
        return sum(self.counts.get(name, 0) for name in HANDLED)

    @property
    def percent(self) -> int:
        """How much of the file is done with, 0 to 100."""
        return min(100, self.handled * 100 // self.total) if self.total else 0

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at the present rate; None while that cannot be told."""
        return max(0, self.total - self.handled) // self.rate if self.rate and self.total else None

    def silent(self, now: datetime) -> bool:
        """Whether it waits for a process that does not seem to be there."""
        return self.stage in IMPORT_AT_WORK and now - (self.beat_at or self.created_at) > SILENCE


def check_may_import(viewer: Viewer) -> None:
    """Raises Forbidden for anybody but the clerks and the office of this instance."""
    if not viewer.of_instance or viewer.roles.isdisjoint(OPENERS):
        raise Forbidden("file", "导入旧件由登记员和领导小组办公室办理。", "请联系信访接待室。")


def take_up(job: ImportJob, now: datetime, *, again: bool = False) -> ImportJob:
    """A process begins to work on it, where it stands; a check begins, or begins anew from the first row.

    A list that took its process down so many times without coming any further would do so for ever: it is given up. Whoever
    takes it up `again` is alive; it was the database that went away.
    """
    if job.attempts >= MOST_ATTEMPTS:
        return give_up(job, "crashed", now)
    if job.stage is not ImportStage.RUNNING:
        stage = IMPORT_JOB.move(job.stage, "check")
        job = replace(job, stage=stage, position=0, total=0, counts={}, tallies=[], rate=0, beat_at=now)
    return replace(job, attempts=job.attempts + (not again))


def lay_down(job: ImportJob) -> ImportJob:
    """Its process leaves it in good order."""
    return replace(job, attempts=0)


def end_check(job: ImportJob, now: datetime) -> ImportJob:
    """Every row was looked at."""
    stage = IMPORT_JOB.move(job.stage, "checked")
    return replace(job, stage=stage, total=job.handled, expected=dict(job.counts), rate=0, beat_at=now, attempts=0, reached=0)


def start(job: ImportJob, by: Person | None, now: datetime) -> ImportJob:
    """A person saw what the check found and wants the good rows registered. Starting twice changes nothing."""
    if job.started_at:
        return job
    stage = IMPORT_JOB.move(job.stage, "start")
    if not job.counts.get("open", 0) + job.counts.get("finished", 0):
        raise Refused("file", "没有可以登记的行。", "请下载有错的行，改正后重新上传。")
    return replace(job, stage=stage, position=0, counts={}, tallies=[], started_by=by, started_at=now, beat_at=now)


def pause(job: ImportJob) -> ImportJob:
    """Stand still after the batch at hand. Pausing twice changes nothing."""
    return job if job.stage is ImportStage.PAUSED else replace(job, stage=IMPORT_JOB.move(job.stage, "pause"), rate=0)


def go_on(job: ImportJob, now: datetime) -> ImportJob:
    """Go on where it stood. Going on twice changes nothing."""
    return job if job.stage is ImportStage.RUNNING else replace(job, stage=IMPORT_JOB.move(job.stage, "go_on"), beat_at=now)


def cancel(job: ImportJob, now: datetime) -> ImportJob:
    """No further row is registered; what is registered stays. Cancelling twice changes nothing."""
    if job.stage is ImportStage.CANCELLED:
        return job
    return replace(job, stage=IMPORT_JOB.move(job.stage, "cancel"), ended_at=now, rate=0)


def finish(job: ImportJob, now: datetime) -> ImportJob:
    """Every row is registered or kept with its error."""
    return replace(job, stage=IMPORT_JOB.move(job.stage, "finish"), total=job.handled, ended_at=now, beat_at=now)


def give_up(job: ImportJob, fault: str, now: datetime) -> ImportJob:
    """The file cannot be read, for this reason."""
    return replace(job, stage=IMPORT_JOB.move(job.stage, "give_up"), fault=fault, ended_at=now, rate=0)


def advance(
    job: ImportJob, *, position: int, counts: Mapping[str, int], found: Iterable[Tally], rate: int, now: datetime
) -> ImportJob:
    """After a batch of rows up to `position`."""
    attempts = 0 if position > job.reached else job.attempts
    added = {name: job.counts.get(name, 0) + counts.get(name, 0) for name in COUNTED}
    return replace(
        job, position=position, counts=added, total=max(job.total, sum(added[name] for name in HANDLED)),
        tallies=_together(job.tallies, found), rate=rate, beat_at=now, attempts=attempts, reached=max(job.reached, position),
    )  # fmt: skip


def _together(known: list[dict[str, object]], found: Iterable[Tally]) -> list[dict[str, object]]:
    """The tallies with more of them added, the most frequent first."""
    tallies = {(row["field"], row["rule"], row["failed"]): Tally(**row) for row in known}  # type: ignore[arg-type]
    for one in found:
        before = tallies.get((one.field, one.rule, one.failed))
        tallies[one.field, one.rule, one.failed] = replace(before, count=before.count + one.count) if before else one
    return [vars(one) for one in sorted(tallies.values(), key=lambda one: (not one.failed, -one.count, one.first_row))]


def taken_over(case: Petition) -> list[Milestone]:
    """The steps that an imported case brought along, for its tracking page."""
    steps = {"imported": case.imported_at}
    if case.imported_at and case.stage is Stage.ARCHIVED:
        steps |= {"concluded": case.concluded_at, "closed": case.closed_at}
    return [Milestone(case_id=case.id, kind=kind, round=0, at=at) for kind, at in steps.items() if at]


def purge(job: ImportJob, now: datetime) -> ImportJob:
    """The file and its faulty rows are destroyed; the figures stay."""
    return replace(job, purged_at=now)
