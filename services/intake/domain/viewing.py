"""Who may read a petition's text, and who may learn who wrote it (art. 30, 46)."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain.submission import Identity
from shared.contract.person import Person
from shared.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A signed-in official. `of_instance`: the office held is this instance's own; `codes`: what a bar may name."""

    person: Person
    roles: frozenset[str]
    of_instance: bool
    codes: frozenset[str]


STAFF = frozenset({"clerk", "first_in_command", "office"})
IDENTITY_STAFF = STAFF | {"followup"}


class Hidden(NotFound):
    """Tell the person that there is no such case, and log the try: it is barred, or not theirs."""


def check_may_read(viewer: Viewer, barred: frozenset[str], granted: bool) -> None:
    """Raise Hidden unless the viewer may read the petition's text. A bar outweighs every role and assignment."""
    staff = viewer.of_instance and not viewer.roles.isdisjoint(STAFF)
    if not viewer.codes.isdisjoint(barred) or not (staff or granted):
        raise Hidden("case", "没有找到这件信访件。", "请核对编号，或返回列表。")


def may_identify(viewer: Viewer, identity: Identity, barred: frozenset[str], granted: bool) -> bool:
    """Whether the viewer may lift the mask for a stated purpose: staff, and of a named petitioner who handles it."""
    if not viewer.codes.isdisjoint(barred):
        return False
    staff = viewer.of_instance and not viewer.roles.isdisjoint(IDENTITY_STAFF)
    return staff or (granted and identity is Identity.NAMED)
