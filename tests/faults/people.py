"""Those who work in a county and its townships, by the use cases; and what one end of a link holds otherwise than the other (I6)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import psycopg2

from deploy.dev.instance import Instance
from deploy.dev.rest import Rest
from deploy.dev.waiting import until
from services.routing.handlers import approve, conclude, instruct, receive, reply, review
from tests.faults.driver import SECRETARY, Driver
from tests.faults.system import PATIENCE

COUNTY, BOLIN, MATIAN = "431023", "431023104", "431023101"


class People:
    """The petitioners, the clerk and the secretary of a county, and the heads of its townships."""

    def __init__(self, county: Instance, towns: Mapping[str, Instance]) -> None:
        self.county, self.towns = county, dict(towns)
        self.driver = Driver(county)
        self._rest = Rest([county, *towns.values()])

    def hand_down(self, count: int, towns: Sequence[str] = (BOLIN, MATIAN)) -> list[str]:
        """Register cases, brief them, and hand them to the townships' heads in turn. Gives the cases' ids."""
        return self.hand(self.register(count), towns)

    def register(self, count: int) -> list[str]:
        """Register cases and brief them. Gives the cases' ids."""
        cases = self.driver.submit(count)
        for case in cases:
            self.driver.supplement(case)
        until(lambda: self._briefed(cases), timeout=PATIENCE, what="routing to have the briefs")
        return cases

    def hand(self, cases: list[str], towns: Sequence[str] = (BOLIN, MATIAN)) -> list[str]:
        """Hand briefed cases to the townships' heads in turn."""
        for case, town in zip(cases, itertools.cycle(towns), strict=False):
            with self.county.unit_of_work("routing") as uow:
                review(uow, UUID(case), SECRETARY)
                instruct(
                    uow, UUID(case), SECRETARY, "请调查办理，限期报结果。", [(f"o-{town}-secretary", "handling")], "ordinary"
                )
        return cases

    def _briefed(self, cases: Sequence[str]) -> bool:
        found = self.county.query("SELECT count(*) FROM routing.case_record WHERE id = ANY(%s::uuid[]) AND brief <> ''", cases)
        return bool(found[0][0] == len(cases))

    def work(self, town: str) -> int:
        """The township's head receives and answers everything that has reached him. Gives how many."""
        head, here = f"o-{town}-secretary", self.towns[town]
        waiting = [row[0] for row in here.query("SELECT id FROM routing.assignment WHERE stage = 'issued'")]
        for assignment in waiting:
            with here.unit_of_work("routing") as uow:
                receive(uow, assignment, head)
            with here.unit_of_work("routing") as uow:
                reply(uow, assignment, head, outcome="supported", findings="属实。", measures=["已整改"], answer="已办理。")
        return len(waiting)

    def conclude(self) -> int:
        """The secretary approves every reply and concludes. Gives how many."""
        waiting = self.county.query(
            "SELECT a.reply_id, a.case_id FROM routing.assignment a WHERE a.stage = 'replied' AND a.issuer = %s", COUNTY
        )
        for reply_id, case in waiting:
            with self.county.unit_of_work("routing") as uow:
                approve(uow, reply_id, SECRETARY)
                conclude(uow, case, SECRETARY, outcome="supported", summary="已办结。", answer="已办结。")
        return len(waiting)

    def agree(self, timeout: float = PATIENCE) -> float:
        """Seconds until all is at rest and both ends of each link state the same digests; TimeoutError says what differs."""
        try:
            return until(lambda: not next(self.disagreements(), None), timeout=timeout, what="agreement")
        except TimeoutError as late:
            raise TimeoutError(f"no agreement after {timeout:g} s: {[*self.disagreements()][:6]}") from late

    def disagreements(self) -> Iterator[str]:
        """I6: what one end of a link tells and the other does not hold, or holds otherwise; what either still waits for."""
        try:
            yield from self._rest.unrest()
            for town in self.towns.values():
                yield from self._between(town, self.county)
                yield from self._between(self.county, town)
        except psycopg2.OperationalError as fault:
            yield repr(fault)

    def _between(self, teller: Instance, holder: Instance) -> Iterator[str]:
        for service in teller.services:
            for stream, head, chain in teller.query(f"SELECT stream, sequence, chain FROM {service}.stream_head"):
                wanted = list(self._holders(teller, holder, stream))
                held = {row[0]: row[1:] for row in holder.query(
                    "SELECT consumer, sequence, chain, agrees FROM platform.held WHERE stream = %s", stream)}  # fmt: skip
                said = {row[0]: row[1:] for row in teller.query(
                    "SELECT consumer, sequence, agrees FROM platform.reach WHERE peer = %s AND stream = %s", holder.org, stream)}  # fmt: skip
                for consumer in wanted:
                    number, ours, agrees = held.get(consumer, (0, b"", None))
                    if (number, bytes(ours)) != (head, bytes(chain)) or agrees is not True:
                        yield f"I6 {holder.org} {consumer} holds {stream} to {number} of {head}, agrees: {agrees}"
                    if said.get(consumer) != (head, True):
                        yield f"I6 {teller.org} knows of {holder.org} {consumer} and {stream}: {said.get(consumer)}"

    def _holders(self, teller: Instance, holder: Instance, stream: str) -> Iterator[str]:
        _, *local, addressee = stream.split(" ")
        if local or (holder is not self.county and addressee != holder.org):
            return
        keeper = "routing" if addressee == holder.org else "reporting"
        if keeper in holder.services:
            yield keeper
