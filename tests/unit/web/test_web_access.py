"""Who may open what."""

from dataclasses import replace

import pytest

from shared.errors import Unavailable
from shared.web.access import Role, rules


def test_the_rules_say_for_every_endpoint_who_may_open_it(app):
    said = rules(app)
    assert said["pages.desk"] == frozenset({"clerk"})
    assert said["pages.front"] == "public"
    assert said["cases.Cases GET"] == "public"
    assert said["cases.Cases POST"] == frozenset({"clerk"})
    assert {name for name, rule in said.items() if rule is None} == {"pages.forgotten", "cases.Cases DELETE"}


@pytest.mark.parametrize("method", ["get", "post", "head", "options"])
def test_a_view_that_declares_nothing_is_closed_to_everybody(app, client, sign_in, method):
    assert getattr(client, method)("/forgotten").status_code == 403
    sign_in()
    assert getattr(client, method)("/forgotten").status_code == 403
    assert app.extensions["zhida"].tries[-1] == ("pages.forgotten", "o-7", "undeclared")


def test_a_method_that_declares_nothing_is_closed_beside_open_ones(client, sign_in):
    sign_in()
    assert client.get("/api/cases/").status_code == 200
    assert client.delete("/api/cases/", headers={"Origin": "http://localhost"}).status_code == 403


def test_nobody_is_sent_to_sign_in_for_a_page_and_told_so_for_a_resource(app, client):
    assert client.get("/desk").location == "/sign-in?next=/desk"
    answer = client.post("/api/cases/", json={"title": "甲"})
    assert answer.status_code == 401
    assert answer.json["remedy"] == "请登录后再试。"
    assert app.extensions["zhida"].tries == [
        ("pages.desk", None, "not signed in"),
        ("cases.Cases", None, "not signed in"),
    ]


def test_a_reader_without_the_role_is_refused_and_the_try_is_told(app, client, sign_in, secretary):
    sign_in(secretary)
    answer = client.get("/desk")
    assert answer.status_code == 403
    assert "您没有办理这件事的权限" in answer.text
    assert app.extensions["zhida"].tries == [("pages.desk", "o-1", "role")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/orgs/431023104", 200),
        ("/orgs/431023105", 404),
        ("/cases/a", 200),
        ("/cases/b", 404),
        ("/cases/nowhere", 404),
    ],
)
def test_outside_the_readers_scope_nothing_exists(app, client, sign_in, path, status):
    sign_in()
    assert client.get(path).status_code == status
    assert [why for *_, why in app.extensions["zhida"].tries] == (["scope"] if status == 404 else [])


def test_what_does_not_exist_lies_in_nobodys_scope(client, sign_in, clerk):
    sign_in(replace(clerk, scope=frozenset({"431023*"})))
    assert client.get("/cases/b").status_code == 200
    assert client.get("/cases/nowhere").status_code == 404


def test_what_lies_outside_the_scope_looks_like_what_does_not_exist(client, sign_in):
    sign_in()
    hidden, missing = (client.get(path, headers={"X-Request-Id": "r"}).text for path in ("/cases/b", "/cases/no"))
    assert hidden.replace("/cases/b", "") == missing.replace("/cases/no", "")


def test_when_sessions_cannot_be_checked_nobody_gets_in(app, client, sign_in):
    def down(*_):
        raise Unavailable("database")

    app.extensions["zhida"].session_ended = down
    sign_in()
    answer = client.get("/desk")
    assert answer.status_code == 503
    assert "张小芳" not in answer.text


def test_files_are_open_to_all(client):
    assert client.get("/static/base.css").status_code == 200


def test_every_role_has_a_name_in_both_languages(app):
    names = {}
    for lang in ("zh", "en"):
        with app.test_request_context(f"/?lang={lang}"):
            names[lang] = [str(role.label) for role in Role]
    assert Role("first_in_command") is Role.FIRST_IN_COMMAND
    assert all(name.isascii() for name in names["en"])
    assert not any(name.isascii() for name in names["zh"])
