"""Signing in and out, one-time links, passwords, and each role's first page. Times are real time."""

from __future__ import annotations

import hmac
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from services.routing import handlers, passwords, store
from services.routing.domain import sign_in
from services.routing.handlers import accounts, second_factor
from services.routing.web.common import blueprint, log, opens, problem, reader, site, status_of
from services.routing.web.forms import PasswordForm, SignInForm
from services.routing.web.providing import leaving
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web import session
from shared.web.access import Role, allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import local
from shared.web.limits import network

EVERYBODY = tuple(Role)
STEP = "second_step"  # in the form's session: the token of a right password
# The first that a reader holds and this process serves is his first page.
DESKS = (
    (("first_in_command",), "/routing/review"),
    (("clerk",), "/intake/desk"),
    (("leader", "unit_head", "officer"), "/routing/assignments"),
    (("office", "auditor"), "/reporting/cases"),
    (("supervision_office",), "/supervision/deadlines"),
    (("followup",), "/followup/tasks"),
    (("office",), "/routing/replies"),
    (tuple(Role), "/routing/directory"),
)


_ = lazy_gettext
NOTICES = {
    "factor_reset": _("%(at)s，%(name)s（%(post)s）重置了您的动态口令。不是您要求的，请立即联系系统管理员。"),
    "identity_linked": _("%(at)s，%(name)s（%(post)s）将一个统一身份关联到了您的账号。不是您要求的，请立即联系系统管理员。"),
    "identity_unlinked": _("%(at)s，%(name)s（%(post)s）解除了您账号的统一身份关联。"),
}


@blueprint.get("/desk")
@allow(*EVERYBODY)
def desk() -> ResponseReturnValue:
    """Each role's first page."""
    return redirect(next(path for roles, path in DESKS if reader().may(*roles) and opens(path)), 303)


@blueprint.get("/sign-in")
@public
def sign_in_page() -> ResponseReturnValue:
    """The form; who is signed in already goes on to where he wanted."""
    if session.current_reader():
        return redirect(wanted(), 303)
    return render_template("routing/sign_in.html", leaving=leaving())


@blueprint.post("/sign-in")
@public
@limiter.limit("30 per minute")
def sign_in_now() -> ResponseReturnValue:
    """Sign in. An unknown name and a wrong password get the same answer after the same time."""
    try:
        form = parse(SignInForm(), request.form)
    except BadInput as fault:
        return render_template("routing/sign_in.html", **problem(fault)), 422
    official, now = form["official"], session.web.real_now()
    with unit_of_work("routing") as uow:
        begun = accounts.begin_try(uow, official, address(), now)
    if begun.wait:
        words = gettext("尝试次数过多，请在 %(num)d 秒后再试。", num=int(begun.wait.total_seconds()) + 1)
        return _refused(words, gettext("忘记密码请联系本单位系统管理员。")), 429
    if not passwords.fits(begun.password_hash, form["password"]):
        log.warning("sign-in failed")
        return _refused(gettext("账号或密码不正确。"), gettext("请核对后重新输入。")), 422
    with unit_of_work("routing") as uow:
        accounts.end_try(uow, official, address(), now)
        lacks = second_factor.needed(uow, official, site().second_factor)
        if lacks is None:
            return signed_in(uow, official, "password")
        if lacks == second_factor.ENROL:
            second_factor.offer(uow, official, session.web.settings.secret_key, now)
        form_session[STEP] = second_factor.begin_step(uow, official, now)
    page = "routing.second_page" if lacks == second_factor.CONFIRM else "routing.enrol_page"
    return redirect(url_for(page, next=wanted()), 303)


def address() -> str:
    """A keyed hash of where the request comes from: enough to tell addresses apart, and nothing of an address is kept."""
    place = f"sign-in from {network(request.remote_addr)}"
    return hmac.new(session.web.settings.secret_key.encode(), place.encode(), "sha256").hexdigest()


def _refused(rule: str, remedy: str) -> str:
    error = {"field": "official", "label": "", "rule": rule, "remedy": remedy}
    return render_template("routing/sign_in.html", errors=[error], values={"official": request.form.get("official", "")})


def wanted() -> str:
    """Where the official wanted to go."""
    return session.safe_next(request.values.get("next"), url_for("routing.desk"))


