"""Events as they would arrive from the bus: drafted and sealed by the contract, decoded again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contract import EVENTS, Event, decode, draft, seal_suffix, signature
from shared.contract.envelope import CONTENT_TYPE, instant, uuid7

COUNTY, TOWNSHIP = "431023", "431023104"
CASE = UUID("01583a11-0000-7000-8000-000000000001")


def person(official: str, name: str, post: str, organisation: str) -> dict[str, str]:
    return {"official": official, "name": name, "post": post, "organisation": organisation}


SECRETARY = person("o-431023-secretary", "赵宇", "县委书记", COUNTY)
CLERK = person("o-431023-clerk", "张小芳", "登记员", "431023-xf")
TOWN_HEAD = person("o-431023104-secretary", "李志强", "镇党委书记", TOWNSHIP)
VICE = person("o-431023-vice", "王建平", "副县长", "431023-gov")
CDI = person("o-431023-cdi", "陈正", "纪委书记", "431023-cdi")
EPB = person("o-431023-epb", "周清", "局长", "431023-epb")
FOLLOWER = person("o-431023-followup", "何敏", "回访员", "431023-xf")


def at(text: str) -> datetime:
    """An instant given in Shanghai time, as `2016-11-07 09:30`."""
    return datetime.fromisoformat(f"{text}:00+08:00").astimezone(UTC)


NOW = at("2016-12-20 10:00")


class Bus:
    """Counts versions and sequences as tellers and relays do; `sent` is everything in the order in which it was told."""

    def __init__(self, seed: int = 1) -> None:
        self.sent: list[Event] = []
        self.versions: Counter[tuple[str, str]] = Counter()
        self._sequences: Counter[str] = Counter()
        self._ids = random.Random(seed)

    def identifier(self) -> str:
        return str(UUID(int=self._ids.getrandbits(128), version=4))

    def tell(
        self,
        name: str,
        data: dict[str, Any],
        when: datetime,
        *,
        org: str = COUNTY,
        subject: UUID | str = CASE,
        to: str | None = None,
    ) -> Event:
        contract = EVENTS[name]
        service = max(contract.told_by)  # of two that tell it, either may
        source = f"/{org}/{service}"
        stream = contract.stream(source, to or org)
        self.versions[source, str(subject)] += 1
        self._sequences[stream] += 1
        body = draft(
            contract, event_id=uuid7(when + timedelta(milliseconds=len(self.sent))), source=source, subject=str(subject),
            time=when, data=data, caseversion=self.versions[source, str(subject)],
            correlation_id="c", causation_id=None, traceparent="",
        ) + seal_suffix(self._sequences[stream])  # fmt: skip
        event = decode(body, content_type=CONTENT_TYPE, stream_key=to or org)
        self.sent.append(event)
        return event

    def untell(self) -> None:
        """The last one was never told: the next of its stream has its number."""
        event = self.sent.pop()
        self.versions[event.source, event.subject] -= 1
        self._sequences[event.stream] -= 1


class Case:
    """Tells of one case, in the article's words where nothing else is given."""

    def __init__(self, bus: Bus, case_id: UUID = CASE, *, org: str = COUNTY, number: str = "永信〔2016〕101号") -> None:
        self.bus, self.id, self.org, self.number = bus, case_id, org, number
        self.title, self.brief = "永兴十里洞村民希望喝上健康的水", "反映造纸厂污水乱排，村民饮水受污染，要求查处。"
        self.category, self.channel = "environment", "email"

    def tell(
        self, name: str, when: datetime, /, *, told_by: str | None = None, addressed: str | None = None, **data: Any
    ) -> Event:
        return self.bus.tell(name, data, when, org=told_by or self.org, subject=self.id, to=addressed)

    def register(self, when: datetime, place: str = "431023104201") -> Event:
        return self.tell(
            "case.registered", when, number=self.number, channel=self.channel, matter_type="accusation", category=self.category,
            place=place, title=self.title, brief=self.brief, identity="anonymous", group_size=1,
            received_at=instant(when - timedelta(minutes=20)), registered_at=instant(when), registered_by=CLERK,
        )  # fmt: skip

    def instruct(
        self, when: datetime, round_number: int, text: str, to: Sequence[dict[str, str]], answers: str | None = None, **more: Any
    ) -> str:
        key = self.bus.identifier()
        self.tell(
            "case.instructed", when, instruction_id=key, round=round_number, text=text, author=SECRETARY, addressees=list(to),
            answers=answers, case_class="ordinary", instructed_at=instant(when), **more,
        )  # fmt: skip
        return key

    def assign(
        self,
        when: datetime,
        round_number: int,
        who: dict[str, str],
        part: str = "handling",
        *,
        text: str = "请办理。",
        **more: Any,
    ) -> str:
        key = self.bus.identifier()
        # Addressed to the instance that he works in, or to his unit when that works in the issuer's.
        to = TOWNSHIP if self.org == COUNTY and who["organisation"].startswith(TOWNSHIP) else who["organisation"]
        self.tell(
            "assignment.issued", when, addressed=to, assignment_id=key, instruction_id=self.bus.identifier(), round=round_number,
            part=part, responsible=who, issued_by=SECRETARY, issued_at=instant(when), text=text, case_class="ordinary",
            number=self.number, channel=self.channel, category=self.category, title=self.title, brief=self.brief,
            **more,
        )  # fmt: skip
        return key

    def receive(self, when: datetime, assignment: str, who: dict[str, str], *, told_by: str | None = None) -> Event:
        return self.tell(
            "assignment.received",
            when,
            told_by=told_by,
            addressed=self.org,
            assignment_id=assignment,
            by=who,
            received_at=instant(when),
        )

    def reply(self, when: datetime, assignment: str, round_number: int, who: dict[str, str], *, told_by: str | None = None,
              findings: str = "水质基本正常，系个别群众误解。") -> str:  # fmt: skip
        key = self.bus.identifier()
        data: dict[str, Any] = {
            "assignment_id": assignment, "reply_id": key, "round": round_number, "outcome": "supported", "findings": findings,
            "measures": ["已责令整改"], "answer": "您反映的问题已调查处理。", "replied_at": instant(when),
            "signature": {**who, "at": instant(when), "alg": "sha256"},
        }  # fmt: skip
        data["signature"]["hash"] = signature.digest(data, str(self.id))
        self.tell("assignment.replied", when, told_by=told_by, addressed=self.org, **data)
        return key

    def approve(self, when: datetime, assignment: str, reply: str) -> Event:
        return self.tell(
            "assignment.approved", when, assignment_id=assignment, reply_id=reply, by=SECRETARY, approved_at=instant(when)
        )

    def withdraw(self, when: datetime, assignment: str, who: dict[str, str], reason: str = "conflict") -> Event:
        return self.tell(
            "assignment.withdrawn",
            when,
            assignment_id=assignment,
            reason=reason,
            by=SECRETARY,
            responsible=who,
            withdrawn_at=instant(when),
        )

    def conclude(self, when: datetime, round_number: int) -> Event:
        return self.tell(
            "case.concluded", when, round=round_number, outcome="supported", summary="造纸厂已取缔。",
            answer="涉事造纸厂已依法取缔。", by=SECRETARY, concluded_at=instant(when),
        )  # fmt: skip

    def close(self, when: datetime, reason: str = "satisfied") -> Event:
        return self.tell("case.closed", when, reason=reason, by=FOLLOWER, closed_at=instant(when))

    def owe(self, when: datetime, due_at: datetime, obligation: str, *, told_by: str | None = None) -> dict[str, Any]:
        data: dict[str, Any] = {
            "deadline_id": self.bus.identifier(), "obligation": obligation, "round": 1, "due_at": instant(due_at),
            "responsible": TOWN_HEAD, "policy": "yongxing", "rule": "conclude-ordinary-10",
        }  # fmt: skip
        self.tell("deadline.set", when, told_by=told_by, set_at=instant(when), **data)
        return data

    def met(self, when: datetime, deadline: dict[str, Any], *, in_time: bool = True) -> Event:
        return self.tell("deadline.met", when, **deadline, met_at=instant(when), in_time=in_time)

    def bar(self, when: datetime, *, organisations: Sequence[str] = (), officials: Sequence[str] = ()) -> Event:
        return self.tell(
            "case.barred", when, organisations=list(organisations), officials=list(officials), barred_at=instant(when)
        )


