"""A docket in the article's county, and what happens in it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from services.supervision import domain, policy_file
from services.supervision.domain import Deadline, Docket, Fact, SupervisedCase
from services.supervision.policy import Obligation
from services.supervision.working_calendar import WorkingCalendar
from shared.contract.person import Person

read_policy = cache(policy_file.read_policy)  # a version never changes, and YAML is slow to read
COUNTY, TOWNSHIP = "431023", "431023104"
ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingCalendar(first=date(2016, 1, 1), last=date(2017, 12, 31))
TOWNSHIP_SECRETARY = Person(official="o-431023104-secretary", name="何立新", post="柏林镇党委书记", organisation=TOWNSHIP)
COUNTY_LEADER = Person(official="o-431023-deputy", name="廖志平", post="副县长", organisation="431023-gov")
JOINT_HEAD = Person(official="o-431023-epb-head", name="邓小芳", post="县环境保护局局长", organisation="431023-epb")


def at(text: str) -> datetime:
    """An instant given as the wall clock of Shanghai shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


class Book:
    """A case over time: each step is a fresh docket, as each event gets one, and keeps what came of it."""

    def __init__(self, policy: str = "yongxing", org: str = COUNTY) -> None:
        self.policy, self.org = read_policy(policy), org
        self.case = SupervisedCase(id=uuid4())
        self.deadlines: dict[UUID, Deadline] = {}
        self.told: list[tuple[str, str, dict]] = []
        self.facts: list[Fact] = []
        self.calendar = CALENDAR

    def step(self, now: str, action: str, *args, **kwargs) -> list[str]:
        """Apply one action at `now`; the names of what was told, with the obligation."""
        docket = Docket(
            self.case, [self.deadlines[UUID(each)] for each in self.case.owed], policy=self.policy,
            calendar=lambda: self.calendar, org=self.org, now=at(now), new_id=uuid4,
        )  # fmt: skip
        act = getattr(domain, action, None)
        if act is not None:  # what moves limits stands beside the docket
            act(docket, *args, **kwargs)
        else:
            getattr(docket, action)(*args, **kwargs)
        self.case = docket.case
        self.deadlines |= docket.changed
        news = [(fact.name, str(fact.deadline.obligation), dict(fact.data)) for fact in docket.facts]
        self.told += news
        self.facts += docket.facts
        return [f"{name.removeprefix('deadline.')} {obligation}" for name, obligation, _ in news]

    def dispatch(
        self,
        when: str,
        *,
        case_class="ordinary",
        round=1,
        part="handling",
        to=TOWNSHIP_SECRETARY,
        told_by=COUNTY,
        wanted_by=None,
    ):
        """Issue an assignment; its id."""
        assignment = uuid4()
        self.step(
            when, "dispatch", assignment=assignment, round_number=round, part=part, to=to, at=at(when),
            case_class=case_class, told_by=told_by, wanted_by=wanted_by,
        )  # fmt: skip
        return assignment

    def all(self, obligation: str) -> list[Deadline]:
        """Every deadline of that obligation, in the order of setting."""
        return [each for each in self.deadlines.values() if each.obligation is Obligation(obligation)]

    def one(self, obligation: str) -> Deadline:
        """The only deadline of that obligation."""
        (found,) = self.all(obligation)
        return found

    def stages(self, obligation: str) -> list[str]:
        """The stages of every deadline of that obligation."""
        return [str(each.stage) for each in self.all(obligation)]

    def put(self, deadline: Deadline, **changes) -> None:
        """Change a deadline as the scheduler would have."""
        self.deadlines[deadline.id] = replace(deadline, **changes)
