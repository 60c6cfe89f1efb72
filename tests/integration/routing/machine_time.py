"""The rules of the machine that give time, hand on and hand over."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.routing import handlers
from services.routing.workflow import OPEN
from tests.integration.routing.machine import Place
from tests.integration.routing.machine_rules import (
    HEADS,
    OFFICES,
    PEOPLE,
    TOWN_ENV,
    TOWN_LETTERS,
    Guard,
    doer,
    number,
    one_or_other,
    somebody,
)

below = st.sampled_from((TOWN_ENV, TOWN_LETTERS, *PEOPLE))


class Everything(Guard):
    """The whole machine."""

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

    @rule(which=one_or_other, pick=number, by=doer, to=below, what=st.sampled_from(("hand_on", "hand_over", "release")))
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
