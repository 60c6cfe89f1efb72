"""Signing in by a real OpenID provider: the code, PKCE, nonce and state, keys that change, clocks that differ, and who is whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest

from services.routing.handlers import accounts, appointments
from tests.integration.routing.appointing import ADMINISTRATOR, why
from tests.integration.routing.browser import Browser, sign_in
from tests.integration.routing.conftest import BACK
from tests.integration.routing.test_directory_pages import key_of
from tests.integration.routing.test_second_factor import PASSWORD
from tests.integration.routing.world import EPB, OFFICE, Instance
from tests.provider import SECRET, Person, Provider


def begin(one: Browser, path: str = "/sign-in/oidc") -> str:
    """The address to which the site sends the browser."""
    answer = one.client.get(path)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def enter(one: Browser, person: Person, path: str = "/sign-in/oidc") -> Browser:
    """The whole way there and back."""
    back = person.comes_back(begin(one, path), BACK)
    return one.get(f"/sign-in/oidc/callback?{urlencode(back)}")


def linked(county: Instance, person: Person, official: str) -> Person:
    with county.work() as uow:
        uow.all(
            "INSERT INTO oidc_subject (issuer, subject, official, linked_at, linked_by) SELECT %(i)s, %(s)s, %(o)s, now(), '{}'",
            i=ISSUERS[-1], s=f"E-{person.login}", o=official,
        )  # fmt: skip
    return person


ISSUERS: list[str] = []


@pytest.fixture(autouse=True)
def issuer(running: Provider) -> None:
    ISSUERS.append(running.issuer)


# -- the way there and back -------------------------------------------------------------------------------------------
def test_a_linked_official_signs_in_and_comes_to_where_he_wanted(browser, county, use):
    one = enter(browser(), linked(county, Person("deng"), OFFICE), "/sign-in/oidc?next=/routing/replies")
    assert (one.status, one.path) == (200, "/routing/replies")
    assert "邓小燕" in one.page
    assert county.query("SELECT means FROM sign_in_session") == [{"means": "oidc"}]


def test_what_is_sent_there_is_bound_to_this_sign_in_alone(browser, use):
    asked = [parse_qs(urlsplit(begin(browser())).query) for _ in range(2)]
    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [BACK]
        assert SECRET not in str(one)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_an_answer_is_good_once_in_its_own_browser_and_for_ten_minutes(browser, county, use, site):
    person, one = linked(county, Person("deng"), OFFICE), browser()
    back = urlencode(person.comes_back(begin(one), BACK))
    assert browser().get(f"/sign-in/oidc/callback?{back}").status == 403, "another browser's"
    assert one.get(f"/sign-in/oidc/callback?{back}").status == 200
    assert one.get(f"/sign-in/oidc/callback?{back}").status == 403, "used"
    late = urlencode(person.comes_back(begin(one), BACK))
    site.extensions["zhida"].real_now = lambda: datetime.now(UTC) + timedelta(minutes=11)
    assert one.get(f"/sign-in/oidc/callback?{late}").status == 403
    assert "已过期" in one.page
    for nothing in ("", "?state=x&code=y", "?error=access_denied"):
        assert browser().get(f"/sign-in/oidc/callback{nothing}").status == 403


def test_a_code_of_another_sign_in_is_refused_by_the_provider(browser, county, use):
    person, one, other = linked(county, Person("deng"), OFFICE), browser(), browser()
    mine, theirs = person.comes_back(begin(one), BACK), person.comes_back(begin(other), BACK)
    one.get(f"/sign-in/oidc/callback?{urlencode(mine | {'code': theirs['code']})}")
    assert (one.status, "拒绝" in one.page) == (403, True), "PKCE: the verifier does not fit"


def test_an_answer_in_the_name_of_another_provider_is_none(browser, county, use):
    person, one = linked(county, Person("deng"), OFFICE), browser()
    back = person.comes_back(begin(one), BACK)
    assert back["iss"] == ISSUERS[-1]
    assert one.get(f"/sign-in/oidc/callback?{urlencode(back | {'iss': 'https://other.example'})}").status == 403
    assert "设置与本系统不符" in one.page


def test_what_the_provider_denies_is_told(browser, use):
    one = browser()
    state = parse_qs(urlsplit(begin(one)).query)["state"][0]
    one.get(f"/sign-in/oidc/callback?{urlencode({'state': state, 'error': 'access_denied', 'error_description': '<b>x</b>'})}")
    assert (one.status, "没有同意" in one.page, "<b>x</b>" in one.page) == (403, True, False)


# -- the provider changes, or is away ---------------------------------------------------------------------------------
def test_after_the_provider_changed_its_keys_the_next_sign_in_goes_through(browser, county, use, running, site, monkeypatch):
    person = linked(county, Person("deng"), OFFICE)
    assert enter(browser(), person).status == 200
    running.new_keys()
    running.start()
    monkeypatch.setattr("services.routing.provider.PATIENCE", 0.0)
    assert enter(browser(), Person("deng")).status == 200
    running.new_keys(kid="the same")
    running.start()
    assert enter(browser(), Person("deng")).status == 200
    running.new_keys(kid="the same")  # another key under the same name: the signature does not fit the one we know
    running.start()
    assert enter(browser(), Person("deng")).status == 200
    running.new_keys(kid="the same")
    running.start()
    monkeypatch.setattr("services.routing.provider.PATIENCE", 3600.0)
    one = enter(browser(), Person("deng"))
    assert (one.status, "凭证无效" in one.page) == (403, True), "the twin: keys that are not looked up anew"


@pytest.mark.parametrize(("skew", "status"), [(50, 200), (-50, 200), (180, 403), (-180, 403)])
def test_clocks_may_differ_by_a_minute(browser, county, use, running, skew, status):
    """A token issued three minutes ahead of our time, or run out for two, is refused."""
    person = linked(county, Person("deng"), OFFICE)
    running.start(skew=skew)
    try:
        one = enter(browser(), person)
        assert one.status == status
        assert ("凭证无效" in one.page) == (status == 403)
    finally:
        running.start()


def test_without_its_provider_the_site_says_so_and_passwords_work(browser, county, account, use, running):
    waiting = browser()
    back = Person("deng").comes_back(begin(waiting), BACK)
    running.stop()
    try:
        assert waiting.get(f"/sign-in/oidc/callback?{urlencode(back)}").status == 503
        assert "没有应答" in waiting.page
        use(name="认证")  # a process that has not spoken to it yet
        assert browser().get("/sign-in/oidc").status == 503
        assert sign_in(browser(), account, PASSWORD).status == 200
    finally:
        running.start()


def test_a_provider_of_another_name_is_not_believed(browser, use, running):
    use(issuer=running.issuer + "/")
    one = browser().get("/sign-in/oidc")
    assert (one.status, "设置与本系统不符" in one.page) == (403, True)


def test_a_claim_that_is_missing_names_nobody(browser, county, use):
    use(claim="no_such_claim")
    assert enter(browser(), Person("deng")).status == 403


def test_without_the_clients_secret_the_provider_refuses(browser, use, tmp_path):
    (tmp_path / "secret").write_text("another")
    one = enter(browser(), Person("deng"))
    assert (one.status, "拒绝" in one.page) == (403, True)


def test_a_site_without_a_provider_has_no_such_pages(browser):
    one = browser()
    assert "统一身份认证" not in one.get("/sign-in").page
    for path in ("/sign-in/oidc", "/sign-in/oidc/callback"):
        assert one.get(path).status == 404
    assert browser(ADMINISTRATOR).get("/routing/directory/identities").status == 404


# -- who is whom --------------------------------------------------------------------------------------------------------
def test_a_stranger_is_nobody_until_the_administrator_says_who(browser, county, use):
    stranger = browser()
    enter(stranger, Person("tan"))
    assert (stranger.status, "还没有关联" in stranger.page, "E-tan" in stranger.page) == (403, True, True)
    assert stranger.get("/routing/directory").path == "/sign-in"
    assert browser(EPB).get("/routing/directory/identities").status == 403
    admin = browser(ADMINISTRATOR).get("/routing/directory/identities")
    assert "E-tan" in admin.page
    (row,) = county.query("SELECT id FROM oidc_stranger")
    path = f"/routing/directory/identities/{row['id']}"
    assert admin.post(path, key=key_of(admin.page), official=EPB, reason="").status == 422
    assert admin.post(path, key=key_of(admin.page), official=ADMINISTRATOR, reason="本人").status == 403
    admin.get("/routing/directory/identities").post(path, key=key_of(admin.page), official=EPB, reason="工号核对无误")
    assert (admin.status, "工号核对无误" in admin.page) == (200, True)
    one = enter(browser(), Person("tan"))
    assert (one.status, "将一个统一身份关联到了您的账号" in one.page) == (200, True)
    admin.post(f"/routing/directory/officials/{EPB}/identity", key=str(uuid4()), reason="误关联")
    assert admin.status == 200
    assert one.get("/routing/assignments").path == "/sign-in", "his sessions end"
    assert enter(browser(), Person("tan")).status == 403


def test_an_official_links_his_own_identity_having_seen_it(browser, county, account, use):
    assert browser().get("/sign-in/oidc?link=1").path == "/sign-in"
    one, person = sign_in(browser(), account, PASSWORD), Person("deng")
    enter(one, person, "/sign-in/oidc?link=1")
    assert ("是本人，关联" in one.page, "E-deng" in one.page) == (True, True)
    assert county.query("SELECT 1 FROM oidc_subject") == [], "not before he said so"
    one.post("/sign-in/account/oidc")
    assert "已关联" in one.page
    assert one.get("/desk").post("/sign-in/account/oidc").status == 403, "good once"
    assert enter(browser(), person).status == 200
    one.get("/sign-in/account").post("/sign-in/account/oidc/off")
    assert enter(browser(), person).status == 403


def test_an_offer_is_for_him_who_asked_for_it(browser, county, account, use):
    one = sign_in(browser(), account, PASSWORD)
    back = Person("deng").comes_back(begin(one, "/sign-in/oidc?link=1"), BACK)
    one.get("/desk").post("/sign-out")
    one.sign_in(EPB)
    assert one.get(f"/sign-in/oidc/callback?{urlencode(back)}").status == 403
    assert county.query("SELECT 1 FROM oidc_subject") == []


def test_one_identity_is_one_official_and_one_official_one_identity(browser, county, account, use):
    linked(county, Person("deng"), EPB)
    for login in ("deng", "other"):
        one = sign_in(browser(), account, PASSWORD)
        if login == "other":
            linked(county, Person("first"), OFFICE)
        enter(one, Person(login), "/sign-in/oidc?link=1")
        assert one.post("/sign-in/account/oidc").status == 409


def test_who_has_left_does_not_come_in_by_the_provider(browser, county, use):
    linked(county, Person("deng"), OFFICE)
    county.at("2016-11-07 09:00")
    with county.work() as uow:
        appointments.leave(uow, why(), OFFICE, datetime(2016, 11, 7, tzinfo=UTC).date())
    one = enter(browser(), Person("deng"))
    assert (one.status, "已离任" in one.page) == (403, True)


def test_who_came_by_the_provider_is_asked_whether_to_leave_it_too(browser, county, use):
    one = enter(browser(), linked(county, Person("deng"), OFFICE))
    one.post("/sign-out")
    assert one.path == "/sign-in"
    assert f"{ISSUERS[-1]}/session/end?client_id=zhida&amp;post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fsign-in" in one.page
    with county.work() as uow:
        assert accounts.means_of(uow, "nothing") is None
