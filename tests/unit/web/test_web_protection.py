"""What is refused before a view runs, and what every answer carries."""

import re

import pytest

from shared.web.app import create_app, limiter
from shared.web.limits import network
from tests.unit.web.conftest import blueprint, resources

HERE, THERE = "http://localhost", "http://evil.example"


def test_a_form_without_its_token_is_refused_with_the_remedy(client):
    answer = client.post("/form", data={"title": "甲"})
    assert answer.status_code == 400
    assert "8 小时" in answer.text
    assert "请返回上一页刷新" in answer.text


def test_a_form_with_its_token_is_taken(client, form_token):
    assert client.post("/form", data={"title": "甲", "csrf_token": form_token(client)}).json == {"title": "甲"}


def test_a_token_serves_only_the_browser_that_got_it(app, client, form_token):
    stolen = form_token(client)
    assert app.test_client().post("/form", data={"title": "甲", "csrf_token": stolen}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": HERE}, 200),
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": THERE}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": HERE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": THERE, "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)
def test_resources_and_forms_take_nothing_from_other_sites(client, headers, status, form_token):
    assert client.post("/api/cases/open", json={"title": "甲"}, headers=headers).status_code == status
    data = {"title": "甲", "csrf_token": form_token(client)}
    assert client.post("/form", data=data, headers=headers).status_code == status


def test_a_signed_in_request_to_a_resource_has_to_say_where_it_comes_from(client, sign_in):
    sign_in()
    assert client.post("/api/cases/", json={"title": "甲"}).status_code == 403
    assert client.post("/api/cases/", json={"title": "甲"}, headers={"Origin": HERE}).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_resources_take_json_only(client, kind):
    answer = client.post("/api/cases/ping", data='{"title": "甲"}', content_type=kind)
    assert answer.status_code == 415
    assert "application/json" in answer.json["rule"]


@pytest.mark.parametrize("path", ["/", "/form", "/nowhere", "/api/cases/", "/static/base.css", "/fault/unavailable"])
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_over_tls_browsers_are_told_to_stay_there(settings):
    settings.secure_cookies = True
    headers = create_app(settings, []).test_client().get("/livez").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_pages_are_not_kept_on_shared_computers_and_files_are(client):
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/static/base.css").headers["Cache-Control"] != "no-store"


def test_pages_hold_no_inline_script_or_style_and_load_nothing_from_elsewhere(client, sign_in):
    sign_in()
    for path in ("/", "/form", "/nowhere"):
        text = client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
        assert all('src="' in tag for tag in re.findall(r"<script[^>]*>", text))
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/api/cases/open", {"json": {"title": "a\0b"}}),
        ("/api/cases/open", {"data": '{"title": "\\ud800"}', "content_type": "application/json"}),
        ("/api/cases/open", {"json": {"a\0": 1}}),
        ("/api/cases/open", {"json": {"title": [["\x07"]]}}),
        ("/api/cases/open", {"data": b'{"title": "\xed\xa0\x80"}', "content_type": "application/json"}),
        ("/api/cases/open", {"json": {"title": "a\x0bb"}}),
        ("/api/cases/open", {"data": '{"title": "\\f"}', "content_type": "application/json"}),
        ("/api/cases/open", {"data": '{"title": "\\b"}', "content_type": "application/json"}),
        ("/api/cases/open", {"data": '{"title": "\uffff"}'.encode(), "content_type": "application/json"}),
        ("/api/cases/open", {"data": '{"title": "a\\u0000"}'.encode("utf-16"), "content_type": "application/json"}),
    ],
)
def test_unreadable_text_is_refused_by_name(client, path, sent):
    answer = client.post(path, **sent)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["rule"] in ("文字里不能有看不见的控制字符。", "文字里有不完整的字符。")
    assert answer.json["errors"][0]["remedy"].startswith("请删掉")


def test_a_resource_without_a_body_needs_none(client):
    assert client.post("/api/cases/ping", json={}).status_code == 200


def test_unreadable_text_is_refused_in_addresses_and_forms_too(client, sign_in, form_token):
    sign_in()
    assert client.get("/cases/a%00b").status_code in (404, 422)
    assert client.get("/?q=%00").status_code == 422
    data = {"title": "a\0", "csrf_token": form_token(client)}
    assert client.post("/form", data=data).status_code == 422


def test_what_a_word_processor_ends_lines_with_is_a_new_line(client, form_token):
    answer = client.post("/form", data={"title": "一\v二\f三", "csrf_token": form_token(client)})
    assert (answer.status_code, answer.json["title"]) == (200, "一\n二\n三")


@pytest.mark.parametrize("deep", [25, 100_000])
def test_json_without_bottom_is_refused(client, deep):
    body = "[" * deep + "]" * deep
    assert client.post("/api/cases/open", data=body, content_type="application/json").status_code == 400


def test_visitors_are_counted_and_not_remembered(app, client):
    here, there = {"REMOTE_ADDR": "192.0.2.77"}, {"REMOTE_ADDR": "192.0.2.78"}
    answers = [client.get("/few", environ_base=here) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert "请稍等一分钟" in answers[2].text
    assert client.get("/few", environ_base=there).status_code == 200
    kept = repr(vars(limiter.storage))
    assert "pages.few" in kept
    assert "192.0.2" not in kept


def few(site, forwarded, proxy="10.0.0.1"):
    """The status of a view that each visitor may open twice a minute."""
    return site.test_client().get("/few", headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": proxy}).status_code


def test_behind_trusted_proxies_each_visitor_is_counted_alone_and_cannot_be_another(settings):
    settings.trusted_proxies = 2
    site = create_app(settings, [blueprint()])
    assert [few(site, f"203.0.113.{n}, 198.51.100.7, 10.0.0.2") for n in range(3)] == [200, 200, 429]  # the first is made up
    assert few(site, "198.51.100.8, 10.0.0.2") == 200
    assert [few(site, "198.51.100.9", proxy="10.0.0.3") for _ in range(3)] == [200, 200, 429]  # past a proxy: the nearest counts
    assert few(site, "198.51.100.77", proxy="10.0.0.3") == 429


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forwarded_host_makes_no_other_site_ours(settings, proxies):
    settings.trusted_proxies = proxies
    client = create_app(settings, [blueprint(), resources()]).test_client()
    forged = {"Origin": THERE, "X-Forwarded-Host": "evil.example"}
    assert client.post("/api/cases/open", json={"title": "甲"}, headers=forged).status_code == 403


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"), ("fe80::1%eth0", "fe80::"), ("unix:", "unix:"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_a_visitor_is_counted_by_what_cannot_be_changed_at_will(address, counted):
    assert network(address) == counted


def test_behind_no_trusted_proxy_an_address_cannot_be_made_up(client):
    for n in range(2):
        client.get("/few", headers={"X-Forwarded-For": f"198.51.100.{n}"}, environ_base={"REMOTE_ADDR": "192.0.2.80"})
    made_up = {"X-Forwarded-For": "198.51.100.9"}
    assert client.get("/few", headers=made_up, environ_base={"REMOTE_ADDR": "192.0.2.80"}).status_code == 429
