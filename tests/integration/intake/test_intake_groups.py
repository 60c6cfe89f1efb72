"""No petitioner learns from an answer who wrote what his own petition was merged, joined or repeated with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.intake.domain.linking import LONGEST_EXCERPT, MOST_EARLIER, Relation
from services.intake.domain.submission import Petitioner
from services.intake.handlers import groups, registration
from services.intake.handlers.groups import answer_to, secrets_of_group
from services.intake.handlers.linking import earlier_of, family
from tests.integration.intake.intake_cases import a_case, concluded, post
from tests.integration.intake.intake_links import case_of, linked, told_of, undone

CODE = "0000-0000-0000-0000-0000-0000-00"
NAMES = ("陈十里", "李梅", "王冲口")
COPIED = "陈十里同志、李梅同志、王冲口同志：造纸厂已取缔，有事拨 138 7351 2345。"


@pytest.fixture
def cases(intake, vault, clerk, monkeypatch) -> list[UUID]:
    """A lead and two petitions that were merged with it, each by somebody else."""
    monkeypatch.setattr(registration, "new_code", lambda: CODE)
    made = [
        a_case(intake, vault, title="饮水", text="井水发黑。", petitioner=Petitioner(name=name, phone=f"1387351234{at}"))
        for at, name in enumerate(NAMES, 5)
    ]
    for child in made[1:]:
        linked(intake, vault, clerk, child, made[0], Relation.MERGED_INTO)
    return made


def tracked(intake, browse, case_id: UUID) -> str:
    return post(browse(), "/track", {"number": case_of(intake, case_id).number, "code": CODE}).text


def named_in(page: str) -> list[str]:
    return [name for name in (*NAMES, "1387351", "138 7351") if name in page]


def test_the_answer_of_a_lead_names_to_each_of_the_others_nobody_but_himself(intake, cases, browse, hear):
    hear("case.concluded", cases[0], concluded() | {"answer": COPIED})
    for child, name in zip(cases[1:], NAMES[1:], strict=True):
        page = tracked(intake, browse, child)
        assert "造纸厂已取缔" in page
        assert named_in(page) == [name]
    assert named_in(tracked(intake, browse, cases[0])) == [NAMES[0], "138 7351"]


def test_a_conclusion_that_was_copied_from_the_lead_names_nobody_else_wherever_it_goes_out(
    intake, vault, cases, clerk, browse, hear
):
    child = cases[1]
    hear("case.concluded", child, concluded() | {"answer": COPIED})
    assert named_in(tracked(intake, browse, child)) == ["李梅"]
    letter = post(browse("clerk"), f"/intake/petitions/{child}/answer/letter", {}).text
    assert "造纸厂已取缔" in letter
    assert named_in(letter) == ["李梅"]
    for page in (f"/intake/petitions/{child}", f"/intake/petitions/{child}/answer"):
        seen = browse("clerk").get(page).text
        assert "请告知办结人" in seen
        assert named_in(seen) == ["李梅"]
    assert named_in(browse("office").get(f"/intake/petitions/{child}/publish").text) == ["李梅"]


def test_undoing_the_merge_does_not_bring_the_names_back(intake, vault, cases, clerk, browse, hear):
    with intake.unit_of_work() as uow:
        [link] = uow.all("SELECT id FROM link WHERE case_id = %(id)s", id=cases[1])
    undone(intake, vault, clerk, link["id"])
    hear("case.concluded", cases[1], concluded() | {"answer": COPIED})
    assert named_in(tracked(intake, browse, cases[1])) == ["李梅"]


def test_blotting_the_leads_names_alone_is_noticed(intake, vault, cases, browse, hear, monkeypatch):
    hear("case.concluded", cases[0], concluded() | {"answer": COPIED})
    lead = "SELECT case_id, data_key, identity, true AS merged FROM sealed WHERE case_id IN (%(case_id)s, (SELECT other_id FROM link LIMIT 1))"
    monkeypatch.setitem(groups.SQL, "group_of_case", lead)
    assert named_in(tracked(intake, browse, cases[1])) == ["李梅", "王冲口"]


@pytest.mark.parametrize("names", ["王冲口的井已修好。", "电话13873512347已回访。"])
def test_no_words_go_public_that_name_anybody_of_the_group(intake, cases, browse, hear, names):
    hear("case.concluded", cases[0], concluded())
    form = {"published_title": "饮水", "published_brief": "井水发黑。", "answer": names, "consent": "written", "reread": "true"}
    page = post(browse("office"), f"/intake/petitions/{cases[0]}/publish", form)
    assert page.status_code == 422
    assert "信访人的姓名" in page.text
    assert post(browse("office"), f"/intake/petitions/{cases[0]}/publish", form | {"answer": "井已修好。"}).status_code == 303


# -- what is told of a chain of repeats --------------------------------------------------------------------------------
def a_chain(intake, vault, clerk, hear, length: int, answer: str) -> tuple[UUID, list[UUID]]:
    before = [a_case(intake, vault, petitioner=Petitioner(name=NAMES[at % 2])) for at in range(length)]
    for case_id in before:
        hear("case.concluded", case_id, concluded() | {"answer": answer})
    for later, earlier in zip(before[1:], before, strict=False):
        linked(intake, vault, clerk, later, earlier)
    return a_case(intake, vault, petitioner=Petitioner(name="王冲口")), before


def earlier_told(told: Any) -> list[dict[str, Any]]:
    return [data["earlier"] for _, data in told_of(told, "case.linked") if data["relation"] == "repeat_of"][-1]


def test_routing_is_told_the_last_of_the_earlier_answers_their_beginnings_and_nobodys_name(intake, vault, clerk, hear, told):
    last, before = a_chain(intake, vault, clerk, hear, MOST_EARLIER + 1, COPIED + "答" * 2_000)
    linked(intake, vault, clerk, last, before[-1])
    earlier = earlier_told(told)
    assert [each["case"] for each in earlier] == [str(case_id) for case_id in before[1:]]
    for each in earlier:
        assert "造纸厂已取缔" in each["answer"]
        assert len(each["answer"]) == LONGEST_EXCERPT
        assert named_in(each["answer"]) == ["138 7351"]  # nobody's of these
    with intake.unit_of_work() as uow:
        assert not any(named_in(row["answer"][:30]) for row in earlier_of(uow, vault, last, clerk))


def test_telling_whole_answers_is_refused_by_the_contract(intake, vault, clerk, hear, monkeypatch):
    last, before = a_chain(intake, vault, clerk, hear, 1, "答" * (LONGEST_EXCERPT + 1))
    monkeypatch.setattr("services.intake.domain.linking.excerpt", lambda answer: answer)
    with pytest.raises(Exception, match="earlier"):
        linked(intake, vault, clerk, last, before[-1])


# -- erased ------------------------------------------------------------------------------------------------------------
def erase(settings, case_id: UUID) -> None:
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.sealed SET data_key = '', words = '', identity = '' WHERE case_id = %s", (str(case_id),))


def test_what_was_merged_with_an_erased_petition_shows_and_prints_no_answer_that_may_name_it(
    intake, vault, cases, browse, hear, settings
):
    hear("case.concluded", cases[1], concluded() | {"answer": COPIED})
    erase(settings, cases[0])
    page = tracked(intake, browse, cases[1])
    assert "造纸厂已取缔" not in page
    assert "凭编号和证件到信访接待室查询" in page
    assert "身份信息已经销毁" not in page
    assert "已销毁身份信息" in browse("clerk").get(f"/intake/petitions/{cases[1]}").text
    assert post(browse("clerk"), f"/intake/petitions/{cases[1]}/answer/letter", {}).status_code == 409


@pytest.mark.parametrize("gone", [0, 1], ids=["its own petitioner", "whoever it was joined with"])
def test_nothing_is_published_that_cannot_be_held_against_every_name(intake, vault, clerk, browse, hear, settings, gone):
    pair = [a_case(intake, vault, petitioner=Petitioner(name=name)) for name in NAMES[:2]]
    linked(intake, vault, clerk, pair[0], pair[1], Relation.JOINT_WITH)
    hear("case.concluded", pair[0], concluded())
    words = {"published_title": "饮水", "published_brief": "井水发黑。", "answer": f"{NAMES[gone]}同志：造纸厂已取缔。"}
    form = words | {"consent": "written", "reread": "true"}
    page = f"/intake/petitions/{pair[0]}/publish"
    assert post(browse("office"), page, form).status_code == 422  # it is known whom the words name
    erase(settings, pair[gone])
    assert post(browse("office"), page, form).status_code == 409
    assert named_in(browse().get("/answers").text) == []


def test_a_damaged_row_beside_it_takes_no_petitioners_page_away(intake, cases, browse, hear, settings):
    hear("case.concluded", cases[1], concluded() | {"answer": COPIED})
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(
            "UPDATE intake.sealed SET identity = set_byte(identity, 40, get_byte(identity, 40) # 1) WHERE case_id = %s",
            [str(cases[0])],
        )
    page = tracked(intake, browse, cases[1])
    assert "凭编号和证件到信访接待室查询" in page
    assert named_in(page) == []


def test_a_repeat_of_an_erased_petition_is_linked_without_its_words_and_keeps_its_own_answer(
    intake, vault, clerk, browse, hear, told, settings
):
    again, [first] = a_chain(intake, vault, clerk, hear, 1, COPIED)
    erase(settings, first)
    number = case_of(intake, first).number
    client = browse("clerk")
    page = client.get(f"/intake/petitions/{again}/link", query_string={"other": number, "relation": "repeat_of"})
    assert page.status_code == 200
    assert "已经销毁" in page.text
    form = {"other": number, "relation": "repeat_of", "why": "found"}
    assert post(client, f"/intake/petitions/{again}/link", form).status_code == 303
    assert [(each["case"], each["answer"], each["outcome"]) for each in earlier_told(told)] == [(str(first), "", "supported")]
    hear("case.concluded", again, concluded())
    with intake.unit_of_work() as uow:
        assert answer_to(uow, vault, case_of(intake, again)) == "造纸厂已取缔。"
        group = secrets_of_group(uow, vault, again)
        assert (group.gone, group.whole) == ({first}, True)
        assert family(uow, vault, again) == (None, [])
    assert replace(group, whole=False).to_petitioner("造纸厂") == ""
