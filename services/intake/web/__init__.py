"""Intake's pages: the public's (home, submit, track) and the clerks'. Modules by topic; one blueprint, and one for resources."""

from services.intake.web import (
    attachments,
    codes,
    desk,
    drafts,
    letters,
    linking,
    looks,
    notices,
    original,
    petition,
    public,
    published,
    register,
    splitting,
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
    "codes",
    "desk",
    "drafts",
    "letters",
    "linking",
    "looks",
    "notices",
    "original",
    "petition",
    "public",
    "published",
    "register",
    "splitting",
    "supplements",
    "track",
    "unread",
]