def article(bus: Bus | None = None, *, satisfied_in_the_end: bool = True) -> list[Event]:
    """The article's case from the email of 2016-11-07 to the archive, with a follow-up that was first not satisfied."""
    bus = bus or Bus()
    case = Case(bus)
    first = len(bus.sent)
    a1, r1, conclude = _first_round(case)
    _second_and_third_round(case, a1, r1)
    case.conclude(at("2016-12-01 09:00"), 3)
    case.met(at("2016-12-01 09:00"), conclude, in_time=False)
    _follow_up(case, satisfied_in_the_end)
    return bus.sent[first:]


def _first_round(case: Case) -> tuple[str, str, dict[str, Any]]:
    """To the reply that plays it down, and its return."""
    case.register(at("2016-11-07 09:30"))
    case.tell("case.accepted", at("2016-11-07 09:35"), accepted_at=instant(at("2016-11-07 09:35")), by=CLERK)
    case.instruct(at("2016-11-07 10:02"), 1, "请柏林镇党委书记李志强同志立即调查办理，结果报我。", [TOWN_HEAD])
    a1 = case.assign(at("2016-11-07 10:02"), 1, TOWN_HEAD)
    conclude = case.owe(at("2016-11-07 10:02"), at("2016-11-17 10:02"), "conclude")
    reply_owed = case.owe(at("2016-11-07 10:02"), at("2016-11-17 10:02"), "reply")
    case.receive(at("2016-11-07 10:20"), a1, TOWN_HEAD, told_by=TOWNSHIP)
    case.tell("assignment.progressed", at("2016-11-10 16:00"), told_by=TOWNSHIP, addressed=COUNTY, assignment_id=a1, by=TOWN_HEAD,
              text="已派员走访。", progressed_at=instant(at("2016-11-10 16:00")))  # fmt: skip
    for owed in (conclude, reply_owed):
        case.tell("deadline.missed", at("2016-11-17 10:02"), **owed, fired_at=instant(at("2016-11-17 10:02")), late=False)
    r1 = case.reply(at("2016-11-22 11:00"), a1, 1, TOWN_HEAD, told_by=TOWNSHIP)
    case.met(at("2016-11-22 11:00"), reply_owed, in_time=False)
    case.tell("assignment.returned", at("2016-11-22 15:00"), addressed=TOWNSHIP, assignment_id=a1, reply_id=r1, round=1,
              reasons="大事化小、敷衍塞责。", by=SECRETARY, returned_at=instant(at("2016-11-22 15:00")))  # fmt: skip
    return a1, r1, conclude


