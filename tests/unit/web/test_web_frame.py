"""Language, times in words, navigation, traces and figures."""

import ast
import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import shared.web
from shared.web.app import create_app
from shared.web.frame import due

ROOM = Path(shared.web.__file__).parent
HERE = timezone(timedelta(hours=8))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("due_at", "now", "state", "zh", "en"),
    [
        (
            "2016-11-17 18:00",
            "2016-11-07 09:30",
            "later",
            "剩 10 天",
            "10 days left",
        ),  # Monday to Thursday week
        ("2016-11-17 18:00", "2016-11-14 23:59", "soon", "剩 3 天", "3 days left"),
        ("2016-11-17 18:00", "2016-11-16 00:00", "soon", "剩 1 天", "1 day left"),
        ("2016-11-17 18:00", "2016-11-17 00:00", "today", "今天到期", "due today"),
        ("2016-11-17 18:00", "2016-11-17 17:59", "today", "今天到期", "due today"),
        ("2016-11-17 18:00", "2016-11-17 18:00", "late", "今天已超期", "overdue since today"),
        ("2016-11-17 18:00", "2016-11-18 00:01", "late", "超期 1 天", "1 day overdue"),
        ("2016-11-17 18:00", "2016-11-20 09:00", "late", "超期 3 天", "3 days overdue"),
        ("2016-11-18 00:00", "2016-11-17 09:00", "today", "今天到期", "due today"),  # midnight ends the 17th
        ("2016-11-18 00:00", "2016-11-18 00:00", "late", "超期 1 天", "1 day overdue"),
        ("2016-12-31 12:00", "2017-01-01 12:00", "late", "超期 1 天", "1 day overdue"),
    ],
)
def test_a_deadline_in_words(app, due_at, now, state, zh, en):
    for lang, words in (("zh", zh), ("en", en)):
        with app.test_request_context(f"/?lang={lang}"):
            standing = due(at(due_at), at(now).astimezone(UTC))
            assert (standing.state, standing.words) == (state, words)
            filters = app.jinja_env.filters
            assert filters["days_left"](at(due_at), at(now)) == words


@pytest.mark.parametrize(
    ("due_at", "shown"),
    [
        ("2016-11-17T18:00:00+08:00", "2016-11-17 18:00"),
        ("2016-11-18T00:00:00+08:00", "2016-11-17 24:00"),
        ("2016-11-17T16:00:00+00:00", "2016-11-17 24:00"),  # the same, as it is stored
        ("2016-11-18T00:00:00+00:00", "2016-11-18 08:00"),  # midnight elsewhere
        ("2016-11-18T00:00:01+08:00", "2016-11-18 00:00"),
        ("2017-01-01T00:00:00+08:00", "2016-12-31 24:00"),
        ("2016-03-01T00:00:00+08:00", "2016-02-29 24:00"),
    ],
)
def test_a_limit_at_midnight_is_24_00_of_the_day_that_ends_and_agrees_with_the_days_left(app, due_at, shown):
    moment = datetime.fromisoformat(due_at)
    for lang in ("zh", "en"):
        with app.test_request_context(f"/?lang={lang}"):
            assert app.jinja_env.filters["limit"](moment) == shown
            last_minute = due(moment, moment - timedelta(seconds=30))
            if shown.endswith("24:00"):
                assert (last_minute.state, last_minute.days) == ("today", 0)
                assert due(moment, at(f"{shown[:10]} 00:00")).state == "today"


def test_no_page_shows_a_limit_as_any_other_instant(app):
    pages = [*ROOM.rglob("*.html"), *(ROOM.parents[1] / "services").rglob("*.html")]
    assert len(pages) > 30
    other = re.compile(r"due_at\)?\s*\|\s*(?:moment|day|weekday)\b|\bat\((?:\w+\.)*due_at\)")
    assert [page.name for page in pages if other.search(page.read_text(encoding="utf-8"))] == []
    assert all(other.search(text) for text in ("{{ x.due_at|moment }}", "at(data.due_at)", "(a.due_at) | day"))


def test_times_are_shown_in_shanghai(app):
    filters, moment = app.jinja_env.filters, datetime(2016, 11, 6, 20, 30, tzinfo=UTC)
    with app.test_request_context("/"):
        assert filters["moment"](moment) == "2016-11-07 04:30"
        assert filters["day"](moment) == "2016-11-07"
        assert filters["day"](date(2016, 11, 7)) == "2016-11-07"
        assert filters["weekday"](moment) == "周一"
    with app.test_request_context("/?lang=en"):
        assert filters["weekday"](moment) == "Mon"


def test_a_chip_says_it_in_colour_words_and_picture(app):
    source = '{% import "ui.html" as ui with context %}{{ ui.due_chip(due_at, now) }}'
    with app.test_request_context("/"):
        context = {"due_at": at("2016-11-14 12:00"), "now": at("2016-11-17 12:00")}
        app.update_template_context(context)
        chip = app.jinja_env.from_string(source).render(context | {"now": at("2016-11-17 12:00")})
    assert 'class="chip late"' in chip
    assert "超期 3 天" in chip
    assert "icons.svg#alert" in chip
    assert 'title="期限 2016-11-14 12:00"' in chip


