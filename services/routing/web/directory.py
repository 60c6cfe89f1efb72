"""The directory as a tree: organisations, and who holds which post with which roles."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from services.routing import store
from services.routing.domain import Directory
from services.routing.web.accounts import EVERYBODY
from services.routing.web.common import blueprint
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.frame import menu


@blueprint.get("/routing/directory")
@allow(*EVERYBODY)
def directory() -> ResponseReturnValue:
    """The whole directory of this instance."""
    with unit_of_work("routing") as uow:
        known = store.directory(uow)
    roots = [code for code, o in known.organisations.items() if o.superior not in known.organisations]
    return render_template("routing/directory.html", tree=[_branch(known, code) for code in roots], own=known.own)


def _branch(known: Directory, code: str) -> dict[str, Any]:
    people = [
        {"official": official.official, "name": official.name, "active": official.active, "title": post.title,
         "roles": sorted(post.roles)}
        for official in known.officials.values()
        for post in official.posts
        if post.organisation == code
    ]  # fmt: skip
    below = [_branch(known, o.code) for o in known.organisations.values() if o.superior == code]
    return {"organisation": known.organisations[code], "people": people, "below": below}


menu(blueprint, lazy_gettext("通讯录"), ".directory", Role.ADMINISTRATOR, Role.OFFICE, Role.AUDITOR, order=90)
