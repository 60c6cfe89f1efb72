"""The directory across the link, from and to a file, and on its pages."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from uuid import uuid4

import pytest

from services.routing.handlers import appointments, roster
from services.routing.handlers.directory import BadDirectory, export_directory, import_directory
from shared.errors import Conflict, Forbidden, Refused
from tests.integration.routing.appointing import ADMINISTRATOR, OFFICER, appoint, posts, term, terms, tick, why
from tests.integration.routing.browser import NOW
from tests.integration.routing.world import AT, EPB, OFFICE, TOWN, conflict


# -- across the link --------------------------------------------------------------------------------------------------
def test_a_head_whom_the_county_appoints_waits_at_the_township_until_it_takes_him_over(county, township):
    for one in (county, township):
        one.at("2016-11-07 09:00")
    (old,) = terms(county, TOWN)
    new = term("o-431023104-new", "柏林镇党委书记", "unit_head", organisation="431023104", from_on=date(2016, 12, 1))
    appoint(county, new, name="新书记")
    with county.work() as uow:
        appointments.end(uow, why(), TOWN, [old.id], date(2016, 12, 1))
    assert county.carry_to(township) == ["directory.unit_announced", "directory.unit_announced"]
    assert posts(township, TOWN) == ["柏林镇党委书记"], "nothing of it takes effect by itself"
    (waiting,) = township.query("SELECT id, reason, source FROM announcement WHERE superseded_at IS NULL")
    assert (waiting["source"], waiting["reason"]) == ("431023", "永组干〔2016〕12号")
    clerk = "o-431023104-clerk"
    with pytest.raises(Forbidden), township.work() as uow:
        appointments.take_over(uow, why(clerk), waiting["id"])
    with township.work() as uow:
        import_directory(uow, ADMINISTERED, NOW)
    with township.work() as uow:
        appointments.take_over(uow, why("o-431023104-it"), waiting["id"])
    township.at("2016-12-01 00:00")
    assert tick(township) == 2
    assert (posts(township, TOWN), posts(township, "o-431023104-new")) == ([], ["柏林镇党委书记"])
    (head,) = terms(township, "o-431023104-new")
    assert head.roles == {"first_in_command"}
    heads = township.told("directory.unit_announced")[-1].data["heads"]  # what was taken over is told back, and is no news there
    assert {head["official"]: head["until_on"] for head in heads} == {TOWN: "2016-12-01", "o-431023104-new": None}
    with pytest.raises(Conflict), township.work() as uow:
        appointments.take_over(uow, why("o-431023104-it"), waiting["id"])


ADMINISTERED = """
organisations: [{code: "431023104-office", name: 柏林镇党政办, name_en: Bolin Town Office, superior: "431023104"}]
officials:
  - {official: o-431023104-it, name: 管理员, posts: [{organisation: "431023104-office", title: 管理员, roles: [administrator]}]}
"""


def test_another_instance_speaks_of_its_own_units_alone(county, township):
    for one in (county, township):
        one.at("2016-11-07 09:00")
    with county.work() as uow:
        uow.tell("directory.unit_announced", "431023", {
            "code": "431023", "name": "永兴", "name_en": "Y", "heads": [], "reason": "", "by": None, "at": "2016-11-07T01:30:00.000Z",
        }, addressee="431023104")  # fmt: skip
    county.carry_to(township)  # the superior may speak of itself
    with township.work() as uow:
        uow.tell("directory.unit_announced", "431023", {
            "code": "431023", "name": "柏林县", "name_en": "B", "heads": [], "reason": "", "by": None, "at": "2016-11-07T01:30:00.000Z",
        }, addressee="431023")  # fmt: skip
    with pytest.raises(Refused, match="无权通报"):
        township.carry_to(county)


# -- files --------------------------------------------------------------------------------------------------------------
def test_what_is_exported_imports_to_the_same_with_past_and_coming_terms(county):
    county.at("2016-11-07 09:00")
    appoint(county, term(OFFICER, from_on=date(2016, 12, 1), until_on=date(2017, 12, 1)))
    with county.work() as uow:
        appointments.leave(uow, why(), EPB, date(2016, 11, 7))
        text = export_directory(uow)
    assert "from: '2016-12-01'" in text
    with county.work() as uow:
        assert import_directory(uow, text, NOW).changed == 0


def test_a_post_that_a_file_leaves_out_ends_and_one_that_it_renames_begins(county):
    county.at("2016-11-07 09:00")
    text = """
organisations: []
officials:
  - {official: o-431023-epb-officer, name: 刘思思, posts: [{organisation: "431023-epb", title: 副局长, roles: [officer]}]}
