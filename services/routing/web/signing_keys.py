"""Signing PINs: an official sets his own; an administrator may end a key whose PIN is lost, and never use one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.routing import passwords, pins, store
from services.routing.domain import keys
from services.routing.handlers import accounts, signing
from services.routing.web.accounts import address
from services.routing.web.assignments import WORKERS
from services.routing.web.common import blueprint, problem, reader, seen, status_of
from services.routing.web.forms import EndKeyForm, PinForm
from shared.contract.envelope import uuid7
from shared.errors import Refused
from shared.web import session
from shared.web.access import Role, allow
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

READERS = (Role.ADMINISTRATOR, Role.AUDITOR, Role.OFFICE)


@blueprint.get("/routing/pin")
@allow(*WORKERS)
def pin_page() -> ResponseReturnValue:
    """The reader's keys, and the form for a PIN."""
    return _page()


def _page(**more: object) -> str:
    me = reader().official_id
    with unit_of_work("routing") as uow:
        known = signing.keys_of(uow, me, uow.org)
        has_password = accounts.password_hash(uow, me) is not None
    current = next((key for key in known if key.ends is None), None)
    return render_template("routing/pin.html", known=known[::-1], current=current, has_password=has_password, **more)


@blueprint.post("/routing/pin")
@allow(*WORKERS)
@limiter.limit("10 per minute")
def set_pin() -> ResponseReturnValue:
    """A new PIN is a new key; the account's password is asked for, so that an open screen is not enough to sign in another's name."""
    me = reader()
    try:
        form = parse(PinForm(), request.form)
        keys.check_pin(form["pin"], me.official_id, me.name)
        _confirm(me.official_id, form["current"])
        public, sealed = pins.make(uuid7(), me.official_id, form["pin"], session.web.settings.secret_key)
        with unit_of_work("routing") as uow:
            signing.set_key(uow, me.official_id, public, sealed)
    except (BadInput, Refused) as fault:
        return _page(**problem(fault)), status_of(fault)
    flash(gettext("签名口令已设定，今后的回复用它签名。"))
    return redirect(url_for("routing.pin_page"), 303)


def _confirm(official: str, password: str) -> None:
    """Whoever has a password gives it; tries count as those to sign in do. Raises Refused."""
    now = session.web.real_now()
    with unit_of_work("routing") as uow:
        if accounts.password_hash(uow, official) is None:  # signed in by a link: there is none to ask for
            return
        begun = accounts.begin_try(uow, official, address(), now)
    if begun.wait:
        num = int(begun.wait.total_seconds()) + 1
        raise Refused("current", "尝试次数过多，请在 %(num)d 秒后再试。", "请稍后重新输入当前密码。", num=num)
    if not passwords.fits(begun.password_hash, password):
        raise Refused("current", "当前密码不正确。", "请重新输入当前密码。")
    with unit_of_work("routing") as uow:
        accounts.end_try(uow, official, address(), now)


@blueprint.get("/routing/keys")
@allow(*READERS)
def signing_keys() -> ResponseReturnValue:
    """Every key that replies here are held against: the instance's own and those that instances below told of."""
    return _listed()


def _listed(**more: object) -> str:
    with unit_of_work("routing") as uow:
        rows, own = seen(uow, "signing_keys_listed"), uow.org
        names = {code: one.name for code, one in store.directory(uow).organisations.items()}
    return render_template("routing/keys.html", rows=rows, own=own, names=names, may_end=reader().may(Role.ADMINISTRATOR), **more)


@blueprint.post("/routing/keys/<uuid:key_id>/end")
@allow(Role.ADMINISTRATOR, *WORKERS)
def end_key(key_id: UUID) -> ResponseReturnValue:
    """End a key: one's own, or as administrator anybody's."""
    me = reader()
    try:
        form = parse(EndKeyForm(), request.form)
        with unit_of_work("routing") as uow:
            ended = signing.end_key(uow, key_id, me.official_id, form["reason"])
    except (BadInput, Refused) as fault:
        more = problem(fault)
        return (_listed(**more) if me.may(Role.ADMINISTRATOR) else _page(**more)), status_of(fault)
    flash(gettext("签名密钥已停用；此前的签名仍然有效。"))
    mine = ended.official == me.official_id and not me.may(Role.ADMINISTRATOR)
    return redirect(url_for("routing.pin_page" if mine else "routing.signing_keys"), 303)


menu(blueprint, lazy_gettext("签名密钥"), ".signing_keys", order=94)