def signed_in(uow: UnitOfWork, official: str, means: str, response: Response | None = None) -> Response:
    """Begin a session in this browser; without a `response` of its own it goes on to where the official wanted.

    He is told what others did with his account since.
    """
    sid, claims = accounts.begin_session(uow, official, session.web.real_now(), means)
    for notice in uow.all(store.SQL["take_notices"], official=official, now=session.web.real_now()):
        who = notice["by"] or {"name": gettext("系统"), "post": ""}
        flash(gettext(NOTICES[notice["kind"]], name=who["name"], post=who["post"], at=f"{local(notice['at']):%Y-%m-%d %H:%M}"))
    if taken := handlers.take_up(uow, official):
        flash(gettext("您现任的职务上有 %(num)d 项在办的交办，已由您接手，期限照常计算。", num=taken))
    response = response or redirect(wanted(), 303)
    session.set_cookie(response, _token(official, sid, claims))
    return response


def _token(official: str, sid: str, claims: sign_in.Claims) -> str:
    signed_in = session.Reader(
        official_id=official, name=claims.name, org=claims.organisation, posts=claims.posts, roles=claims.roles,
        scope=claims.scope, sid=sid,
    )  # fmt: skip
    return session.issue(signed_in, session.web.settings.session_private_key, session.web.real_now())


@blueprint.get("/sign-in/link/<token>")  # 128 bits, once: nobody guesses one, so the frame's own rate does
@public
def sign_in_link(token: str) -> ResponseReturnValue:
    """Sign in by a one-time link; only where the instance is a demo."""
    if not session.web.settings.demo:
        return abort(404)
    with unit_of_work("routing") as uow:
        official = accounts.use_link(uow, token, session.web.real_now())
        return signed_in(uow, official, "link")


@blueprint.get("/sign-in/renew")
@public
def renew() -> ResponseReturnValue:
    """A fresh token, with the roles of now, for a session that is neither ended nor twelve hours old."""
    current = session.current_reader()
    if current is None:
        return session.sign_in("/sign-in") if not request.args.get("next") else _again()
    try:
        with unit_of_work("routing") as uow:
            claims = accounts.renew_session(uow, current.official_id, current.sid, session.web.real_now())
    except Refused:
        return _again()
    response = redirect(wanted(), 303)
    session.set_cookie(response, _token(current.official_id, current.sid, claims))
    return response


def _again() -> ResponseReturnValue:
    response = redirect(url_for("routing.sign_in_page", next=wanted()), 303)
    session.set_cookie(response, "")
    return response


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session here and in every service."""
    current, means = session.current_reader(), None
    if current is not None:
        with unit_of_work("routing") as uow:
            means = accounts.means_of(uow, current.sid)
            accounts.end_sessions(uow, current.official_id, session.web.real_now(), sid=current.sid)
    response = redirect(url_for("routing.sign_in_page", left="oidc" if means == "oidc" else None), 303)
    session.set_cookie(response, "")
    return response


@blueprint.get("/sign-in/password")
@allow(*EVERYBODY)
def password_page() -> ResponseReturnValue:
    """The form for a new password."""
    return _password_form()


def _password_form(**more: Any) -> str:
    with unit_of_work("routing") as uow:
        has_password = accounts.password_hash(uow, reader().official_id) is not None
    return render_template("routing/password.html", has_password=has_password, **more)


@blueprint.post("/sign-in/password")
@allow(*EVERYBODY)
@limiter.limit("10 per minute")
def change_password() -> ResponseReturnValue:
    """A new password; every other session of the official is ended."""
    me, now = reader(), session.web.real_now()
    try:
        form = parse(PasswordForm(), request.form)
        sign_in.check_password(form["password"], me.official_id, me.name)
        with unit_of_work("routing") as uow:
            current = accounts.password_hash(uow, me.official_id)
        # Without a password yet (a one-time link brought him here), there is none to ask for.
        if current is not None and not passwords.fits(current, form["current"]):
            raise Refused("current", "当前密码不正确。", "请重新输入当前密码。")
    except (BadInput, Refused) as fault:
        return _password_form(**problem(fault)), status_of(fault)
    made = passwords.make_hash(form["password"])
    with unit_of_work("routing") as uow:
        accounts.set_password_hash(uow, me.official_id, made, now, but=me.sid)
    flash(gettext("密码已更改，其他登录均已退出。"))
    return redirect(url_for("routing.desk"), 303)
