"""The county's identity provider as this process knows it."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import abort, current_app, request, url_for

from services.routing.provider import Provider
from services.routing.web.common import site
from shared.web import session


def provider() -> Provider:
    """The provider; 404 where the county has none."""
    wanted = site().oidc or abort(404)
    known: Provider | None = current_app.extensions.get("zhida.routing.provider")
    if known is None or known.site is not wanted:
        known = current_app.extensions["zhida.routing.provider"] = Provider(wanted)
    return known


def absolute(endpoint: str) -> str:
    """The address of a page as the provider knows it: by the site's public address, where that is set."""
    return urljoin(session.web.settings.public_url or request.url_root, url_for(endpoint))


def leaving() -> str | None:
    """Where to leave the provider too, for who has just left us and came by it."""
    if request.args.get("left") != "oidc" or site().oidc is None:
        return None
    return provider().leaving(absolute("routing.sign_in_page"))