def _second_and_third_round(case: Case, a1: str, r1: str) -> None:
    """A county leader takes the lead; the result is accepted, accountability decided."""
    case.withdraw(at("2016-11-22 15:05"), a1, TOWN_HEAD, "replaced")
    case.instruct(
        at("2016-11-22 15:05"),
        2,
        "对李志强同志提出批评。由王建平同志牵头，县纪委、县环境保护局参加，立案查处。",
        [VICE, CDI, EPB],
        r1,
    )
    case.tell("case.escalated", at("2016-11-22 15:05"), round=2, lead=VICE, joint=[CDI, EPB], reason="回复敷衍", by=SECRETARY,
              at=instant(at("2016-11-22 15:05")))  # fmt: skip
    a2 = case.assign(at("2016-11-22 15:05"), 2, VICE, "lead")
    a3, a4 = (case.assign(at("2016-11-22 15:05"), 2, who, "joint") for who in (CDI, EPB))
    for key, who in ((a2, VICE), (a3, CDI), (a4, EPB)):
        case.receive(at("2016-11-22 15:30"), key, who)
    r2 = case.reply(at("2016-11-25 18:00"), a2, 2, VICE, findings="污水乱排已多次发生，涉事造纸厂已取缔，企业负责人行政拘留。")
    case.tell("accountability.recorded", at("2016-11-25 18:10"), record_id=case.bus.identifier(), kind="proposal",
              person="李志强", organisation=TOWNSHIP,
              measure="建议问责", decided_by="联合调查组", decided_on="2016-11-25", by=VICE)  # fmt: skip
    case.approve(at("2016-11-26 09:00"), a2, r2)
    case.instruct(at("2016-11-26 09:05"), 3, "同意处理结果，请县纪委依规处理相关人员。", [CDI], r2)
    case.tell("accountability.recorded", at("2016-11-30 17:00"), record_id=case.bus.identifier(), kind="decision",
              person="李志强", organisation=TOWNSHIP,
              measure="党内警告", decided_by="县委常委会", meeting="2016年第30次", decided_on="2016-11-30",
              by=SECRETARY)  # fmt: skip


