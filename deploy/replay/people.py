"""Who works in a simulated county, as its directory has them: the demo's people, under the county's own code."""

from __future__ import annotations

from typing import Any

from services.intake.domain.viewing import Viewer
from services.supervision.handlers import listing
from shared.contract.person import Person

# Units that work in the county's own instance: whoever heads them.
_HEADS = {
    "-epb": "-epb-director", "-psb": "-psb-director", "-lrb": "-lrb-director", "-edu": "-edu-director", "-civ": "-civ-director",
    "-hc": "-hc-director", "100": "100-secretary", "101": "101-secretary",
}  # fmt: skip
# Who leads where several units join.
_LEADS = ("-magistrate", "-vice-env", "-vice-land")


class People:
    """The people of the county with this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.secretary = self._person("-secretary", "赵宇", "县委书记", "")
        self.office = self._person("-office-clerk", "邓小燕", "县委办信访专干", "-office")
        self.supervisor = self._person("-sup-director", "廖志刚", "县委督查室主任", "-sup")
        self.asker = self._person("-followup", "王春兰", "信访接待室回访员", "-xf")
        self.director = self.official("-office-director")
        registrar = self._person("-xf-clerk", "李秀英", "信访接待室登记员", "-xf")
        self.clerk = Viewer(
            person=registrar, roles=frozenset({"clerk"}), of_instance=True,
            codes=frozenset({registrar.official, registrar.organisation}),
        )  # fmt: skip
        self.heads = {f"{code}{unit}": self.official(head) for unit, head in _HEADS.items()}
        self.units = tuple(self.heads)
        self.town = self.official("104-secretary")  # where the article's case happened
        self.leads = tuple(map(self.official, _LEADS))
        self.discipline = self.official("-cdi-secretary")
        # Who may carry a case.
        self.leaders = (*self.leads, self.discipline, self.director, self.secretary.official)
        self.supervisor_sees = self._sight(self.supervisor)
        self.secretary_sees = self._sight(self.secretary)

    def official(self, name: str) -> str:
        """An official's id by what follows the county's code in it."""
        return f"o-{self.code}{name}"

    def _person(self, name: str, called: str, post: str, unit: str) -> Person:
        return Person(official=self.official(name), name=called, post=post, organisation=f"{self.code}{unit}")

    def _sight(self, who: Person) -> dict[str, Any]:
        return listing.sight(who.official, {who.organisation}, {f"{self.code}*"})
