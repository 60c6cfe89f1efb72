"""The second factor: after the password, once for each code, never outrun, reset by the administrator alone."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.routing.domain import totp
from services.routing.site import read_site
from tests.integration.routing.appointing import ADMINISTRATOR
from tests.integration.routing.browser import NOW, PASSWORD, Browser, sign_in
from tests.integration.routing.test_directory_pages import key_of
from tests.integration.routing.world import OFFICE


def demand(site: Any, *roles: str) -> None:
    site.extensions["zhida.routing.site"] = site.extensions["zhida.routing.site"].__class__(
        second_factor=frozenset(roles), oidc=None
    )


def secret_of(page: str) -> bytes:
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert found
    text = found[1].replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


def code(secret: bytes, **span: float) -> str:
    return totp.code_at(secret, totp.step_of(NOW + timedelta(**span)))


def wrong(secret: bytes) -> str:
    """A code that is not one of those that would be taken now."""
    near = {code(secret, seconds=30 * step) for step in (-1, 0, 1)}
    return next(str(number) for number in range(100000, 100010) if str(number) not in near)


def enrolled(one: Browser) -> tuple[bytes, list[str]]:
    """Set a second factor up on the account's page; the secret and the recovery codes."""
    one.get("/sign-in/account").post("/sign-in/account/second", current=PASSWORD)
    secret = secret_of(one.page)
    assert "<svg" in one.page
    one.post("/sign-in/account/second/confirm", code=code(secret))
    codes = re.findall(r"<li><code>([A-Z2-7-]{19})</code></li>", one.page)
    assert len(codes) == totp.RECOVERY_CODES
    return secret, codes


def test_after_it_is_set_up_a_password_alone_opens_nothing(browser, account, at):
    secret, _ = enrolled(sign_in(browser(), account, PASSWORD))
    at(minutes=5)
    one = sign_in(browser(), account, PASSWORD, next="/routing/replies")
    assert one.path == "/sign-in/second"
    assert browser_of(one).get("/routing/replies").path.startswith("/sign-in")
    one.get("/sign-in/second?next=/routing/replies")
    one.post("/sign-in/second", code=wrong(secret), next="/routing/replies")
    assert one.status == 422
    assert wrong(secret) not in one.page.split("error-summary")[1], "the code is not handed back"
    one.post("/sign-in/second", code=code(secret, minutes=5), next="/routing/replies")
    assert (one.status, one.path) == (200, "/routing/replies")


def browser_of(one: Browser) -> Browser:
    return Browser(one.client, one.instance)


def test_a_code_signs_in_once_and_so_does_a_recovery_code(browser, account, at):
    secret, codes = enrolled(sign_in(browser(), account, PASSWORD))
    used = code(secret)  # the one that set it up
    for typed, status in ((used, 422), (codes[0].lower().replace("-", " "), 200), (codes[0], 422), (codes[1], 200)):
        one = sign_in(browser(), account, PASSWORD)
        assert one.post("/sign-in/second", code=typed).status == status, typed
    assert "8 个恢复码" in one.get("/sign-in/account").page


def test_wrong_codes_wait_longer_and_longer_from_whatever_address(browser, account, at, county):
    secret, _ = enrolled(sign_in(browser(), account, PASSWORD))
    at(minutes=2)
    statuses = []
    for number in range(7):
        one = browser()
        one.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number + 1}"
        statuses.append(sign_in(one, account, PASSWORD).post("/sign-in/second", code=wrong(secret)).status)
    assert statuses == [422, 422, 422, 422, 429, 429, 429]
    one.post("/sign-in/second", code=code(secret, minutes=2))
    assert one.status == 429, "the right one has to wait too"
    at(minutes=3)
    assert one.post("/sign-in/second", code=code(secret, minutes=3)).status == 200


def test_the_step_after_the_password_runs_out_and_is_bound_to_its_browser(browser, account, at):
    secret, _ = enrolled(sign_in(browser(), account, PASSWORD))
    one = sign_in(browser(), account, PASSWORD)
    stranger = browser().get("/sign-in")
    assert stranger.post("/sign-in/second", code=code(secret, minutes=1)).path == "/sign-in"
    assert stranger.get("/sign-in/second").path == "/sign-in"
    assert stranger.get("/sign-in/enrol").path == "/sign-in"
    at(minutes=11)
    assert one.post("/sign-in/second", code=code(secret, minutes=11)).path == "/sign-in"


