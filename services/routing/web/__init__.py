"""Routing's pages: review, assignments, cases, replies, directory, signing in. Modules by topic; one blueprint."""

from services.routing.web import (
    accounts,
    assignments,
    auditing,
    cases,
    directory,
    recusal,
    referral,
    replies,
    replying,
    review,
    rules,
    signing_keys,
    tries,
    verification,
)
from services.routing.web.common import blueprint

__all__ = [
    "accounts", "assignments", "auditing", "blueprint", "cases", "directory", "recusal", "referral", "replies", "replying", "review",
    "rules", "signing_keys", "tries", "verification",
]  # fmt: skip