"""
    with county.work() as uow:
        assert import_directory(uow, text, NOW, dry=True).changed == 1
    assert posts(county, OFFICER) == ["县环境保护局监察大队队长"], "a preview changes nothing"
    with county.work() as uow:
        import_directory(uow, text, NOW)
    assert posts(county, OFFICER) == ["副局长"]
    assert {(one.title, one.from_on, one.until_on) for one in terms(county, OFFICER)} == {
        ("县环境保护局监察大队队长", None, date(2016, 11, 7)), ("副局长", date(2016, 11, 7), None),
    }  # fmt: skip


def test_a_file_does_not_take_the_last_administrator_away(county):
    county.at("2016-11-07 09:00")
    text = (
        "organisations: []\nofficials: [{official: o-431023-administrator, name: 谢伟, active: false,"
        ' posts: [{organisation: "431023-office", title: 系统管理员, roles: [administrator]}]}]'
    )
    with pytest.raises(BadDirectory, match="没有系统管理员"), county.work() as uow:
        import_directory(uow, text, NOW)


# -- pages --------------------------------------------------------------------------------------------------------------
def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_page_says_which_field_is_wrong_and_keeps_what_was_typed(county, browser):
    county.at("2016-11-07 09:00")
    one = browser(ADMINISTRATOR).get("/routing/directory/change/appoint?organisation=431023-epb")
    one.post("/routing/directory/change/appoint", key=key_of(one.page), organisation="431023-epb", title="副局长", roles=["officer"],
             on="2016-13-01", new_code="O BAD", reason="")  # fmt: skip
    assert one.status == 422
    for field in ("on", "new_code", "reason"):
        assert f'href="#field-{field}"' in one.page
    assert 'value="副局长"' in one.page
    assert 'value="officer" checked' in re.sub(r'" id="[^"]*"', '"', one.page)
    one.post("/routing/directory/change/appoint", key=key_of(one.page), organisation="431023-epb", title="副局长", roles=["officer"],
             on="2016-11-07", new_code="o-431023-epb-new", new_name="新来的", reason="永组干〔2016〕3号")  # fmt: skip
    assert (one.status, one.path) == (200, "/routing/directory/officials/o-431023-epb-new")
    assert "永组干〔2016〕3号" in one.page


def test_history_is_for_those_who_answer_for_it(county, browser):
    county.at("2016-11-07 09:00")
    appoint(county, term(OFFICER, from_on=date(2016, 11, 7)))
    assert "永组干" in browser("o-431023-auditor").get(f"/routing/directory/officials/{OFFICER}").page
    assert "永组干" not in browser(EPB).get(f"/routing/directory/officials/{OFFICER}").page
    assert browser(EPB).get("/routing/directory/changes").status == 403
    assert browser(OFFICE).get("/routing/directory/changes").status == 200
    assert browser(EPB).get("/routing/directory/change/appoint").status == 403
    for path in (
        "/routing/directory/change/nothing",
        "/routing/directory/change/end?official=o-nobody",
        "/routing/directory/organisations/999999",
    ):
        assert browser(ADMINISTRATOR).get(path).status == 404


def test_an_import_by_page_shows_first_and_does_it_once(county, browser):
    county.at("2016-11-07 09:00")
    one = browser(ADMINISTRATOR).get("/routing/directory/import")
    file = (io.BytesIO(ADMINISTERED.replace("431023104", "431023").encode()), "directory.yaml")
    one.post("/routing/directory/import", key=key_of(one.page), step="preview", file=file)
    assert "o-431023-it" in one.page
    assert county.query("SELECT 1 FROM official WHERE official = 'o-431023-it'") == []
    text = re.search(r"<textarea name=\"text\"[^>]*>(.*?)</textarea>", one.page, re.DOTALL)
    assert text
    form = {"key": key_of(one.page), "step": "save", "text": html.unescape(text[1])}
    one.post("/routing/directory/import", **form, reason="")
    assert one.status == 422
    for _ in range(2):
        one.post("/routing/directory/import", **form, reason="补登")
        assert one.path == "/routing/directory"
    assert len(county.query("SELECT 1 FROM directory_change WHERE subject = 'o-431023-it'")) == 1
    bad = (io.BytesIO(b"\xff\xfe"), "x.yaml")
    assert (
        one.get("/routing/directory/import").post("/routing/directory/import", key=str(uuid4()), step="preview", file=bad).status
        == 422
    )
    assert one.post("/routing/directory/import", key=str(uuid4()), step="preview", text="officials: {").status == 422


def test_an_announcement_is_taken_over_or_declined_by_page(county, township, browser):
    for one in (county, township):
        one.at("2016-11-07 09:00")
    with township.work() as uow:
        import_directory(uow, ADMINISTERED, NOW)
    with township.work() as uow:
        new = term("o-431023104-new", "柏林镇党委书记", "first_in_command", organisation="431023104", from_on=date(2016, 11, 7))
        appointments.appoint(uow, why("o-431023104-it"), new, name="新书记", first=False)
    assert township.carry_to(county) == ["directory.unit_announced"]
    page = browser(ADMINISTRATOR).get("/routing/directory")
    assert "/routing/directory/announcements" in page.page
    page.get("/routing/directory/announcements")
    (row,) = county.query("SELECT id FROM announcement")
    assert "新书记" in page.page
    answer = f"/routing/directory/announcements/{row['id']}"
    assert page.post(answer, key=key_of(page.page), answer="take", reason="").status == 422
    page.post(answer, key=key_of(page.page), answer="take", reason="同意")
    assert page.status == 200
    assert posts(county, "o-431023104-new") == ["柏林镇党委书记"]
    with county.work() as uow:
        (held,) = roster.read(uow).terms_of("o-431023104-new")
    assert held.roles == {"unit_head"}
    page.post(answer, key=str(uuid4()), answer="decline", reason="不同意")
    assert page.status == 200
    assert page.post(answer, key=str(uuid4()), answer="take", reason="又同意").status == 409


def test_what_is_in_hand_is_counted_without_what_is_kept_from_the_reader(browser, county, owed, case_id):
    paths = ("officials/o-431023-epb-director", "organisations/431023-epb")
    said = ("还有 1 项交办未办结", ">1</")
    one = browser(OFFICE)
    assert [words in one.get(f"/routing/directory/{path}").page for path, words in zip(paths, said, strict=True)] == [True, True]
    county.hear(conflict(case_id, AT, officials=[OFFICE]))
    assert [words in one.get(f"/routing/directory/{path}").page for path, words in zip(paths, said, strict=True)] == [
        False,
        False,
    ]
