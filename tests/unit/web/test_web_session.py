"""Tokens and the reader that they name."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.web.session import LIFETIME, BadToken, issue, read, safe_next


@pytest.fixture
def token(settings, clerk, now):
    return issue(clerk, settings.session_private_key, now)


def forged(header, token, signature=""):
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{first}.{token.split('.')[1]}.{signature}"


def test_a_token_names_its_reader(settings, clerk, token, now):
    assert read(token, settings.session_public_key, now) == replace(clerk, issued_at=now)


def test_a_token_is_valid_for_sixty_minutes_and_not_a_second_longer(settings, token, now):
    last = now + LIFETIME - timedelta(seconds=1)
    assert timedelta(minutes=60) == LIFETIME
    assert read(token, settings.session_public_key, last).name == "张小芳"
    with pytest.raises(BadToken):
        read(token, settings.session_public_key, now + LIFETIME)


def test_a_token_from_the_future_is_refused_beyond_a_minute_of_skew(settings, token, now):
    assert read(token, settings.session_public_key, now - timedelta(seconds=60))
    with pytest.raises(BadToken):
        read(token, settings.session_public_key, now - timedelta(seconds=61))


def test_another_counties_key_is_refused(token, now):
    with pytest.raises(BadToken):
        read(token, OKPKey.generate_key("Ed25519").as_pem(private=False).decode(), now)


def test_an_unsigned_token_is_refused(settings, token, now):
    for name in ("none", "None", "NONE"):
        with pytest.raises(BadToken):
            read(forged({"alg": name, "typ": "JWT"}, token), settings.session_public_key, now)


def test_the_public_key_does_not_serve_as_a_shared_secret(settings, clerk, token, now):
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    secret = OctKey.import_key(settings.session_public_key.encode().replace(b"-----", b"====="))
    confused = jwt.encode({"alg": "HS256"}, claims, secret, algorithms=["HS256"])
    with pytest.raises(BadToken):
        read(confused, settings.session_public_key, now)


def test_changed_claims_are_refused(settings, token, now):
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = base64.urlsafe_b64encode(json.dumps(claims | {"roles": ["administrator"]}).encode()).rstrip(b"=").decode()
    with pytest.raises(BadToken):
        read(f"{head}.{changed}.{signature}", settings.session_public_key, now)


@pytest.mark.parametrize("rubbish", ["", "x", "a.b.c", "....", "é.é.é"])
def test_rubbish_is_refused_as_rubbish(settings, rubbish, now):
    with pytest.raises(BadToken):
        read(rubbish, settings.session_public_key, now)


@pytest.mark.parametrize("without", ["sub", "sid", "roles", "scope", "posts", "iat", "exp"])
def test_a_signed_token_without_a_claim_is_refused(settings, token, now, without):
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    del claims[without]
    key = OKPKey.import_key(settings.session_private_key)
    with pytest.raises(BadToken):
        read(
            jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"]),
            settings.session_public_key,
            now,
        )


def test_a_token_too_large_for_a_cookie_is_not_issued(settings, clerk, now):
    wide = replace(clerk, scope=frozenset(f"431023{n}" for n in range(400)))
    with pytest.raises(ValueError, match="cookie"):
        issue(wide, settings.session_private_key, now)


def test_scope_holds_codes_and_prefixes(clerk):
    assert clerk.sees("431023104")
    assert not clerk.sees("4310231040")
    assert not clerk.sees("431023105")
    assert replace(clerk, scope=frozenset({"431023*"})).sees("431023-epb")
    assert not replace(clerk, scope=frozenset({"431023*"})).sees("431024")
    assert not replace(clerk, scope=frozenset({""})).sees("431023")


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/cases?page=2&lang=en", "/cases?page=2&lang=en"),
        ("/案件/一", "/案件/一"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/a\x07", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("cases", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_the_way_back_never_leaves_the_site(target, goes_to):
    assert safe_next(target) == goes_to


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app, settings, clerk, now):
    from flask import Response

    from shared.web.session import set_cookie

    for secure in (False, True):
        app.config["SESSION_COOKIE_SECURE"] = secure
        with app.test_request_context():
            response = Response()
            set_cookie(response, issue(clerk, settings.session_private_key, now))
            cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("zhida_session=ey")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Max-Age=3600" in cookie
        assert ("Secure" in cookie) is secure


def test_an_ended_session_reads_as_nobody(app, client, sign_in, now):
    asked = []

    def ended(*what):
        asked.append(what)
        return True

    app.extensions["zhida"].session_ended = ended
    sign_in()
    assert client.get("/desk").status_code == 303
    assert set(asked) == {("s-1", "o-7", int(now.timestamp()))}


def test_an_ageing_token_is_renewed_once_before_a_page_is_read(client, sign_in):
    sign_in(age=timedelta(minutes=10))
    assert client.get("/desk").status_code == 200
    sign_in(age=timedelta(minutes=10, seconds=1))
    first = client.get("/desk?page=2")
    assert first.status_code == 303
    assert first.location == "/sign-in/renew?next=/desk%3Fpage%3D2"
    assert client.get("/desk?page=2").status_code == 200  # the renewal failed: no loop


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Dest": "empty"}, {"HX-Request": "true"}])
def test_parts_of_a_page_are_not_sent_to_renew(client, sign_in, headers):
    sign_in(age=timedelta(minutes=30))
    assert client.get("/desk", headers=headers).status_code == 200


def test_an_expired_token_leads_to_sign_in_and_back(client, sign_in):
    sign_in(age=timedelta(minutes=61))
    answer = client.get("/desk?page=2")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/desk%3Fpage%3D2")
