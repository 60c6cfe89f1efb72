"""Who works in the county of the year, as its directory has them."""

from __future__ import annotations

from services.intake.domain.viewing import Viewer
from services.supervision.handlers import listing
from shared.contract.person import Person

SECRETARY = Person(official="o-431023-secretary", name="赵宇", post="县委书记", organisation="431023")
OFFICE = Person(official="o-431023-office-clerk", name="邓小燕", post="县委办信访专干", organisation="431023-office")
SUPERVISOR = Person(official="o-431023-sup-director", name="廖志刚", post="县委督查室主任", organisation="431023-sup")
ASKER = Person(official="o-431023-followup", name="王春兰", post="信访接待室回访员", organisation="431023-xf")
DIRECTOR = "o-431023-office-director"
CLERK = Viewer(
    person=Person(official="o-431023-xf-clerk", name="李秀英", post="信访接待室登记员", organisation="431023-xf"),
    roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({"o-431023-xf-clerk", "431023-xf"}),
)  # fmt: skip

# Units that work in the county's own instance, with their heads.
HEADS = {
    "431023-epb": "o-431023-epb-director", "431023-psb": "o-431023-psb-director", "431023-lrb": "o-431023-lrb-director",
    "431023-edu": "o-431023-edu-director", "431023-civ": "o-431023-civ-director", "431023-hc": "o-431023-hc-director",
    "431023100": "o-431023100-secretary", "431023101": "o-431023101-secretary",
}  # fmt: skip
UNITS = tuple(HEADS)
# Who leads where several units join, and who may carry a case.
LEADS = ("o-431023-magistrate", "o-431023-vice-env", "o-431023-vice-land")
LEADERS = (*LEADS, "o-431023-cdi-secretary", DIRECTOR, SECRETARY.official)
SEES = listing.sight(SUPERVISOR.official, {SUPERVISOR.organisation}, {"431023*"})
SECRETARY_SEES = listing.sight(SECRETARY.official, {SECRETARY.organisation}, {"431023*"})
