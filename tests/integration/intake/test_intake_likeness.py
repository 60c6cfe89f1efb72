"""What is suggested to a clerk, to whom it is not, and what of the words lies in the database."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.intake.domain.likeness import Guess, Reason
from services.intake.domain.submission import Channel, Identity, Petitioner
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import casework, likeness
from services.intake.handlers.likeness import undo_unlike, unlike, unlikes_of
from services.intake.store import read
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, issued, post, receipt_of
from tests.integration.intake.likeness_cases import AGAIN, OTHER, SOMEBODY, WAGES, WATER, ids, rows, suggested, take_all_up, told


def number_of(uow, case_id: UUID) -> str:
    case = read(uow, case_id)
    assert case is not None
    return case.number


def test_the_same_matter_by_the_same_person_is_suggested_with_its_reasons(intake, vault, clerk):
    first, _ = told(intake, vault, WATER), told(intake, vault, WAGES, OTHER)
    assert take_all_up(intake, vault) == 2
    again = told(intake, vault, AGAIN, channel=Channel.VISIT)
    [found] = suggested(intake, vault, again, clerk)  # before its own words are taken up
    assert (found.case_id, found.likeness.guess) == (first, Guess.REPEAT)
    assert found.likeness.reasons == (Reason.SAME_PHONE, Reason.SAME_WORDS, Reason.SAME_PLACE)
    assert "三十户人家" in "".join(found.common)
    take_all_up(intake, vault)
    assert ids(suggested(intake, vault, first, clerk)) == [again]


def test_the_same_matter_by_somebody_else_is_suggested_as_joint_and_another_matter_as_the_same_person(intake, vault, clerk):
    first, wages = told(intake, vault, WATER), told(intake, vault, WAGES, SOMEBODY, place="")
    take_all_up(intake, vault)
    again = told(intake, vault, AGAIN, replace(OTHER, email="li@example.org"))
    assert [(each.case_id, each.likeness.guess) for each in suggested(intake, vault, again, clerk)] == [(first, Guess.JOINT)]
    [person] = suggested(intake, vault, wages, clerk)
    assert (person.case_id, person.likeness.guess, person.likeness.reasons) == (first, Guess.PERSON, (Reason.SAME_PHONE,))
    assert person.common == ()


@pytest.mark.parametrize(
    ("contact", "reason"),
    [({"email": "Chen@Example.org"}, Reason.SAME_EMAIL), ({"id_number": "43012319800101876x"}, Reason.SAME_ID)],
)
def test_email_and_identity_number_find_a_person_again_however_they_are_written(intake, vault, clerk, contact, reason):
    first = told(intake, vault, WATER, Petitioner(name="陈十里", **{key: value.upper() for key, value in contact.items()}))
    again = told(intake, vault, WAGES, Petitioner(name="陈十里", **contact))
    [found] = suggested(intake, vault, again, clerk)
    assert (found.case_id, found.likeness.reasons[0]) == (first, reason)


def test_whoever_is_barred_from_a_case_is_never_told_that_it_looks_like_another(intake, vault, clerk, hear):
    first = told(intake, vault, WATER)
    take_all_up(intake, vault)
    again = told(intake, vault, AGAIN)
    assert ids(suggested(intake, vault, again, clerk)) == [first]
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert suggested(intake, vault, again, clerk) == []
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        unlike(uow, again, first, clerk)


def test_a_suggestion_that_ignores_bars_is_noticed(intake, vault, clerk, hear, monkeypatch):
    first = told(intake, vault, WATER)
    take_all_up(intake, vault)
    again = told(intake, vault, AGAIN)
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    blind = likeness.SQL["candidates"].replace("b.code = ANY(%(codes)s)", "false")
    monkeypatch.setitem(likeness.SQL, "candidates", blind)
    assert ids(suggested(intake, vault, again, clerk)) == [first]


def test_who_may_not_know_the_petitioner_is_not_told_that_it_is_the_same_one(intake, vault, hear):
    """A clerk who handles a confidential petition, and so may not learn who wrote it."""
    first = told(intake, vault, WATER, identity=Identity.CONFIDENTIAL)
    take_all_up(intake, vault)
    again, wages = told(intake, vault, AGAIN), told(intake, vault, WAGES)
    hear("assignment.issued", first, issued())
    both = Viewer(person=HEAD, roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({HEAD.official, HEAD.organisation}))
    [alike] = [each for each in suggested(intake, vault, again, both) if each.case_id == first]
    assert (alike.likeness.guess, Reason.SAME_PHONE in alike.likeness.reasons) == (Guess.REPEAT, False)
    assert first not in ids(suggested(intake, vault, wages, both))
    apart = replace(both, person=CLERK, codes=frozenset({CLERK.official}))
    assert first in ids(suggested(intake, vault, wages, apart))


def test_the_same_complained_of_speaks_for_it_if_our_staff_named_it_in_both(intake, vault, clerk, hear):
    hear("directory.official_recorded", HEAD.official, {"official": HEAD.official, "name": "周立", "active": True, "posts": []})
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN, category="environment")
    take_all_up(intake, vault)
    for case_id in (first, again):
        with intake.unit_of_work() as uow:
            casework.set_conflict(uow, case_id, clerk, organisations=[], officials=[HEAD.official])
    [found] = suggested(intake, vault, again, clerk)
    assert Reason.SAME_COMPLAINED in found.likeness.reasons


def test_what_a_clerk_found_to_be_another_matter_is_not_asked_again(intake, vault, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    for _ in range(2):
        with intake.unit_of_work() as uow:
            unlike(uow, again, first, clerk)
    assert suggested(intake, vault, again, clerk) == suggested(intake, vault, first, clerk) == []


def test_that_two_are_different_matters_can_be_taken_back_said_again_and_is_hidden_from_the_barred(
    intake, vault, clerk, settings, hear
):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    for act, left in ((unlike, []), (undo_unlike, [first]), (undo_unlike, [first]), (unlike, [])):
        with intake.unit_of_work() as uow:
            act(uow, again, first, clerk)
        assert ids(suggested(intake, vault, again, clerk)) == left
        with intake.unit_of_work() as uow:
            assert [row["id"] for row in unlikes_of(uow, again, clerk)] == ([] if left else [first])
    said = "SELECT by ->> 'name', undone_by ->> 'name' FROM intake.unlike ORDER BY at"
    assert rows(settings, said) == [(CLERK.name, CLERK.name), (CLERK.name, None)]
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    with intake.unit_of_work() as uow:
        assert unlikes_of(uow, again, clerk) == []
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        undo_unlike(uow, again, first, clerk)


# -- pages -------------------------------------------------------------------------------------------------------------
FORM = {
    "title": "请求过问", "identity": "named", "name": "陈十里", "phone": "13873512345", "matter_type": "appeal", "category": "",
    "place": "431023104", "group_size": "1",
}  # fmt: skip


def test_the_receipt_page_of_a_clerk_shows_what_it_may_repeat_and_the_public_one_does_not(intake, vault, browse):
    with intake.unit_of_work() as uow:
        number = number_of(uow, told(intake, vault, WATER))
    take_all_up(intake, vault)
    page = post(browse("clerk"), "/intake/register/visit", FORM | {"text": AGAIN, "key": str(uuid4())})
    assert page.status_code == 201
    assert receipt_of(page.text)
    for said in ("可能重复", number, "同一电话", "内容相似", "同一地点", "不会自动合并"):
        assert said in page.text
    public = post(browse(), "/submit", FORM | {"text": AGAIN, "key": str(uuid4())})
    assert public.status_code == 201
    assert "可能重复" not in public.text
    assert number not in public.text


def test_the_page_of_a_petition_suggests_and_a_clerk_says_no(intake, vault, browse):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    client = browse("clerk")
    with intake.unit_of_work() as uow:
        number = number_of(uow, first)
    assert number in client.get(f"/intake/petitions/{again}").text
    answer = post(client, f"/intake/petitions/{again}/unlike", {"other": str(first)})
    assert answer.status_code == 303
    page = client.get(f"/intake/petitions/{again}").text
    assert "可能重复" not in page
    assert page.count(f">{number}</a>") == 1  # under what was found to be something else
    assert post(client, f"/intake/petitions/{again}/unlike/undo", {"other": str(first)}).status_code == 303
    assert "可能重复" in client.get(f"/intake/petitions/{again}").text
    for address in ("unlike", "unlike/undo"):
        assert post(client, f"/intake/petitions/{again}/{address}", {"other": "x"}).status_code == 422