def _follow_up(case: Case, satisfied: bool) -> None:
    task = case.bus.identifier()
    case.tell(
        "followup.due", at("2016-12-01 09:01"), task_id=task, round=3, manner="email", due_at=instant(at("2016-12-08 09:01"))
    )
    case.tell("followup.recorded", at("2016-12-03 10:00"), task_id=task, round=3, manner="telephone", result="not_satisfied",
              recorded_by=FOLLOWER, recorded_at=instant(at("2016-12-03 10:00")))  # fmt: skip
    case.tell("case.dissatisfied", at("2016-12-03 10:00"), round=3, at=instant(at("2016-12-03 10:00")), source="staff")
    case.tell("case.reopened", at("2016-12-03 10:00"), round=4, cause="dissatisfied", reopened_at=instant(at("2016-12-03 10:00")))
    if not satisfied:
        return
    case.instruct(at("2016-12-03 14:00"), 4, "请环保局检测饮用水并公布结果。", [EPB])
    a5 = case.assign(at("2016-12-03 14:00"), 4, EPB)
    case.receive(at("2016-12-03 14:30"), a5, EPB)
    r5 = case.reply(at("2016-12-08 10:00"), a5, 4, EPB, findings="水质检测合格，已张榜公布。")
    case.approve(at("2016-12-08 11:00"), a5, r5)
    case.conclude(at("2016-12-08 11:05"), 4)
    case.tell("case.satisfied", at("2016-12-10 09:00"), round=4, at=instant(at("2016-12-10 09:00")), source="petitioner")
    case.close(at("2016-12-10 09:00"))
    case.tell("case.archived", at("2016-12-10 09:00"), archived_at=instant(at("2016-12-10 09:00")), by=None)


def interleavings(events: Sequence[Event], count: int, seed: int = 7) -> Iterator[list[Event]]:
    """Orders of arrival that keep each source's own order: source after source both ways round, then by chance."""
    sources = sorted({event.source for event in events})
    for order in (sources, sources[::-1]):
        yield [event for source in order for event in events if event.source == source]
    chance = random.Random(seed)
    for _ in range(count):
        left = {source: [event for event in events if event.source == source] for source in sources}
        order_of_chance = []
        while left:
            source = chance.choice(sorted(left))
            order_of_chance.append(left[source].pop(0))
            if not left[source]:
                del left[source]
        yield order_of_chance
