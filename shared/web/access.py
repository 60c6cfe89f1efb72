"""Who may open what: every view says it itself, and a view that says nothing is closed to everybody."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from flask import Flask, abort, current_app, request
from flask_babel import LazyString, lazy_gettext
from werkzeug.wrappers import Response

from shared.web import session

PUBLIC = "public"
View = TypeVar("View", bound=Callable[..., Any])
Scope = str | Callable[..., str | None] | None


class Role(StrEnum):
    """What an official does here, as the token carries it; `label` is the name in the reader's language."""

    label: LazyString

    CLERK = "clerk", lazy_gettext("登记员")
    FIRST_IN_COMMAND = "first_in_command", lazy_gettext("党委（党组）一把手")
    LEADER = "leader", lazy_gettext("县级领导")
    UNIT_HEAD = "unit_head", lazy_gettext("单位负责人")
    OFFICER = "officer", lazy_gettext("承办人")
    OFFICE = "office", lazy_gettext("领导小组办公室")
    SUPERVISION_OFFICE = "supervision_office", lazy_gettext("督查室")
    FOLLOWUP = "followup", lazy_gettext("回访员")
    AUDITOR = "auditor", lazy_gettext("审计员")
    ADMINISTRATOR = "administrator", lazy_gettext("系统管理员")

    def __new__(cls, value: str, label: Any = None) -> "Role":
        role = str.__new__(cls, value)
        role._value_, role.label = value, label
        return role


class Rule(NamedTuple):
    """What `allow` declares."""

    roles: frozenset[str]
    scope: Scope


def public(view: View) -> View:
    """Open to everybody, signed in or not. For a view, a resource class or one of its methods."""
    view.zhida_access = PUBLIC  # type: ignore[attr-defined]
    return view


def accepts(kind: str) -> Callable[[View], View]:
    """This resource takes `kind` in place of JSON. For one that checks a signature of its own: any page can send such a kind."""

    def declare(view: View) -> View:
        view.zhida_accepts = kind  # type: ignore[attr-defined]
        return view

    return declare


def allow(*roles: str, scope: Scope = None) -> Callable[[View], View]:
    """Open to readers with one of `roles`. With `scope`, the organisation must lie in the reader's scope too.

    `scope` names a path argument that holds an organisation code, or a function of the path's arguments that
    gives the code (None: no such thing). Outside the scope the answer is 404: what exists is not told."""

    def declare(view: View) -> View:
        view.zhida_access = Rule(frozenset(map(str, roles)), scope)  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask, endpoint: str, method: str) -> Rule | str | None:
    """What the view behind `endpoint` says of itself for `method`: a rule, 'public', or None (closed)."""
    view = app.view_functions[endpoint]
    kind = getattr(view, "view_class", view)
    own = getattr(kind, "get" if method == "HEAD" else method.lower(), None)
    said = getattr(own, "zhida_access", None) or getattr(kind, "zhida_access", None)
    return PUBLIC if endpoint.rpartition(".")[2] == "static" else said  # files are open to all


def rules(app: Flask) -> dict[str, frozenset[str] | str | None]:
    """Endpoint (of classes: 'endpoint METHOD') -> its roles, 'public' or None (closed). For the matrix."""
    kinds = {name: getattr(view, "view_class", None) for name, view in app.view_functions.items()}
    asked = [(name, method) for name, kind in kinds.items() for method in sorted(kind.methods if kind else [""])]
    said = {f"{name} {method}".strip(): declared(app, name, method or "GET") for name, method in asked}
    return {name: rule.roles if isinstance(rule, Rule) else rule for name, rule in said.items()}


def guard() -> Response | None:
    """Let the request pass, send its reader to sign in, or refuse it and tell the app's hook."""
    rule = declared(current_app, request.endpoint, request.method) if request.endpoint else PUBLIC
    if rule == PUBLIC:
        return None
    reader = session.current_reader()
    if isinstance(rule, Rule) and reader and reader.may(*rule.roles) and _within(reader, rule.scope):
        return session.renewal(reader)
    if not isinstance(rule, Rule):
        why, answer = "undeclared", 403
    elif reader is None:
        why, answer = "not signed in", 401
    else:  # outside the reader's scope, what exists is not told
        why, answer = ("scope", 404) if reader.may(*rule.roles) else ("role", 403)
    session.web.refused(request.endpoint, reader and reader.official_id, why)
    return session.sign_in("/sign-in") if answer == 401 and not request.path.startswith("/api/") else abort(answer)


def _within(reader: session.Reader, scope: Scope) -> bool:
    args = request.view_args or {}
    org = scope(**args) if callable(scope) else str(args[scope]) if scope else None
    return scope is None or (org is not None and reader.sees(org))
