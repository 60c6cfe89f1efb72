"""What the pages share: the blueprints, who is reading, and what he may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, current_app, request, url_for
from flask_smorest import Blueprint as Resources

from services.reporting.handlers import seeing
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotFound
from shared.web.access import Role, allow
from shared.web.session import Reader, current_reader

blueprint = Blueprint(
    "reporting", "services.reporting", template_folder="templates", static_folder="static", url_prefix="/reporting"
)
api = Resources("reporting_api", __name__, url_prefix="/api/reporting", description="Dossiers")

View = TypeVar("View", bound=Callable[..., Any])
READERS = (
    Role.CLERK, Role.FIRST_IN_COMMAND, Role.LEADER, Role.UNIT_HEAD, Role.OFFICER, Role.OFFICE,
    Role.SUPERVISION_OFFICE, Role.AUDITOR,
)  # fmt: skip


def readers(view: View) -> View:
    """Open to everybody who has to do with cases; what each of them finds there is for the condition `visible` to say."""
    return allow(*READERS)(view)


def reader() -> Reader:
    """The official of this request; the guard has seen to it that there is one."""
    found = current_reader()
    if found is None:
        raise RuntimeError("a page of reporting without a reader")
    return found


def person() -> Person:
    """The reader in his first post."""
    who = reader()
    post = who.posts[0] if who.posts else {"title": "", "org": who.org}
    return Person(official=who.official_id, name=who.name, post=post["title"], organisation=post["org"])


def sight(uow: UnitOfWork) -> seeing.Sight:
    """What this request's reader may see."""
    who = reader()
    orgs = {post["org"]: None for post in who.posts} or {who.org: None}
    return seeing.sight(uow, who.official_id, [(org, who.roles) for org in orgs])


def saved_items(kept: Iterable[Mapping[str, Any]], shown: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The reader's own filters as links; the one that the list shows now is marked."""
    return [
        {"label": row["name"], "href": url_for(".open_filter", filter_id=row["id"]), "current": row["filter"] == shown}
        for row in kept
    ]


def not_found() -> NotFound:
    """No such case, or not for this reader: the two look alike, and the try is told to the app's hook."""
    current_app.extensions["zhida"].refused(request.endpoint, reader().official_id, "case not visible")
    return NotFound("case", "没有找到该信访件。", "请核对编号，或从信访件列表进入。")
