"""Signing in by the county's identity provider, and linking its identities to officials."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.routing.handlers import identities, roster
from services.routing.provider import Identity, ProviderFault, Trouble
from services.routing.web.accounts import EVERYBODY, signed_in, wanted
from services.routing.web.appointing import editing
from services.routing.web.common import MANY, blueprint, fresh, log, problem, reader, status_of
from services.routing.web.directory_forms import LinkForm
from services.routing.web.forms import ResetForm
from services.routing.web.providing import absolute, provider
from shared.errors import Refused
from shared.web import session
from shared.web.access import Role, allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

_ = lazy_gettext
STATES, OFFER = "oidc_states", "oidc_offer"  # in the form's session
TABS = 4  # sign-ins that one browser may have under way
TROUBLES: dict[str, tuple[Any, Any]] = {
    Trouble.UNREACHABLE: (_("统一身份认证现在没有应答。"), _("请稍后再试，或用账号密码登录。")),
    Trouble.NONSENSE: (_("统一身份认证的设置与本系统不符。"), _("请联系系统管理员；可先用账号密码登录。")),
    Trouble.DENIED: (_("统一身份认证没有同意这次登录。"), _("请重新登录；仍不行的，请联系系统管理员。")),
    Trouble.REFUSED: (_("统一身份认证拒绝了这次登录。"), _("请重新登录；仍不行的，请联系系统管理员。")),
    Trouble.BAD_TOKEN: (_("统一身份认证给出的身份凭证无效，没有登录。"), _("请重新登录；仍不行的，请联系系统管理员。")),
    "lost": (_("这次登录已过期、已使用过，或不是在这个浏览器中开始的。"), _("请重新登录。")),
    "stranger": (
        _("您的统一身份还没有关联到本系统的人员。"), _("请先用账号密码登录，在“我的账号”中关联；或请系统管理员确认后再登录。"),
    ),
    "gone": (_("该账号已离任或不在通讯录中。"), _("请联系系统管理员。")),
    "other": (_("关联须由同一位同志完成：登录的人已经变了。"), _("请重新登录后再关联。")),
}  # fmt: skip


@blueprint.get("/sign-in/oidc")
@public
@limiter.limit("30 per minute")
def oidc_begin() -> ResponseReturnValue:
    """To the provider. With `link`, and signed in, its identity is linked to one's own account instead."""
    me = session.current_reader() if request.args.get("link") else None
    if request.args.get("link") and me is None:
        return session.sign_in("/sign-in")
    try:
        begun = provider().begin(absolute("routing.oidc_callback"))
    except ProviderFault as fault:
        return _fault(fault.trouble, fault)
    next_page = url_for("routing.account_page") if me else wanted()
    with unit_of_work("routing") as uow:
        identities.begin_flow(
            uow, begun.state, nonce=begun.nonce, verifier=begun.verifier, next_page=next_page,
            official=me.official_id if me else None, now=session.web.real_now(),
        )  # fmt: skip
    form_session[STATES] = [*form_session.get(STATES, []), begun.state][-TABS:]
    return redirect(begun.url, 303)


@blueprint.get("/sign-in/oidc/callback")
@public
@limiter.limit("30 per minute")
def oidc_callback() -> ResponseReturnValue:
    """Back from the provider: the state is this browser's and good once, and the token says who it is."""
    known, state, now = provider(), request.args.get("state", ""), session.web.real_now()
    mine = state in form_session.get(STATES, [])
    form_session[STATES] = [other for other in form_session.get(STATES, []) if other != state]
    with unit_of_work("routing") as uow:
        flow = identities.take_flow(uow, state, now) if mine else None
    if flow is None:
        return _fault("lost")
    try:
        answer = {name: request.args[name] for name in ("code", "iss", "error") if name in request.args}
        found = known.identify(
            answer, verifier=flow.verifier, nonce=flow.nonce, redirect_uri=absolute("routing.oidc_callback"), now=now
        )  # fmt: skip
    except ProviderFault as fault:
        return _fault(fault.trouble, fault)
    return _offer(found, flow.official) if flow.official else _enter(found, flow.next)


def _enter(found: Identity, next_page: str) -> ResponseReturnValue:
    """Sign the official in whose identity it is."""
    with unit_of_work("routing") as uow:
        official = identities.official_of(uow, found.issuer, found.subject, found.name, session.web.real_now())
    if official is None:
        return _fault("stranger", identity=found)
    try:
        with unit_of_work("routing") as uow:
            return signed_in(uow, official, "oidc", redirect(session.safe_next(next_page), 303))
    except Refused:
        return _fault("gone")


