"""Who is complained of: names add up, a mistake is taken back by the office alone, and never by the accused."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.intake.domain.barring import LiftReason
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import casework
from services.intake.store import bars
from shared.contract.person import Person
from shared.errors import Forbidden, Refused
from tests.integration.intake.intake_bus import HEAD
from tests.integration.intake.intake_cases import AT, a_case, find, post

OTHER = "o-431023101-head"
FORM = {"lifted": [HEAD.official], "lift_reason": "namesake", "authority": "县信访工作领导小组"}


@pytest.fixture
def case_id(intake, vault, hear) -> UUID:
    """A case, and two officials and a unit that may be complained of."""
    for official in (HEAD.official, OTHER):
        hear(
            "directory.official_recorded",
            uuid4(),
            {"official": official, "name": f"人{official[-8:]}", "active": True, "posts": []},
        )
    unit = {"code": "431023-epb", "name": "县环保局", "name_en": "EPB", "superior": "431023", "has_instance": False}
    hear("directory.organisation_recorded", uuid4(), unit)
    return a_case(intake, vault)


@pytest.fixture
def officer() -> Viewer:
    """Somebody of the office."""
    person = Person(official="o-431023-office", name="邓", post="专干", organisation="431023-office")
    return Viewer(
        person=person, roles=frozenset({"office"}), of_instance=True, codes=frozenset({person.official, person.organisation})
    )


def in_force(intake, case_id) -> set[str]:
    with intake.unit_of_work() as uow:
        return set(bars(uow, case_id))


def name(intake, case_id, clerk, *officials, organisations=()):
    with intake.unit_of_work() as uow:
        casework.set_conflict(uow, case_id, clerk, organisations=organisations, officials=officials)


def lift(intake, case_id, viewer, *codes, authority="县信访工作领导小组"):
    with intake.unit_of_work() as uow:
        casework.lift_conflict(uow, case_id, viewer, codes=codes, reason=LiftReason.SLIP, authority=authority)


def barred(*codes) -> dict[str, object]:
    return {"organisations": [], "officials": list(codes), "barred_at": AT}


def test_naming_another_keeps_the_first_and_the_same_names_again_tell_nothing(intake, case_id, clerk, told):
    name(intake, case_id, clerk, HEAD.official)
    name(intake, case_id, clerk, OTHER)
    name(intake, case_id, clerk, HEAD.official, OTHER)
    name(intake, case_id, clerk)
    assert in_force(intake, case_id) == {HEAD.official, OTHER}
    assert [data["officials"] for event, data in told() if event == "case.conflict_set"] == [[HEAD.official], [OTHER]]


def test_a_mistake_is_taken_back_when_routing_lets_it_go_and_the_log_keeps_why(intake, case_id, clerk, officer, hear, told):
    name(intake, case_id, clerk, HEAD.official, organisations=["431023-epb"])
    hear("case.barred", case_id, barred(HEAD.official, "431023-epb"))
    lift(intake, case_id, officer, HEAD.official, "431023-epb")
    assert in_force(intake, case_id) == {HEAD.official, "431023-epb"}  # until routing has heard of it
    event, data = told()[-1]
    assert (event, data["officials"], data["organisations"]) == ("case.conflict_lifted", [HEAD.official], ["431023-epb"])
    assert (data["reason"], data["authority"], data["by"]["official"]) == ("slip", "县信访工作领导小组", "o-431023-office")
    hear("case.barred", case_id, barred())
    assert in_force(intake, case_id) == set()


def test_a_recusal_is_not_lifted_with_the_complaint(intake, case_id, clerk, officer, hear):
    name(intake, case_id, clerk, HEAD.official)
    hear("case.barred", case_id, barred(HEAD.official))
    lift(intake, case_id, officer, HEAD.official)
    hear("case.barred", case_id, barred(HEAD.official))  # routing holds on: he recused himself
    assert in_force(intake, case_id) == {HEAD.official}
    with pytest.raises(Refused):
        lift(intake, case_id, officer, HEAD.official)


def test_an_older_word_of_routing_does_not_open_what_was_named_since(intake, case_id, clerk, hear):
    name(intake, case_id, clerk, HEAD.official)
    name(intake, case_id, clerk, OTHER)
    hear("case.barred", case_id, barred(HEAD.official))  # the answer to the first
    assert in_force(intake, case_id) == {HEAD.official, OTHER}


def test_neither_a_clerk_nor_the_accused_takes_a_name_back(intake, case_id, clerk, officer, hear, told):
    name(intake, case_id, clerk, HEAD.official)
    with pytest.raises(Forbidden):
        lift(intake, case_id, clerk, HEAD.official)
    accused = Viewer(
        person=HEAD, roles=frozenset({"office"}), of_instance=True, codes=frozenset({HEAD.official, HEAD.organisation})
    )
    with pytest.raises(Hidden):
        lift(intake, case_id, accused, HEAD.official)
    hear("case.barred", case_id, {"organisations": ["431023-office"], "officials": [HEAD.official], "barred_at": AT})
    with pytest.raises(Hidden):  # nor the office, when it is barred itself
        lift(intake, case_id, officer, HEAD.official)
    assert told()[-1][0] == "case.conflict_set"
    assert HEAD.official in in_force(intake, case_id)


@pytest.mark.parametrize(("codes", "authority"), [([], "县委"), ([HEAD.official], " "), ([OTHER], "县委")])
def test_a_correction_without_its_object_or_authority_is_refused_and_changes_nothing(
    intake, case_id, clerk, officer, told, codes, authority
):
    name(intake, case_id, clerk, HEAD.official)
    with pytest.raises(Refused):
        lift(intake, case_id, officer, *codes, authority=authority)
    assert told()[-1][0] == "case.conflict_set"


def test_the_office_corrects_on_the_page_and_the_clerk_finds_no_way_to(browse, intake, case_id, clerk, told, settings):
    name(intake, case_id, clerk, HEAD.official)
    page = f"/intake/petitions/{case_id}"
    desk, office = browse("clerk"), browse("office", official="o-431023-office", org="431023-office")
    assert "更正记错的对象" not in desk.get(page).text
    assert post(desk, f"{page}/conflict/lift", FORM).status_code == 403
    shown = office.get(page).text
    assert f'name="lifted" value="{HEAD.official}"' in shown
    assert f'name="officials" value="{HEAD.official}"' not in shown  # nothing to untick
    for missing in FORM:
        refused = post(office, f"{page}/conflict/lift", {key: value for key, value in FORM.items() if key != missing})
        assert (refused.status_code, f"field-{missing}" in refused.text) == (422, True), missing
    assert post(office, f"{page}/conflict/lift", FORM | {"lifted": [OTHER]}).status_code == 422
    assert post(office, f"{page}/conflict/lift", FORM | {"lift_reason": "他说的"}).status_code == 422
    assert [event for event, _ in told()] == ["case.registered", "case.conflict_set"]
    assert post(office, f"{page}/conflict/lift", FORM).status_code == 303
    assert told()[-1][0] == "case.conflict_lifted"
    assert "县信访工作领导小组决定" in office.get(page).text
    assert office.get(f"{page}?lang=en").status_code == 200
    assert find(settings, "陈十里") == []


def test_an_accused_official_of_the_office_finds_no_such_case(browse, intake, case_id, clerk, told):
    name(intake, case_id, clerk, HEAD.official)
    accused = browse("office", "clerk", official=HEAD.official, org="431023-office")
    page = f"/intake/petitions/{case_id}"
    assert accused.get(page).status_code == 404
    assert post(accused, f"{page}/conflict/lift", FORM).status_code == 404
    assert told()[-1][0] == "case.conflict_set"
