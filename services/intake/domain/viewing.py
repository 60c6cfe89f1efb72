"""Who may read a petition's text, and who may learn who wrote it (art. 30, 46)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from services.intake.domain.submission import Identity
from shared.contract.person import Person
from shared.errors import Forbidden, NotFound


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A signed-in official. `of_instance`: the office held is this instance's own; `codes`: what a bar may name."""

    person: Person
    roles: frozenset[str]
    of_instance: bool
    codes: frozenset[str]


STAFF = frozenset({"clerk", "first_in_command", "office"})
# Follow-up staff and the supervision office, which asks a sample of petitioners again, have to reach them.
IDENTITY_STAFF = STAFF | {"followup", "supervision_office"}
ASKERS = frozenset({"followup", "supervision_office"})
REVIEW_OFFICE = frozenset({"office", "first_in_command"})
OPENERS = frozenset({"clerk", "office"})


class Tie(NamedTuple):
    """What ties an official to a case: `granted` while an assignment of it is open, `handled` once there was one, ended or not;
    `of_unit` when a unit of his had one. The instance's own organisation is no unit: leaders and staff stand there side by side.
    """

    granted: bool = False
    handled: bool = False
    of_unit: bool = False


class Hidden(NotFound):
    """Tell the person that there is no such case, and log the try: it is barred, or not theirs."""


def check_may_read(viewer: Viewer, barred: frozenset[str], tie: Tie) -> None:
    """Raise Hidden unless the viewer may read the petition's text. A bar outweighs every role and assignment."""
    staff = viewer.of_instance and not viewer.roles.isdisjoint(STAFF)
    if not viewer.codes.isdisjoint(barred) or not (staff or tie.granted):
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")


def may_identify(viewer: Viewer, identity: Identity, barred: frozenset[str], tie: Tie) -> bool:
    """Whether the viewer may lift the mask for a stated purpose: staff, and of a named petitioner whoever handles the case.

    The most restrictive view counts. Whoever handles the case, or did before it was taken back, never learns of a petitioner
    who is not named, whatever other roles are held: a leader may belong to the office, too.
    """
    if not viewer.codes.isdisjoint(barred):
        return False
    if identity is not Identity.NAMED and (tie.granted or tie.handled):
        return False
    # Whoever asks the petitioner does not come from the unit about whose work he is asked.
    staff = viewer.of_instance and not viewer.roles.isdisjoint(STAFF if tie.of_unit else IDENTITY_STAFF)
    return staff or tie.granted


def readable_remarks(viewer: Viewer, barred: frozenset[str], tie: Tie, reviewers: frozenset[str]) -> frozenset[str]:
    """Which of a petitioner's words after the conclusion this viewer may read: of the answers, those who ask; why a review is asked
    for, those who hand it out and its reviewer. Raises Hidden for anybody else, for whoever is barred, and for whoever handles the case
    or did, and his unit: what its petitioner says of it is not theirs.
    """
    kinds: frozenset[str] = frozenset()
    if viewer.of_instance and not viewer.roles.isdisjoint(ASKERS):
        kinds |= {"answer", "correction", "contest", "reopen"}
    if (viewer.of_instance and not viewer.roles.isdisjoint(REVIEW_OFFICE)) or viewer.person.official in reviewers:
        kinds |= {"review", "final"}
    if not viewer.codes.isdisjoint(barred) or any(tie) or not kinds:
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")
    return kinds


def check_opens_originals(viewer: Viewer) -> None:
    """Raises Forbidden for anybody but the clerks and the office: an original names its sender in places that no mask reaches."""
    if not viewer.of_instance or viewer.roles.isdisjoint(OPENERS):
        raise Forbidden("original", "原件由登记员和领导小组办公室打开。", "请向信访接待室索取抄录件。")


def check_sees_copies(viewer: Viewer, identity: Identity) -> None:
    """Raises Forbidden unless whoever may lift the mask may also see pages: of who is not named only the clerks and the office.

    Handwriting and faces are identity, and no mask reaches them; a handler gets a transcript.
    """
    if identity is not Identity.NAMED and (not viewer.of_instance or viewer.roles.isdisjoint(OPENERS)):
        raise Forbidden("attachment", "保密和匿名信访人的附件由登记员和领导小组办公室查看。", "请向信访接待室索取抄录件。")
