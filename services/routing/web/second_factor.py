"""The second factor of local accounts: asked for after the password, enrolled with a square and a first code, given up, reset."""

from __future__ import annotations

from typing import Any

import segno
from flask import flash, make_response, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from services.routing import passwords
from services.routing.domain import sign_in, totp
from services.routing.handlers import accounts, identities, second_factor, signing
from services.routing.handlers.second_factor import Tried
from services.routing.store import directory as read_directory
from services.routing.web.accounts import EVERYBODY, STEP, signed_in, wanted
from services.routing.web.appointing import editing
from services.routing.web.assignments import WORKERS
from services.routing.web.common import blueprint, log, problem, reader, site, status_of
from services.routing.web.forms import CodeForm, CurrentForm, ResetForm
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web import session
from shared.web.access import Role, allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


def _secret() -> str:
    found: str = session.web.settings.secret_key
    return found


# -- while signing in -------------------------------------------------------------------------------------------------
@blueprint.get("/sign-in/second")
@public
def second_page() -> ResponseReturnValue:
    """The form for the code, after the right password."""
    try:
        with unit_of_work("routing") as uow:
            second_factor.whose(uow, form_session.get(STEP, ""), session.web.real_now())
    except NotFound:
        return _too_late()
    return render_template("routing/second.html", next=wanted())


@blueprint.post("/sign-in/second")
@public
@limiter.limit("30 per minute")
def second_now() -> ResponseReturnValue:
    """Sign in with the code or with a recovery code; each is good once."""
    now, token = session.web.real_now(), form_session.get(STEP, "")
    try:
        typed = parse(CodeForm(), request.form)["code"]
        with unit_of_work("routing") as uow:
            official = second_factor.whose(uow, token, now)
            tried = second_factor.try_code(uow, official, typed, _secret(), now)
            if tried.official:
                second_factor.end_step(uow, token, now)
                form_session.pop(STEP, None)
                return signed_in(uow, official, "password")
    except NotFound:
        return _too_late()
    except BadInput as fault:
        return render_template("routing/second.html", next=wanted(), **problem(fault)), 422
    log.warning("second factor failed %s", official)
    return _wrong("routing/second.html", tried, next=wanted())


def _too_late() -> ResponseReturnValue:
    flash(gettext("登录已超时，请重新输入账号和密码。"))
    return redirect(url_for("routing.sign_in_page", next=wanted()), 303)


def _wrong(template: str, tried: Tried, **context: Any) -> ResponseReturnValue:
    """The form once more; the code is not handed back. A long wait is told, a short one too."""
    if tried.wait:
        rule = gettext("口令不正确或尝试次数过多，请在 %(num)d 秒后再试。", num=int(tried.wait.total_seconds()) + 1)
    else:
        rule = gettext("口令不正确，或已经用过。")
    remedy = gettext("请输入手机上新出现的口令；手机的时间须准确。")
    error = {"field": "code", "label": gettext("口令"), "rule": rule, "remedy": remedy}
    return render_template(template, errors=[error], **context), 429 if tried.wait else 422


@blueprint.get("/sign-in/enrol")
@public
def enrol_page() -> ResponseReturnValue:
    """The square of the second factor that the site demands before this official may go on."""
    try:
        with unit_of_work("routing") as uow:
            official = second_factor.whose(uow, form_session.get(STEP, ""), session.web.real_now())
            return render_template("routing/enrol.html", next=wanted(), demanded=True, **_square(uow, official))
    except NotFound:
        return _too_late()


@blueprint.post("/sign-in/enrol")
@public
@limiter.limit("30 per minute")
def enrol_now() -> ResponseReturnValue:
    """The first code puts the second factor in force and signs in; the recovery codes are shown once."""
    now, token = session.web.real_now(), form_session.get(STEP, "")
    try:
        with unit_of_work("routing") as uow:
            official = second_factor.whose(uow, token, now)
            typed = parse(CodeForm(), request.form)["code"]
            tried = second_factor.enrol(uow, official, typed, _secret(), now)
            if tried.official:
                second_factor.end_step(uow, token, now)
                form_session.pop(STEP, None)
                response = make_response(render_template("routing/recovery.html", codes=tried.codes, next=wanted()))
                return signed_in(uow, official, "password", response)
    except NotFound:
        return _too_late()
    except BadInput as fault:
        return _enrol_again(official, demanded=True, **problem(fault)), 422
    return _wrong("routing/enrol.html", tried, **_context(official, demanded=True))


def _context(official: str, **more: Any) -> dict[str, Any]:
    with unit_of_work("routing") as uow:
        return {"next": wanted(), **_square(uow, official), **more}


def _enrol_again(official: str, **more: Any) -> str:
    return render_template("routing/enrol.html", **_context(official, **more))


