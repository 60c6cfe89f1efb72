"""The app factory: any blueprints become one site with the same protection, language, errors and figures."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Request, abort, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel
from flask_smorest import Api
from flask_smorest import Blueprint as Resources
from flask_wtf.csrf import CSRFError, CSRFProtect
from prometheus_client import Gauge, Histogram, generate_latest
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from shared.errors import Refused, Unavailable
from shared.web import access, catalogues, forms, frame, session
from shared.web.limits import Limiter

log = logging.getLogger(__name__)
# `view`, for a scrape puts a label `endpoint` of its own on everything (PodMonitor), and would rename ours.
SECONDS = Histogram("zhida_http_request_seconds", "Time to answer", ["view", "method", "status"])
IN_PROGRESS = Gauge("zhida_http_requests_in_progress", "Requests that are being answered")
_seconds = cache(SECONDS.labels)  # as many as there are endpoints, methods and classes of status
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
TRACE = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
ASKED = re.compile(r"[\w.-]{1,64}", re.ASCII)
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
HEADERS = [("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff"),
           ("Referrer-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin")]  # fmt: skip
Hook = Callable[..., Any]


limiter = Limiter()
csrf = CSRFProtect()


class _Sessions(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The form's session. Without its cookie there is nothing to verify, and no signer is made."""
        known = session.cookie(self.get_cookie_name(app), request) is not None
        return super().open_session(app, request) if known else self.session_class()


class _Described(Api):
    ERROR_SCHEMA = forms.ProblemSchema


class _Site(Flask):
    session_interface = _Sessions()

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """Answer a request; how many are at it is counted."""
        with IN_PROGRESS.track_inprogress():
            return super().wsgi_app(environ, start_response)

    def ensure_sync(self, func: Hook) -> Hook:
        """No view or hook here is a coroutine, so none is asked whether it is one (a dozen times a request)."""
        return func


@dataclass(kw_only=True)
class Web:
    """`app.extensions["zhida"]`: what the services hang into the frame."""

    settings: Any
    services: Any
    now: Callable[[], datetime] | None  # simulated time; None: real time
    checks: dict[str, Hook]  # each raises when this process cannot serve
    real_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    session_ended: Hook = lambda sid, official_id, issued_at: False  # issued_at in seconds of the epoch
    refused: Hook = lambda endpoint, official_id, why: log.warning("refused %s %s %s", endpoint, official_id, why)
    metrics: Callable[[], bytes] = generate_latest
    navigation: list[tuple[Any, ...]] = field(default_factory=list)


def create_app(settings: Any, blueprints: Iterable[Blueprint], *, services: Any = None) -> Flask:
    """The site of `blueprints`. Optional settings: now, checks, rate_limit, max_upload, trusted_proxies."""
    app, parts = _Site(__name__), list(blueprints)
    app.config.update(
        SECRET_KEY=settings.secret_key, SESSION_COOKIE_NAME="zhida_form", SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies, WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=False, WTF_CSRF_TIME_LIMIT=8 * 3600, API_TITLE="Zhida", API_VERSION="1",
        MAX_CONTENT_LENGTH=getattr(settings, "max_upload", 25 * 2**20), OPENAPI_VERSION="3.1.0",
        RATE=getattr(settings, "rate_limit", "1200 per minute"),
        BABEL_TRANSLATION_DIRECTORIES=";".join(map(str, catalogues.folders(app, parts))),
    )  # fmt: skip
    now, checks = getattr(settings, "now", None), getattr(settings, "checks", {})
    web = app.extensions["zhida"] = Web(settings=settings, services=services, now=now, checks=checks)
    proxies = getattr(settings, "trusted_proxies", 0)
    # Only what our own proxies added is believed; without any, X-Forwarded-* changes nothing. The host is never taken
    # from there: a proxy that does not set it would pass a visitor's on.
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, min(proxies, 1), 0)  # type: ignore[method-assign]
    catalogues.install(app, parts)
    app.before_request(_begin)
    app.after_request(_finish)
    Babel(app, default_locale="zh", locale_selector=frame.language)
    frame.install(app)
    limiter.reset()
    csrf.init_app(app)
    for hook in (limiter.check, access.guard, _same_site, forms.check_input):
        app.before_request(hook)
    api = _Described(app)
    for part in parts:
        (api if isinstance(part, Resources) else app).register_blueprint(part)
    for path, view in _probes(web, api).items():
        app.add_url_rule(f"/{path}", path.partition(".")[0], limiter.exempt(access.public(view)))
    for kind in (HTTPException, Refused):
        app.register_error_handler(kind, forms.show)
    app.register_error_handler(Unavailable, lambda error: forms.show(ServiceUnavailable()))
    app.register_error_handler(RecursionError, lambda error: forms.show(BadRequest()))  # absurdly deep JSON
    return app


def _begin() -> None:
    g.pop("reader", None)
    sent = request.environ
    g.started, given = time.monotonic(), TRACE.fullmatch(sent.get("HTTP_TRACEPARENT", ""))
    trace, asked = given[1] if given else secrets.token_hex(16), sent.get("HTTP_X_REQUEST_ID", "")
    g.traceparent = f"00-{trace}-{secrets.token_hex(8)}-01"
    g.request_id = asked if ASKED.fullmatch(asked) else trace


def _finish(response: Response) -> Response:
    frame.remember_language(response)
    headers = response.headers
    headers.extend(HEADERS)
    headers["X-Request-Id"] = g.request_id
    headers.setdefault("Cache-Control", "no-store")  # office computers are shared
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    method = request.method if request.method in METHODS else "other"
    labels = (request.endpoint or "unknown", method, f"{response.status_code // 100}xx")
    _seconds(*labels).observe(time.monotonic() - g.started)
    return response


def _same_site() -> None:
    """Refuse what another site makes a browser send: by origin, and by token (forms) or type (resources)."""
    if request.method in ("GET", "HEAD", "OPTIONS") or not request.endpoint:
        return
    sent, api = request.environ, request.path.startswith("/api/")
    origin = sent.get("HTTP_ORIGIN")
    site = sent.get("HTTP_SEC_FETCH_SITE") or ("none" if origin else None)  # absent on plain http
    foreign = site not in ("same-origin", "none") if site else api and session.cookie(session.COOKIE, request) is not None
    if foreign or (origin and urlsplit(origin).netloc != request.host):
        abort(403, "origin")
    accepted = getattr(current_app.view_functions[request.endpoint], "zhida_accepts", "application/json")
    if api and request.method != "DELETE" and request.mimetype != accepted:
        abort(415)
    if not api and None in request.form:  # a part without a name, which the search for the token stumbles over
        abort(400)
    try:
        _ = api or csrf.protect()
    except CSRFError:
        abort(400, "csrf")


def _probes(web: Web, api: Api) -> dict[str, Hook]:
    def ready() -> tuple[dict[str, Any], int]:
        failed = []
        for name, check in web.checks.items():
            try:
                check()
            except Exception:  # whatever it is, this process is not ready
                log.exception("not ready: %s", name)
                failed.append(name)
        return {"ready": not failed, "failed": failed}, 503 if failed else 200

    figures = "text/plain; version=0.0.4; charset=utf-8"
    return {
        "livez": lambda: {"alive": True},
        "readyz": ready,
        "metrics": lambda: Response(web.metrics(), mimetype=figures),
        "api/openapi.json": lambda: dict(api.spec.to_dict()),
    }
