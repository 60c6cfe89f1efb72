"""A small site made by the real app factory: views of every kind, and readers who may open some of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, g, render_template, request
from flask.views import MethodView
from flask_smorest import Blueprint as Resources
from joserfc.jwk import OKPKey
from marshmallow import Schema, fields, validate

import shared.web
from shared.errors import Conflict, Forbidden, Unavailable
from shared.web import frame, session
from shared.web.access import Role, allow, public
from shared.web.app import create_app, limiter
from shared.web.forms import BadInput, parse, rerender

KEY = OKPKey.generate_key("Ed25519")
PRIVATE, PUBLIC_KEY = KEY.as_pem(private=True).decode(), KEY.as_pem(private=False).decode()
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CATALOGUES = Path(shared.web.__file__).parent / "translations"

CLERK = session.Reader(
    official_id="o-7", name="张小芳", org="431023", posts=({"title": "登记员", "org": "431023"},),
    roles=frozenset({"clerk"}), scope=frozenset({"431023", "431023104"}), sid="s-1",
)  # fmt: skip
SECRETARY = replace(CLERK, official_id="o-1", name="刘书记", roles=frozenset({"first_in_command"}), sid="s-2")


ORG_OF_CASE = {"a": "431023104", "b": "431023105"}
FAULTS = {
    "conflict": Conflict("stage", "本件已由%(who)s办理。", "请刷新页面。", who="王建平"),
    "forbidden": Forbidden("case", "被反映人不得查看。", "请回避。"),
    "unavailable": Unavailable("postgresql://zhida:hunter2@db"),
    "bug": ZeroDivisionError("secret detail"),
}


class Petition(Schema):
    title = fields.Str(required=True, validate=validate.Length(max=5), metadata={"label": "标题"})
    kinds = fields.List(fields.Str())
    count = fields.Int()


def blueprint() -> Blueprint:
    pages = Blueprint("pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    add_closed_views(pages)
    add_open_views(pages)
    frame.menu(pages, "工作台", ".desk", order=1, badge=lambda reader: 3)
    frame.menu(pages, "坏了的", ".org_list", order=2, badge=lambda reader: 1 // 0)
    frame.menu(pages, "公开", ".front", order=3)
    return pages


def add_closed_views(pages: Blueprint) -> None:
    @pages.get("/desk")
    @allow(Role.CLERK)
    def desk():
        reader = session.current_reader()
        return f"{reader and reader.name} {g.traceparent}"

    @pages.get("/orgs")
    @allow(Role.CLERK)
    def org_list():
        return "list"

    @pages.get("/orgs/<org>")
    @allow(Role.CLERK, scope="org")
    def org(org):
        return org

    @pages.get("/cases/<case>")
    @allow(Role.CLERK, scope=lambda case: ORG_OF_CASE.get(case))  # noqa: PLW0108
    def case(case):
        return case

    @pages.route("/forgotten", methods=["GET", "POST"])
    def forgotten():
        return "nobody declared me"


def add_open_views(pages: Blueprint) -> None:
    @pages.get("/")
    @public
    def front():
        return render_template("frame.html")

    @pages.route("/form", methods=["GET", "POST"])
    @public
    def form():
        if request.method == "GET":
            return render_template("probe.html")
        try:
            return parse(Petition(), request.form)
        except BadInput as bad:
            return rerender("probe.html", bad)

    @pages.get("/fault/<kind>")
    @public
    def fault(kind):
        raise FAULTS[kind]

    @pages.get("/few")
    @public
    @limiter.limit("2 per minute")
    def few():
        return "one of few"


def resources() -> Resources:
    api = Resources("cases", __name__, url_prefix="/api/cases")

    @api.route("/")
    class Cases(MethodView):
        @public
        @api.response(200, Petition(many=True))
        def get(self):
            return []

        @allow(Role.CLERK)
        @api.arguments(Petition)
        @api.response(201, Petition)
        def post(self, petition):
            return petition

        def delete(self):
            return "nobody declared me"

    @api.route("/ping", methods=["POST"])
    @public
    def ping():
        return "reads no body"

    @api.route("/open", methods=["POST"])
    @public
    def open_():
        return {"got": parse(Petition(), request.get_json())}

    return api


@pytest.fixture
def settings() -> SimpleNamespace:
    return SimpleNamespace(
        org="431023", org_name="永兴县", org_name_en="Yongxing County", secret_key="x" * 32,
        session_private_key=PRIVATE, session_public_key=PUBLIC_KEY, secure_cookies=False, demo=False,
    )  # fmt: skip


@pytest.fixture
def app(settings: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site; refused tries are collected in `web.tries`, and the real time stands still at NOW."""
    app = create_app(settings, [blueprint(), resources()])
    web = app.extensions["zhida"]
    web.real_now, web.tries = lambda: NOW, []
    web.refused = lambda *what: web.tries.append(what)
    folder = tmp_path_factory.mktemp("translations")
    compile_catalogue(CATALOGUES, folder)
    app.extensions["babel"].translation_directories[:] = [str(folder)]
    return app


def compile_catalogue(source: Path, target: Path) -> None:
    """What set-up does with pybabel, without writing into the source tree."""
    for po in source.rglob("*.po"):
        mo = target / po.relative_to(source).with_suffix(".mo")
        mo.parent.mkdir(parents=True, exist_ok=True)
        out = BytesIO()
        write_mo(out, read_po(BytesIO(po.read_bytes()), locale="en"))
        mo.write_bytes(out.getvalue())


@pytest.fixture
def client(app: Flask):
    return app.test_client()


@pytest.fixture
def sign_in(client):
    """Put a token of `reader` into the client, issued `age` ago."""

    def put(reader=CLERK, age=timedelta(0)):
        client.set_cookie(session.COOKIE, session.issue(reader, PRIVATE, NOW - age))

    return put


@pytest.fixture
def form_token():
    """The hidden token of the form page, as a client's browser would send it back."""

    def read(client):
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/form").text)
        assert found
        return found[1]

    return read


@pytest.fixture
def clerk():
    return CLERK


@pytest.fixture
def secretary():
    return SECRETARY


@pytest.fixture
def now():
    return NOW
