"""The rules of the machine that give time, hand on and hand over, and let deputies read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.routing import handlers
from services.routing.workflow import OPEN
from tests.integration.routing.machine import Place, StandsIn
from tests.integration.routing.machine_rules import (
    HEADS,
    OFFICES,
    PEOPLE,
    TOWN_CLERK,
    TOWN_ENV,
    TOWN_LETTERS,
    Guard,
    addressee,
    doer,
    number,
    one_or_other,
    somebody,
)
from tests.integration.routing.world import CDI, EPB, MATIAN, OFFICE, SECRETARY, TOWN, VICE

EPB_OFFICER = "o-431023-epb-officer"
below = st.sampled_from((TOWN_ENV, TOWN_LETTERS, EPB_OFFICER, *PEOPLE))
WAYS = ("conclude", "object_to", "hand_on", "hand_over", "release", "give_time", "recuse")
deputy = st.sampled_from((VICE, OFFICE, TOWN_CLERK, VICE, OFFICE, TOWN_CLERK, EPB, TOWN))


class Everything(Guard):
    """The machine with every operation but those with keys."""

    def _held(self, place: Place, case: UUID, pick: int) -> dict[str, Any]:
        """An assignment that stands open; one that is not there when there is none."""
        held = [row for row in place.instance.assignments(case) if row["stage"] in OPEN]
        return held[pick % len(held)] if held else {"id": uuid4(), "official": OFFICES[place.org]}

    @rule(which=one_or_other, by=doer, what=st.sampled_from(("pause", "resume")))
    def stop_the_clocks(self, which: int, by: str | None, what: str) -> None:
        """Somebody stops the clocks of a case, or lets them go on."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        with self.step(what, place, case, by), place.instance.work() as uow:
            if what == "pause":
                handlers.pause(uow, case, by, "hearing", "听证期间")
                assert place.heads(by), "a clock was stopped without authority"
            else:
                handlers.resume(uow, case, by, "听证结束")

    @rule(which=one_or_other, pick=number, by=doer, decider=doer, grant=st.booleans())
    def give_time(self, which: int, pick: int, by: str | None, decider: str | None, grant: bool) -> None:
        """Somebody asks for more time, and somebody gives it or not."""
        place, case = self._at(which)
        held = self._held(place, case, pick)
        by = by or held["official"]
        with self.step("ask_extension", place, case, by), place.instance.work() as uow:
            handlers.ask_extension(uow, held["id"], by, 10, "需要鉴定")
            assert held["official"] == by, "not the person responsible"
        asked = place.instance.query("SELECT id FROM extension WHERE case_id = %(case)s ORDER BY asked_at DESC, id", case=case)
        if not asked:
            return
        decider = decider or HEADS[place.org]
        with self.step("decide_extension", place, case, decider), place.instance.work() as uow:
            handlers.decide_extension(uow, asked[0]["id"], decider, grant=grant, days=10, said="同意")
            assert place.heads(decider), "a clock was moved without authority"

    @rule(which=one_or_other, pick=number, by=doer, upheld=st.booleans())
    def decide_objection(self, which: int, pick: int, by: str | None, upheld: bool) -> None:
        """Somebody decides on an objection."""
        place, case = self._at(which)
        by = by or OFFICES[place.org]
        with self.step("decide_objection", place, case, by), place.instance.work() as uow:
            handlers.decide_objection(uow, self._held(place, case, pick)["id"], by, "upheld" if upheld else "dismissed", "经核实")

    @rule(
        which=one_or_other,
        pick=number,
        by=doer,
        to=below,
        what=st.sampled_from(("hand_on", "hand_over", "release", "give_time", "recuse")),
    )
    def hand(self, which: int, pick: int, by: str | None, to: str, what: str) -> None:
        """Somebody hands a part on, hands an assignment over, or waits no longer for a joint unit."""
        place, case = self._at(which)
        held = self._held(place, case, pick)
        by = by or (OFFICES[place.org] if what == "hand_over" else held["official"])
        with self.step(what, place, case, by), place.instance.work() as uow:
            if what == "hand_on":
                handlers.hand_on(uow, held["id"], by, to, "请查清一节")
            elif what == "hand_over":
                handlers.hand_over(uow, held["id"], by, to)
            else:
                handlers.release(uow, held["id"], by, "已经清楚")

    @rule(which=one_or_other, official=somebody)
    def take_up(self, which: int, official: str) -> None:
        """Somebody signs in, and takes up what a former holder of his post left open."""
        place, case = self._at(which)
        with self.step("take_up", place, case, None), place.instance.work() as uow:
            handlers.take_up(uow, official)

    @rule(which=one_or_other, by=doer, lead=addressee, joint=st.lists(addressee, max_size=2, unique=True))
    def escalate(self, which: int, by: str | None, lead: str, joint: list[str]) -> None:
        """Somebody has a leader take the lead, and units join."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        with self.step("escalate", place, case, by), place.instance.work() as uow:
            handlers.escalate(uow, case, by, f"请牵头 {self.words[case]}", lead, [one for one in joint if one != lead])

    # -- what comes late --------------------------------------------------------------------------------------------------
    def _do(self, place: Place, case: UUID, by: str, act: Callable[..., object], *args: Any, **more: Any) -> None:
        """One operation by one who may; where the case has gone another way it is refused."""
        with self.step(act.__name__, place, case, by), place.instance.work() as uow:
            act(uow, *args, **more)

    @rule(way=st.sampled_from(WAYS), upheld=st.booleans())
    def go_far(self, way: str, upheld: bool) -> None:
        """Whoever may takes a case to where few examples would get to by chance; from there anybody tries anything."""
        place, case = self.places["431023"], self.cases["431023"]
        lead, joint = (VICE, CDI) if way == "release" else (EPB, EPB_OFFICER)
        if way == "release":
            self._do(place, case, SECRETARY, handlers.escalate, case, SECRETARY, "请牵头", lead, [joint])
        else:
            self.instruct(0, SECRETARY, [lead], "handling", None, "returned", "goes_on")
        mine = self._open_of(place, case, lead)
        self._do(place, case, lead, handlers.receive, mine, lead)
        if way == "release":
            self._do(place, case, lead, handlers.release, self._open_of(place, case, joint), lead, "已经清楚")
        elif way == "give_time":
            self.give_time(0, 0, None, None, upheld)
        elif way == "recuse":
            self.recuse(0, SECRETARY, joint)
            self.end_recusal(0, None, 0)
        elif way == "object_to":
            self._do(place, case, lead, handlers.object_to, mine, lead, "不属我局")
            decision = "upheld" if upheld else "dismissed"
            self._do(place, case, OFFICE, handlers.decide_objection, mine, OFFICE, decision, "经核实")
        elif way == "hand_on":
            self._do(place, case, lead, handlers.hand_on, mine, lead, joint, f"请查清 {self.words[case]}")
            self._answer(place, case, joint, lead)
        elif way == "hand_over":
            self._import({lead: None})
            self._do(place, case, OFFICE, handlers.hand_over, mine, OFFICE, joint)
            self._answer(place, case, joint, OFFICE)
        else:
            self._answer(place, case, lead, OFFICE)
            self._do(place, case, OFFICE, handlers.conclude, case, OFFICE, outcome="explained", summary="已办", answer="已办")

    def _open_of(self, place: Place, case: UUID, official: str) -> UUID:
        held = [row["id"] for row in place.instance.assignments(case) if row["stage"] in OPEN and row["official"] == official]
        return held[-1] if held else uuid4()

    def _answer(self, place: Place, case: UUID, by: str, decider: str) -> None:
        mine = self._open_of(place, case, by)
        self._do(place, case, by, handlers.receive, mine, by)
        self._do(place, case, by, handlers.reply, mine, by, **self._findings(case), signer=place.keys.get(by))
        self._do(place, case, decider, handlers.approve, self._reply(place, case, 0), decider)

    @rule(lead=st.sampled_from((EPB, MATIAN, VICE)))
    def refer_up(self, lead: str) -> None:
        """The township's case is against its head: the county's people decide, and it hears of it. Once is enough."""
        county, town = self.places["431023"], self.places["431023104"]
        case = self.cases[town.org]
        if TOWN in town.named[case].officials:
            return
        self.complain(1, TOWN, None)
        self._do(town, case, TOWN_CLERK, handlers.refer_up, case, TOWN_CLERK, "")
        self.carry(up=True)
        self._do(county, case, SECRETARY, handlers.instruct, case, SECRETARY, "请查清", [(lead, "handling")], "ordinary")
        self._answer(county, case, lead, OFFICE)
        self._do(county, case, OFFICE, handlers.conclude, case, OFFICE, outcome="explained", summary="已办", answer="已办")
        self.carry(up=False)

    # -- who stands in ----------------------------------------------------------------------------------------------------
    @rule(which=one_or_other, by=doer, to=deputy, days=st.integers(1, 20), back=st.booleans())
    def delegate(self, which: int, by: str | None, to: str, days: int, back: bool) -> None:
        """Somebody has another read for him; the deputy tries at once, and again when he is back."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        until = place.now + timedelta(days=days)
        with self.step("delegate", place, case, None), place.instance.work() as uow:
            made = handlers.delegate(uow, by, to, place.now, until, "外出学习")
            assert place.heads(by), "delegated by one who does not command"
            place.deputies.append(StandsIn(made.id, by, to, place.now, until))
        latest = len(place.deputies) - 1
        self.stand_in(which, latest, [EPB], "instruct")
        if back:
            self.end_delegation(which, None, latest)
            self.stand_in(which, latest, [EPB], "instruct")

    @rule(
        which=one_or_other, pick=number, people=st.lists(addressee, min_size=1, max_size=2, unique=True),
        what=st.sampled_from(("review", "instruct", "instruct", "approve", "pause", "delegate")),
    )  # fmt: skip
    def stand_in(self, which: int, pick: int, people: list[str], what: str) -> None:
        """A deputy, in his time or after it, does what is the first-in-command's."""
        place, case = self._at(which)
        if not place.deputies:
            return
        by = place.deputies[pick % len(place.deputies)].deputy
        with self.step(f"deputy {what}", place, case, None if what == "delegate" else by), place.instance.work() as uow:
            if what == "review":
                handlers.review(uow, case, by)
                assert place.stands_in(by), "read by one who does not stand in any longer"
            elif what == "instruct":
                handlers.instruct(uow, case, by, f"请办理 {self.words[case]}", [(one, "handling") for one in people], "ordinary")
            elif what == "approve":
                handlers.approve(uow, self._reply(place, case, pick), by)
            elif what == "pause":
                handlers.pause(uow, case, by, "hearing", "听证期间")
                raise AssertionError("a clock was stopped without authority")
            else:
                handlers.delegate(uow, by, OFFICES[place.org], place.now, place.now + timedelta(days=1), "代阅")
                raise AssertionError("a deputy had another read for him")

    @rule(which=one_or_other, by=doer, pick=number)
    def end_delegation(self, which: int, by: str | None, pick: int) -> None:
        """Somebody is back, or says that another is."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        if not place.deputies:
            return
        chosen = place.deputies[pick % len(place.deputies)]
        with self.step("end_delegation", place, case, None), place.instance.work() as uow:
            handlers.end_delegation(uow, chosen.id, by)
            assert place.heads(by), "ended by one who does not command"
            chosen.ends_at = place.now

    @rule(days=st.integers(1, 12))
    def let_time_pass(self, days: int) -> None:
        """Days go by."""
        self._pass_time(days)
