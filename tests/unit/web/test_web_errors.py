"""Every refusal says what was wrong, the rule and the remedy, in the reader's language."""

import re
from datetime import UTC, datetime

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from shared.web.forms import BadInput, parse


class Everything(Schema):
    title = fields.Str(required=True, validate=validate.Length(max=5), metadata={"label": "标题"})
    count = fields.Int(validate=validate.Range(min=1, max=9))
    least = fields.Int(validate=validate.Range(min=3))
    above = fields.Int(validate=validate.Range(min=3, min_inclusive=False))
    on = fields.Date()
    channel = fields.Str(validate=validate.OneOf(["letter", "visit"]))
    kinds = fields.List(fields.Str())
    own = fields.Str(validate=validate.Predicate("isdigit", error="只能是数字。 → 请只写数字。"))


def errors_of(app, values, lang="zh", **more):
    with app.test_request_context(f"/?lang={lang}"), pytest.raises(BadInput) as bad:
        parse(Everything(), values, **more)
    return {error["field"]: (error["rule"], error["remedy"]) for error in bad.value.errors}


@pytest.mark.parametrize(
    ("values", "field", "rule", "remedy"),
    [
        ({}, "title", "此项必填。", "请填写此项。"),
        ({"title": "一二三四五六"}, "title", "最多 5 个字。", "请缩短到 5 个字以内。"),
        ({"title": 3}, "title", "须为文字。", "请改填文字。"),
        ({"title": None}, "title", "此项不能为空。", "请填写此项。"),
        ({"title": "甲", "count": 12}, "count", "须在规定范围内（1 至 9）。", "请改为范围内的数值。"),
        ({"title": "甲", "least": 1}, "least", "不得小于 3。", "请改为更大的数值。"),
        ({"title": "甲", "above": 3}, "above", "须大于 3。", "请改为更大的数值。"),
        ({"title": "甲", "count": "x"}, "count", "须为整数。", "请改填整数。"),
        ({"title": "甲", "on": "2016-13-01"}, "on", "须为日期，如 2016-11-07。", "请按“年-月-日”填写。"),
        (
            {"title": "甲", "channel": "fax"},
            "channel",
            "须从列出的选项中选择（letter, visit）。",
            "请重新选择。",
        ),
        ({"title": "甲", "kinds": "a"}, "kinds", "须为列表。", "请改为列表后重新提交。"),
        ({"title": "甲", "kinds": ["a", 1]}, "kinds.1", "须为文字。", "请改填文字。"),
        ({"title": "甲", "own": "x"}, "own", "只能是数字。", "请只写数字。"),
        ({"title": "甲", "stage": "closed"}, "stage", "没有这一项。", "请去掉此项。"),
    ],
)
def test_a_broken_rule_is_named_with_its_remedy(app, values, field, rule, remedy):
    assert errors_of(app, values)[field] == (rule, remedy)


def test_a_body_that_is_no_object_is_refused_as_a_whole(app):
    bodies: tuple[object, ...] = ([], "x", 3, None)
    for body in bodies:
        assert errors_of(app, body) == {"": ("内容的类型不对。", "请改正后重新提交。")}


def test_the_same_in_english(app):
    assert errors_of(app, {}, "en")["title"] == ("Required.", "Fill it in.")
    said = errors_of(app, {"title": "一二三四五六"}, "en")["title"]
    assert said == ("At most 5 characters.", "Shorten it to 5 or fewer.")


def test_texts_without_a_limit_of_their_own_have_one_all_the_same(app):
    assert "100" in errors_of(app, {"title": "甲", "own": "1" * 101}, longest=100)["own"][0]


