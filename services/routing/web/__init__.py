"""Routing's pages: review, assignments, cases, replies, directory, signing in. Modules by topic; one blueprint."""

from services.routing.web import (
    accountability,
    accounts,
    appointing,
    assignments,
    auditing,
    cases,
    delegating,
    delegation,
    directory,
    directory_file,
    handover,
    instructions,
    oidc,
    protocol,
    recusal,
    referral,
    replies,
    replying,
    review,
    rules,
    second_factor,
    signing_keys,
    sync,
    times,
    tries,
    verification,
)
from services.routing.web.common import blueprint

__all__ = [
    "accountability", "accounts", "appointing", "assignments", "auditing", "blueprint", "cases", "delegating", "delegation", "directory",
    "directory_file", "handover", "instructions", "oidc", "protocol", "recusal", "referral", "replies", "replying", "review", "rules",
    "second_factor", "signing_keys", "sync", "times", "tries", "verification",
]  # fmt: skip