def _offer(found: Identity, official: str) -> ResponseReturnValue:
    """Ask whether this identity is to be linked to the account that is signed in."""
    me = session.current_reader()
    if me is None or me.official_id != official:
        return _fault("other")
    until = (session.web.real_now() + identities.UNDER_WAY).timestamp()
    form_session[OFFER] = {"issuer": found.issuer, "subject": found.subject, "official": official, "until": until}
    return render_template("routing/oidc_link.html", identity=found, me=me)


def _fault(trouble: str, fault: ProviderFault | None = None, identity: Identity | None = None) -> ResponseReturnValue:
    """The page that says what went wrong, with the number by which the log is searched."""
    log.warning("oidc %s %s", trouble, fault or "")
    rule, remedy = TROUBLES[trouble]
    status = 503 if trouble == Trouble.UNREACHABLE else 403
    page = render_template("routing/oidc_fault.html", rule=rule, remedy=remedy, identity=identity, reference=g.request_id)
    return page, status


@blueprint.post("/sign-in/account/oidc")
@allow(*EVERYBODY)
def oidc_link() -> ResponseReturnValue:
    """Link the identity that was offered, having just signed in with it at the provider."""
    offer, me, now = form_session.pop(OFFER, None), reader(), session.web.real_now()
    if offer is None or offer["official"] != me.official_id or offer["until"] < now.timestamp():
        return _fault("lost")
    with unit_of_work("routing") as uow:
        identities.link_own(uow, me.official_id, offer["issuer"], offer["subject"], now)
    flash(gettext("已关联，今后可以用统一身份认证登录。"))
    return redirect(url_for("routing.account_page"), 303)


@blueprint.post("/sign-in/account/oidc/off")
@allow(*EVERYBODY)
def oidc_unlink_own() -> ResponseReturnValue:
    """Take one's own link away."""
    issuer = provider().site.issuer
    with unit_of_work("routing") as uow:
        identities.unlink_own(uow, reader().official_id, issuer, session.web.real_now())
    flash(gettext("统一身份关联已解除。"))
    return redirect(url_for("routing.account_page"), 303)


# -- the administrator ------------------------------------------------------------------------------------------------
@blueprint.get("/routing/directory/identities")
@allow(Role.ADMINISTRATOR)
def oidc_strangers() -> ResponseReturnValue:
    """Identities that came and are nobody's here."""
    return _strangers()


def _strangers(**more: Any) -> str:
    provider()
    with unit_of_work("routing") as uow:
        rows, known, day = identities.strangers(uow), roster.read(uow), roster.today(uow)
    people = [
        (official, f"{name} {held[0].title}") for official, name in sorted(known.names.items(), key=lambda pair: pair[1])
        if (held := [term for term in known.terms_of(official) if term.on(day) == "present"])
    ]  # fmt: skip
    return render_template(
        "routing/identities.html", rows=rows[:MANY], people=people, keys={row["id"]: fresh() for row in rows}, **more
    )


@blueprint.post("/routing/directory/identities/<uuid:stranger_id>")
@allow(Role.ADMINISTRATOR)
def oidc_link_other(stranger_id: UUID) -> ResponseReturnValue:
    """Say whose identity it is."""
    provider()
    try:
        data = parse(LinkForm(), request.form)
        with unit_of_work("routing") as uow:
            identities.link(uow, editing(data), stranger_id, data["official"])
    except (BadInput, Refused) as fault:
        return _strangers(**problem(fault)), status_of(fault)
    flash(gettext("已关联，该同志下次登录时会被告知。"))
    return redirect(url_for("routing.official", official=data["official"]), 303)


@blueprint.post("/routing/directory/officials/<official>/identity")
@allow(Role.ADMINISTRATOR)
def oidc_unlink(official: str) -> ResponseReturnValue:
    """Take somebody's link away."""
    issuer, data = provider().site.issuer, parse(ResetForm(), request.form)
    with unit_of_work("routing") as uow:
        identities.unlink(uow, editing(data), issuer, official)
    flash(gettext("统一身份关联已解除。"))
    return redirect(url_for("routing.official", official=official), 303)
