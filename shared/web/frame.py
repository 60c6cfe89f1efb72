"""What every page shows around its content: language, times in words, navigation."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import get_locale, gettext, ngettext
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from shared.errors import Unavailable
from shared.web.access import PUBLIC, Rule, declared
from shared.web.catalogues import said
from shared.web.session import Reader, cookie, current_reader, web

ZONE = ZoneInfo("Asia/Shanghai")
LANGUAGES = {"zh": "中文", "en": "English"}
SOON = 3  # days
FRONT = 60  # the order up to which an entry of a long menu may stand in the bar; the others are behind "more"
BAR = 9  # how many entries a bar has room for
Badge = Callable[[Reader], int | None] | None


def menu(
    at: Blueprint, label: str, page: str, *roles: str, order: int = 50, badge: Badge = None, also: tuple[str, ...] = (),
    at_times: bool = False,
) -> None:  # fmt: skip
    """Put `page` (".view") into the navigation of readers with `roles`; without, of all who may open it. Officials find public pages on `/`.

    `also` names pages that are found from this one and stand under the same entry. `at_times`: the entry is there only while its badge
    counts, be it to nought.
    """
    item = (order, label, at.name + page, frozenset(map(str, roles)), badge, {at.name + each for each in also}, at_times)
    at.record(lambda state: state.app.extensions["zhida"].navigation.append(item))


def navigation(quiet: bool = False) -> list[dict[str, Any]]:
    """[{label, href, current, badge, front}] for this reader; the bar shows those in front: where something waits, then the first.

    `quiet` (error pages) asks for no badges.
    """
    entries = list(_entries(quiet))
    often = [entry for entry in entries if entry["order"] <= FRONT] if len(entries) > BAR else entries
    front = sorted(often, key=lambda entry: not entry["badge"])[:BAR]
    return [{**entry, "front": entry in front} for entry in entries]


def _entries(quiet: bool) -> Iterator[dict[str, Any]]:
    reader = current_reader()
    for order, label, endpoint, roles, badge, also, at_times in sorted(web.navigation, key=lambda item: item[0]):
        rule, count = declared(current_app, endpoint, "GET"), None
        roles = roles or (rule.roles if isinstance(rule, Rule) else roles)
        if not (reader.may(*roles) if reader and roles else rule == PUBLIC and not roles and not reader):
            continue
        try:
            count = badge(reader) if badge and reader and not quiet else None
        except Exception:  # a count must never cost the page
            logging.getLogger(__name__).exception("badge of %s", endpoint)
        if at_times and count is None:
            continue
        current = request.endpoint == endpoint or request.endpoint in also
        yield {"label": said(label, endpoint), "href": url_for(endpoint), "current": current, "badge": count, "order": order}


def language() -> str:
    """`?lang=`, else the cookie, else Chinese."""
    asked = (request.args.get("lang") if request.query_string else None, cookie("zhida_lang", request))
    return next((choice for choice in asked if choice in LANGUAGES), "zh")


def remember_language(response: Response) -> None:
    """Keep for a year a language that was chosen in the address."""
    if request.query_string and (lang := request.args.get("lang")) in LANGUAGES:
        response.set_cookie("zhida_lang", lang, max_age=365 * 86400, samesite="Lax", httponly=True)


class Due(NamedTuple):
    """`state` is late, today, soon or later; `days` to (or since) the last day; `words` say it."""

    state: str
    days: int
    words: str


def due(due_at: datetime, now: datetime) -> Due:
    """How a deadline stands, in calendar days of Asia/Shanghai; midnight belongs to the day that it ends."""
    days = (local(due_at - timedelta(microseconds=1)).date() - local(now).date()).days
    if now >= due_at:
        words = ngettext("超期 %(num)d 天", "超期 %(num)d 天", -days) if days else gettext("今天已超期")
        return Due("late", -days, words)
    words = ngettext("剩 %(num)d 天", "剩 %(num)d 天", days) if days else gettext("今天到期")
    return Due("later" if days > SOON else "soon" if days else "today", days, words)


def limit(due_at: datetime) -> str:
    """A deadline's instant in Asia/Shanghai; one at midnight is 24:00 of the day that it ends, as `due` counts it."""
    ends = local(due_at)
    return f"{ends - timedelta(days=1):%Y-%m-%d} 24:00" if ends.time() == time(0) else f"{ends:%Y-%m-%d %H:%M}"


def local(moment: datetime) -> datetime:
    """The instant in Asia/Shanghai. Raises ValueError for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return moment.astimezone(ZONE)


def _day(value: date) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def with_args(**changes: Any) -> str:
    """This page's address with query arguments changed; None takes one away. Of what a form drew and nobody can open, the first page's."""
    if request.url_rule is not None and "GET" not in (request.url_rule.methods or ()):
        return "/?" + urlencode({key: value for key, value in changes.items() if value is not None})
    args = {key: value for key, value in (request.args.to_dict(False) | changes).items() if value is not None}
    # Encoded here: an argument may be called as one of url_for's own.
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(args, doseq=True)}" if request.endpoint else "/"


def install(app: Flask) -> None:
    """Give the templates their filters and names; a misspelt name is an error, not a blank on a document."""
    env = app.jinja_env
    env.undefined, env.trim_blocks, env.lstrip_blocks = StrictUndefined, True, True
    env.filters["moment"] = lambda moment: f"{local(moment):%Y-%m-%d %H:%M}"
    env.filters["limit"] = limit
    env.filters["day"] = lambda value: _day(value).isoformat()
    env.filters["weekday"] = lambda value: format_date(_day(value), "EEE", get_locale())
    env.filters |= {"due": due, "days_left": lambda due_at, now: due(due_at, now).words}
    env.globals |= {"navigation": navigation, "with_args": with_args, "languages": LANGUAGES}
    app.context_processor(_names)


def _names() -> dict[str, Any]:
    try:
        now = (web.now or web.real_now)()
    except Unavailable:  # the page that says so still has to be drawn
        now = web.real_now()
    names = {"reader": current_reader(), "settings": web.settings, "language": language(), "now": now}
    return names | {"simulated": web.now is not None, "quiet": False, "errors": [], "values": {}}
