"""Who may give a petition a new secret code, and when."""

from __future__ import annotations

import pytest

from services.intake.domain.codes import check
from services.intake.domain.submission import Identity
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.intake.intake_builders import a_petition, a_viewer


@pytest.mark.parametrize("role", ["clerk", "office"])
@pytest.mark.parametrize("identity", [Identity.NAMED, Identity.CONFIDENTIAL])
def test_the_counter_replaces_a_code_after_a_look_at_the_identity(role, identity):
    check(a_petition(identity=identity), a_viewer(role), looked=True)


@pytest.mark.parametrize(
    ("changes", "viewer", "looked", "kind"),
    [
        ({}, a_viewer("leader"), True, Forbidden), ({}, a_viewer("clerk", of_instance=False), True, Forbidden),
        ({"identity": Identity.ANONYMOUS}, a_viewer("clerk"), True, Refused), ({}, a_viewer("clerk"), False, Conflict),
    ],
)  # fmt: skip
def test_nobody_else_does_nor_without_a_look_nor_of_a_petition_without_a_name(changes, viewer, looked, kind):
    with pytest.raises(Refused) as refusal:
        check(a_petition(**changes), viewer, looked=looked)
    assert type(refusal.value) is kind
