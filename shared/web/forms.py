"""What people send in: checked against a schema, refused with the field, the rule and the remedy."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import abort, current_app, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, UnprocessableEntity
from werkzeug.wrappers import Response

from shared.errors import Refused
from shared.web.session import web

UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|(?P<half>[\ud800-\udfff])")
# What a JSON body must hold for a text in it to be unreadable: such a character as it is, or an escape that may mean one.
SUSPECT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\\[bfu]|\xed[\xa0-\xbf]|\xef\xbf[\xbe\xbf]")
DEEPEST = 20  # levels of a JSON body
Messages = Iterator[tuple[str, str]]


class FaultSchema(Schema):
    """One thing that was wrong with what was sent, in the reader's language."""

    field, label, rule, remedy = (fields.String(required=True) for _ in range(4))


class ProblemSchema(Schema):
    """Every answer that is no success."""

    status = fields.Integer(required=True)
    wrong, rule, remedy = (fields.String(required=True) for _ in range(3))
    errors = fields.List(fields.Nested(FaultSchema), required=True)


class BadInput(UnprocessableEntity):
    """Tell the person. `errors` are {field, label, rule, remedy} in their words, `values` what was sent."""

    def __init__(self, errors: list[dict[str, str]], values: Any = None, status: int = 422) -> None:
        super().__init__()
        self.errors, self.values, self.code = errors, values, status


def parse(schema: Schema, source: Any, longest: int = 20_000) -> dict[str, Any]:
    """The checked input: `source` is request.form, request.args or a JSON body. Raises BadInput.

    Of a form only declared fields are read; an empty box is a missing value. Longer texts are refused."""
    values = _from_form(schema, source) if isinstance(source, MultiDict) else source
    looked_at = "clean" in g and source is g.clean[0] and g.clean[1] <= longest
    wrong = [] if looked_at else list(_unclean(values, longest))
    try:
        if not wrong:
            return dict(schema.load(values))
    except ValidationError as error:
        wrong = list(_flat(error.messages))
    labels = {field.data_key or name: field.metadata.get("label", name) for name, field in schema.fields.items()}
    raise BadInput(_explained(wrong, labels), values)


def rerender(template: str, problem: BadInput | Refused, **context: Any) -> tuple[str, int]:
    """The form once more, with what was sent in `values` and what was wrong in `errors`: a view's answer."""
    bad = _as_bad_input(problem)
    sent = request.form.to_dict() if bad.values is None else bad.values
    return render_template(template, errors=bad.errors, values=sent, **context), bad.code or 422


def check_input() -> None:
    """Refuse unreadable text wherever it stands in the request, before any view sees it."""
    body = request.get_json(silent=True) if request.is_json else None
    if body is not None and _harmless(raw := request.get_data()):
        g.clean, body = (body, len(raw)), None
    form = None if request.is_json else {key: list(map(_lines, sent)) for key, sent in request.form.to_dict(False).items()}
    args = request.args.to_dict(False) if request.query_string else None
    wrong = [message for part in (args, request.view_args, form, body) if part for message in _unclean(part, 2**40)]
    if wrong:
        raise BadInput(_explained(wrong, {}))


def _harmless(raw: bytes) -> bool:
    """Whether a look at the bytes shows that no text in them can be unreadable and nothing lies too deep."""
    return raw.count(b"{") + raw.count(b"[") <= DEEPEST and not SUSPECT.search(raw)


def show(error: HTTPException | Refused) -> Response | HTTPException:
    """Every 4xx and 5xx: what was wrong, the rule and the remedy; JSON below /api/, a page elsewhere."""
    if isinstance(error, Refused):
        if error.status == 403:
            web.refused(request.endpoint, None, error.field)
        error = _as_bad_input(error)
    code, words = error.code or 500, _wording().PROBLEMS
    if code < 400:
        return error
    wrong, rule, remedy = words.get(error.description) or words.get(code) or words[400 if code < 500 else 500]
    messages = [(path.partition(".")[2], text) for path, text in _flat(getattr(error, "data", {}).get("messages", {}))]
    errors = getattr(error, "errors", None) or _explained(messages, {})
    if errors:
        rule, remedy = errors[0]["rule"], errors[0]["remedy"]
    body = {"status": code, "wrong": wrong, "rule": rule, "remedy": remedy, "errors": errors}
    api = request.path.startswith("/api/")
    response = make_response(jsonify(body) if api else render_template("problem.html", quiet=True, **body), code)
    response.headers.extend([pair for pair in error.get_headers() if pair[0] in ("Allow", "Retry-After")])
    if code == 503:
        response.headers["Retry-After"] = "15"
    return response


def _as_bad_input(problem: BadInput | Refused) -> BadInput:
    if isinstance(problem, BadInput):
        return problem
    rule, remedy = (gettext(text, **problem.values) for text in (problem.rule, problem.remedy))
    error = {"field": problem.field, "label": problem.field, "rule": rule, "remedy": remedy}
    return BadInput([error], status=problem.status)


def _wording() -> Any:
    return current_app.jinja_env.get_template("wording.jinja").make_module()


def _lines(text: str) -> str:
    """Every end of a line alike: word processors paste theirs, and ends of pages, into a form."""
    return re.sub("\r\n?|\v|\f", "\n", text)


def _from_form(schema: Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in schema.fields.items():
        key = field.data_key or name
        sent = [_lines(text).strip() for text in form.getlist(key)]
        if sent := [text for text in sent if text]:
            values[key] = sent if isinstance(field, fields.List) else sent[0]
    return values


def _unclean(value: Any, longest: int, path: str = "", depth: int = 0) -> Messages:
    if isinstance(value, str):
        if found := UNREADABLE.search(value):
            yield path, "half a character" if found["half"] else "control character"
        elif len(value) > longest:
            yield path, f"Longer than maximum length {longest}."
    elif isinstance(value, dict | list):
        if depth > DEEPEST:
            abort(400)
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _unclean(key, longest, path, depth)
            yield from _unclean(inner, longest, f"{path}.{key}".strip("."), depth + 1)


def _flat(messages: Any, path: str = "") -> Messages:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flat(inner, path if key == "_schema" else f"{path}.{key}".strip("."))
    else:
        yield from ((path, str(message)) for message in messages)


def _explained(messages: list[tuple[str, str]], labels: Mapping[str, Any]) -> list[dict[str, str]]:
    known = _wording().RULES if messages else []
    told = ((path, str(labels.get(path.partition(".")[0], path)), *_rule(text, known)) for path, text in messages)
    return [dict(zip(("field", "label", "rule", "remedy"), one, strict=True)) for one in told]


def _rule(message: str, known: list[tuple[str, str, str]]) -> tuple[str, str]:
    for english, rule, remedy in known:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(english))
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return rule.format(**found.groupdict()), remedy.format(**found.groupdict())
    own, _, remedy = message.partition(" → ")  # the schema's own words: "rule → remedy"
    return gettext(own), gettext(remedy or "请改正后重新提交。")
