"""What supervision's pages share: the blueprint, who reads them, words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _

from services.supervision.handlers import listing
from shared.web.access import Role
from shared.web.session import Reader

blueprint = Blueprint("supervision", "services.supervision", template_folder="templates", url_prefix="/supervision")

READERS = (Role.SUPERVISION_OFFICE, Role.OFFICE, Role.FIRST_IN_COMMAND, Role.AUDITOR)
WORDS: dict[str, dict[str, Any]] = {
    "obligations": {
        "receive": _("签收"), "objection": _("提出异议"), "progress": _("报告进展"), "reply": _("署名回复"), "conclude": _("办结"),
        "follow_up": _("回访"),
    },
    "classes": {"ordinary": _("一般件"), "complex": _("复杂件")},
    "parts": {"handling": _("承办"), "lead": _("牵头"), "joint": _("会办")},
    "starts": {
        "first_dispatch": _("首次交办"), "assignment": _("每次交办"), "receipt": _("签收"), "reopening": _("重新办理"),
        "conclusion": _("办结"),
    },
}  # fmt: skip


def sight_of(reader: Reader | None) -> dict[str, Any]:
    """What a list needs to know of its reader, to show him what he may see."""
    if reader is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return listing.sight(reader.official_id, {reader.org, *(post["org"] for post in reader.posts)}, reader.scope)