def test_every_message_of_the_schema_library_is_translated(app):
    kinds = [kind for kind in vars(fields).values() if isinstance(kind, type) and issubclass(kind, fields.Field)]
    messages = {text for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()}
    checks = [check for check in vars(validate).values() if isinstance(check, type)]
    messages |= {
        text
        for check in checks
        for name, text in vars(check).items()
        if name.startswith(("default_message", "message_")) and text[:1].isupper()
    }
    messages |= set(Schema._default_error_messages.values())
    unknown = []
    for text in messages:
        if "formatted as" in text or "{min_op}" in text or "{max_op}" in text:  # dumping; parts of Range's own
            continue
        said = text.replace("{obj_type}", "datetime").replace("{awareness}", "aware").replace("{", "").replace("}", "")

        class Odd(Schema):
            def handle_error(self, error, data, said=said, **_):
                raise ValidationError({"title": [said]})

        with app.test_request_context("/"), pytest.raises(BadInput) as bad:
            parse(Odd(), {"x": 1})
        named = r"choices|values|equal|other|https|example\.org|name@"  # placeholders and examples
        if re.search("[a-z]{4}", re.sub(named, "", bad.value.errors[0]["rule"])):
            unknown.append(text)
    assert not unknown


def test_a_form_comes_back_with_what_was_written_and_links_to_each_error(client, form_token):
    answer = client.post("/form", data={"csrf_token": form_token(client), "title": "<b>一二三四", "kinds": ["b"]})
    assert answer.status_code == 422
    assert 'href="#field-title"' in answer.text
    assert 'id="field-title"' in answer.text
    assert 'value="&lt;b&gt;一二三四"' in answer.text
    assert 'aria-invalid="true" aria-describedby=" error-title"' in answer.text
    assert re.search(r'value="b" checked', answer.text)
    assert "标题：最多 5 个字。请缩短到 5 个字以内。" in answer.text
    assert "<title>有误：" in answer.text


def test_an_empty_box_is_a_missing_value_and_spaces_are_not_text(app):
    from werkzeug.datastructures import MultiDict

    with app.test_request_context("/"):
        with pytest.raises(BadInput) as bad:
            parse(Everything(), MultiDict({"title": " 　\r\n", "count": ""}))
        assert [error["field"] for error in bad.value.errors] == ["title"]
        form = MultiDict([("title", " 一\r\n二 "), ("kinds", "a"), ("kinds", "b"), ("csrf_token", "x")])
        assert parse(Everything(), form) == {"title": "一\n二", "kinds": ["a", "b"]}


def test_resources_answer_in_the_same_shape_whoever_found_the_error(client, sign_in):
    by_us = client.post("/api/cases/open", json={"title": "一二三四五六"})
    sign_in()
    by_library = client.post("/api/cases/", json={"title": "一二三四五六"}, headers={"Origin": "http://localhost"})
    for answer in (by_us, by_library):
        assert answer.status_code == 422
        assert answer.json["errors"][0]["field"] == "title"
        assert answer.json["errors"][0]["rule"] == "最多 5 个字。"
        assert answer.json["errors"][0]["remedy"] == "请缩短到 5 个字以内。"


def test_a_rule_of_the_domain_answers_with_its_own_words(client):
    answer = client.get("/fault/conflict")
    assert answer.status_code == 409
    assert "本件已由王建平办理。" in answer.text
    assert "请刷新页面。" in answer.text


def test_a_try_forbidden_by_the_domain_is_told(app, client):
    assert client.get("/fault/forbidden").status_code == 403
    assert app.extensions["zhida"].tries == [("pages.fault", None, "case")]


def test_without_its_database_the_site_says_so_and_when_to_come_back(client):
    answer = client.get("/fault/unavailable")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "没有保存" in answer.text
    assert "hunter2" not in answer.text


def test_a_fault_shows_no_inside_and_gives_a_reference(client):
    answer = client.get("/fault/bug", headers={"X-Request-Id": "ref-1"})
    assert answer.status_code == 500
    assert "ref-1" in answer.text
    assert not re.search("secret detail|ZeroDivision|Traceback|File ", answer.text)


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere"])
@pytest.mark.parametrize(("lang", "remedy"), [("zh", "检查地址是否完整"), ("en", "Check that the address is complete")])
def test_what_does_not_exist_is_told_in_the_readers_language(client, path, lang, remedy):
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 404
    assert remedy in answer.get_data(as_text=True).encode().decode() or remedy in answer.json["remedy"]
    assert answer.is_json is path.startswith("/api/")


def test_a_wrong_method_names_the_right_ones(client):
    assert "GET" in client.put("/form").headers["Allow"]


def test_naive_times_are_refused():
    from shared.web.frame import due

    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2016, 11, 7), datetime(2016, 11, 7, tzinfo=UTC))  # noqa: DTZ001
