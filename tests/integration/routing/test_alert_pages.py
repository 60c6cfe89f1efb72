"""我的提醒 and the addresses: what was told and sent, what is chosen, what could not be delivered, and that nothing of it travels."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import yaml

from services.routing import handlers, store
from services.routing.handlers.directory import export_directory, import_directory
from services.routing.handlers.gathering import Habits
from services.routing.site import Site, read_site
from services.routing.site_telling import Telling
from tests.integration.intake.mail_server import MailServer
from tests.integration.routing.alerting import MAIL, RECIPIENT, an_office, give, noted, tell
from tests.integration.routing.appointing import ADMINISTRATOR
from tests.integration.routing.world import AT, CDI, EPB, OFFICE, SECRETARY, conflict, instruct

LIST = "/routing/alerts"
CHANGE = "/routing/directory/change/contact"


def alert_of(county, official: str = EPB) -> str:
    (row,) = county.query("SELECT id FROM alert WHERE official = %(o)s", o=official)
    return str(row["id"])


def test_the_page_says_what_was_told_what_was_sent_of_it_and_that_it_is_unread(county, browser, case_id):
    give(county)
    instruct(county, case_id, EPB)
    page = browser(EPB).get(LIST).page
    assert "有一件新的交办" in page
    assert "XF20161107-0001" in page
    assert "待发" in page
    with MailServer() as server:
        tell(county, an_office(server.port), "2016-11-07 09:34")
    page = browser(EPB).get(LIST).page
    assert "已送出" in page
    assert "未读" in page
    assert "A case has been assigned to you" in browser(EPB).get(f"{LIST}?lang=en").page


def test_opening_an_alert_leads_to_what_it_is_about_and_it_is_read(county, browser, case_id):
    instruct(county, case_id, EPB)
    one = browser(EPB).get(f"{LIST}/{alert_of(county)}")
    assert one.path == f"/routing/assignments/{county.assignment(case_id, EPB)}"
    assert county.query("SELECT read_at FROM alert")[0]["read_at"] is not None
    assert ">未读<" not in browser(EPB).get(LIST).page


def test_opening_the_case_in_any_other_way_reads_it_too(county, browser, case_id):
    instruct(county, case_id, EPB)
    one = browser(EPB)
    assert '<span class="badge">1</span>' in one.get(LIST).page or ">1<" in one.page
    one.get(f"/routing/assignments/{county.assignment(case_id, EPB)}")
    assert county.query("SELECT read_at FROM alert")[0]["read_at"] is not None


def test_another_one_s_alert_and_one_that_a_bar_has_shut_are_not_to_be_found(county, browser, case_id):
    instruct(county, case_id, EPB)
    mine = alert_of(county)
    assert browser(CDI).get(f"{LIST}/{mine}").status == 404
    county.hear(conflict(case_id, AT, officials=[EPB]))
    county.query("UPDATE alert SET over_at = NULL RETURNING id")
    one = browser(EPB).get(LIST)
    assert "有一件新的交办" not in one.page
    assert one.get(f"{LIST}/{mine}").status == 404
    assert one.path == f"{LIST}/{mine}"  # it leads nowhere


def test_what_others_left_unread_is_shown_to_whoever_was_told_of_it(county, browser, case_id):
    instruct(county, case_id, EPB)
    using = an_office(None)
    for moment in ("2016-11-07 09:34", "2016-11-08 09:35", "2016-11-09 09:40"):
        tell(county, using, moment)
    assert "他人逾时未读、请您督促的" in browser(OFFICE).get(LIST).page
    told = browser(OFFICE).get(f"{LIST}/{alert_of(county, OFFICE)}")
    assert told.path == LIST
    assert "请您督促" not in browser(CDI).get(LIST).page
    (row,) = county.query("SELECT raised_to ->> 'name' AS name FROM alert WHERE official = %(o)s", o=EPB)
    assert f"已告知{row['name']}" in browser(EPB).get(LIST).page


def test_he_chooses_how_he_is_told_within_what_the_county_leaves_to_him(county, site, browser):
    give(county)
    one = browser(EPB).get(LIST)
    one.post(f"{LIST}/choice", webhook="true", digest="true")
    assert one.status == 200
    chosen = county.query("SELECT mail_on, webhook_on, digest, mail FROM contact WHERE official = %(o)s", o=EPB)
    assert chosen == [{"mail_on": False, "webhook_on": True, "digest": True, "mail": MAIL}]
    strict = Habits(may_switch_off=frozenset({"webhook"}))
    site.extensions["zhida.routing.site"] = Site(second_factor=frozenset(), oidc=None, telling=Telling(habits=strict))
    one.get(LIST)
    for form in ({"webhook": "true"}, {"mail": "true", "digest": "true"}):
        assert one.post(f"{LIST}/choice", **form).status == 422
        assert "本县不允许关闭或推迟这种提醒。" in one.page
    assert county.query("SELECT digest FROM contact WHERE official = %(o)s", o=EPB) == [{"digest": True}]


# -- addresses --------------------------------------------------------------------------------------------------------
def test_the_office_corrects_an_address_with_a_reason_and_the_history_keeps_it(county, browser):
    one = browser(ADMINISTRATOR).get(f"{CHANGE}?official={EPB}")
    form = {
        "key": one.hidden("key"),
        "official": EPB,
        "reason": "邮箱更换",
        "on": "2016-11-07",
        "mail": MAIL,
        "webhook": RECIPIENT,
    }
    for wrong in ({"mail": "not an address"}, {"webhook": "微信"}, {"reason": ""}, {"official": "o-nobody"}):
        assert one.get(f"{CHANGE}?official={EPB}").post(CHANGE, **form | wrong).status in (404, 422)
    assert county.query("SELECT official FROM contact") == []
    one.get(f"{CHANGE}?official={EPB}").post(CHANGE, **form)
    assert one.status == 200
    assert "更正联系地址" in one.page
    assert f"<ins>{MAIL}</ins>" in one.page
    one.get(f"{CHANGE}?official={EPB}").post(CHANGE, **form)
    assert "没有重复办理" in one.page
    assert one.get(f"{CHANGE}?official={EPB}").post(CHANGE, **form | {"key": str(uuid4())}).status == 422
    assert browser(EPB).get(CHANGE).status == 403


def test_a_file_gives_addresses_and_takes_them_and_what_it_leaves_out_stays(county):
    with county.work() as uow:
        content = yaml.safe_load(export_directory(uow))
    entry = next(one for one in content["officials"] if one["official"] == EPB)
    assert "mail" not in entry

    def take(**more: str) -> dict[str, str]:
        text = yaml.safe_dump({**content, "officials": [{**entry, **more}]}, allow_unicode=True)
        with county.work() as uow:
            seen = import_directory(uow, text, datetime.now(UTC), dry=True).changed
            assert import_directory(uow, text, datetime.now(UTC)).changed == seen
        with county.work() as uow:
            found = next(one for one in yaml.safe_load(export_directory(uow))["officials"] if one["official"] == EPB)
        return {name: found[name] for name in ("mail", "webhook") if name in found}

    assert take(mail=MAIL, webhook=RECIPIENT) == {"mail": MAIL, "webhook": RECIPIENT}
    assert take() == {"mail": MAIL, "webhook": RECIPIENT}
    assert take(webhook="") == {"mail": MAIL}
    changes = county.query("SELECT after FROM directory_change WHERE subject = %(o)s AND after ? 'mail' ORDER BY at, id", o=EPB)
    assert [change["after"]["webhook"] for change in changes] == [RECIPIENT, ""]


def test_no_event_holds_an_address(county, case_id):
    give(county, webhook=RECIPIENT)
    instruct(county, case_id, EPB)
    with MailServer() as server:
        tell(county, an_office(server.port), "2016-11-07 09:34")
    rows = county.query("SELECT draft FROM event_log")
    assert len(rows) > 2
    assert [row for row in rows if MAIL.encode() in bytes(row["draft"]) or RECIPIENT.encode() in bytes(row["draft"])] == []


# -- what could not be delivered --------------------------------------------------------------------------------------
def test_the_office_sees_whom_nothing_reaches_and_why(county, browser, case_id):
    give(county)
    instruct(county, case_id, EPB, CDI)
    with MailServer() as server:
        server.answer = "550 no such user"
        tell(county, an_office(server.port), "2016-11-07 09:34")
    page = browser(OFFICE).get(f"{LIST}/undelivered").page
    assert MAIL in page
    assert "对方邮件服务器拒收" in page
    (row,) = county.query("SELECT name FROM official WHERE official = %(o)s", o=CDI)
    assert row["name"] in page.partition("没有登记地址的")[2]
    assert "登记的地址收不到提醒" in browser(EPB).get(LIST).page
    assert browser(EPB).get(f"{LIST}/undelivered").status == 403


def test_the_day_s_digest_leads_to_where_the_decisions_wait(county, browser, owed):
    with county.work() as uow:
        handlers.reply(uow, owed, EPB, outcome="supported", findings="查实", measures=["整改"], answer="已整改。")
    tell(county, an_office(None), "2016-11-08 08:00")
    assert noted(county, SECRETARY) == ["waiting"]
    assert "审核回复 1 件" in browser(SECRETARY).get(LIST).page
    assert browser(SECRETARY).get(f"{LIST}/{alert_of(county, SECRETARY)}").path == "/routing/review"


@pytest.mark.parametrize("name", ["alerts_of", "alert_seen"])
def test_the_twin_that_shows_what_a_bar_has_shut_is_caught(county, browser, case_id, monkeypatch, name):
    careless = store.SQL[name].replace("may_see(a.case_id, %(me)s, %(posts)s)", "true")
    assert careless != store.SQL[name]
    monkeypatch.setitem(store.SQL, name, careless)
    with pytest.raises(AssertionError):
        test_another_one_s_alert_and_one_that_a_bar_has_shut_are_not_to_be_found(county, browser, case_id)


def test_what_a_county_decides_is_checked_when_a_process_starts(county, tmp_path):
    path = tmp_path / "routing.yaml"

    def read(text: str) -> Telling:
        path.write_text(text, encoding="utf-8")
        return read_site(replace(county.settings, service_files={"routing": path})).telling

    assert read("").habits == Habits()
    assert read('telling: {unread_hours: 8, daily_at: "07:30", may_switch_off: []}').habits.may_switch_off == frozenset()
    (tmp_path / "s").write_text("x" * 32)
    found = read("telling: {webhook: {url: 'https://gw.example.org/z', secret_file: s}}").webhook
    assert found is not None
    assert found.secret == b"x" * 32
    (tmp_path / "short").write_text("x" * 31)
    for wrong, says in [
        ("{unread_hours: 0}", "unread_hours"), ("{hours: 1}", "hours"), ("{daily_at: noon}", "daily_at"),
        ("{webhook: {url: 'http://gw.example.org', secret_file: s}}", "https"), ("{webhook: {url: 'gw', secret_file: s}}", "url"),
        ("{webhook: {url: 'https://gw.example.org', secret_file: none}}", "none"),
        ("{webhook: {url: 'https://gw.example.org', secret_file: short}}", "32"),
    ]:  # fmt: skip
        with pytest.raises(OSError, match=says):
            read(f"telling: {wrong}")
