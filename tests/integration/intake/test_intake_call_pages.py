"""Writing a call up while somebody talks, and ringing back: by whom, how often, and with what number seen by whom."""

from __future__ import annotations

import io
import re
from uuid import uuid4

import pytest

from services.intake.domain.submission import Purpose
from services.intake.handlers import call_log
from services.intake.handlers.looking import read_identity
from tests.integration.intake.intake_cases import post, receipt_of
from tests.integration.intake.intake_telephone import NEW, NUMBER, WORDS, a_form, people, report, rows, telephone_site
from tests.integration.intake.intake_telephone import told as tells


@pytest.fixture(scope="module")
def site(settings, tmp_path_factory):
    return telephone_site(settings, tmp_path_factory.mktemp("site"))


# -- the form -----------------------------------------------------------------------------------------------------------


def test_the_form_begins_with_the_words_and_has_the_time_of_the_call(browse):
    page = browse("clerk").get(NEW).text
    assert page.index('name="text"') < page.index('name="name"') < page.index('name="category"') < page.index('name="place"')
    assert page.index('name="place"') < page.index('name="matter_type"') < page.index('value="case"')
    assert re.search(r'name="received_at" value="\d{4}-\d\d-\d\dT\d\d:\d\d"', page)
    assert browse("clerk").get("/intake/register/call").headers["Location"].endswith(NEW)


def test_a_call_becomes_a_case_once_with_no_more_than_its_words(browse, intake):
    clerk, form = browse("clerk"), a_form()
    first, again = (post(clerk, NEW, form) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert receipt_of(first.text) == receipt_of(again.text)
    [call], [petition] = rows(intake, "call"), rows(intake, "petition", "id, channel, identity")
    assert (call["line"], call["outcome"], call["case_id"]) == ("hot", "case", petition["id"])
    assert call["answered_by"]["name"] == "何文"
    assert (petition["channel"], petition["identity"]) == ("call", "anonymous")
    page = clerk.get(f"/intake/petitions/{petition['id']}").text
    assert "我是十里洞的，造纸厂夜里排污，井水发黑" in page  # the title: the first sentence
    assert "24 小时值班电话" in page
    assert post(clerk, NEW, form | {"text": "另一件事。"}).status_code == 409


@pytest.mark.parametrize("outcome", ["information", "misdial", "silent", "emergency"])
def test_a_call_without_a_petition_is_recorded_without_a_case_and_its_words_are_kept(browse, intake, vault, clerk, told, outcome):
    form = a_form(outcome=outcome, phone="13899887766")
    answers = [post(browse("clerk"), NEW, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    [call] = rows(intake, "call")
    assert (call["outcome"], call["case_id"], call["numbered"], told()) == (outcome, None, True, [])
    page = browse("clerk").get(f"/intake/calls/{call['id']}").text
    assert "造纸厂夜里排污" in page
    assert "138****7766" in page
    assert NUMBER not in page
    assert post(browse("clerk"), NEW, form | {"text": "别的"}).status_code == 409
    assert post(browse("clerk"), NEW, form | {"outcome": "case"}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"), ({"outcome": ""}, "outcome"), ({"outcome": "spy"}, "outcome"), ({"line": "nowhere"}, "line"),
        ({"received_at": "2999-01-01T00:00"}, "received_at"), ({"received_at": "soon"}, "received_at"), ({"call": "x"}, "call"),
        ({"identity": "named"}, "name"), ({"category": "nothing"}, "category"), ({"key": ""}, "key"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_keeps_what_was_typed_and_changes_nothing(browse, intake, changes, field):
    answer = post(browse("clerk"), NEW, a_form() | changes)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert WORDS in answer.text or field == "text"
    assert rows(intake, "call") == rows(intake, "petition") == []


def test_the_call_on_the_line_is_chosen_and_brings_its_number_along(browse, intake, vault, clerk):
    report(browse(), tells("answered", ago=2, extension="801"))
    client = browse("clerk")
    [call] = rows(intake, "call")
    page = client.get(NEW).text
    assert f'value="{call["id"]}"' in page
    assert NUMBER not in page
    assert post(client, NEW, a_form(call=str(call["id"]), name="陈十里")).status_code == 201
    [written] = rows(intake, "call")
    assert (written["id"], written["outcome"], written["extension"]) == (call["id"], "case", "801")
    with intake.unit_of_work() as uow:
        case, who = read_identity(uow, vault, written["case_id"], clerk, purpose=Purpose.CONTACT)
        assert call_log.call_counts(uow, clerk)["unwritten"] == 0
    assert (case.identity, who.name, who.phone) == ("confidential", "陈十里", NUMBER)
    assert "没有待补记的来电" in client.get("/intake/calls?queue=unwritten").text


def test_a_call_that_is_not_there_cannot_be_written_up(browse):
    assert post(browse("clerk"), NEW, a_form(call=str(uuid4()))).status_code == 404
    assert browse("clerk").get(f"{NEW}?call=nonsense").status_code == 200
    assert browse("clerk").get(f"/intake/calls/{uuid4()}").status_code == 404


# -- ringing back -------------------------------------------------------------------------------------------------------


def test_a_call_of_the_telephone_system_that_was_written_up_has_no_draft_of_its_form_any_more(browse, intake):
    report(browse(), tells("answered", ago=2, extension="801"))
    [call] = rows(intake, "call")
    clerk, form = browse("clerk"), a_form(call=str(call["id"]))
    assert post(clerk, NEW, form).status_code == 201
    assert post(clerk, "/intake/register/call/draft", form | {"by_itself": "1"}).status_code == 409
    assert [bytes(draft["fields"]) for draft in rows(intake, "draft")] == [b""]


def test_the_public_page_says_24_hours_and_names_nobody(browse, intake):
    people(intake, **{"o-1": "值班金丝雀"})
    page = browse().get("/").text
    assert "24 小时接听" in page
    assert "值班金丝雀" not in page


def test_a_recording_by_hand_comes_with_the_form_and_not_without_a_petition(browse, intake):
    form = a_form()
    for outcome, status in (("information", 422), ("case", 201), ("case", 201)):
        voice = {"files": (io.BytesIO(b"RIFF\x24\x00\x00\x00WAVEfmt voice"), "电话.wav")}
        answer = post(browse("clerk"), NEW, form | {"outcome": outcome} | voice, content_type="multipart/form-data")
        assert answer.status_code == status
    assert rows(intake, "attachment", "kind, form") == [{"kind": "recording", "form": "wav"}]


def test_a_call_that_was_typed_and_left_is_gone_on_with(browse, intake):
    clerk, form = browse("clerk"), a_form()
    saved = post(clerk, "/intake/register/call/draft", form)
    page = clerk.get(saved.headers["Location"], follow_redirects=True).text
    assert WORDS in page
    assert f'action="{NEW}"' in page
    assert post(clerk, NEW, form | {"outcome": "information"}).status_code == 303
    late = post(clerk, "/intake/register/call/draft", form | {"by_itself": "1"})
    assert late.status_code == 409  # a save that was on its way
    assert [bytes(draft["fields"]) for draft in rows(intake, "draft")] == [b""]
    assert WORDS[:10] not in clerk.get("/intake/drafts").text
    assert clerk.get(f"{NEW}?draft={form['key']}").status_code == 404