def _square(uow: UnitOfWork, official: str) -> dict[str, Any]:
    """The square, and the secret for who cannot point a camera at it."""
    secret = second_factor.offered(uow, official, _secret())
    address = totp.address(secret, official, f"{gettext('直达')} {session.web.settings.org}")
    square = segno.make_qr(address, error="m").svg_inline(border=4, svgclass="qr", lineclass=None, omitsize=True)
    text = totp.secret_text(secret)
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return {"square": Markup(square), "secret": groups}  # noqa: S704 - made here, of nothing that was typed


# -- one's own account --------------------------------------------------------------------------------------------------
@blueprint.get("/sign-in/account")
@allow(*EVERYBODY)
def account_page() -> ResponseReturnValue:
    """One's own account: password, second factor, the provider's identity."""
    return _account()


def _account(**more: Any) -> str:
    me = reader()
    with unit_of_work("routing") as uow:
        factor, left = second_factor.standing(uow, me.official_id)
        has_password = accounts.password_hash(uow, me.official_id) is not None
        roles = sign_in.claims(read_directory(uow), me.official_id).roles
        oidc = site().oidc
        identity = identities.identity_of(uow, oidc.issuer, me.official_id) if oidc else None
        key = signing.key_in_force(uow, me.official_id, uow.org, uow.now)
    demanded = totp.is_required(roles, site().second_factor)
    context: dict[str, Any] = {
        "factor": factor,
        "left": left,
        "demanded": demanded,
        "has_password": has_password,
        "identity": identity,
    }
    context |= {"signs": me.may(*WORKERS), "key": key}
    return render_template("routing/account.html", **context | more)


@blueprint.post("/sign-in/account/second")
@allow(*EVERYBODY)
@limiter.limit("10 per minute")
def offer_second() -> ResponseReturnValue:
    """Offer a second factor to who knows the account's password, or has none yet."""
    me = reader()
    try:
        _prove(parse(CurrentForm(), request.form)["current"])
        with unit_of_work("routing") as uow:
            second_factor.offer(uow, me.official_id, _secret(), session.web.real_now())
    except (BadInput, Refused) as fault:
        return _account(**problem(fault)), status_of(fault)
    return redirect(url_for("routing.own_second"), 303)


def _prove(typed: str) -> None:
    """Raises Refused unless this is the reader's password, or he has none."""
    me = reader()
    with unit_of_work("routing") as uow:
        current = accounts.password_hash(uow, me.official_id)
    if current is not None and not passwords.fits(current, typed):
        raise Refused("current", "当前密码不正确。", "请重新输入当前密码。")


@blueprint.get("/sign-in/account/second")
@allow(*EVERYBODY)
def own_second() -> ResponseReturnValue:
    """The square of what was offered."""
    return _enrol_again(reader().official_id, demanded=False)


@blueprint.post("/sign-in/account/second/confirm")
@allow(*EVERYBODY)
@limiter.limit("30 per minute")
def confirm_second() -> ResponseReturnValue:
    """The first code puts it in force; the recovery codes are shown once."""
    me = reader()
    try:
        typed = parse(CodeForm(), request.form)["code"]
    except BadInput as fault:
        return _enrol_again(me.official_id, demanded=False, **problem(fault)), 422
    with unit_of_work("routing") as uow:
        tried = second_factor.enrol(uow, me.official_id, typed, _secret(), session.web.real_now())
    if tried.official is None:
        return _wrong("routing/enrol.html", tried, **_context(me.official_id, demanded=False))
    return render_template("routing/recovery.html", codes=tried.codes, next=url_for("routing.account_page"))


@blueprint.post("/sign-in/account/second/off")
@allow(*EVERYBODY)
@limiter.limit("10 per minute")
def switch_off_second() -> ResponseReturnValue:
    """Give it up, with a code; not where the site demands one."""
    me = reader()
    try:
        typed = parse(CodeForm(), request.form)["code"]
        with unit_of_work("routing") as uow:
            tried = second_factor.try_code(uow, me.official_id, typed, _secret(), session.web.real_now())
        if tried.official is None:
            raise Refused("code", "口令不正确，或已经用过。", "请输入手机上新出现的口令；手机的时间须准确。")
        with unit_of_work("routing") as uow:
            second_factor.switch_off(uow, me.official_id, site().second_factor)
    except (BadInput, Refused) as fault:
        return _account(**problem(fault)), status_of(fault)
    flash(gettext("动态口令已停用。"))
    return redirect(url_for("routing.account_page"), 303)


@blueprint.post("/routing/directory/officials/<official>/second-factor")
@allow(Role.ADMINISTRATOR)
def reset_second(official: str) -> ResponseReturnValue:
    """Take a lost second factor away."""
    data = parse(ResetForm(), request.form)
    with unit_of_work("routing") as uow:
        second_factor.reset(uow, editing(data), official)
    flash(gettext("动态口令已重置，该同志的登录均已退出，下次登录时会告知本人。"))
    return redirect(url_for("routing.official", official=official), 303)
