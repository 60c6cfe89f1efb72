"""A petition with several matters becomes several, and clerks link, merge and split on pages that show both before anything is done."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.intake.domain.linking import Part, Relation
from services.intake.domain.submission import Channel, Identity, Petitioner, Purpose, Submission
from services.intake.domain.viewing import Viewer
from services.intake.handlers import casework, linking, looking, registration, splitting
from services.intake.handlers.linking import earlier_of, family, links_of
from services.intake.handlers.registration import register
from services.intake.store import bars
from shared.errors import Conflict, Forbidden
from tests.integration.intake.intake_bus import HEAD
from tests.integration.intake.intake_cases import AT, a_case, concluded, issued, post
from tests.integration.intake.intake_links import case_of, linked, told_of, undone

SEVERAL = "井水发黑，请书记过问。\n另外，我母亲的低保没有批。村里说没有名额。"


@pytest.fixture
def cases(intake, vault) -> list[UUID]:
    """Three petitions, in the order of their registration."""
    return [a_case(intake, vault) for _ in range(3)]


# -- splitting ---------------------------------------------------------------------------------------------------------
PARTS = [Part(title="低保没有批", sentences=(1, 2))]


def test_a_part_has_its_own_number_and_key_the_same_petitioner_code_and_bars(intake, vault, clerk, hear, told):
    hear("directory.official_recorded", HEAD.official, {"official": HEAD.official, "name": "周立", "active": True, "posts": []})
    whole, key = a_case(intake, vault, text=SEVERAL), uuid4()
    hear("case.barred", whole, {"organisations": [], "officials": [HEAD.official], "barred_at": AT})
    for _ in range(2):  # a double submit
        with intake.unit_of_work() as uow:
            _, made = splitting.split(uow, vault, whole, clerk, key=key, parts=PARTS)
    assert made == []
    with intake.unit_of_work() as uow:
        lead, [number] = family(uow, vault, whole)
        part = linking.find(uow, clerk, number)
        case, identifies = looking.open_petition(uow, part, clerk)
        words = looking.read_words(uow, vault, case, clerk, identifies=identifies)
        _, who = looking.read_identity(uow, vault, part, clerk, purpose=Purpose.VERIFY)
        assert bars(uow, part) == {HEAD.official}
        codes = {row["code_hash"] for row in uow.all("SELECT code_hash FROM sealed")}
        keys = {bytes(row["data_key"]) for row in uow.all("SELECT data_key FROM sealed")}
    assert (lead, words.title, words.text) == (None, "低保没有批", "另外，我母亲的低保没有批。\n村里说没有名额。")
    assert (who.name, who.phone, case.stage, len(codes), len(keys)) == ("陈十里", "13873512345", "registered", 1, 2)
    names = [name for name, _ in told()]
    assert names == ["case.registered", "case.registered", "case.recused_by_family", "case.linked", "case.linked"]
    with intake.unit_of_work() as uow:
        whole_case, sees = looking.open_petition(uow, whole, clerk)
        assert looking.read_words(uow, vault, whole_case, clerk, identifies=sees).text == SEVERAL


def test_a_split_undone_puts_the_part_under_what_it_came_from_and_erases_nothing(intake, vault, clerk, told):
    whole = a_case(intake, vault, text=SEVERAL)
    with intake.unit_of_work() as uow:
        _, [link] = splitting.split(uow, vault, whole, clerk, key=uuid4(), parts=PARTS)
    undone(intake, vault, clerk, link.id)
    with intake.unit_of_work() as uow:
        lead, _ = family(uow, vault, link.case_id)
        assert family(uow, vault, whole)[1] == []
    assert lead is not None
    assert lead["id"] == whole
    relations = [(name, data["relation"]) for name, data in told_of(told, "case.linked", "case.unlinked")]
    assert relations == [
        ("case.linked", "split_from"), ("case.linked", "split_into"), ("case.unlinked", "split_from"), ("case.unlinked", "split_into"),
        ("case.linked", "merged_into"), ("case.linked", "leads"),
    ]  # fmt: skip


def test_a_split_that_cannot_be_undone_any_more_stays_as_it_is(intake, vault, clerk, hear, told):
    whole = a_case(intake, vault, text=SEVERAL)
    with intake.unit_of_work() as uow:
        _, [link] = splitting.split(uow, vault, whole, clerk, key=uuid4(), parts=PARTS)
    hear("case.concluded", link.case_id, concluded())
    with pytest.raises(Conflict):
        undone(intake, vault, clerk, link.id)
    assert told_of(told, "case.unlinked") == []


def test_who_may_not_know_the_petitioner_does_not_split(intake, vault, hear):
    whole = a_case(intake, vault, text=SEVERAL, identity=Identity.CONFIDENTIAL, petitioner=Petitioner(alias="十里"))
    hear("assignment.issued", whole, issued())
    both = Viewer(person=HEAD, roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({HEAD.official}))
    with pytest.raises(Forbidden), intake.unit_of_work() as uow:
        splitting.split(uow, vault, whole, both, key=uuid4(), parts=PARTS)


# -- pages -------------------------------------------------------------------------------------------------------------
def looks(intake) -> list[UUID]:
    with intake.unit_of_work() as uow:
        return [row["case_id"] for row in uow.all("SELECT case_id FROM look WHERE what = 'text' ORDER BY id")]


def test_a_clerk_compares_links_and_undoes_and_every_text_that_was_shown_is_in_the_log(intake, cases, browse):
    first, second, _ = cases
    client, number = browse("clerk"), case_of(intake, first).number
    asked = client.get(f"/intake/petitions/{second}/link")
    assert "对照" in asked.text
    page = client.get(f"/intake/petitions/{second}/link", query_string={"other": number, "relation": "repeat_of"})
    assert page.text.count("我叫陈十里") == 2
    assert looks(intake) == [second, first]
    form = {"other": number, "relation": "repeat_of", "why": "same_person"}
    assert post(client, f"/intake/petitions/{second}/link", form | {"why": ""}).status_code == 422
    assert post(client, f"/intake/petitions/{second}/link", form).status_code == 303
    shown = client.get(f"/intake/petitions/{second}").text
    assert "重复信访：第 2 次" in shown
    listed = client.get("/intake/desk?queue=repeat").text
    assert (case_of(intake, second).number in listed, number in listed) == (True, False)
    with intake.unit_of_work() as uow:
        [row] = uow.all("SELECT id FROM link")
    assert "撤销关联" in client.get(f"/intake/links/{row['id']}/undo").text
    assert post(client, f"/intake/links/{row['id']}/undo", {"undone_for": "slip"}).status_code == 303
    assert "已撤销的关联" in client.get(f"/intake/petitions/{second}").text
    assert "已经撤销" in client.get(f"/intake/links/{row['id']}/undo").text


def test_another_petition_stands_once_on_the_page_with_all_that_it_is_to_this_one(intake, vault, cases, clerk, browse):
    first, second, third = cases
    linked(intake, vault, clerk, second, first)
    linked(intake, vault, clerk, second, first, Relation.MERGED_INTO)
    linked(intake, vault, clerk, third, second)
    for case_id, others in ((second, (first, third)), (first, (second,)), (third, (first, second))):
        page = browse("clerk").get(f"/intake/petitions/{case_id}").text.partition("<h3>可能重复</h3>")[0]
        for other in others:
            assert page.count(f">{case_of(intake, other).number}</a>") == 1
    page = browse("clerk").get(f"/intake/petitions/{second}").text
    assert page.count('/undo"') == 3
    assert page.index("重复信访：第 2 次") < page.index(case_of(intake, first).number) < page.index("并入")


@pytest.mark.parametrize("number", ["431023-2016-999999", "x", "barred"])
def test_a_number_that_names_nothing_and_a_barred_one_are_answered_alike(intake, cases, browse, hear, number):
    first, second, _ = cases
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    client = browse("clerk")
    asked = case_of(intake, first).number if number == "barred" else number
    form = {"other": asked, "relation": "repeat_of", "why": "same_person"}
    for page in (
        client.get(f"/intake/petitions/{second}/link", query_string={"other": asked}),
        post(client, f"/intake/petitions/{second}/link", form),
    ):
        assert page.status_code == 404
        assert "没有找到这件信访件。" in page.text


def test_what_is_refused_is_said_on_the_page_of_both(intake, cases, browse, hear):
    first, second, _ = cases
    hear("case.concluded", first, concluded())
    form = {"other": case_of(intake, first).number, "relation": "merged_into", "why": "same_matter"}
    page = post(browse("clerk"), f"/intake/petitions/{second}/link", form)
    assert page.status_code == 409
    assert "不能并案" in page.text
    assert page.text.count("我叫陈十里") == 2


def test_a_split_is_shown_before_it_is_done_and_the_petitioner_is_told_the_new_number(intake, vault, browse, settings):
    given = Submission(
        channel=Channel.LETTER, title="两件事", text=SEVERAL, identity=Identity.NAMED, petitioner=Petitioner(name="陈十里")
    )
    with intake.unit_of_work() as uow:
        receipt = register(uow, vault, given, key=uuid4())
    client, address = browse("clerk"), f"/intake/petitions/{receipt.case_id}/split"
    assert "村里说没有名额。" in client.get(address).text
    form = {"key": str(uuid4()), "title_1": "低保没有批", "sentences_1": ["1", "2"]}
    assert post(client, address, form | {"title_1": ""}).status_code == 422
    preview = post(client, address, form)
    assert (preview.status_code, "确认分拆" in preview.text) == (200, True)
    again = post(client, address, form | {"sure": "true", "back": "true"})
    assert 'value="1" checked' in again.text
    for _ in range(2):
        assert post(client, address, form | {"sure": "true"}).status_code == 303
    with intake.unit_of_work() as uow:
        [number] = family(uow, vault, receipt.case_id)[1]
    tracked = post(browse(), "/track", {"number": receipt.number, "code": receipt.code})
    assert number in tracked.text
    assert post(browse(), "/track", {"number": number, "code": receipt.code}).status_code == 200


def test_the_tracking_page_of_a_merged_petition_shows_the_leads_answer(intake, vault, cases, clerk, browse, hear, monkeypatch):
    monkeypatch.setattr(registration, "new_code", lambda: "0000-0000-0000-0000-0000-0000-00")
    lead, child = cases[0], a_case(intake, vault, petitioner=Petitioner(name="李梅"))
    linked(intake, vault, clerk, child, lead, Relation.MERGED_INTO)
    who = {"number": case_of(intake, child).number, "code": "0000-0000-0000-0000-0000-0000-00"}
    assert "合并办理" in post(browse(), "/track", who).text
    hear("case.concluded", lead, concluded() | {"answer": "陈十里同志：造纸厂已取缔。"})
    page = post(browse(), "/track", who).text
    assert "造纸厂已取缔" in page
    assert "陈十里" not in page
    assert case_of(intake, lead).number not in page


def test_who_is_complained_of_later_bars_the_pair_in_the_list_at_once(intake, vault, cases, clerk, hear):
    hear(
        "directory.organisation_recorded",
        "431023-xf",
        {"code": "431023-xf", "name": "信访局", "name_en": "x", "superior": "431023", "has_instance": False},
    )
    first, second, _ = cases
    linked(intake, vault, clerk, second, first)
    with intake.unit_of_work() as uow:
        casework.set_conflict(uow, first, clerk, organisations=["431023-xf"], officials=[])
    with intake.unit_of_work() as uow:
        assert links_of(uow, second, clerk) == earlier_of(uow, vault, second, clerk) == []