def test_where_the_site_demands_it_a_role_sets_it_up_before_it_goes_on(browser, account, at, site):
    demand(site, "office")
    one = sign_in(browser(), account, PASSWORD, next="/routing/replies")
    assert one.path == "/sign-in/enrol"
    secret = secret_of(one.page)
    assert one.get("/sign-in/enrol").status == 200
    assert secret_of(one.page) == secret, "looked at again it is the same"
    assert one.post("/sign-in/enrol", code="").status == 422
    assert one.post("/sign-in/enrol", code=wrong(secret)).status == 422
    one.post("/sign-in/enrol", code=code(secret), next="/routing/replies")
    assert one.status == 200
    assert 'href="/routing/replies"' in one.page
    assert one.get("/routing/replies").path == "/routing/replies"
    refused = one.get("/sign-in/account")
    refused.post("/sign-in/account/second/off", code=code(secret, seconds=30))
    assert refused.status == 403


def test_it_is_given_up_with_a_code_and_set_up_with_the_password(browser, account, at):
    one = sign_in(browser(), account, PASSWORD)
    assert one.get("/sign-in/account").post("/sign-in/account/second", current="not it").status == 422
    assert one.post("/sign-in/account/second/confirm", code="123456").status == 404, "nothing was offered"
    secret, codes = enrolled(one)
    assert one.get("/sign-in/account").post("/sign-in/account/second", current=PASSWORD).status == 409
    assert one.get("/sign-in/account").post("/sign-in/account/second/off", code=wrong(secret)).status == 422
    one.post("/sign-in/account/second/off", code=codes[0])
    assert (one.status, one.path) == (200, "/sign-in/account")
    assert sign_in(browser(), account, PASSWORD).path != "/sign-in/second"


def test_the_administrator_resets_it_and_the_official_is_told(browser, account, at, county):
    one = sign_in(browser(), account, PASSWORD)
    enrolled(one)
    admin = browser(ADMINISTRATOR).get(f"/routing/directory/officials/{OFFICE}")
    form = {"key": key_of(admin.page), "reason": "本人到场核验身份证"}
    assert (
        browser("o-431023-auditor").get("/desk").post(f"/routing/directory/officials/{OFFICE}/second-factor", **form).status
        == 403
    )
    assert admin.post(f"/routing/directory/officials/{OFFICE}/second-factor", key=form["key"], reason="").status == 422
    admin.get(f"/routing/directory/officials/{OFFICE}").post(f"/routing/directory/officials/{OFFICE}/second-factor", **form)
    assert admin.status == 200
    assert "本人到场核验身份证" in admin.page
    assert one.get("/routing/replies").path == "/sign-in"
    one = sign_in(browser(), account, PASSWORD)
    assert "谢伟（系统管理员）重置了您的动态口令" in one.page
    assert "重置了您的动态口令" not in sign_in(browser(), account, PASSWORD).page
    own = browser(ADMINISTRATOR).get("/desk")
    assert own.post(f"/routing/directory/officials/{ADMINISTRATOR}/second-factor", **form).status == 403


def test_a_copy_of_the_database_holds_no_secret(browser, account, at, county):
    secret, codes = enrolled(sign_in(browser(), account, PASSWORD))
    (row,) = county.query("SELECT secret FROM totp")
    assert secret not in bytes(row["secret"])
    kept = county.query("SELECT * FROM recovery_code")
    assert not any(found in str(kept) for found in codes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("second_factor: [king]", "second_factor.0"),
        ("oidc: {issuer: 'http://id.example', client_id: zhida}", "oidc.issuer"),
        ("oidc: {issuer: 'https://id.example', client_id: zhida, scopes: [profile]}", "oidc.scopes"),
        ("oidc: {issuer: 'https://id.example', client_id: zhida, client_secret_file: gone}", "gone"),
        ("nonsense: 1", "nonsense"),
        ("oidc: [", "YAML"),
    ],
)
def test_a_site_that_makes_no_sense_keeps_the_process_from_starting(county, tmp_path: Path, text: str, says: str):
    (tmp_path / "routing.yaml").write_text(text)
    with pytest.raises(OSError, match=says):
        read_site(county.settings.__class__(**vars(county.settings) | {"service_files": {"routing": tmp_path / "routing.yaml"}}))