def test_chinese_is_the_language_until_another_is_chosen_and_the_choice_is_kept(client):
    assert '<html lang="zh-CN">' in client.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert "Skip to content" in client.get("/").text
    assert "跳到正文" in client.get("/?lang=xx&lang=zh").text or "Skip" in client.get("/?lang=xx").text
    assert "跳到正文" in client.get("/?lang=zh").text


def test_switching_the_language_keeps_the_page_and_its_filters(client):
    assert 'href="/?page=2&amp;lang=en"' in client.get("/?page=2").text


def test_nothing_the_frame_says_is_missing_in_english():
    catalogue = read_po((ROOM / "translations/en/LC_MESSAGES/messages.po").open("rb"), locale="en")
    method_map = [("**.py", "python"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    said = {
        text[0] if isinstance(text, tuple) else text
        for _, _, text, *_ in extract_from_dir(str(ROOM), method_map, keywords=keywords)
    }
    assert len(said) > 100
    english = {text: message.string for text in said if (message := catalogue.get(text))}
    assert {text for text in said if not all(_all(english.get(text, "")))} == set()
    placeholders = re.compile(r"%\(\w+\)\w|\{\w+\}")
    for text in said:
        for string in _all(english[text]):
            assert sorted(placeholders.findall(string)) == sorted(placeholders.findall(text)), text


def _all(string):
    return string if isinstance(string, tuple) else (string,)


def test_the_navigation_shows_what_the_reader_may_open_with_its_counts(client, sign_in, secretary):
    assert "工作台" not in client.get("/").text
    assert "公开" in client.get("/").text
    sign_in(secretary)
    assert "工作台" not in client.get("/").text
    sign_in()
    page = client.get("/").text
    assert re.search(r'href="/desk">工作台 <span class="badge">3<', page)
    assert "坏了的" in page  # its count fails, and costs only the count


def test_error_pages_ask_for_no_counts(client, sign_in):
    sign_in()
    assert 'class="badge"' not in client.get("/nowhere").text


def test_the_page_says_who_is_signed_in_and_on_which_post(client, sign_in):
    sign_in()
    page = client.get("/").text
    assert "<b>张小芳</b> <small>登记员</small>" in page
    assert 'action="/sign-out"' in page


def test_the_demo_says_that_it_is_one_and_what_day_it_plays(settings):
    assert "演示环境" not in create_app(settings, []).test_client().get("/nowhere").text
    settings.demo = True
    assert "演示环境" in create_app(settings, []).test_client().get("/nowhere").text


def test_the_simulated_day_is_shown(settings, client, app):
    settings.demo, app.extensions["zhida"].now = True, lambda: at("2016-11-18 09:30")
    assert "2016-11-18 09:30 周五" in client.get("/").text


def test_a_trace_is_continued_or_begun(client, sign_in):
    sign_in()
    given = f"00-{'ab' * 16}-{'cd' * 8}-01"
    seen = client.get("/desk", headers={"traceparent": given}).text.split()[1]
    assert seen.startswith(f"00-{'ab' * 16}-")
    assert "cd" * 8 not in seen
    for broken in ({}, {"traceparent": "00-zz"}, {"traceparent": given + "\t"}):
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", client.get("/desk", headers=broken).text.split()[1])


def test_a_request_keeps_its_reference_unless_it_could_do_harm(client):
    assert client.get("/", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    for bad in ("<script>", "a" * 65, "张"):
        sent = bad.encode().decode("latin-1")
        assert client.get("/", headers={"X-Request-Id": sent}).headers["X-Request-Id"] != sent


def counted(client, view, method, status):
    line = f'zhida_http_request_seconds_count{{method="{method}",status="{status}",view="{view}"}} '
    found = re.search(re.escape(line) + r"([\d.]+)", client.get("/metrics").text)
    return float(found[1]) if found else 0.0


def test_figures_count_by_endpoint_method_and_class_of_answer(client):
    before = counted(client, "pages.front", "GET", "2xx"), counted(client, "unknown", "GET", "4xx")
    client.get("/")
    client.get("/nowhere/1")
    client.get("/nowhere/2")
    after = counted(client, "pages.front", "GET", "2xx"), counted(client, "unknown", "GET", "4xx")
    assert after == (before[0] + 1, before[1] + 2)
    client.open("/", method="BREW")
    assert "BREW" not in client.get("/metrics").text


def test_the_figures_can_come_from_elsewhere(app, client):
    app.extensions["zhida"].metrics = lambda: b"petitions_total 7\n"
    assert client.get("/metrics").text == "petitions_total 7\n"


def test_readiness_follows_the_checks_and_life_does_not(app, client):
    assert client.get("/readyz").json == {"ready": True, "failed": []}
    app.extensions["zhida"].checks |= {"database": lambda: 1 / 0, "disk": lambda: None}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "failed": ["database"]})
    assert client.get("/livez").status_code == 200


def test_the_resources_describe_themselves(client):
    described = client.get("/api/openapi.json").json
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {"/api/cases/", "/api/cases/open", "/api/cases/ping"}
    assert "title" in described["components"]["schemas"]["Petition"]["properties"]


def test_only_this_room_and_the_services_pages_know_flask():
    """The wall, seen from here: what is not shared/web stays free of it."""
    for file in ROOM.parent.rglob("*.py"):
        if ROOM in file.parents:
            continue
        names = {
            alias.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {node.module or "" for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in names if name.split(".")[0].startswith(("flask", "werkzeug", "jinja2"))}, file
