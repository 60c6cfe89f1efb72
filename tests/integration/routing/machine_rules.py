"""The rules of the machine in `machine.py`: every operation, by whoever may and by anybody."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from services.routing import handlers
from services.routing.domain.keys import Signer
from services.routing.workflow import OPEN
from shared.contract.envelope import instant
from tests.integration.routing.machine import MOVABLE, Checked, Named, Place, read_directory
from tests.integration.routing.outside import Outside
from tests.integration.routing.world import (
    AT,
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    event,
    registered,
)

TOWN_CLERK, TOWN_ENV, TOWN_LETTERS = "o-431023104-clerk", "o-431023104-officer-env", "o-431023104-officer-letters"
PEOPLE = (SECRETARY, OFFICE, VICE, CDI, EPB, MATIAN, TOWN, TOWN_CLERK, TOWN_ENV, TOWN_LETTERS)
UNITS = ("431023", "431023-gov", "431023-epb", "431023101", "431023104", "431023104-env")
PARTS = ("handling", "lead", "joint")
HEADS, OFFICES = {"431023": SECRETARY, "431023104": TOWN}, {"431023": OFFICE, "431023104": TOWN_CLERK}

somebody, unit, number = st.sampled_from(PEOPLE), st.sampled_from(UNITS), st.integers(0, 5)
addressee = st.sampled_from((EPB, MATIAN, TOWN, CDI, VICE, OFFICE, SECRETARY, TOWN_ENV))
# None is whoever may do it; so that most examples come far, and yet everybody tries everything.
doer = st.none() | st.none() | somebody
one_or_other = st.sampled_from([0] * 4 + [1] * 2 + [4, 5])  # a place, and its own case or the other's


class Guard(Checked):
    """The machine."""

    @initialize(people=st.lists(st.sampled_from((EPB, MATIAN, TOWN, CDI)), min_size=1, max_size=3, unique=True), along=number)
    def begin(self, people: list[str], along: int) -> None:
        """A case of the county's, and one of the township's; the first is handed to these and `along` says how far they are."""
        self.places = {one.org: self._fresh(one) for one in (self.county, self.township)}
        self._pass_time(0)
        self.cases = {org: uuid4() for org in self.places}
        self.words = {case: f"XF{case.hex[:10]}" for case in self.cases.values()}
        self.instructions = {}
        for org, place in self.places.items():
            case = self.cases[org]
            place.named = {case: Named() for case in self.cases.values()}
            words = {name: f"{self.words[case]} {name}" for name in ("title", "brief")}
            self.heard(place, registered(case, AT, org=org, number=self.words[case], **words))

        self.instruct(0, SECRETARY, people, "handling", None, "returned", "goes_on")
        self.carry(up=False)
        for what in ("receive", "reply")[: along // 3]:
            for pick in range(len(people)):
                self.work(0, pick, None, what)
                self.work(1, pick, None, what)
            self.carry(up=True)

    def _fresh(self, instance: Instance) -> Place:
        """An instance without cases, at the beginning of the story."""
        outside = Outside(instance.owner)
        outside.empty()
        place = Place(instance, read_directory(instance), outside, outside.set_clock(AT))
        place.seen = place.carried = outside.ask("SELECT coalesce(max(id), 0) FROM routing.event_log")[0][0]
        return place

    def teardown(self) -> None:
        """Everybody back in his post."""
        if hasattr(self, "places"):
            self._import({official: [] for official in MOVABLE})
            for place in self.places.values():
                place.outside.close()

    def _findings(self, case: UUID) -> dict[str, Any]:
        """A reply in which the case's own words stand."""
        return REPLY | {"findings": f"{self.words[case]} 属实。"}

    def _signer(self, place: Place, by: str, pick: int) -> Signer | None:
        """The key that somebody signs with; who has none signs without."""
        return None

    # -- who is kept out --------------------------------------------------------------------------------------------------
    @rule(which=one_or_other, official=addressee, unit=st.none() | st.none() | unit)
    def complain(self, which: int, official: str, unit: str | None) -> None:
        """The own intake tells who is complained of."""
        place, _ = self._at(which)
        officials, organisations = [official] if unit is None else [], [unit] if unit else []
        case = self.cases[place.org]
        data = {"organisations": organisations, "officials": officials, "by": None}
        named = place.named[case]
        named.officials |= set(officials)
        named.organisations |= set(organisations)
        with self.step("complain", place, case, None):
            self.heard(place, event("case.conflict_set", case, data, source=f"/{place.org}/intake", at=AT))
        self._check_taken_back(place, case)

    @rule(which=one_or_other, everything=st.sampled_from([False] * 4 + [True]), official=somebody)
    def lift(self, which: int, everything: bool, official: str) -> None:
        """The own intake takes names back: all that were named, or one that perhaps was not."""
        place, _ = self._at(which)
        case = self.cases[place.org]
        named = place.named[case]
        officials, organisations = (sorted(named.officials), sorted(named.organisations)) if everything else ([official], [])
        person = {"official": OFFICE, "name": "邓", "post": "专干", "organisation": "431023-office"}
        data = {
            "organisations": organisations,
            "officials": officials,
            "reason": "slip",
            "authority": "办公室",
            "by": person,
            "at": instant(AT),
        }
        with self.step("lift", place, case, None):
            self.heard(place, event("case.conflict_lifted", case, data, source=f"/{place.org}/intake", at=AT))
        place.named[case].officials -= set(officials)
        place.named[case].organisations -= set(organisations)

    @rule(which=one_or_other, by=somebody, official=somebody)
    def recuse(self, which: int, by: str, official: str) -> None:
        """Somebody recuses himself or another."""
        place, case = self._at(which)
        with self.step("recuse", place, case, by), place.instance.work() as uow:
            made = handlers.recuse(uow, case, by, official=official, ground="kin")
            assert by == official or place.commands(by), "recused by one who may not"
            place.named[case].recused.append((made.id, official))
        self._check_taken_back(place, case)

    @rule(which=one_or_other, by=doer, pick=number)
    def end_recusal(self, which: int, by: str | None, pick: int) -> None:
        """Somebody ends a recusal."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        recused = place.named[case].recused
        chosen = recused[pick % len(recused)] if recused else (uuid4(), "")
        with self.step("end_recusal", place, case, by), place.instance.work() as uow:
            handlers.end_recusal(uow, chosen[0], by, "事由已不存在")
            assert "first_in_command" in {role for post in place.directory.officials[by].posts for role in post.roles}
            recused.remove(chosen)

    # -- the work ---------------------------------------------------------------------------------------------------------
    @rule(which=one_or_other, by=doer)
    def review(self, which: int, by: str | None) -> None:
        """Somebody opens the case as its first-in-command."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        with self.step("review", place, case, by), place.instance.work() as uow:
            handlers.review(uow, case, by)

    @rule(
        which=one_or_other, by=doer, people=st.lists(addressee, min_size=1, max_size=3, unique=True),
        part=st.sampled_from(PARTS), pick=st.none() | st.none() | number, verdict=st.sampled_from(("returned", "approved")),
        earlier=st.sampled_from(("goes_on", "withdrawn")),
    )  # fmt: skip
    def instruct(
        self,
        which: int,
        by: str | None,
        people: list[str],
        part: str,
        pick: int | None,
        verdict: str,
        earlier: str,
    ) -> None:
        """A round: whoever is named, in whatever part, answering a reply or not."""
        place, case = self._at(which)
        by = by or HEADS[place.org]
        addressees = [(one, part if at == 0 or part == "handling" else "joint") for at, one in enumerate(people)]
        answers = None if pick is None else self._reply(place, case, pick)
        with self.step("instruct", place, case, by), place.instance.work() as uow:
            handlers.instruct(
                uow,
                case,
                by,
                f"请办理 {self.words[case]}",
                addressees,
                "ordinary",
                answers=answers,
                verdict=verdict,
                earlier=earlier,
            )

    @rule(who=addressee, named_after=st.booleans())
    def hand_to_the_accused(self, who: str, named_after: bool) -> None:
        """The county's first-in-command hands the case to one who is complained of: before it is known, or after."""
        if named_after:
            self.instruct(0, SECRETARY, [who], "handling", None, "returned", "goes_on")
        self.complain(0, who, None)
        if not named_after:
            self.instruct(0, SECRETARY, [who], "handling", None, "returned", "goes_on")

    @rule(by=somebody, who=addressee)
    def meddle(self, by: str, who: str) -> None:
        """Somebody does with an assignment of the county's all that is another's to do."""
        place, case = self.places["431023"], self.cases["431023"]
        self.instruct(0, SECRETARY, [who], "handling", None, "returned", "goes_on")
        held = [row for row in place.instance.assignments(case) if row["stage"] in OPEN and row["official"] != by]
        for what in ("receive", "reply", "approve", "withdraw") if held else ():
            with self.step(what, place, case, by), place.instance.work() as uow:
                if what == "receive":
                    handlers.receive(uow, held[0]["id"], by)
                elif what == "reply":
                    handlers.reply(uow, held[0]["id"], by, **self._findings(case))
                elif what == "withdraw":
                    handlers.withdraw(uow, held[0]["id"], by)
                else:
                    handlers.approve(uow, held[0]["reply_id"] or uuid4(), by)
                assert what in ("withdraw", "approve"), "not the person responsible"

    @rule(which=one_or_other, pick=number, by=doer, what=st.sampled_from(("receive", "object_to", "progress", "reply")))
    def work(self, which: int, pick: int, by: str | None, what: str) -> None:
        """The person responsible (None), or anybody, works on an assignment."""
        place, case = self._at(which)
        assignment = self._assignment(place, case, pick)
        held = [row for row in place.instance.assignments(case) if row["id"] == assignment]
        by = by or (held[0]["official"] if held else EPB)
        with self.step(what, place, case, by), place.instance.work() as uow:
            if what == "reply":
                handlers.reply(uow, assignment, by, **self._findings(case), signer=self._signer(place, by, pick))
            elif what == "receive":
                handlers.receive(uow, assignment, by)
            else:
                getattr(handlers, what)(uow, assignment, by, "说明情况")
            assert held[0]["official"] == by, "not the person responsible"

    @rule(which=one_or_other, pick=number, by=doer, what=st.sampled_from(("approve", "return_reply", "withdraw")))
    def decide(self, which: int, pick: int, by: str | None, what: str) -> None:
        """Somebody decides on a reply, or takes an assignment back."""
        place, case = self._at(which)
        by = by or OFFICES[place.org]
        with self.step(what, place, case, by), place.instance.work() as uow:
            if what == "withdraw":
                handlers.withdraw(uow, self._assignment(place, case, pick), by)
            elif what == "approve":
                handlers.approve(uow, self._reply(place, case, pick), by)
            else:
                handlers.return_reply(uow, self._reply(place, case, pick), by, "请查清事实")

    @rule(which=one_or_other, by=doer, what=st.sampled_from(("conclude", "conclude_referred", "refer_up", "account")))
    def finish(self, which: int, by: str | None, what: str) -> None:
        """Somebody concludes, refers up, or holds to account."""
        place, case = self._at(which)
        by = by or OFFICES[place.org]
        with self.step(what, place, case, by), place.instance.work() as uow:
            if what == "refer_up":
                handlers.refer_up(uow, case, by, "市委信访局")
            elif what == "account":
                handlers.record_accountability(uow, case, by, kind="proposal", person="甲", organisation="431023", measure="警告",
                                               decided_by="县纪委", decided_on=date(2016, 11, 7))  # fmt: skip
            else:
                getattr(handlers, what)(uow, case, by, outcome="explained", summary="已办", answer="已办")

    @rule(
        which=one_or_other, what=st.sampled_from(["case.dissatisfied"] * 12 + ["case.closed", "case.archived", "case.withdrawn"])
    )
    def hear(self, which: int, what: str) -> None:
        """What followup and intake tell of a case, in season or not."""
        place, _ = self._at(which)
        case = self.cases[place.org]
        [row] = place.instance.query("SELECT round FROM case_record WHERE id = %(case)s", case=case)
        said = {"round": max(row["round"], 1), "source": "petitioner", "reason": "satisfied", "by": None,
                **dict.fromkeys(("at", "withdrawn_at", "closed_at", "archived_at"), instant(AT))}  # fmt: skip
        service = "intake" if what == "case.withdrawn" else "followup"
        with self.step(what, place, case, None):
            self.heard(place, event(what, case, said, source=f"/{place.org}/{service}", at=AT))

    # -- the link ---------------------------------------------------------------------------------------------------------
    @rule(up=st.booleans())
    def carry(self, up: bool) -> None:
        """One side's events reach the other."""
        here, there = (self.places[org] for org in (("431023104", "431023") if up else ("431023", "431023104")))
        here.carried, events = here.outside.log_after(here.carried)
        for one in events:
            if one.stream.rpartition(" ")[2] == there.org and "routing" in one.contract.heard_by:
                if one.contract.name == "case.bars_passed":
                    self._take_over(here, there, UUID(one.subject), one.data)
                with self.step(one.contract.name, there, self.cases[there.org], None):
                    self.heard(there, one)

    # -- the directory ---------------------------------------------------------------------------------------------------------
    @rule(official=st.sampled_from(sorted(MOVABLE)), unit=unit, active=st.booleans())
    def move(self, official: str, unit: str, active: bool) -> None:
        """Somebody gets a second post, or leaves."""
        self._import({official: [unit] if active else None})
