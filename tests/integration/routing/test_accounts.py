"""Signing in: passwords, one-time links, sessions that end everywhere."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from services.routing import cli
from services.routing.handlers import accounts
from shared.errors import Forbidden, NotFound
from shared.web import session
from tests.integration.routing.browser import NOW, PASSWORD, Browser, cookie, sign_in
from tests.integration.routing.world import EPB, OFFICE


def test_a_right_password_signs_in_and_leads_to_where_one_wanted(browser, account, at):
    one = sign_in(browser(), account, PASSWORD, next="/routing/replies")
    assert (one.status, one.path) == (200, "/routing/replies")
    assert "邓小燕" in one.page


def test_another_sites_address_is_not_followed(browser, account, at):
    assert sign_in(browser(), account, PASSWORD, next="//evil.example/").path != "//evil.example/"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(browser, account, at):
    wrong, unknown = (sign_in(browser(), name, "not the password") for name in (account, "o-431023-nobody"))
    assert (wrong.status, unknown.status) == (422, 422)

    def told(one: Browser, name: str) -> str:
        return one.page.split("error-summary")[1].split("</div>")[0].replace(name, "")

    assert told(wrong, account) == told(unknown, "o-431023-nobody")


def test_signing_out_ends_the_session_here_and_tells_every_service(browser, county, account, at):
    one = sign_in(browser(), account, PASSWORD)
    token = cookie(one)
    assert one.post("/sign-out").path == "/sign-in"
    one.client.set_cookie(session.COOKIE, token)
    assert one.get("/routing/replies").path == "/sign-in"
    told = county.told("directory.session_ended")[0]
    assert told.data["official"] == OFFICE
    assert told.data["session"]


def test_a_token_is_renewed_until_twelve_hours_are_over(browser, account, at):
    one = sign_in(browser(), account, PASSWORD)
    before = cookie(one)
    for half_hours in range(1, 24):
        at(minutes=30 * half_hours)
        assert one.get("/routing/replies").path == "/routing/replies"
    assert cookie(one) != before
    at(hours=12, minutes=1)
    assert one.get("/sign-in/renew?next=/routing/replies").path == "/sign-in"


def test_an_official_who_has_left_is_out_at_once(browser, county, account, at):
    one = sign_in(browser(), account, PASSWORD)
    county.query("UPDATE official SET active = false WHERE official = %(o)s", o=OFFICE)
    assert one.get("/routing/replies").path == "/sign-in"
    assert sign_in(browser(), account, PASSWORD).status == 422


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(browser, account, at):
    one, other = (sign_in(browser(), account, PASSWORD) for _ in range(2))
    one.get("/sign-in/password")
    one.post("/sign-in/password", current="wrong", password="another long one", again="another long one")
    assert one.status == 422
    one.post("/sign-in/password", current=PASSWORD, password="another long one", again="different long")
    assert one.status == 422
    one.post("/sign-in/password", current=PASSWORD, password="short", again="short")
    assert one.status == 422
    one.post("/sign-in/password", current=PASSWORD, password="another long one", again="another long one")
    assert one.status == 200
    assert one.get("/routing/replies").path == "/routing/replies"
    assert other.get("/routing/replies").path == "/sign-in"
    assert sign_in(browser(), account, PASSWORD).status == 422
    at(minutes=1)
    assert sign_in(browser(), account, "another long one").status == 200


def test_a_link_signs_in_once_within_a_day(county):
    with county.work() as uow:
        token, late = accounts.make_link(uow, EPB, NOW), accounts.make_link(uow, EPB, NOW)
    with county.work() as uow:
        assert accounts.use_link(uow, token, NOW + timedelta(hours=23)) == EPB
    for wrong, when in ((token, NOW), (late, NOW + timedelta(hours=24)), ("guess", NOW)):
        with pytest.raises(NotFound), county.work() as uow:
            accounts.use_link(uow, wrong, when)
    assert token not in str(county.query("SELECT * FROM sign_in_link"))


def test_links_exist_in_a_demo_only(browser, county, site):
    with county.work() as uow:
        token = accounts.make_link(uow, EPB, datetime.now(UTC))
    object.__setattr__(county.settings, "demo", False)
    assert browser().get(f"/sign-in/link/{token}").status == 404
    with pytest.raises(Forbidden), county.work() as uow:
        accounts.make_link(uow, "o-nobody", NOW)


def test_the_session_keys_are_for_their_user_alone(site, county):
    assert stat.S_IMODE((county.settings.keys / "session.pem").stat().st_mode) == 0o600


def test_the_command_line_imports_sets_passwords_and_makes_links(county, monkeypatch, tmp_path):
    for name, value in {
        "ZHIDA_ORG": county.org, "DATABASE_URL": county.settings.service_url("routing"), "ZHIDA_SIMULATED": "true",
        "ZHIDA_DEMO": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke
    assert run(cli.commands, ["password", OFFICE, "--stdin"], input=f"{PASSWORD}\n").exit_code == 0
    assert run(cli.commands, ["password", OFFICE, "--stdin"], input="short\n").exit_code == 1
    assert run(cli.commands, ["password", "o-nobody", "--stdin"], input=f"{PASSWORD}\n").exit_code == 1
    made = run(cli.commands, ["sign-in-link", EPB, "--base", "http://127.0.0.1:8000/"])
    assert made.output.startswith("http://127.0.0.1:8000/sign-in/link/")
    bad = tmp_path / "bad.yaml"
    bad.write_text("organisations: []\nofficials: [{official: x}]\n")
    result = run(cli.commands, ["directory", "import", str(bad)])
    assert result.exit_code == 1
    assert "officials[0]" in result.output
    monkeypatch.setenv("ZHIDA_DEMO", "false")
    assert run(cli.commands, ["sign-in-link", EPB]).exit_code == 1
