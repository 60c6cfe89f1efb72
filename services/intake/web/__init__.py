"""Intake's pages: the public's (home, submit, track) and the clerks'. Modules by topic; one blueprint, and one for resources."""

from services.intake.web import (
    attachments,
    board_hook,
    board_reply,
    boards,
    codes,
    desk,
    drafts,
    letters,
    looks,
    notices,
    original,
    petition,
    public,
    published,
    register,
    supplements,
    track,
    unread,
)
from services.intake.web.api import api
from services.intake.web.common import blueprint

__all__ = [
    "api",
    "attachments",
    "blueprint",
    "board_hook",
    "board_reply",
    "boards",
    "codes",
    "desk",
    "drafts",
    "letters",
    "looks",
    "notices",
    "original",
    "petition",
    "public",
    "published",
    "register",
    "supplements",
    "track",
    "unread",
]
